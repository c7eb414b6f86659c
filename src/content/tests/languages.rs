//! Every language, and which one is chosen.

use insta::assert_snapshot;

use super::*;
use crate::content::embedded::LANGUAGES;
use crate::content::gsm::septets;

const CHANNELS: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Push, Channel::Inbox];

fn tags() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.tag)
}

/// The letter as every turn of events bends it.
fn turns(desk: fn() -> Desk) -> Vec<Desk> {
    let mut turns = vec![
        desk(),
        desk().cancelled_by(Party::Client, None),
        desk().cancelled_by(Party::Staff, Some("Marco is ill.")),
    ];
    let mut bent = desk();
    (bent.facts.awaits_confirmation, bent.facts.too_few) = (true, true);
    bent.facts.moved_from = Some(at("2026-12-02T14:30:00Z"));
    (bent.aside.shared, bent.aside.direct) = (true, true);
    turns.push(bent);
    let mut late = desk();
    (late.aside.passed_on, late.aside.pays_by_link) = (true, true);
    turns.push(late);
    turns
}

fn parts(rendered: Rendered) -> Vec<String> {
    match rendered {
        Rendered::Email(email) => vec![email.subject, email.text],
        Rendered::Sms(sms) => vec![sms.text],
        Rendered::Push(push) => vec![push.title, push.body],
        Rendered::Inbox(inbox) => vec![inbox.title, inbox.body],
    }
}

#[test]
fn a_series_is_written_well_in_every_language() {
    for tag in tags() {
        for weeks in [1, 2, 20] {
            let desk = Desk::full().with_others(weeks).in_language(tag);
            for kind in [Kind::BookingConfirmed, Kind::BookingPending] {
                for part in CHANNELS.map(|channel| parts(desk.write(kind, channel))).concat() {
                    let left = ["{", "}", "  ", ".."].into_iter().find(|left| part.contains(left));
                    assert_eq!(left, None, "{tag} {kind:?} {weeks}: {part}");
                }
            }
        }
    }
}

