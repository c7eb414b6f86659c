//! What staff are told, and that nobody else's affairs bear on it.

use std::collections::BTreeSet;

use super::*;
use crate::domain::message::Facts;
use crate::domain::settings::StaffAlerts;

fn address(name: &str) -> EmailAddress {
    EmailAddress::parse(&format!("{name}@salone.example")).unwrap()
}

fn watched(settings: Settings, kinds: &[Kind]) -> Settings {
    let emails = vec![address("boss"), address("desk")];
    let staff = StaffAlerts { emails, kinds: kinds.iter().copied().collect::<BTreeSet<_>>() };
    Settings { staff: Some(staff), ..settings }
}

/// Whom of the staff the last messages went to.
fn told(world: &World) -> Vec<String> {
    let alerts = world.sent.iter().filter_map(|message| match &message.facts {
        Facts::Staff(alert) => Some(format!("{} {}", message.kind.as_str(), alert.to.as_str())),
        _ => None,
    });
    alerts.collect()
}

#[test]
fn each_address_hears_of_what_a_client_did_and_not_of_what_staff_did() {
    let kinds = [Kind::StaffBookingRequested, Kind::StaffBookingCancelled];
    let mut world = World::with(watched(email_only(), &kinds));
    world.does(request("b1"));
    world.does(cancel("b1", Party::Client));
    world.all_sent();
    assert_eq!(
        told(&world),
        [
            "staff.booking_requested boss@salone.example",
            "staff.booking_requested desk@salone.example",
            "staff.booking_cancelled boss@salone.example",
            "staff.booking_cancelled desk@salone.example",
        ]
    );
    world.sent.clear();
    world.does(Command::RequestBooking(booked("b2", Party::Staff)));
    world.does(cancel("b2", Party::Staff));
    world.all_sent();
    assert_eq!(told(&world), Vec::<String>::new());
}

#[test]
fn nothing_that_keeps_a_message_from_a_client_keeps_an_alert_from_staff() {
    let mut settings = watched(email_only(), &[Kind::StaffBookingRequested]);
    settings.plan = "free".to_owned();
    settings.require_verified_email = true;
    let mut world = World::with(settings);
    world.does(opt_out("anna", None, None));
    world.does(request("b1"));
    world.all_sent();
    assert_eq!(told(&world).len(), 2);
}

#[test]
fn alerts_change_nothing_for_clients() {
    let quiet = World::with(email_only()).does(request("b1"));
    let mut loud = World::with(watched(email_only(), Kind::STAFF)).does(request("b1"));
    loud.retain(|line| !line.contains("staff."));
    assert_eq!(quiet, loud);
}
