use jiff::{SignedDuration, Timestamp};

use super::agenda::{Agenda, HORIZON, PAGE, PASS_EVERY};
use crate::domain::id::{EntryId, TenantId};
use crate::domain::timer::{DueTimer, Timer, TimerChange};

fn tenant() -> TenantId {
    TenantId::parse("salon-uno").unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn offer(entry: i64, due: i64) -> DueTimer {
    let entry = EntryId::parse(&format!("e{entry}")).unwrap();
    DueTimer { due: at(due), timer: Timer::OfferEnds { entry }, trace: None }
}

fn set(timer: &DueTimer) -> TimerChange {
    TimerChange::Set(timer.clone())
}

fn page(timers: &[DueTimer]) -> Vec<(TenantId, DueTimer)> {
    timers.iter().map(|timer| (tenant(), timer.clone())).collect()
}

/// An agenda that has read all of a store with these timers.
fn after_a_pass(timers: &[DueTimer], now: i64) -> Agenda {
    let mut agenda = Agenda::default();
    assert_eq!(agenda.wanted(at(now)).unwrap().until, at(now) + HORIZON);
    agenda.read(page(timers), at(now));
    assert_eq!(agenda.wanted(at(now)), None);
    agenda
}

fn all_due(agenda: &mut Agenda, now: i64) -> Vec<DueTimer> {
    std::iter::from_fn(|| agenda.take_due(at(now))).map(|(_, timer)| timer).collect()
}

#[test]
fn timers_fire_in_their_order_and_not_before_their_time() {
    let mut agenda = after_a_pass(&[offer(1, 30), offer(2, 10), offer(3, -500)], 0);
    assert_eq!(all_due(&mut agenda, 9), [offer(3, -500)]);
    assert_eq!(agenda.next(), Some(at(10)));
    assert_eq!(all_due(&mut agenda, 30), [offer(2, 10), offer(1, 30)]);
}

#[test]
fn what_a_commit_sets_within_the_horizon_needs_no_pass() {
    let mut agenda = after_a_pass(&[], 0);
    agenda.changed(&tenant(), &[set(&offer(1, 5)), set(&offer(2, 3600))], at(0));
    assert_eq!(all_due(&mut agenda, 4000), [offer(1, 5)], "the later one is in the store");
}

#[test]
fn what_is_cancelled_or_moved_does_not_fire_as_it_was() {
    let mut agenda = after_a_pass(&[offer(1, 10), offer(2, 10), offer(3, 10)], 0);
    let moved = offer(2, 20);
    let gone = TimerChange::Cancel(offer(1, 10).timer);
    agenda.changed(&tenant(), &[gone, set(&moved), set(&offer(3, 600))], at(1));
    assert_eq!(all_due(&mut agenda, 15), []);
    assert_eq!(all_due(&mut agenda, 25), [moved]);
}

#[test]
fn a_page_read_before_a_commit_does_not_undo_it() {
    let mut agenda = Agenda::default();
    agenda.wanted(at(0)).unwrap();
    agenda.changed(&tenant(), &[set(&offer(1, 40))], at(0));
    agenda.read(page(&[offer(1, 10)]), at(0));
    assert_eq!(all_due(&mut agenda, 60), [offer(1, 40)]);
}

#[test]
fn a_million_overdue_timers_come_page_by_page() {
    let overdue: Vec<DueTimer> = (0..2 * PAGE as i64).map(|i| offer(i, i - 5000)).collect();
    let (first, second) = overdue.split_at(PAGE);
    let mut agenda = Agenda::default();
    assert_eq!(agenda.wanted(at(0)).unwrap().after, None);
    agenda.read(page(first), at(0));
    assert_eq!(agenda.wanted(at(0)), None, "nothing was handed in yet");
    let mut taken = Vec::new();
    let wanted = loop {
        if let Some(wanted) = agenda.wanted(at(0)) {
            break wanted;
        }
        taken.push(agenda.take_due(at(0)).unwrap().1);
    };
    assert!(taken.len() > PAGE / 2, "most of the page was handed in: {}", taken.len());
    assert_eq!(wanted.after, page(first).pop());
    agenda.read(page(second), at(0));
    taken.extend(all_due(&mut agenda, 0));
    assert_eq!(taken, overdue);
}

#[test]
fn timers_far_ahead_in_memory_do_not_hold_up_a_pass() {
    let mut agenda = after_a_pass(&[], 0);
    let soon: Vec<TimerChange> = (0..PAGE as i64).map(|i| set(&offer(i, 50))).collect();
    agenda.changed(&tenant(), &soon, at(0));
    assert!(agenda.wanted(at(0) + PASS_EVERY).is_some());
}

#[test]
fn a_pass_finds_what_was_missed_but_not_what_is_on_its_way() {
    let mut agenda = after_a_pass(&[offer(1, 0)], 0);
    assert_eq!(all_due(&mut agenda, 0), [offer(1, 0)]);
    let later = at(0) + PASS_EVERY;
    agenda.wanted(later).unwrap();
    agenda.read(page(&[offer(1, 0), offer(2, 0)]), later);
    assert_eq!(all_due(&mut agenda, 60), [offer(2, 0)]);
    agenda.fired(&tenant(), &offer(2, 0));
    // Nobody answered for the other: it stands, and is handed in again.
    agenda.lost(&tenant(), &offer(1, 0));
    let later = later + PASS_EVERY;
    agenda.wanted(later).unwrap();
    agenda.read(page(&[offer(1, 0)]), later);
    assert_eq!(all_due(&mut agenda, 90), [offer(1, 0)]);
}

/// Whether a timer that stands in the store is handed in by a pass at that instant.
fn comes_again(agenda: &mut Agenda, timer: &DueTimer, now: Timestamp) -> bool {
    agenda.wanted(now).unwrap();
    agenda.read(page(std::slice::from_ref(timer)), now);
    agenda.take_due(now).is_some()
}

#[test]
fn a_timer_that_fails_is_left_alone_each_time_longer() {
    let poisoned = offer(1, 0);
    let mut agenda = after_a_pass(std::slice::from_ref(&poisoned), 0);
    all_due(&mut agenda, 0);
    let first = agenda.failed(&tenant(), &poisoned, at(0));
    assert!(!comes_again(&mut agenda, &poisoned, first - SignedDuration::from_secs(1)));
    let again = first + PASS_EVERY;
    assert!(comes_again(&mut agenda, &poisoned, again));
    let second = agenda.failed(&tenant(), &poisoned, again);
    assert_eq!(second.duration_since(again), first.duration_since(at(0)) * 2);
    // It is another timer once it was moved.
    agenda.changed(&tenant(), &[set(&offer(1, 2000))], again);
    assert!(comes_again(&mut agenda, &offer(1, 2000), at(2000)));
}

#[test]
fn a_tenant_that_takes_nothing_is_left_alone_and_others_are_not() {
    let mut agenda = after_a_pass(&[offer(1, 0)], 0);
    all_due(&mut agenda, 0);
    agenda.refused(&tenant(), &offer(1, 0), at(0));
    assert!(!comes_again(&mut agenda, &offer(2, 0), at(30)));
    let other = TenantId::parse("salon-due").unwrap();
    agenda.wanted(at(60)).unwrap();
    agenda.read(vec![(other.clone(), offer(2, 0)), (tenant(), offer(1, 0))], at(61));
    let taken: Vec<_> = std::iter::from_fn(|| agenda.take_due(at(61))).collect();
    assert_eq!(taken.len(), 2, "and in the end neither is it");
}

#[test]
fn where_the_clock_was_set_everything_is_read_anew() {
    let mut agenda = after_a_pass(&[offer(1, 0), offer(2, 40), offer(3, 50)], 0);
    all_due(&mut agenda, 0);
    agenda.failed(&tenant(), &offer(1, 0), at(0));
    let hour = SignedDuration::from_hours(1);
    agenda.shift(-hour);
    assert_eq!(all_due(&mut agenda, 60), [], "as they were");
    let shifted = DueTimer { due: offer(1, 0).due - hour, ..offer(1, 0) };
    let back = at(0) - hour;
    assert!(!comes_again(&mut agenda, &shifted, back), "it is left alone for as long as before");
    assert!(comes_again(&mut agenda, &shifted, back + SignedDuration::from_mins(10)));
}
