//! The calendar files.

use insta::assert_snapshot;

use super::*;

#[test]
fn a_confirmation_puts_the_event_in() {
    let email = Desk::full().email(Kind::BookingConfirmed);
    assert_eq!(email.calendar.as_ref().unwrap().method, "REQUEST");
    assert_snapshot!("calendar_request", Desk::full().calendar(Kind::BookingConfirmed));
}

#[test]
fn what_is_unknown_is_left_out() {
    assert_snapshot!("calendar_bare", Desk::bare().calendar(Kind::BookingConfirmed));
}

#[test]
fn nothing_unagreed_reaches_a_calendar() {
    let mut desk = Desk::full();
    let agreed = [
        Kind::BookingConfirmed,
        Kind::BookingRescheduled,
        Kind::BookingCancelled,
        Kind::SessionCancelled,
        Kind::QueueAccepted,
    ];
    for kind in Kind::ALL.iter().copied().filter(|kind| !agreed.contains(kind)) {
        assert_eq!(desk.email(kind).calendar, None, "{kind:?}");
    }
    desk.facts.awaits_confirmation = true;
    for kind in [Kind::BookingConfirmed, Kind::BookingRescheduled] {
        assert_eq!(desk.email(kind).calendar, None, "{kind:?}");
    }
}

#[test]
fn moving_and_cancelling_speak_of_the_same_event() {
    let mut desk = Desk::full();
    desk.facts.sequence = 1;
    let moved = desk.calendar(Kind::BookingRescheduled);
    desk.facts.sequence = 2;
    let cancelled = desk.calendar(Kind::BookingCancelled);
    let called_off = desk.calendar(Kind::SessionCancelled);
    for (file, sequence, method, status) in [
        (moved, 1, "REQUEST", "CONFIRMED"),
        (cancelled, 2, "CANCEL", "CANCELLED"),
        (called_off, 2, "CANCEL", "CANCELLED"),
    ] {
        assert!(file.contains("\r\nUID:salon-uno.b1@bellhop\r\n"), "{file}");
        assert!(file.contains(&format!("\r\nSEQUENCE:{sequence}\r\n")), "{file}");
        assert!(file.contains(&format!("\r\nMETHOD:{method}\r\n")), "{file}");
        assert!(file.contains(&format!("\r\nSTATUS:{status}\r\n")), "{file}");
        assert_eq!(file.matches("ATTENDEE").count(), 1);
    }
}

#[test]
fn who_the_mail_is_from_organizes_whatever_the_settings_say() {
    let from = EmailAddress::parse("post@bellhop.example").unwrap();
    let desk = Desk { from, ..Desk::full() };
    let body = desk.calendar(Kind::BookingConfirmed);
    assert!(body.contains("ORGANIZER;CN=\"Salone Uno\":mailto:post@bellhop.example\r\n"), "{body}");
}

#[test]
fn a_series_has_all_its_events_in_one_file() {
    let email = Desk::full().with_others(20).email(Kind::BookingConfirmed);
    let file = email.calendar.unwrap();
    // A request is for one event only, and what is published invites nobody.
    assert_eq!(file.method, "PUBLISH");
    assert!(file.body.contains("METHOD:PUBLISH\r\n") && !file.body.contains("ATTENDEE"));
    assert_eq!(file.body.matches("BEGIN:VEVENT\r\n").count(), 21);
    for event in ["UID:salon-uno.b1@bellhop", "UID:salon-uno.w20@bellhop"] {
        assert!(file.body.contains(event), "{event}: {}", file.body);
    }
}
