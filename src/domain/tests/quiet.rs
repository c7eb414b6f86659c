//! Quiet hours: what is early for them, what waits, and what goes at once.

use super::*;
use crate::domain::broadcast::Audience;
use crate::domain::command::{Addressee, LinkPurpose};
use crate::domain::secret::SecretLink;
use crate::domain::settings::LateReminder;

/// Rome, where phones are silent from 21:00 to 08:00: 20:00 to 07:00 UTC in winter.
fn night() -> Settings {
    Settings { timezone: rome(), quiet_hours: quiet(21, 8), ..gym_settings() }
}

fn in_tokyo() -> ClientFields {
    let timezone = Some(Zone::parse("Asia/Tokyo").ok());
    ClientFields { timezone, ..reachable("anna") }
}

#[test]
fn a_reminder_goes_before_the_quiet_begins() {
    let mut world = World::with(Settings { reminders: vec![lead("PT12H")], ..night() });
    world.does(request("b1"));
    assert_eq!(world.passes(START), ["02 Dec 19:59 tell anna booking.reminder: email"]);
}

#[test]
fn it_is_the_night_of_the_client_where_their_zone_is_known() {
    let mut world = World::with(Settings { reminders: vec![lead("PT20H")], ..night() });
    world.does(update("anna", in_tokyo()));
    // 14:00 UTC is 23:00 in Tokyo.
    world.does(request("b1"));
    assert_eq!(world.passes(START), ["02 Dec 11:59 tell anna booking.reminder: email"]);
}

#[test]
fn a_client_who_moves_to_another_zone_is_reminded_by_its_night() {
    let mut world = World::with(Settings { reminders: vec![lead("PT20H")], ..night() });
    world.does(request("b1"));
    world.all_sent();
    assert_eq!(
        world.does(update("anna", in_tokyo())),
        ["plan reminder PT1200M of b1 at 02 Dec 11:59"]
    );
    assert_eq!(world.passes(START), ["02 Dec 11:59 tell anna booking.reminder: email"]);
}

#[test]
fn so_is_one_who_was_deleted_and_comes_back_from_there() {
    let mut world = World::with(Settings { reminders: vec![lead("PT20H")], ..night() });
    world.does(request("b1"));
    world.does(delete("anna"));
    world.does(register("anna", in_tokyo()));
    assert_eq!(world.passes(START), ["02 Dec 11:59 tell anna booking.reminder: email"]);
}

#[test]
fn two_reminders_that_fall_on_one_instant_are_one() {
    let reminders = vec![lead("PT13H"), lead("PT12H")];
    let mut world = World::with(Settings { reminders, ..night() });
    world.does(request("b1"));
    assert_eq!(
        world.passes(START),
        [
            "02 Dec 19:59 tell anna booking.reminder: email",
            "02 Dec 19:59 tell anna booking.reminder: no email (superseded)",
        ]
    );
}

/// Books at 21:30 in Rome, with a reminder whose time comes in the night.
fn booked_at_night(settings: Settings) -> (World, Vec<String>) {
    let mut world = World::with(settings);
    world.now = at("2026-12-02T20:30:00Z");
    let lines = world.does(request("b1"));
    world.all_sent();
    (world, lines[2..].to_vec())
}

