//! What clients want and do not want, and addresses that are dead.

use std::sync::Arc;

use super::*;
use crate::domain::broadcast::Audience;
use crate::domain::command::LinkPurpose;
use crate::domain::decide::Input;

/// A salon that tells everything by email and SMS.
fn salon() -> World {
    let mut settings = email_only();
    everything(&mut settings, Channels::of(&[Channel::Email, Channel::Sms]));
    let mut world = World::with(settings);
    world.provided = Channels::ALL;
    world
}

fn confirmed(world: &World) -> String {
    let mut world = world.clone();
    world.does(request("b1"))[1].clone()
}

#[test]
fn one_channel_one_kind_or_all() {
    let kind = Some(Kind::BookingConfirmed);
    let table = [
        (None, None, "no email (opted_out), no sms (opted_out)"),
        (Some(Channel::Sms), None, "email, no sms (opted_out)"),
        (None, kind, "no email (opted_out), no sms (opted_out)"),
        (Some(Channel::Email), kind, "no email (opted_out), sms"),
        (None, Some(Kind::BookingReminder), "email, sms"),
        (Some(Channel::Push), None, "email, sms"),
    ];
    for (channel, kind, verdict) in table {
        let mut world = salon();
        assert_eq!(world.does(opt_out("anna", channel, kind)), [""; 0]);
        assert_eq!(world.does(opt_out("anna", channel, kind)), ["already done"]);
        assert_eq!(confirmed(&world), format!("tell anna booking.confirmed: {verdict}"));
        world.does(opt_in("anna", channel, kind));
        assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
    }
}

#[test]
fn the_latest_word_wins() {
    let mut world = salon();
    world.does(opt_out("anna", None, None));
    world.does(opt_in("anna", None, Some(Kind::BookingConfirmed)));
    world.does(opt_out("anna", Some(Channel::Sms), None));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, no sms (opted_out)");
}

#[test]
fn it_is_one_client_s_wish_at_one_tenant() {
    let (mut one, other) = (salon(), salon());
    one.does(opt_out("anna", Some(Channel::Sms), None));
    assert_eq!(confirmed(&other), "tell anna booking.confirmed: email, sms");
    one.does(request("b1"));
    assert_eq!(
        told(one.does(reassign("b1", "bruno")))[2],
        "tell bruno booking.confirmed: email, sms"
    );
}

#[test]
fn whoever_wants_nothing_still_gets_the_link_they_asked_for() {
    let mut world = salon();
    world.does(opt_out("anna", None, None));
    for (purpose, kind) in [
        (LinkPurpose::PasswordReset, "password_reset"),
        (LinkPurpose::MagicLink, "magic_link"),
        (LinkPurpose::VerifyEmail, "verify_email"),
    ] {
        let lines = world.does(link(purpose, None));
        assert_eq!(lines, [format!("tell anna account.{kind}: email, sms")]);
    }
    let lines = world.does(notice("n1", &[Channel::Email], Audience::default()));
    assert_eq!(lines[0], "tell anna notice.manual: no email (opted_out)");
}

