//! What each kind says.

use insta::assert_snapshot;

use super::*;
use crate::content::ContentError;
use crate::content::embedded::LANGUAGES;
use crate::domain::locale::Locale;

#[test]
fn pending() {
    assert_snapshot!("pending", Desk::full().read(Kind::BookingPending));
    assert_snapshot!("pending_bare", Desk::bare().read(Kind::BookingPending));
    assert_eq!(Desk::full().email(Kind::BookingPending).calendar, None);
}

#[test]
fn confirmed() {
    assert_snapshot!("confirmed", Desk::full().read(Kind::BookingConfirmed));
    assert_snapshot!("confirmed_bare", Desk::bare().read(Kind::BookingConfirmed));
    assert_snapshot!("confirmed_html", Desk::full().email(Kind::BookingConfirmed).html);
}

#[test]
fn declined() {
    let mut desk = Desk::full();
    desk.facts.reason = Some("We are closed on that day.".to_owned());
    assert_snapshot!("declined", desk.read(Kind::BookingDeclined));
    assert_snapshot!("declined_bare", Desk::bare().read(Kind::BookingDeclined));
    assert_eq!(desk.email(Kind::BookingDeclined).calendar, None);
}

#[test]
fn cancelled_by_staff_is_an_apology_and_by_the_client_is_not() {
    let staff = Desk::full().cancelled_by(Party::Staff, Some("Marco is ill."));
    assert_snapshot!("cancelled_by_staff", staff.read(Kind::BookingCancelled));
    let client = Desk::full().cancelled_by(Party::Client, None);
    assert_snapshot!("cancelled_by_client", client.read(Kind::BookingCancelled));
    assert_snapshot!("cancelled_bare", Desk::bare().read(Kind::BookingCancelled));
}

#[test]
fn rescheduled_tells_the_new_date_and_the_old() {
    let mut desk = Desk::full();
    desk.facts.moved_from = Some(at("2026-12-02T14:30:00Z"));
    assert_snapshot!("rescheduled", desk.read(Kind::BookingRescheduled));
    assert_snapshot!("rescheduled_bare", Desk::bare().read(Kind::BookingRescheduled));
    assert_snapshot!("rescheduled_html", desk.email(Kind::BookingRescheduled).html);
}

#[test]
fn rescheduled_while_pending_promises_nothing() {
    let mut desk = Desk::full();
    desk.facts.moved_from = Some(at("2026-12-02T14:30:00Z"));
    desk.facts.awaits_confirmation = true;
    assert_snapshot!("rescheduled_pending", desk.read(Kind::BookingRescheduled));
}

#[test]
fn welcome() {
    assert_snapshot!("welcome", Desk::full().read(Kind::AccountWelcome));
    assert_eq!(Desk::full().email(Kind::AccountWelcome).calendar, None);
}

#[test]
fn the_zone_is_named_to_whom_lives_by_another() {
    let mut desk = Desk::full();
    desk.client.timezone = Some(Zone::parse("Europe/Rome").unwrap());
    assert!(!desk.read(Kind::BookingConfirmed).contains("Rome"));
    desk.client.timezone = Some(Zone::parse("America/New_York").unwrap());
    assert_snapshot!("confirmed_abroad", desk.read(Kind::BookingConfirmed));
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
fn an_unknown_language_is_written_in_english() {
    let mut desk = Desk::full();
    let english = desk.email(Kind::BookingConfirmed);
    desk.client.locale = Some(Locale::parse("sv-SE").unwrap());
    desk.settings.locale = Locale::parse("cy").unwrap();
    assert_eq!(desk.email(Kind::BookingConfirmed), english);
    assert!(english.html.contains("<html lang=\"en\">"));
}

#[test]
fn a_kind_without_text_and_facts_that_do_not_fit_are_refused() {
    let (desk, catalogue) = (Desk::full(), Catalogue::built_in().unwrap());
    let refused = |message: &Message| {
        let Desk { tenant, settings, client, .. } = &desk;
        catalogue.email(&Letter { tenant, message, settings, client }).unwrap_err()
    };
    let unwritten = desk.message(Kind::InboxBoard);
    assert!(matches!(refused(&unwritten), ContentError::NoText { .. }));
    let mut unfit = desk.message(Kind::BookingConfirmed);
    unfit.facts = Facts::Account;
    assert!(matches!(refused(&unfit), ContentError::Unfit { .. }));
}

#[test]
fn every_kind_is_written_well_in_every_language_with_every_fact_known_and_with_none() {
    for (language, kind) in LANGUAGES.iter().flat_map(|l| KINDS.map(|kind| (l.tag, kind))) {
        for mut desk in [Desk::full(), Desk::bare()] {
            desk.client.locale = Some(Locale::parse(language).unwrap());
            for (party, awaits_confirmation) in [
                (None, false),
                (None, true),
                (Some(Party::Client), false),
                (Some(Party::Staff), false),
            ] {
                desk.facts.cancelled_by = party;
                desk.facts.awaits_confirmation = awaits_confirmation;
                let email = desk.email(kind);
                assert!(email.html.contains(&format!("<html lang=\"{language}\">")));
                let seen = format!("{}\n{}", email.subject, email.text);
                for left in ["{{", "{%", "}}", " ,", " .", "  ", "none", "\n\n\n"] {
                    assert!(!seen.contains(left), "{left:?} in {seen}");
                }
            }
        }
    }
}
