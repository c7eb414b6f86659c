//! That what is said is written as a native writes it: whole sentences, forms in their place, and
//! only what is so.

use super::*;
use crate::content::embedded::LANGUAGES;
use crate::content::phrases::KindPhrases;

const TEXTS: [Channel; 3] = [Channel::Sms, Channel::Push, Channel::Inbox];

fn tags() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.tag)
}

/// What a channel says below the title.
fn body(desk: &Desk, kind: Kind, channel: Channel) -> String {
    match desk.write(kind, channel) {
        Rendered::Email(email) => email.text,
        Rendered::Sms(sms) => sms.text,
        Rendered::Push(push) => push.body,
        Rendered::Inbox(inbox) => inbox.body,
    }
}

fn bent(desk: fn() -> Desk, turn: u8) -> Desk {
    let mut desk = match turn % 3 {
        0 => desk(),
        1 => desk().cancelled_by(Party::Client, Some("Marco is ill")),
        _ => desk().cancelled_by(Party::Staff, Some("Marco is ill")),
    };
    desk.facts.bring = desk.facts.service.is_some().then(|| "A towel".to_owned());
    let is_odd = turn >= 3;
    (desk.facts.awaits_confirmation, desk.facts.too_few) = (is_odd, is_odd);
    (desk.aside.shared, desk.aside.direct) = (is_odd, is_odd);
    desk.aside.pays_by_link = turn.is_multiple_of(2);
    desk.settings.require_verified_email = is_odd;
    desk
}

#[test]
fn every_text_ends_its_sentence() {
    for (tag, turn, full) in tags()
        .flat_map(|tag| (0..6).map(move |turn| (tag, turn)))
        .flat_map(|(tag, turn)| [Desk::full, Desk::bare].map(|full| (tag, turn, full)))
    {
        let desk = bent(full, turn).in_language(tag);
        for (kind, channel) in Kind::ALL.iter().flat_map(|kind| TEXTS.map(|text| (*kind, text))) {
            let said = body(&desk, kind, channel);
            let ends = said.ends_with(['.', '!', '?']) || said.ends_with(&desk.aside.link);
            assert!(ends, "{tag} {kind:?} {channel:?}: {said}");
        }
    }
}

/// Of what comes from outside, much ends in a full stop, and is no sentence.
#[test]
fn no_sentence_ends_twice() {
    let channels = [Channel::Email, Channel::Sms, Channel::Push, Channel::Inbox];
    for (tag, turn, placed) in tags()
        .flat_map(|tag| (0..6).map(move |turn| (tag, turn)))
        .flat_map(|(tag, turn)| [true, false].map(|placed| (tag, turn, placed)))
    {
        let mut desk = bent(Desk::full, turn).in_language(tag);
        desk.settings.name = "Salone S.p.A.".to_owned();
        desk.facts.service = Some("Yoga ecc.".to_owned());
        desk.facts.location = placed.then(|| "Via Roma 1, int.".to_owned());
        desk.facts.bring = Some("A towel etc.".to_owned());
        desk.facts.reason = desk.facts.reason.map(|reason| format!("{reason}."));
        desk.aside.words = "10 lez.".to_owned();
        desk.aside.balance = Some("8 lez.".to_owned());
        if turn == 0 {
            desk.aside.amount = None;
        }
        desk.unsubscribe = Some("https://example.com/u");
        for (kind, channel) in Kind::ALL.iter().flat_map(|kind| channels.map(|c| (*kind, c))) {
            let said = body(&desk, kind, channel);
            assert!(!said.contains(".."), "{tag} {kind:?} {channel:?}: {said}");
        }
    }
}

