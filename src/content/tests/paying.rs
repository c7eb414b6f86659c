//! Where a payment is approved, if the app said where.

use insta::assert_snapshot;

use super::*;
use crate::content::SMS_SEGMENTS_MAX;
use crate::content::embedded::LANGUAGES;
use crate::domain::template::CustomText;
use crate::domain::texts::Said;

const KIND: Kind = Kind::PaymentRequested;
/// That it is done in the app, in each language; an apostrophe is one of two.
const IN_THE_APP: [(&str, &str); 5] = [
    ("en", "in the app"),
    ("it", "nell'app"),
    ("fr", "dans l'application"),
    ("da", "i appen"),
    ("es", "en la app"),
];

fn tags() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.tag)
}

fn linked(tag: &str) -> Desk {
    let mut desk = Desk::full().in_language(tag);
    desk.aside.pays_by_link = true;
    desk
}

fn sends_to_the_app(tag: &str, said: &str) -> bool {
    let (_, words) = IN_THE_APP.iter().find(|(language, _)| *language == tag).unwrap();
    said.replace('\u{2019}', "'").contains(words)
}

#[test]
fn a_mail_has_one_button_and_its_text_the_same_words_and_the_link() {
    let mut labels = Vec::new();
    for tag in tags() {
        let desk = linked(tag);
        let (link, email) = (&desk.aside.link, desk.email(KIND));
        assert_eq!(email.html.matches(&format!("<a href=\"{link}\"")).count(), 1, "{tag}");
        assert_eq!(email.text.matches(link.as_str()).count(), 1, "{tag}: {}", email.text);
        let before = email.text.split_once(&format!(":\n{link}\n")).unwrap().0;
        let label = before.rsplit("\n\n").next().unwrap();
        assert!(email.html.contains(&format!(">{label}</a>")), "{tag} {label}");
        labels.push(format!("{tag}: {label}"));
    }
    assert_snapshot!("payment_buttons", labels.join("\n"));
}

#[test]
fn with_a_link_nothing_sends_to_the_app_and_without_one_it_does() {
    for tag in tags() {
        let (with, without) = (linked(tag), Desk::full().in_language(tag));
        let link = &with.aside.link;
        for channel in [Channel::Email, Channel::Sms, Channel::Push] {
            let said = |desk: &Desk| format!("{:?}", desk.write(KIND, channel));
            let (with, without) = (said(&with), said(&without));
            assert!(!sends_to_the_app(tag, &with), "{tag} {channel:?}: {with}");
            assert_eq!(with.contains(link.as_str()), channel != Channel::Push, "{with}");
            assert!(!without.contains(link.as_str()) && !without.contains("<a href"), "{without}");
            if channel != Channel::Push {
                assert!(sends_to_the_app(tag, &without), "{tag} {channel:?}: {without}");
            }
        }
        // There one is in the app already.
        assert_eq!(with.inbox(KIND), without.inbox(KIND), "{tag}");
    }
}

#[test]
fn it_reads_well_in_english() {
    assert_snapshot!("payment_by_link", linked("en").read_all(KIND));
}

#[test]
fn a_text_message_ends_with_it_unless_it_is_longer_than_that_may_be() {
    for tag in tags() {
        let mut desk = linked(tag);
        assert!(desk.sms(KIND).text.ends_with(&desk.aside.link), "{tag}");
        desk.aside.words = "Lessons ".repeat(200);
        assert!(desk.sms(KIND).text.ends_with(&desk.aside.link), "{tag}: words are cut first");
        desk.aside.words = "10 lessons".to_owned();
        desk.aside.link = format!("https://example.com/{}", "x".repeat(1900));
        let text = desk.sms(KIND);
        assert!(text.segments <= SMS_SEGMENTS_MAX && sends_to_the_app(tag, &text.text));
        assert_eq!(text, Desk::full().in_language(tag).sms(KIND), "{tag}");
    }
}

#[test]
fn a_text_message_counts_the_segments_of_its_link() {
    let mut desk = linked("en");
    assert_eq!(counted(&desk), 1);
    desk.aside.link = format!("https://example.com/{}", "x".repeat(300));
    assert_eq!(desk.sms(KIND).segments, 3);
    assert_eq!(counted(&desk), 3);
}

fn counted(desk: &Desk) -> u32 {
    let Desk { tenant, settings, client, .. } = desk;
    let (facts, kind, custom) = (&desk.facts_of(KIND), KIND, None);
    CATALOGUE.segments(&Said { tenant, settings, client, kind, facts, custom, due: due() }, None)
}

#[test]
fn a_tenant_s_own_text_can_name_it_and_does_without() {
    let mut desk = linked("en");
    let body = "Pay{% if link %} here: {{ link }}{% else %} at the desk{% endif %}".to_owned();
    desk.custom = Some(CustomText { subject: None, body });
    let link = desk.aside.link.clone();
    assert_eq!(desk.sms(KIND).text, format!("Pay here: {link}"));
    assert!(desk.email(KIND).html.contains(&format!("<a href=\"{link}\"")));
    desk.aside.pays_by_link = false;
    assert_eq!(desk.sms(KIND).text, "Pay at the desk");
    assert!(!desk.email(KIND).html.contains("<a href"));
}

#[test]
fn what_is_wrong_with_it_does_not_show_it() {
    let desk = linked("en");
    let mut message = desk.message(KIND, Channel::Email);
    message.kind = Kind::BookingConfirmed;
    let refused = CATALOGUE.write(&desk.letter(&message)).unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains(&desk.aside.link));
}
