//! What each kind says.

use insta::assert_snapshot;

use super::*;
use crate::content::ContentError;
use crate::domain::settings::Color;

/// One snapshot a kind: every channel, everything known and then as little as can be.
#[test]
fn every_kind_in_english() {
    for kind in Kind::ALL {
        let (full, bare) = (Desk::full().read_all(*kind), Desk::bare().read_all(*kind));
        let read = format!("{full}\n----- with little known -----\n\n{bare}");
        assert_snapshot!(format!("en_{}", kind.as_str().replace('.', "_")), read);
    }
}

#[test]
fn html() {
    assert_snapshot!("html_booking_confirmed", Desk::full().email(Kind::BookingConfirmed).html);
    assert_snapshot!("html_magic_link", Desk::full().email(Kind::AccountMagicLink).html);
}

#[test]
fn cancelled_by_staff_is_an_apology_and_by_the_client_is_not() {
    let staff = Desk::full().cancelled_by(Party::Staff, Some("Marco is ill."));
    let client = Desk::full().cancelled_by(Party::Client, Some("I have a cold."));
    let read = |desk: &Desk| desk.read_all(Kind::BookingCancelled);
    assert_snapshot!("cancelled", format!("{}\n-----\n\n{}", read(&staff), read(&client)));
}

#[test]
fn rescheduled_tells_the_new_date_and_the_old_and_promises_nothing() {
    let mut desk = Desk::full();
    desk.facts.moved_from = Some(at("2026-12-02T14:30:00Z"));
    let moved = desk.read_all(Kind::BookingRescheduled);
    desk.facts.awaits_confirmation = true;
    let pending = desk.read_all(Kind::BookingRescheduled);
    assert_snapshot!("rescheduled", format!("{moved}\n-----\n\n{pending}"));
}

#[test]
fn an_offer_to_many_says_so_and_a_direct_charge_asks_nothing() {
    let mut desk = Desk::full();
    (desk.aside.shared, desk.aside.direct) = (true, true);
    let of = |kind: Kind| desk.read_all(kind);
    assert_snapshot!(
        "shared_and_direct",
        [Kind::QueueOffered, Kind::QueueExpired, Kind::PaymentRequested]
            .map(of)
            .join("\n-----\n\n")
    );
}

#[test]
fn a_session_called_off_says_why() {
    let mut desk = Desk::full().cancelled_by(Party::Staff, Some("The teacher is ill."));
    let ill = desk.read_all(Kind::SessionCancelled);
    (desk.facts.too_few, desk.facts.reason) = (true, None);
    let few = desk.read_all(Kind::SessionCancelled);
    assert_snapshot!("called_off", format!("{ill}\n-----\n\n{few}"));
}

#[test]
fn the_dates_of_a_series_are_told_on_every_channel() {
    let few = Desk::full().with_others(2).read_all(Kind::BookingConfirmed);
    for date in [
        // Subject, sentence, SMS.
        "Thu 3 Dec 2026, 10:00 and 2 more",
        "Thursday, 3 December 2026 at 10:00; Thursday, 10 December 2026 at 10:00 and \
         Thursday, 17 December 2026 at 10:00",
        "Thu 3 Dec 10:00; Thu 10 Dec 10:00 and Thu 17 Dec 10:00",
        "Date: Thursday, 17 December 2026 at 10:00\n",
    ] {
        assert!(few.contains(date), "{date}: {few}");
    }
    let many = Desk::full().with_others(20).read_all(Kind::BookingPending);
    for date in [
        "Thursday, 4 February 2027 at 10:00 and 11 more.",
        "Thu 3 Dec 2026 10:00; Thu 10 Dec 2026 10:00; Thu 17 Dec 2026 10:00 and 18 more",
        "More dates: 11\n",
    ] {
        assert!(many.contains(date), "{date}: {many}");
    }
}

#[test]
fn the_zone_is_named_to_whom_lives_by_another() {
    let mut desk = Desk::full();
    desk.client.timezone = Some(Zone::parse("Europe/Rome").unwrap());
    assert!(!desk.read_all(Kind::BookingConfirmed).contains("Rome time"));
    desk.client.timezone = Some(Zone::parse("America/New_York").unwrap());
    let abroad = desk.read_all(Kind::BookingConfirmed);
    assert!(abroad.contains("Thursday, 3 December 2026 at 10:00 (Rome time)"), "{abroad}");
    assert!(abroad.contains("Thu 3 Dec 10:00 (Rome time)"), "{abroad}");
}

#[test]
fn online_it_is_the_client_s_clock_that_counts() {
    let mut desk = Desk::full();
    desk.facts.location = Some("https://meet.example.com/x".to_owned());
    assert!(desk.read(Kind::BookingConfirmed).contains("2026 at 10:00."));
    desk.client.timezone = Some(Zone::parse("America/New_York").unwrap());
    for kind in [Kind::BookingConfirmed, Kind::QueueOffered] {
        let online = desk.read_all(kind);
        assert!(online.contains("2026 at 04:00 (New York time)"), "{online}");
        assert!(!online.contains("10:00"), "{online}");
    }
}

#[test]
fn a_booking_past_midnight_says_the_day_it_ends() {
    let mut desk = Desk::full();
    desk.facts.starts_at = at("2026-12-31T21:00:00Z");
    desk.facts.ends_at = Some(at("2027-01-01T01:00:00Z"));
    let text = desk.email(Kind::BookingConfirmed).text;
    let times = "Date: Thursday, 31 December 2026\nTime: 22:00\n\
                 Until: Friday, 1 January 2027 at 02:00\n";
    assert!(text.contains(times), "{text}");
    desk.facts.ends_at = Some(desk.facts.starts_at);
    assert!(!desk.email(Kind::BookingConfirmed).text.contains("Until"));
}

#[test]
fn a_tenant_s_colour_is_on_card_and_button() {
    let mut desk = Desk::full();
    desk.settings.color = Some(Color::parse("#FFE066").unwrap());
    let html = desk.email(Kind::AccountMagicLink).html;
    assert_eq!(html.matches("#ffe066").count(), 3, "{html}");
    assert!(html.contains("color:#1b2126;text-decoration:none"), "{html}");
}

#[test]
fn facts_that_do_not_fit_are_refused() {
    let desk = Desk::full();
    for channel in [Channel::Email, Channel::Sms, Channel::Push, Channel::Inbox] {
        let mut message = desk.message(Kind::BookingConfirmed, channel);
        message.facts = Facts::Account;
        let refused = CATALOGUE.write(&desk.letter(&message)).unwrap_err();
        assert!(matches!(refused, ContentError::Unfit { .. }), "{refused}");
    }
}