#[test]
fn a_reminder_that_the_quiet_moves_before_the_booking_was_made_waits_for_its_end() {
    let settings = Settings { reminders: vec![lead("PT12H")], ..night() };
    let (mut world, lines) = booked_at_night(settings.clone());
    assert_eq!(lines, ["plan reminder PT720M of b1 at 03 Dec 07:00"]);
    assert_eq!(world.passes(START), ["03 Dec 07:00 tell anna booking.reminder: email"]);
    // In the minute before the quiet begins as well.
    let mut world = World::with(settings.clone());
    world.now = at("2026-12-02T19:59:30Z");
    world.does(request("b1"));
    assert_eq!(world.passes(START), ["03 Dec 07:00 tell anna booking.reminder: email"]);
    // Where the end leaves too little time, it is left out.
    let late_grace = SignedDuration::from_hours(4);
    let (mut world, lines) = booked_at_night(Settings { late_grace, ..settings });
    assert_eq!(lines, ["tell anna booking.reminder: no email (booked_inside_lead)"]);
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn so_does_one_that_is_to_go_at_once() {
    let late_reminder = LateReminder::SendNow;
    let settings = Settings { late_reminder, reminders: vec![lead("P1D")], ..night() };
    let (mut world, lines) = booked_at_night(settings.clone());
    assert_eq!(lines, ["plan reminder P1D of b1 at 03 Dec 07:00"]);
    assert_eq!(world.passes(START), ["03 Dec 07:00 tell anna booking.reminder: email"]);
    let late_grace = SignedDuration::from_hours(4);
    let (_, lines) = booked_at_night(Settings { late_grace, ..settings });
    assert_eq!(lines, ["tell anna booking.reminder: no email (booked_inside_lead)"]);
}

#[test]
fn of_several_that_wait_for_the_morning_the_last_goes() {
    let reminders = vec![lead("PT4H"), lead("P1D"), lead("PT6H")];
    let late_reminder = LateReminder::SendNow;
    let (mut world, _) = booked_at_night(Settings { late_reminder, reminders, ..night() });
    let lines = world.passes(START);
    let (gone, told): (Vec<_>, Vec<_>) = lines.into_iter().partition(|l| l.contains("superseded"));
    assert_eq!(told, ["03 Dec 07:00 tell anna booking.reminder: email"]);
    assert_eq!(gone.len(), 2);
}

#[test]
fn what_waits_for_the_morning_is_not_said_of_what_is_off_or_elsewhere_by_then() {
    let settings = Settings { reminders: vec![lead("PT12H")], ..night() };
    let (mut world, _) = booked_at_night(settings.clone());
    world.does(cancel("b1", Party::Client));
    assert_eq!(
        world.passes(START),
        ["03 Dec 07:00 tell anna booking.reminder: no email (superseded)"]
    );
    let (mut world, _) = booked_at_night(settings.clone());
    world.does(reschedule("b1", LATER));
    assert_eq!(world.passes(LATER), ["03 Dec 19:59 tell anna booking.reminder: email"]);
    // So near that there is no time for one.
    let (mut world, _) = booked_at_night(settings);
    world.does(reschedule("b1", "2026-12-03T07:30:00Z"));
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn a_reminder_that_is_woken_late_into_the_quiet_waits_on() {
    let mut world = World::with(Settings { reminders: vec![lead("PT12H")], ..night() });
    world.does(request("b1"));
    assert_eq!(
        world.sleeps("2026-12-02T23:00:00Z"),
        ["02 Dec 23:00 plan reminder PT720M of b1 at 03 Dec 07:00"]
    );
    assert_eq!(world.passes(START), ["03 Dec 07:00 tell anna booking.reminder: email"]);
}

#[test]
fn quiet_hours_that_are_new_put_a_reminder_off_and_do_not_lose_it() {
    let awake = Settings { quiet_hours: None, reminders: vec![lead("PT12H")], ..night() };
    let mut world = World::with(awake.clone());
    world.does(request("b1"));
    world.passes("2026-12-02T21:00:00Z");
    world.does(configure(Settings { quiet_hours: night().quiet_hours, ..awake }));
    assert_eq!(told(world.passes(START)), ["03 Dec 07:00 tell anna booking.reminder: email"]);
}

/// Booked without a reminder; the settings are new at 21:30 in Rome.
fn gained_at_night(old: Settings, new: Settings) -> (World, Vec<String>) {
    let mut world = World::with(old);
    world.does(request("b1"));
    world.passes("2026-12-02T20:30:00Z");
    let lines = world.does(configure(new));
    (world, lines)
}

#[test]
fn a_rule_that_the_settings_gain_at_night_is_kept_or_recorded() {
    let with = |rules: &[&str]| Settings {
        reminders: rules.iter().map(|rule| lead(rule)).collect(),
        ..night()
    };
    let (mut world, lines) = gained_at_night(with(&[]), with(&["PT12H"]));
    assert_eq!(lines, ["plan reminder PT720M of b1 at 03 Dec 07:00"]);
    assert_eq!(world.passes(START), ["03 Dec 07:00 tell anna booking.reminder: email"]);
    // Where the end leaves too little time, that is said.
    let late_grace = SignedDuration::from_hours(4);
    let (mut world, lines) =
        gained_at_night(with(&[]), Settings { late_grace, ..with(&["PT12H"]) });
    assert_eq!(lines, ["tell anna booking.reminder: no email (booked_inside_lead)"]);
    assert_eq!(world.passes(START), [""; 0]);
    // What was sent before the quiet is not sent again, whatever else is gained.
    let (mut world, lines) = gained_at_night(with(&["PT12H"]), with(&["PT12H", "P2D"]));
    assert_eq!(lines, [""; 0]);
    assert_eq!(world.passes(START), [""; 0]);
}

#[test]
fn so_is_one_that_only_a_service_gains() {
    use crate::domain::id::ServiceId;
    use crate::domain::settings::Service;

    let cut = || ServiceId::parse("cut").unwrap();
    let service = |reminders| Service {
        name: "Cut".to_owned(),
        duration: None,
        location: None,
        reminders,
        bring: None,
    };
    let with = |reminders| Settings {
        reminders: vec![lead("PT12H")],
        services: BTreeMap::from([(cut(), service(reminders))]),
        ..night()
    };
    let (old, new) = (with(Some(Vec::new())), with(None));
    let mut world = World::with(old);
    world.does(Command::RequestBooking(RequestBooking {
        service: Some(cut()),
        ..booked("b1", Party::Client)
    }));
    world.does(Command::RequestBooking(RequestBooking {
        client: client_id("bruno"),
        ..booked("b2", Party::Client)
    }));
    world.passes("2026-12-02T20:30:00Z");
    assert_eq!(world.does(configure(new)), ["plan reminder PT720M of b1 at 03 Dec 07:00"]);
}

#[test]
fn a_notice_waits_until_the_quiet_ends() {
    let mut world = World::with(night());
    world.does(update("anna", in_tokyo()));
    // 03:00 in Rome, 11:00 in Tokyo.
    world.now = at("2026-12-02T02:00:00Z");
    assert_eq!(
        world.does(notice("n1", &[Channel::Email], Audience::default())),
        ["tell anna notice.manual: email", "plan notice/n1 to bruno at 02 Dec 07:00",]
    );
    assert_eq!(world.passes(START), ["02 Dec 07:00 tell bruno notice.manual: email"]);
}

#[test]
fn a_notice_that_is_woken_late_into_the_quiet_waits_on() {
    let mut world = World::with(night());
    world.now = at("2026-12-02T02:00:00Z");
    let audience = Audience { clients: Some([client_id("anna")].into()), ..Audience::default() };
    world.does(notice("n1", &[Channel::Email], audience));
    assert_eq!(
        world.sleeps("2026-12-02T23:00:00Z"),
        ["02 Dec 23:00 plan notice/n1 to anna at 03 Dec 07:00"]
    );
    assert_eq!(
        world.passes("2026-12-03T08:00:00Z"),
        ["03 Dec 07:00 tell anna notice.manual: email"]
    );
}

#[test]
fn what_somebody_waits_for_goes_at_once() {
    let mut world = World::gym_with(1, night());
    world.now = at("2026-12-02T02:00:00Z");
    let mut all = Vec::new();
    for command in [
        seat("b1", "anna"),
        join("e1", "bruno"),
        cancel("b1", Party::Client),
        accept("e1"),
        charge("p1", None),
        link(LinkPurpose::MagicLink, None),
        Command::VerifyAllEmails {
            url_template: SecretLink::new("https://example.com/{client}"),
            mac_key: None,
            expires_at: None,
        },
        post(Addressee::Client(client_id("anna"))),
        call_off("s1"),
    ] {
        all.extend(told(world.does(command)));
        world.all_sent();
    }
    assert_eq!(
        all,
        [
            "tell anna booking.confirmed: email",
            "tell anna booking.cancelled: email",
            "tell bruno queue.offered: email",
            "tell bruno queue.accepted: email",
            "tell anna payment.requested: email",
            "tell anna account.magic_link: email",
            "tell anna account.verify_email: email",
            "tell bruno account.verify_email: email",
            "tell carla account.verify_email: email",
            "tell dora account.verify_email: email",
            "tell anna inbox.message: email",
            "tell bruno session.cancelled: email",
        ]
    );
}

#[test]
fn an_offer_made_at_night_may_run_from_the_morning_on() {
    for (respects, until) in [(false, "02 Dec 02:30"), (true, "02 Dec 07:30")] {
        let mut settings = night();
        settings.offer.respects_quiet_hours = respects;
        let mut world = World::gym_with(1, settings);
        world.does(seat("b1", "anna"));
        world.does(join("e1", "bruno"));
        world.now = at("2026-12-02T02:00:00Z");
        let lines = world.does(cancel("b1", Party::Client));
        assert_eq!(lines[1], format!("queue e1 of bruno is offered until {until}"));
    }
}