#[test]
fn each_form_of_a_moment_stands_where_it_belongs() {
    for language in LANGUAGES {
        for (kind, source) in language.texts {
            let read: KindPhrases<String> = toml::from_str(source).unwrap();
            let (email, push, inbox) = (&read.email, &read.push, &read.inbox);
            let elsewhere = [&email.subject, &email.preheader, &email.heading, &email.opening]
                .into_iter()
                .chain([&email.closing, &push.title, &push.body, &inbox.title, &inbox.body]);
            for phrase in elsewhere {
                assert!(!phrase.contains(".short"), "{} {kind:?}: {phrase}", language.tag);
            }
            let sms = &read.sms.text;
            let long = [".full", ".brief"].into_iter().find(|form| sms.contains(form));
            assert_eq!(long, None, "{} {kind:?}: {sms}", language.tag);
        }
    }
}

#[test]
fn a_request_to_verify_threatens_only_where_mail_waits_for_it() {
    let kind = Kind::AccountVerifyEmail;
    for (tag, threat) in [
        ("en", "not receive"),
        ("it", "Fino ad allora"),
        ("fr", "vous envoyer"),
        ("da", "Indtil da"),
        ("es", "Hasta entonces"),
    ] {
        let mut desk = Desk::full().in_language(tag);
        let whole = |desk: &Desk| format!("{}{}", desk.read_all(kind), desk.email(kind).html);
        for (required, said) in [(false, 0), (true, 1)] {
            desk.settings.require_verified_email = required;
            let whole = whole(&desk);
            assert_eq!(whole.matches(threat).count().min(1), said, "{tag}: {whole}");
        }
        desk.settings.require_verified_email = false;
        desk.aside.until = None;
        let sms = desk.sms(kind).text;
        assert!(sms.ends_with(&desk.aside.link), "{tag}: {sms}");
    }
}

#[test]
fn a_spanish_date_follows_its_article() {
    let desk = Desk::full().in_language("es");
    let mail = desk.read(Kind::ClientWinBack);
    assert!(mail.contains("el jueves 3 de diciembre de 2026. "), "{mail}");
}

#[test]
fn a_sale_is_no_service_and_dates_left_out_are_counted() {
    for (tag, sold, others) in [
        ("en", "What: 10", "More dates: 11\n"),
        ("it", "Acquisto: 10", "Altre date: 11\n"),
        ("fr", "Achat\u{a0}: 10", "Autres dates\u{a0}: 11\n"),
        ("da", "Køb: 10", "Øvrige datoer: 11\n"),
        ("es", "Compra: 10", "Otras fechas: 11\n"),
    ] {
        let desk = Desk::full().with_others(20).in_language(tag);
        let (sale, series) = (desk.read(Kind::SaleRecorded), desk.read(Kind::BookingConfirmed));
        assert!(sale.contains(sold), "{tag}: {sale}");
        assert!(series.contains(others), "{tag}: {series}");
    }
}

#[test]
fn another_clock_is_called_by_its_name_in_the_language() {
    for (tag, mail, sms) in [
        ("en", "(Bogotá time)", "(Bogota time)"),
        ("it", "(ora di Bogotá)", "(ora di Bogota)"),
        ("fr", "(heure de Bogotá)", "(heure de Bogota)"),
        ("da", "(Bogotá-tid)", "(Bogota-tid)"),
        ("es", "(hora de Bogotá)", "(hora de Bogota)"),
    ] {
        let mut desk = Desk::full().in_language(tag);
        desk.settings.timezone = Zone::parse("America/Bogota").unwrap();
        desk.client.timezone = Some(Zone::parse("Europe/Rome").unwrap());
        let read = desk.read(Kind::BookingConfirmed);
        assert!(read.contains(mail), "{tag}: {read}");
        let SmsText { text, encoding, .. } = desk.sms(Kind::BookingConfirmed);
        assert!(text.contains(sms) && encoding == SmsEncoding::Gsm7, "{tag}: {text}");
    }
    let mut desk = Desk::full();
    desk.settings.timezone = Zone::parse("America/New_York").unwrap();
    desk.client.timezone = Some(Zone::parse("EST5EDT").unwrap());
    let read = desk.read_all(Kind::BookingConfirmed);
    assert!(!read.contains("New York"), "{read}");
}
