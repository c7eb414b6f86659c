//! What text messages may cost: where they may go, how many to one client, how many a day.

use super::*;
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

fn confirmed(world: &mut World, booking: &str) -> String {
    let lines = world.does(request_at(booking, "2027-06-01T10:00:00Z"));
    lines[1].strip_prefix("tell anna booking.confirmed: ").unwrap().to_owned()
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
        assert_eq!(confirmed(&mut world, "b1"), expected);
    }
}

#[test]
fn a_client_is_texted_so_often_in_24_hours() {
    let mut world = salon(SmsTerms { per_number: Some(2), ..SmsTerms::default() });
    assert_eq!(confirmed(&mut world, "b1"), "sms");
    assert_eq!(confirmed(&mut world, "b2"), "sms");
    assert_eq!(confirmed(&mut world, "b3"), "no sms (spend_capped)");
    world.does(register("anna", reachable("anna")));
    assert_eq!(confirmed(&mut world, "b4"), "no sms (spend_capped)", "registered anew");
    world.passes("2026-12-02T11:59:59Z");
    assert_eq!(confirmed(&mut world, "b5"), "no sms (spend_capped)");
    world.passes("2026-12-02T12:00:01Z");
    assert_eq!(confirmed(&mut world, "b6"), "sms");
    assert_eq!(world.client("anna").texted_at.len(), 1, "what is over is forgotten");
}

#[test]
fn nobody_is_counted_without_a_limit() {
    let mut world = salon(SmsTerms::default());
    confirmed(&mut world, "b1");
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
        let decision = world.weigh(crate::domain::decide::Input::Command(&command)).unwrap();
        let lines = story::Teller::new(&before).story(&decision);
        assert!(lines.contains(&format!("tell anna booking.confirmed: {expected}")), "{lines:?}");
        let segments: u32 = decision.messages.iter().map(|message| message.segments).sum();
        assert_eq!(segments, if expected == "sms" { 2 } else { 0 });
    }
}