#[test]
fn every_kind_is_written_well_in_every_language_with_every_fact_known_and_with_none() {
    for tag in tags() {
        for desk in [Desk::full, Desk::bare].into_iter().flat_map(turns) {
            let desk = desk.in_language(tag);
            for (kind, channel) in Kind::ALL.iter().flat_map(|kind| CHANNELS.map(|c| (*kind, c))) {
                for part in parts(desk.write(kind, channel)) {
                    assert!(!part.trim().is_empty(), "{tag} {kind:?} {channel:?}");
                    for left in ["{{", "{%", "}}", " ,", " .", "  ", "none", "\n\n\n", "..", "()"] {
                        assert!(
                            !part.contains(left),
                            "{tag} {kind:?} {channel:?} {left:?}: {part}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn an_sms_with_ordinary_names_is_one_gsm_segment() {
    let mut long = Vec::new();
    for tag in tags().chain(["en-US"]) {
        for desk in turns(Desk::full) {
            let mut desk = desk.in_language(tag);
            desk.aside.body = "We are closed on Friday.".to_owned();
            for kind in Kind::ALL {
                let SmsText { text, segments, encoding } = desk.sms(*kind);
                if (segments, encoding) != (1, SmsEncoding::Gsm7) {
                    let strange: String = text.chars().filter(|c| septets(*c).is_none()).collect();
                    long.push(format!(
                        "{tag} {}: {} {strange} {text}",
                        kind.as_str(),
                        text.chars().count()
                    ));
                }
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn a_short_date_is_gsm_on_every_day_of_the_year() {
    for tag in tags().chain(["en-US"]) {
        let mut desk = Desk::full().in_language(tag);
        for day in 0..366 {
            desk.facts.starts_at += jiff::SignedDuration::from_hours(24 * i64::from(day > 0));
            let sms = desk.sms(Kind::BookingReminder);
            assert_eq!(sms.encoding, SmsEncoding::Gsm7, "{tag}: {}", sms.text);
        }
    }
}

#[test]
fn a_region_writes_dates_its_own_way() {
    let text = |locale: &str| match Desk::full()
        .in_language(locale)
        .write(Kind::BookingConfirmed, Channel::Email)
    {
        Rendered::Email(email) => format!("{}\n{}", email.subject, email.text),
        _ => unreachable!(),
    };
    let (english, american) = (text("en"), text("en-us"));
    assert!(english.contains("Thursday, 3 December 2026 at 10:00"), "{english}");
    assert!(american.contains("Thursday, December 3, 2026 at 10:00 AM"), "{american}");
    assert!(american.contains("Thu, Dec 3, 2026, 10:00 AM"), "{american}");
    assert!(american.contains("10:00 AM–10:45 AM"), "{american}");
    assert_eq!(text("en-GB"), english);
    // A tenant's region says nothing of a client who reads another language.
    let mut desk = Desk::full().in_language("it-US");
    desk.settings.locale = Locale::parse("en-US").unwrap();
    assert!(desk.read(Kind::BookingConfirmed).contains("giovedì 3 dicembre 2026"));
}

#[test]
fn titles_are_short() {
    for tag in tags() {
        let desk = Desk::full().in_language(tag);
        for kind in Kind::ALL {
            let title = desk.push(*kind).title;
            assert!(title.chars().count() <= 50, "{tag} {kind:?}: {title}");
        }
    }
}

#[test]
fn an_sms_begins_with_the_tenant_and_ends_with_the_link() {
    for tag in tags() {
        let desk = Desk::full().in_language(tag);
        for kind in Kind::ALL {
            let text = desk.sms(*kind).text;
            assert!(text.starts_with("Salone Uno"), "{tag} {kind:?}: {text}");
            if text.contains("https://") {
                assert!(text.ends_with(&desk.aside.link), "{tag} {kind:?}: {text}");
            }
        }
    }
}

/// What DOMAIN says each kind must carry, in every language and on every channel that is on.
#[test]
fn what_must_be_said_is_said() {
    for tag in tags() {
        let desk = Desk::full().in_language(tag);
        for channel in CHANNELS {
            let said = |kind: Kind| parts(desk.write(kind, channel)).join("\n");
            for kind in [Kind::PaymentRequested, Kind::PaymentReceipt] {
                let said = said(kind);
                let amount = said.contains("12,50") || said.contains("12.50");
                assert!(amount && said.contains("10 lessons"), "{tag} {kind:?}: {said}");
            }
            assert!(said(Kind::PaymentReceipt).contains("P-1042"), "{tag} {channel:?}");
            let sale = said(Kind::SaleRecorded);
            assert!(sale.contains("10 lessons") && sale.contains("8 lessons"), "{tag}: {sale}");
            assert!(said(Kind::AccountWelcome).contains("Salone Uno"), "{tag}");
            for kind in [Kind::QueueOffered, Kind::AttendanceCheck] {
                let said = said(kind);
                let time = if kind == Kind::QueueOffered { "18:30" } else { "18:00" };
                let written = [time.to_owned(), time.replace(':', "."), time.replace(':', "h")];
                assert!(written.iter().any(|time| said.contains(time)), "{tag} {kind:?}: {said}");
            }
        }
        for kind in [Kind::AccountPasswordReset, Kind::AccountMagicLink, Kind::AccountVerifyEmail] {
            let email = desk.email(kind);
            assert!(email.html.contains(&format!("href=\"{}\"", desk.aside.link)), "{tag}");
            assert!(
                email.text.contains(&desk.aside.link)
                    && desk.sms(kind).text.contains(&desk.aside.link)
            );
        }
    }
}

/// Kinds of which there is more to say than the one thing.
const BENT: &[Kind] = &[
    Kind::BookingDeclined,
    Kind::BookingCancelled,
    Kind::BookingRescheduled,
    Kind::SessionCancelled,
    Kind::QueueOffered,
    Kind::QueueExpired,
    Kind::QueueClosed,
    Kind::PaymentRequested,
];

/// Every text of a language, to be read in one sitting.
#[test]
fn every_kind_in_each_language() {
    for tag in tags().skip(1) {
        let mut read = String::new();
        for kind in Kind::ALL {
            let turns = if BENT.contains(kind) { turns(Desk::full) } else { vec![Desk::full()] };
            let mut said: Vec<String> =
                turns.into_iter().map(|desk| desk.in_language(tag).read_all(*kind)).collect();
            said.dedup();
            let said = said.join("\n-----\n\n");
            read.push_str(&format!("===== {}\n\n{said}\n", kind.as_str()));
        }
        assert_snapshot!(format!("language_{tag}"), read);
    }
}

#[test]
fn a_reminder_says_what_to_bring_where_the_service_does() {
    for tag in tags() {
        let mut desk = Desk::full().in_language(tag);
        let without = desk.read_all(Kind::BookingReminder);
        desk.facts.bring = Some("A towel".to_owned());
        let with = desk.read_all(Kind::BookingReminder);
        assert_eq!(with.matches("A towel").count(), 4, "{tag}: {with}");
        assert_eq!(desk.sms(Kind::BookingReminder).encoding, SmsEncoding::Gsm7, "{tag}");
        assert!(desk.email(Kind::BookingConfirmed).text.contains("A towel"), "{tag}");
        for word in ["bring", "portare", "apporter", "medbringe", "Traiga", "tage det med"] {
            assert!(!without.contains(word), "{tag}: {without}");
        }
    }
}

#[test]
fn text_date_money_and_calendar_follow_one_language() {
    let mut desk = Desk::full().in_language("fr-CH");
    desk.settings.locale = Locale::parse("it").unwrap();
    let email = desk.email(Kind::BookingConfirmed);
    assert!(email.html.contains("<html lang=\"fr\">"));
    assert!(email.text.contains("jeudi 3 décembre 2026"), "{}", email.text);
    assert!(desk.calendar(Kind::BookingConfirmed).contains("SUMMARY:Haircut chez Salone Uno"));
    let paid = desk.email(Kind::PaymentReceipt).text;
    assert!(paid.contains("12,50\u{a0}€"), "{paid}");
    desk.facts.starts_at = at("2026-12-01T09:00:00Z");
    desk.facts.ends_at = None;
    assert!(desk.email(Kind::BookingConfirmed).text.contains("mardi 1er décembre 2026"));
}

#[test]
fn an_unknown_language_is_written_in_the_tenant_s_then_in_english() {
    let mut desk = Desk::full();
    let english = desk.email(Kind::BookingConfirmed);
    let mut desk_it = Desk::full().in_language("it");
    let italian = desk_it.email(Kind::BookingConfirmed);
    desk_it.client.locale = Some(Locale::parse("sv-SE").unwrap());
    desk_it.settings.locale = Locale::parse("it-IT").unwrap();
    assert_eq!(desk_it.email(Kind::BookingConfirmed), italian);
    desk.client.locale = Some(Locale::parse("sv-SE").unwrap());
    desk.settings.locale = Locale::parse("cy").unwrap();
    assert_eq!(desk.email(Kind::BookingConfirmed), english);
    assert!(english.html.contains("<html lang=\"en\">"));
}
