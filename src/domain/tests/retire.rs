//! What has long been over is let go of, and nothing else.

use super::witness::Witness;
use super::*;
use crate::domain::decide::LOOKED_AT;
use crate::domain::timer::Timer;

const MONTH: SignedDuration = SignedDuration::from_hours(30 * 24);
/// A month after [`START`], and more than the week until rows are looked at again.
const LONG_AFTER: &str = "2027-01-20T10:00:00Z";

/// A gym that keeps what is over for a month.
fn gym(capacity: u32) -> World {
    let mut world = World::empty();
    world.plans = Plans::default().with_kept(MONTH);
    world.does(configure(gym_settings()));
    for name in ["anna", "bruno", "carla"] {
        world.does(register(name, reachable(name)));
    }
    world.does(schedule("s1", capacity));
    world.all_sent();
    world
}

impl Witness {
    /// But the look at what is over, while there is something.
    pub(super) fn nothing_is_put_off_for_ever(&self) {
        let mut planned = self.rehearsal.planned();
        let late = planned.find(|planned| !matches!(planned.timer, Timer::Retire { .. }));
        assert_eq!(late, None, "for ever put off");
    }

    pub(super) fn what_is_long_over_is_let_go_of(mut self) {
        self.passes(60 * 24 * 1200);
        self.dispatch();
        self.passes(60 * 24 * 8);
        assert_eq!(self.rehearsal.state().rows(), 0);
        self.what_will_be_over_is_looked_at();
        self.a_restart_loses_nothing();
    }

    /// As long as there is anything that will once be over, and no longer.
    pub(super) fn what_will_be_over_is_looked_at(&self) {
        let mut planned = self.rehearsal.planned();
        let planned = planned.any(|planned| matches!(planned.timer, Timer::Retire { .. }));
        assert_eq!(planned, self.rehearsal.state().rows() > 0);
    }
}

/// When the rows are looked at next.
fn looks(world: &World) -> Vec<Timestamp> {
    let planned = world.rehearsal.planned();
    let looks = planned.filter(|planned| matches!(planned.timer, Timer::Retire { .. }));
    looks.map(|planned| planned.due).collect()
}

#[test]
fn what_is_over_for_so_long_is_gone_with_its_session_and_its_queue() {
    let mut world = gym(1);
    world.does(seat("b1", "anna"));
    world.does(seat("b2", "bruno"));
    assert_eq!(world.state().rows(), 3, "a session, a booking, a place");
    assert_eq!(looks(&world), [at(NOON) + MONTH]);
    world.passes_to(at(START) + MONTH);
    assert_eq!(world.state().rows(), 3, "it is kept for a month");
    world.passes(LONG_AFTER);
    assert_eq!(world.state().rows(), 0);
    assert_eq!(looks(&world), [], "there is nothing to look at");
    assert!(world.state().client(&client_id("anna")).is_some(), "who came stays");
    assert_eq!(world.refuses(cancel("b1", Party::Client)), RejectionReason::UnknownBooking);
}

#[test]
fn what_lies_ahead_or_ended_lately_stays() {
    let mut world = gym(2);
    world.does(seat("b1", "anna"));
    world.does(request_at("ahead", "2027-03-01T10:00:00Z"));
    world.does(request_at("lately", "2027-01-10T10:00:00Z"));
    world.passes(LONG_AFTER);
    let left: Vec<&str> = world.state().bookings().map(|booking| booking.id.as_str()).collect();
    assert_eq!(left, ["ahead", "lately"]);
    assert!(looks(&world)[0] > world.now, "they are looked at again");
    world.passes("2027-05-01T10:00:00Z");
    assert_eq!(world.state().rows(), 0);
    world.does(request_at("new", "2027-06-01T10:00:00Z"));
    assert_eq!(looks(&world), [world.now + MONTH], "it begins anew");
}

#[test]
fn a_message_that_has_not_left_keeps_what_it_is_about() {
    let mut world = gym(1);
    world.does(seat("b1", "anna"));
    world.does(seat("b2", "bruno"));
    world.fires_unsent(LONG_AFTER);
    assert!(world.state().booking(&booking_id("b1")).is_some());
    assert!(world.state().session(&session_id("s1")).is_some(), "b1 has a seat of it");
    world.all_sent();
    world.passes("2027-02-01T10:00:00Z");
    assert_eq!(world.state().rows(), 0);
}

#[test]
fn many_rows_are_looked_at_page_by_page() {
    let mut world = gym(1);
    let many = 2 * LOOKED_AT + 1;
    for number in 0..many {
        world.does(request_at(&format!("b{number:04}"), START));
    }
    world.all_sent();
    let mut most = 0;
    while let Some(due) = world.rehearsal.next_due().filter(|due| *due <= at(LONG_AFTER)) {
        let next = world.rehearsal.planned().next().unwrap().clone();
        world.now = world.now.max(due);
        most = most.max(world.fires(&next).changes.len());
        world.all_sent();
    }
    assert_eq!(world.state().rows(), 0);
    assert_eq!(most, LOOKED_AT, "a decision is no longer than that");
}

#[test]
fn nobody_hears_of_it() {
    let mut world = gym(1);
    world.does(request("b1"));
    world.passes_to(at(START) + MONTH);
    let told = world.sent.len();
    assert_eq!(world.passes(LONG_AFTER), Vec::<String>::new());
    assert_eq!((world.sent.len(), world.state().rows()), (told, 0));
}

#[test]
fn while_somebody_is_erased_their_rows_stay() {
    let mut world = gym(1);
    world.page = 1;
    for number in 0..3 {
        world.does(request(&format!("b{number}")));
    }
    world.passes_to(at(START) + MONTH);
    world.does(erase("anna"));
    assert!(world.state().erasures().next().is_some(), "it takes several pages");
    let next = looks(&world)[0];
    let forgets = world.rehearsal.planned().next().unwrap().due;
    assert!(forgets <= next, "it goes on before they are looked at");
    world.passes(LONG_AFTER);
    assert_eq!(world.state().rows(), 0);
}

#[test]
fn who_only_has_something_ahead_is_not_looked_at_until_it_is_over() {
    let mut world = gym(1);
    world.does(request_at("far", "2090-01-01T10:00:00Z"));
    world.passes("2027-03-01T10:00:00Z");
    assert_eq!(looks(&world), [at("2090-01-01T10:00:00Z") + MONTH]);
}
