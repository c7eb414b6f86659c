//! `client.register` and `client.update`.

use std::collections::BTreeSet;

use super::*;
use crate::domain::client::PUSH_TOKENS_MAX;
use crate::domain::command::LinkPurpose;
use crate::domain::locale::Locale;

/// A gym that asks for verified email, as profile C does.
fn gym() -> World {
    World::with(Settings {
        plan: "pro".to_owned(),
        reminders: Vec::new(),
        ..Settings::of_profile("Gym", Profile::Classes)
    })
}

#[test]
fn who_registers_is_welcomed_once() {
    let mut world = gym();
    let carla = || register("carla", reachable("carla"));
    assert_eq!(world.does(carla()), ["tell carla account.welcome: email"]);
    assert_eq!(world.does(carla()), ["already done"]);
    let moved = register("carla", reachable("carla.new"));
    assert_eq!(world.does(moved), [""; 0]);
    assert_eq!(world.client("carla").email.known().unwrap().as_str(), "carla.new@example.com");
}

#[test]
fn who_was_deleted_is_welcomed_again() {
    let mut world = gym();
    world.does(delete("anna"));
    assert_eq!(world.refuses(update("anna", reachable("anna"))), RejectionReason::ClientDeleted);
    assert_eq!(world.refuses(request("b1")), RejectionReason::ClientDeleted);
    let again = register("anna", reachable("anna"));
    assert_eq!(world.does(again), ["tell anna account.welcome: email"]);
    assert!(!world.client("anna").deleted);
}

#[test]
fn a_client_without_a_usable_address_is_taken_and_the_welcome_is_not_sent() {
    for (email, why) in [
        (None, "no_address"),
        (Some(Contact::Absent), "no_address"),
        (Some(Contact::Unreadable), "invalid_address"),
    ] {
        let profile = ClientFields { email, ..ClientFields::default() };
        let lines = gym().does(register("carla", profile));
        assert_eq!(lines, [format!("tell carla account.welcome: no email ({why})")]);
    }
}

#[test]
fn an_update_is_silent_and_leaves_what_it_does_not_name() {
    let mut world = gym();
    let before = world.client("anna").clone();
    let locale = Some(Locale::parse("fr-CH").unwrap());
    let timezone = Some(Zone::parse("Europe/Zurich").unwrap());
    let tags = BTreeSet::from(["vip".to_owned()]);
    let profile = ClientFields {
        locale: Some(locale.clone()),
        timezone: Some(timezone.clone()),
        tags: Some(tags.clone()),
        enrolled: Some(false),
        ..ClientFields::default()
    };
    assert_eq!(world.does(update("anna", profile.clone())), [""; 0]);
    let after = Client { locale, timezone, tags, enrolled: false, ..before };
    assert_eq!(*world.client("anna"), after);
    assert_eq!(world.does(update("anna", profile)), ["already done"]);
}

#[test]
fn a_new_address_is_unverified_until_proved() {
    let mut world = gym();
    let verified = ClientFields { email_verified: Some(true), ..ClientFields::default() };
    world.does(update("anna", verified));
    assert!(world.client("anna").email_verified);
    world.does(update("anna", reachable("anna")));
    assert!(world.client("anna").email_verified, "it is the same address");
    world.does(update("anna", reachable("anna.new")));
    assert!(!world.client("anna").email_verified);
    let proved = ClientFields { email_verified: Some(true), ..reachable("anna.newer") };
    world.does(update("anna", proved));
    assert!(world.client("anna").email_verified);
}

#[test]
fn of_too_many_push_tokens_the_oldest_are_dropped() {
    let mut world = gym();
    let tokens: Vec<String> = (0..PUSH_TOKENS_MAX + 3).map(|n| n.to_string()).collect();
    let profile = ClientFields { push_tokens: Some(tokens.clone()), ..ClientFields::default() };
    world.does(update("anna", profile));
    assert_eq!(world.client("anna").push_tokens, tokens[3..]);
}

#[test]
fn an_unknown_client_is_refused() {
    let mut world = gym();
    assert_eq!(world.refuses(update("nobody", reachable("x"))), RejectionReason::UnknownClient);
    let stranger = RequestBooking { client: client_id("nobody"), ..booked("b1", Party::Staff) };
    assert_eq!(world.refuses(Command::RequestBooking(stranger)), RejectionReason::UnknownClient);
    world.does(request("b2"));
    assert_eq!(world.refuses(reassign("b2", "nobody")), RejectionReason::UnknownClient);
}

#[test]
fn a_link_goes_at_once_and_is_worthless_when_it_is_dead() {
    let mut world = gym();
    for (purpose, kind) in [
        (LinkPurpose::PasswordReset, "password_reset"),
        (LinkPurpose::MagicLink, "magic_link"),
        (LinkPurpose::VerifyEmail, "verify_email"),
    ] {
        let lines = world.does(link(purpose, Some(START)));
        assert_eq!(lines, [format!("tell anna account.{kind}: email")]);
        let lines = world.does(link(purpose, Some(NOON)));
        assert_eq!(lines, [format!("tell anna account.{kind}: no email (expired)")]);
        world.all_sent();
        assert_eq!(world.sent.last().unwrap().deadline, Some(at(START)));
    }
}

#[test]
fn a_proved_address_needs_no_proof() {
    let mut world = gym();
    world.does(Command::VerifyClientEmail(client_id("anna")));
    assert_eq!(world.does(link(LinkPurpose::VerifyEmail, None)), ["already done"]);
    assert_eq!(world.does(Command::VerifyClientEmail(client_id("anna"))), ["already done"]);
    assert_eq!(
        world.does(link(LinkPurpose::MagicLink, None)),
        ["tell anna account.magic_link: email"]
    );
}

#[test]
fn a_link_is_for_those_who_are_there() {
    let mut world = gym();
    world.does(update("anna", ClientFields { enrolled: Some(false), ..ClientFields::default() }));
    let reset = || link(LinkPurpose::PasswordReset, None);
    assert_eq!(world.does(reset()), ["tell anna account.password_reset: email"]);
    world.does(delete("anna"));
    assert_eq!(world.refuses(reset()), RejectionReason::ClientDeleted);
    world.does(erase("anna"));
    assert_eq!(world.refuses(reset()), RejectionReason::UnknownClient);
}

#[test]
fn until_the_address_is_proved_no_other_mail_arrives() {
    let mut world = gym();
    let cancelled = |world: &World| {
        let mut world = world.clone();
        world.does(request("b1"));
        world.does(cancel("b1", Party::Staff)).last().unwrap().clone()
    };
    assert_eq!(
        cancelled(&world),
        "tell anna booking.cancelled: no email (email_unverified), no push (no_provider)"
    );
    world.does(Command::VerifyClientEmail(client_id("anna")));
    assert_eq!(cancelled(&world), "tell anna booking.cancelled: email, no push (no_provider)");
}
