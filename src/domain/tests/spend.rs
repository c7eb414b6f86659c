//! What text messages may cost: where they may go, how many to one client, how many a day.

use super::*;
use crate::domain::decide::Input;
use crate::domain::spend::SmsTerms;

/// A salon that tells everything by SMS, within these limits.
fn salon(terms: SmsTerms) -> World {
    let mut settings = email_only();
    everything(&mut settings, Channels::of(&[Channel::Sms]));
    let mut world = World::with(settings);
    world.plans = Plans::default().with_sms(terms);
    world.provided = Channels::ALL;
    world
}

#[test]
fn texts_go_to_the_listed_prefixes_only() {
    for (prefixes, expected) in [
        (&["+39", "+33"][..], "sms"),
        (&["+33"], "no sms (destination_not_allowed)"),
        (&["+3933"], "sms"),
        (&[], "sms"),
    ] {
        let prefixes = prefixes.iter().map(|prefix| (*prefix).to_owned()).collect();
        let mut world = salon(SmsTerms { prefixes, ..SmsTerms::default() });
        assert_eq!(world.confirmed("b1"), expected);
    }
}

#[test]
fn a_client_is_texted_so_often_in_24_hours() {
    let mut world = salon(SmsTerms { per_number: Some(2), ..SmsTerms::default() });
    assert_eq!(world.confirmed("b1"), "sms");
    assert_eq!(world.confirmed("b2"), "sms");
    assert_eq!(world.confirmed("b3"), "no sms (spend_capped)");
    world.does(register("anna", reachable("anna")));
    assert_eq!(world.confirmed("b4"), "no sms (spend_capped)", "registered anew");
    world.passes("2026-12-02T11:59:59Z");
    assert_eq!(world.confirmed("b5"), "no sms (spend_capped)");
    world.passes("2026-12-02T12:00:01Z");
    assert_eq!(world.confirmed("b6"), "sms");
    assert_eq!(world.client("anna").texted_at.len(), 1, "what is over is forgotten");
}

#[test]
fn nobody_is_counted_without_a_limit() {
    let mut world = salon(SmsTerms::default());
    world.confirmed("b1");
    assert_eq!(world.client("anna").texted_at, []);
    assert_eq!(world.sent.iter().map(|message| message.segments).sum::<u32>(), 0);
}

#[test]
fn of_the_day_s_segments_there_are_so_many() {
    let mut world = salon(SmsTerms { daily_segments: Some(100), ..SmsTerms::default() });
    world.texts.segments = 2;
    for (left, expected) in [(2, "sms"), (1, "no sms (spend_capped)"), (0, "no sms (spend_capped)")]
    {
        world.sms_left = left;
        let command = request_at("b1", "2027-06-01T10:00:00Z");
        let before = world.state().clone();
        let decision = world.weigh(Input::Command(&command)).unwrap();
        let lines = story::Teller::new(&before).story(&decision);
        assert!(lines.contains(&format!("tell anna booking.confirmed: {expected}")), "{lines:?}");
        let segments: u32 = decision.messages.iter().map(|message| message.segments).sum();
        assert_eq!(segments, if expected == "sms" { 2 } else { 0 });
    }
}

#[test]
fn what_is_withdrawn_or_refused_may_be_said_otherwise_the_same_day() {
    let mut world = salon(SmsTerms { per_number: Some(1), ..SmsTerms::default() });
    assert_eq!(world.confirmed("b1"), "sms");
    // The news takes the place of the first, and has its turn.
    let lines = told(world.does(reschedule("b1", "2027-06-02T10:00:00Z")));
    assert!(lines[1].ends_with(": sms"), "{lines:?}");
    assert_eq!(world.client("anna").texted_at.len(), 1);
    let message = world.unsent("b1")[0].id;
    let anna = client_id("anna");
    let refused = Input::Unspent { message, client: &anna, segments: 0 };
    for _ in 0..2 {
        world.takes(refused);
        assert_eq!(world.client("anna").texted_at, []);
    }
    assert_eq!(world.confirmed("b2"), "sms");
    assert_eq!(world.confirmed("b3"), "no sms (spend_capped)");
}

#[test]
fn of_two_texts_of_one_instant_one_comes_back() {
    let mut world = salon(SmsTerms { per_number: Some(2), ..SmsTerms::default() });
    assert_eq!(world.confirmed("b1"), "sms");
    assert_eq!(world.confirmed("b2"), "sms");
    let (message, anna) = (world.unsent("b1")[0].id, client_id("anna"));
    world.takes(Input::Unspent { message, client: &anna, segments: 0 });
    assert_eq!(world.client("anna").texted_at.len(), 1);
}

#[test]
fn what_replaces_a_text_goes_on_the_segments_of_that() {
    let terms = SmsTerms { daily_segments: Some(100), ..SmsTerms::default() };
    for (left, passed, expected) in [
        (0, "2026-12-01T13:00:00Z", "sms"),
        // Counted yesterday, it leaves nothing of today's.
        (0, "2026-12-02T13:00:00Z", "no sms (spend_capped)"),
        (1, "2026-12-02T13:00:00Z", "sms"),
    ] {
        let mut world = salon(terms.clone());
        world.confirmed("b1");
        (world.now, world.sms_left) = (at(passed), left);
        let command = reschedule("b1", "2027-06-02T10:00:00Z");
        let before = world.state().clone();
        let decision = world.weigh(Input::Command(&command)).unwrap();
        let lines = told(story::Teller::new(&before).story(&decision));
        assert!(lines[1].ends_with(&format!(": {expected}")), "{lines:?}");
        let goes = i64::from(expected == "sms");
        let days: Vec<i64> = decision.spent.by_day(world.now).into_values().collect();
        let same_day = passed.starts_with("2026-12-01");
        let expected =
            if same_day { vec![] } else { [vec![-1], vec![goes; goes as usize]].concat() };
        assert_eq!(days, expected, "{passed}");
    }
}
