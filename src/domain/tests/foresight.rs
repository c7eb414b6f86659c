//! What will be told, if nothing changes until then.

use super::story::instant;
use super::*;
use crate::domain::broadcast::Audience;
use crate::domain::decision::Verdict;
use crate::domain::foresight::foresee;
use crate::domain::rehearsal::Stage;
use crate::domain::settings::ReviewRules;

impl World {
    /// What is foreseen: when, to whom, what, and how.
    fn foresees(&self) -> Vec<String> {
        let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
        let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
        let foreseen = foresee(&stage, rehearsal.clone(), *now, |_| true);
        let line = |foreseen: &crate::domain::foresight::Foreseen| {
            let telling = &foreseen.telling;
            let goes = telling.channels.iter().filter(|(_, it)| matches!(it, Verdict::Goes(_)));
            let by: Vec<&str> = goes.map(|(channel, _)| channel.as_str()).collect();
            let (client, kind) = (telling.client.as_str(), telling.kind.as_str());
            format!("{} {kind} for {client} by {by:?}", instant(foreseen.at))
        };
        foreseen.iter().map(line).collect()
    }

    /// What is foreseen comes, and nothing else.
    fn keeps_its_word(&mut self) -> Vec<String> {
        let foreseen = self.foresees();
        let came = told(self.passes("2036-01-01T00:00:00Z"));
        assert_eq!(foreseen.len(), came.len(), "{foreseen:?} {came:?}");
        for (foreseen, came) in foreseen.iter().zip(&came) {
            assert_eq!(foreseen[.."01 Dec 12:00".len()], came[.."01 Dec 12:00".len()]);
        }
        foreseen
    }
}

fn in_series(booking: &str, starts_at: &str) -> Command {
    let starts_at = Some(at(starts_at));
    let series = Some(series_id("weekly"));
    Command::RequestBooking(RequestBooking { starts_at, series, ..booked(booking, Party::Client) })
}

#[test]
fn a_series_that_waits_is_told_soon() {
    let mut world = World::salon();
    world.does(in_series("b1", START));
    world.does(in_series("b2", LATER));
    assert_eq!(
        world.keeps_its_word(),
        [
            "01 Dec 12:02 booking.confirmed for anna by [\"email\"]",
            "01 Dec 12:02 booking.confirmed for anna by []",
        ]
    );
}

#[test]
fn what_waits_for_the_end_of_the_quiet_hours_comes_then() {
    let night = Settings {
        quiet_hours: quiet(20, 7),
        reminders: vec![lead("PT12H"), lead("PT1H")],
        ..gym_settings()
    };
    let mut world = World::with(night);
    world.now = at("2026-12-02T20:30:00Z");
    world.does(request("b1"));
    let audience = Audience { clients: Some([client_id("bruno")].into()), ..Audience::default() };
    world.does(notice("n1", &[Channel::Email], audience));
    world.all_sent();
    assert_eq!(
        world.keeps_its_word(),
        [
            "03 Dec 07:00 booking.reminder for anna by [\"email\"]",
            "03 Dec 07:00 notice.manual for bruno by [\"email\"]",
            "03 Dec 09:00 booking.reminder for anna by [\"email\"]",
        ]
    );
}

#[test]
fn what_follows_from_what_comes_is_foreseen_too() {
    let review = ReviewRules {
        after: SignedDuration::from_hours(2),
        every: SignedDuration::from_hours(24),
        url: "https://example.com/review".to_owned(),
    };
    let settings = Settings {
        review: Some(review),
        win_back_after: Some(SignedDuration::from_hours(30 * 24)),
        ..gym_settings()
    };
    let mut world = World::gym_with(1, settings);
    world.does(seat("b1", "anna"));
    world.does(join("e1", "bruno"));
    world.does(join("e2", "carla"));
    world.does(cancel("b1", Party::Client));
    world.does(request("b2"));
    world.does(attend("b2"));
    world.all_sent();
    assert_eq!(
        world.keeps_its_word(),
        [
            "01 Dec 12:30 queue.offered for carla by [\"email\"]",
            "01 Dec 12:30 queue.expired for bruno by [\"email\"]",
            "01 Dec 13:00 queue.expired for carla by [\"email\"]",
            "03 Dec 12:00 review.requested for anna by [\"email\"]",
            "02 Jan 10:00 client.win_back for anna by [\"email\"]",
        ]
    );
}

#[test]
fn what_is_overdue_comes_at_once() {
    let mut world = World::with(Settings { reminders: vec![lead("P1D")], ..gym_settings() });
    world.does(request("b1"));
    world.all_sent();
    world.now = at("2026-12-02T11:00:00Z");
    assert_eq!(world.foresees(), ["02 Dec 11:00 booking.reminder for anna by [\"email\"]"]);
}
