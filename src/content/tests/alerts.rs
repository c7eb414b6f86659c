//! What staff are told.

use insta::assert_snapshot;

use super::*;
use crate::content::embedded::LANGUAGES;
use crate::domain::message::StaffFacts;

/// The alert as staff read it, in the tenant's language.
fn alert(desk: &Desk, kind: Kind) -> String {
    let of = match kind {
        Kind::StaffQueueJoined => desk.facts_of(Kind::QueueClosed),
        Kind::StaffPaymentAccepted | Kind::StaffPaymentDeclined => {
            desk.facts_of(Kind::PaymentReceipt)
        }
        _ => desk.facts_of(Kind::BookingConfirmed),
    };
    let to = EmailAddress::parse("boss@salone-uno.example").unwrap();
    let facts = Facts::Staff(StaffFacts { to, of: Box::new(of) });
    let message = Message { facts, ..desk.message(kind, Channel::Email) };
    let Rendered::Email(email) = CATALOGUE.write(&desk.letter(&message)).unwrap() else {
        unreachable!()
    };
    assert_eq!(email.calendar, None);
    format!("Subject: {}\n\n{}", email.subject, email.text)
}

#[test]
fn every_alert_is_written_in_every_language_with_every_fact_known_and_with_few() {
    for language in LANGUAGES {
        for desk in [Desk::full, Desk::bare] {
            for awaits_confirmation in [false, true] {
                let mut desk = desk();
                desk.settings.locale = Locale::parse(language.tag).unwrap();
                desk.facts.awaits_confirmation = awaits_confirmation;
                for kind in Kind::STAFF {
                    let text = alert(&desk, *kind);
                    for left in ["{{", "{%", "none", " ,", " .", ".."] {
                        assert!(!text.contains(left), "{} {kind:?} {left:?}: {text}", language.tag);
                    }
                }
            }
        }
    }
}

#[test]
fn staff_read_the_tenant_s_language_and_the_venue_s_clock_whatever_the_client_s() {
    let mut desk = Desk::full().in_language("fr");
    desk.client.timezone = Some(Zone::parse("Asia/Tokyo").unwrap());
    assert_snapshot!(alert(&desk, Kind::StaffBookingRequested));
}
