//! What a channel's limits do to a text.

use super::*;
use crate::content::{
    ContentError, PUSH_BODY_MAX_CHARS, PUSH_TITLE_MAX_CHARS, SMS_SEGMENTS_MAX, SUBJECT_MAX_CHARS,
};
use crate::domain::texts::{Said, Texts};

#[test]
fn a_long_notice_fills_the_segments_that_an_sms_may_have() {
    let mut desk = Desk::full();
    desk.aside.body = "We are closed. ".repeat(700);
    let sms = desk.sms(Kind::NoticeManual);
    assert_eq!((sms.segments, sms.encoding), (SMS_SEGMENTS_MAX, SmsEncoding::Gsm7));
    assert!(sms.text.starts_with("Salone Uno: 10 lessons. We are"), "{}", sms.text);
    assert!(sms.text.ends_with("..."));
    assert!(sms.text.len() > 1500, "{} characters", sms.text.len());
    desk.aside.body = "Çà et là. ".repeat(700).replace('Ç', "ç");
    let sms = desk.sms(Kind::NoticeManual);
    assert_eq!((sms.segments, sms.encoding), (SMS_SEGMENTS_MAX, SmsEncoding::Ucs2));
}

#[test]
fn a_link_is_never_cut() {
    let mut desk = Desk::full();
    desk.settings.name = "Salone ".repeat(1000);
    let sms = desk.sms(Kind::AccountMagicLink);
    assert!(sms.segments <= SMS_SEGMENTS_MAX && sms.text.ends_with(&desk.aside.link));
    desk.aside.link = format!("https://example.com/{}", "x".repeat(2000));
    let message = desk.message(Kind::AccountMagicLink, Channel::Sms);
    let refused = CATALOGUE.sms(&desk.letter(&message)).unwrap_err();
    assert!(matches!(refused, ContentError::TooLong { .. }));
    assert!(!refused.to_string().contains("example.com"));
}

#[test]
fn typographic_signs_do_not_halve_a_segment() {
    let mut desk = Desk::full();
    desk.facts.service = Some("Couleur – “L’Été”…".to_owned());
    let sms = desk.sms(Kind::BookingConfirmed);
    assert_eq!(sms.encoding, SmsEncoding::Gsm7);
    assert!(sms.text.contains("Couleur - \"L'Été\"..."), "{}", sms.text);
    desk.facts.service = Some("Façade".to_owned());
    let sms = desk.sms(Kind::BookingConfirmed);
    assert_eq!((sms.encoding, sms.segments), (SmsEncoding::Ucs2, 2));
    assert!(sms.text.contains("Façade"), "a letter is never changed: {}", sms.text);
}

#[test]
fn letters_are_plain_where_the_tenant_says_so_and_it_saves_a_segment() {
    let mut desk = Desk::full();
    desk.settings.sms.transliterate = true;
    desk.facts.service = Some("Façade".to_owned());
    let sms = desk.sms(Kind::BookingConfirmed);
    assert_eq!((sms.encoding, sms.segments), (SmsEncoding::Gsm7, 1));
    assert!(sms.text.contains("Facade"), "{}", sms.text);
    desk.facts.service = Some("Façade 😀".to_owned());
    let sms = desk.sms(Kind::BookingConfirmed);
    assert_eq!(sms.encoding, SmsEncoding::Ucs2);
    assert!(sms.text.contains("Façade 😀"), "all or nothing: {}", sms.text);
    let mut desk = desk.in_language("fr");
    desk.settings.name = "Ça".to_owned();
    desk.aside.body = "çà".to_owned();
    desk.aside.words = "fenêtre".to_owned();
    let sms = desk.sms(Kind::NoticeManual);
    assert_eq!((sms.encoding, sms.segments), (SmsEncoding::Ucs2, 1), "{}", sms.text);
}

#[test]
fn money_in_an_sms_has_a_plain_space() {
    let sms = Desk::full().in_language("it").sms(Kind::PaymentReceipt);
    assert!(sms.text.contains("12,50 €") && sms.encoding == SmsEncoding::Gsm7, "{}", sms.text);
}

#[test]
fn push_and_inbox_have_bounds() {
    let mut desk = Desk::full();
    (desk.aside.words, desk.aside.body) = ("Long ".repeat(200), "Long.\n".repeat(2000));
    let push = desk.push(Kind::NoticeManual);
    assert!(push.title.chars().count() <= PUSH_TITLE_MAX_CHARS);
    assert_eq!(push.body.chars().count(), PUSH_BODY_MAX_CHARS);
    let inbox = desk.inbox(Kind::NoticeManual);
    assert!(inbox.title.chars().count() <= SUBJECT_MAX_CHARS);
    assert_eq!(inbox.body.lines().count(), 2000);
}

#[test]
fn segments_are_counted_as_they_will_be_sent() {
    let mut desk = Desk::full();
    let count_of = |desk: &Desk, kind, facts: &Facts, link| {
        let Desk { tenant, settings, client, .. } = desk;
        let said = Said { tenant, settings, client, kind, facts, custom: None, due: due() };
        assert_eq!(CATALOGUE.sms_segments(&said), CATALOGUE.segments(&said, None));
        CATALOGUE.segments(&said, link)
    };
    let count = |desk: &Desk, kind| count_of(desk, kind, &desk.facts_of(kind), desk.link);
    assert_eq!(count(&desk, Kind::BookingConfirmed), 1);
    desk.aside.body = "We are closed. ".repeat(40);
    assert_eq!(count(&desk, Kind::NoticeManual), desk.sms(Kind::NoticeManual).segments);
    assert!(count(&desk, Kind::NoticeManual) > 3);
    assert_eq!(count(&desk, Kind::QueueOffered), 1);
    desk.link = Some("https://links.example.com/r/A3Nhbm5hLTIwMjYtMTItMDEtc2Fsb24tdW5vAAAAAAAA");
    assert_eq!(desk.sms(Kind::QueueOffered).segments, 2);
    assert_eq!(count(&desk, Kind::QueueOffered), 2, "with the link that goes");
    let unfit = count_of(&desk, Kind::QueueOffered, &Facts::Account, None);
    assert_eq!(unfit, 1);
}