#[test]
fn a_wish_outlives_being_registered_anew_and_being_deleted() {
    let mut world = salon();
    world.does(opt_out("anna", Some(Channel::Sms), None));
    world.does(register("anna", reachable("anna.new")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, no sms (opted_out)");
    world.does(delete("anna"));
    world.does(register("anna", reachable("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, no sms (opted_out)");
}

fn known(name: &str, world: &World) -> Arc<Client> {
    world.state().client(&client_id(name)).unwrap().clone()
}

#[test]
fn nothing_goes_to_an_address_that_bounced_until_there_is_another() {
    let mut world = salon();
    let anna = known("anna", &world);
    let bounce = Input::Bounced { client: &anna, channel: Channel::Email };
    assert_eq!(world.takes(bounce), ["anna is suppressed on email (bad_address)"]);
    assert_eq!(world.takes(bounce), [""; 0]);
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: no email (suppressed), sms");
    // The same address is as dead as it was.
    world.does(update("anna", reachable("anna")));
    world.does(register("anna", reachable("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: no email (suppressed), sms");
    world.does(update("anna", reachable("anna.new")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
}

#[test]
fn a_device_that_is_gone_is_left_out_whatever_an_app_says() {
    let mut world = salon();
    let devices = |tokens: &[&str]| {
        let tokens = tokens.iter().map(|token| (*token).to_owned()).collect();
        ClientFields { push_tokens: Some(tokens), ..ClientFields::default() }
    };
    let known_devices = |world: &World| known("anna", world).push_tokens.clone();
    world.does(update("anna", devices(&["phone", "tablet", "watch"])));
    let (anna, gone) = (client_id("anna"), ["tablet".to_owned(), "unknown".to_owned()]);
    let input = Input::DevicesGone { client: &anna, tokens: &gone };
    assert_eq!(world.takes(input), ["anna is suppressed on push (bad_address)"]);
    assert_eq!(known_devices(&world), ["phone", "watch"]);
    assert_eq!(world.takes(input), [""; 0], "it is told once");
    world.does(update("anna", devices(&["tablet", "phone"])));
    assert_eq!(known_devices(&world), ["phone"]);
    world.does(register("anna", devices(&["phone", "tablet", "new"])));
    assert_eq!(known_devices(&world), ["phone", "new"]);
    // Unless somebody knows better.
    world.does(Command::Unsuppress {
        client: anna.clone(),
        channel: Some(Channel::Push),
        deed: None,
    });
    world.does(update("anna", devices(&["phone", "tablet"])));
    assert_eq!(known_devices(&world), ["phone", "tablet"]);
    let nobody = client_id("nobody");
    let input = Input::DevicesGone { client: &nobody, tokens: &gone };
    assert_eq!(world.takes(input), [""; 0]);
}

#[test]
fn whoever_knows_better_lifts_what_was_reported() {
    let mut world = salon();
    let anna = known("anna", &world);
    let lifts = |world: &mut World, channel| {
        world.does(Command::Unsuppress { client: client_id("anna"), channel, deed: None })
    };
    for channel in [Channel::Email, Channel::Sms] {
        world.takes(Input::Bounced { client: &anna, channel });
    }
    lifts(&mut world, Some(Channel::Email));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, no sms (suppressed)");
    lifts(&mut world, None);
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
    assert_eq!(lifts(&mut world, None), ["already done"]);
    // It is not remembered as refused either.
    world.does(update("anna", reachable("anna.new")));
    world.does(update("anna", reachable("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
}

#[test]
fn a_proved_address_is_written_to_again() {
    let mut world = salon();
    let bounce = |world: &mut World| {
        let anna = known("anna", world);
        world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
        assert_eq!(confirmed(world), "tell anna booking.confirmed: no email (suppressed), sms");
    };
    bounce(&mut world);
    world.does(Command::VerifyClientEmail(client_id("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
    // Proved already, it may be proved again.
    bounce(&mut world);
    world.does(Command::VerifyClientEmail(client_id("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
}

#[test]
fn saying_that_an_address_is_proved_is_news_once() {
    let mut world = salon();
    let proved = |name| ClientFields { email_verified: Some(true), ..reachable(name) };
    let anna = known("anna", &world);
    assert!(!anna.email_verified);
    world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
    world.does(update("anna", proved("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
    let anna = known("anna", &world);
    world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
    world.does(update("anna", proved("anna")));
    world.does(register("anna", proved("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: no email (suppressed), sms");
}

#[test]
fn another_way_to_write_the_domain_is_no_other_address() {
    let mut world = salon();
    let email = |text| Some(Contact::Known(EmailAddress::parse(text).unwrap()));
    let at = |text| ClientFields { email: email(text), ..reachable("anna") };
    world.does(update("anna", at("anna@exämple.de")));
    let anna = known("anna", &world);
    world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
    for same in ["anna@EXÄMPLE.DE", "anna@xn--exmple-cua.de"] {
        world.does(update("anna", at(same)));
        assert_eq!(confirmed(&world), "tell anna booking.confirmed: no email (suppressed), sms");
    }
    // A local part in another case may be somebody else's.
    world.does(update("anna", at("Anna@exämple.de")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
}

#[test]
fn an_address_that_comes_back_is_as_dead_as_it_was() {
    let email = |text: &str| ClientFields {
        email: Some(EmailAddress::parse(text).map_or(Contact::Absent, Contact::Known)),
        ..ClientFields::default()
    };
    // Beside none, or another, or while another bounced, or who was deleted meanwhile.
    let between: [&[Command]; 5] = [
        &[update("anna", email(""))],
        &[update("anna", email("new@example.com"))],
        &[update("anna", email("new@example.com")), update("anna", email(""))],
        &[register("anna", email("")), register("anna", email("new@example.com"))],
        &[delete("anna"), register("anna", email(""))],
    ];
    for commands in between {
        let mut world = salon();
        let anna = known("anna", &world);
        world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
        for command in commands {
            world.does(command.clone());
        }
        assert!(!confirmed(&world).contains("suppressed"), "{}", confirmed(&world));
        world.does(update("anna", email("anna@EXAMPLE.com")));
        assert!(confirmed(&world).contains("no email (suppressed)"), "{}", confirmed(&world));
        // Known by a digest alone, and proved it is written to again for good.
        assert!(!format!("{:?}", known("anna", &world).refused).contains("example"));
        world.does(Command::VerifyClientEmail(client_id("anna")));
        world.does(update("anna", email("")));
        world.does(update("anna", email("anna@example.com")));
        assert!(confirmed(&world).starts_with("tell anna booking.confirmed: email,"));
    }
}

#[test]
fn so_is_a_number_and_what_bounced_while_it_was_not_the_client_s() {
    let phone = |number: &str| ClientFields {
        phone: Some(PhoneNumber::parse(number).map_or(Contact::Absent, Contact::Known)),
        ..ClientFields::default()
    };
    let mut world = salon();
    let anna = known("anna", &world);
    world.takes(Input::Bounced { client: &anna, channel: Channel::Sms });
    world.does(update("anna", phone("")));
    world.does(update("anna", phone("+393331234567")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, no sms (suppressed)");
    let mut world = salon();
    let anna = known("anna", &world);
    world.does(update("anna", phone("")));
    world.takes(Input::Bounced { client: &anna, channel: Channel::Sms });
    world.does(update("anna", phone("+393331234567")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, no sms (suppressed)");
}

#[test]
fn a_proof_that_comes_with_another_address_is_of_that_one() {
    let proved = |name| ClientFields { email_verified: Some(true), ..reachable(name) };
    let mut world = salon();
    let anna = known("anna", &world);
    world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
    world.does(update("anna", proved("anna.new")));
    world.does(update("anna", proved("anna")));
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
}

#[test]
fn a_bounce_of_an_address_that_was_replaced_meanwhile_does_nothing() {
    let mut world = salon();
    let before = known("anna", &world);
    world.does(update("anna", reachable("anna.new")));
    let bounce = Input::Bounced { client: &before, channel: Channel::Email };
    assert_eq!(world.takes(bounce), [""; 0]);
    assert_eq!(confirmed(&world), "tell anna booking.confirmed: email, sms");
}

#[test]
fn a_bounce_of_somebody_who_is_gone_does_nothing() {
    let mut world = salon();
    let anna = known("anna", &world);
    world.does(erase("anna"));
    let bounce = Input::Bounced { client: &anna, channel: Channel::Email };
    assert_eq!(world.takes(bounce), [""; 0]);
}
