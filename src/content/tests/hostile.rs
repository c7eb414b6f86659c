//! Values that try to be more than values.

use super::*;
use crate::content::SUBJECT_MAX_CHARS;

/// Every free text of the letter is `text`.
fn desk(text: &str) -> Desk {
    let mut desk = Desk::full();
    desk.settings.name = text.to_owned();
    desk.client.name = text.to_owned();
    desk.facts.service = Some(text.to_owned());
    desk.facts.location = Some(text.to_owned());
    (desk.aside.words, desk.aside.body) = (text.to_owned(), text.to_owned());
    desk.aside.balance = Some(text.to_owned());
    desk.cancelled_by(Party::Staff, Some(text))
}

fn every_email(text: &str) -> impl Iterator<Item = (Kind, EmailParts)> {
    let desk = desk(text);
    Kind::ALL.iter().map(move |kind| (*kind, desk.email(*kind)))
}

/// Titles, then bodies, of the other channels.
fn every_other(text: &str) -> impl Iterator<Item = ([String; 2], [String; 3])> {
    let desk = desk(text);
    Kind::ALL.iter().map(move |kind| {
        let (sms, push, inbox) = (desk.sms(*kind), desk.push(*kind), desk.inbox(*kind));
        ([push.title, inbox.title], [sms.text, push.body, inbox.body])
    })
}

#[test]
fn markup_is_shown_not_obeyed() {
    let text = r#"<script>x</script><a href='//e'>"&"#;
    for (kind, email) in every_email(text) {
        for tag in ["<script", "<a href='", "\"&\""] {
            assert!(!email.html.contains(tag), "{kind:?} {tag} in {}", email.html);
        }
        assert!(email.html.contains("&lt;script&gt;"));
        assert!(email.text.contains(text));
    }
}

#[test]
fn template_syntax_is_not_evaluated() {
    for (_, email) in every_email("{{7*7}}{% for x in y %}{# z #}") {
        let calendar = email.calendar.map(|calendar| calendar.body).unwrap_or_default();
        for part in [&email.text, &email.html] {
            assert!(part.contains("{{7*7}}{% for"), "{part}");
        }
        assert!(!calendar.contains("49"), "{calendar}");
    }
}

const BREAKS: &str =
    "Uno\r\nBcc: all@example.com\r\nATTENDEE:mailto:x@y\u{2028}\u{85}\u{0}\u{b}\u{c}Due\u{1b}[0m";

#[test]
fn a_line_break_starts_no_header_and_no_property() {
    for (kind, email) in every_email(BREAKS) {
        assert!(!email.subject.contains(|c: char| c.is_control() || c == '\u{2028}'));
        assert!(!email.text.contains(|c: char| c.is_control() && c != '\n'));
        // A notice's body is the one value with lines of its own.
        let body = matches!(kind, Kind::NoticeManual | Kind::InboxMessage | Kind::InboxBoard);
        let header = email.text.lines().any(|line| line.starts_with("Bcc"));
        assert!(body || !header, "{}", email.text);
        assert!(!email.html.contains('\r'));
        let calendar = email.calendar.map(|calendar| calendar.body).unwrap_or_default();
        let unfolded = calendar.replace("\r\n ", "");
        assert!(!unfolded.replace("\r\n", "").contains(char::is_control));
        assert!(!unfolded.lines().any(|line| line.starts_with("ATTENDEE:")), "{unfolded}");
    }
}

#[test]
fn no_control_character_reaches_a_phone() {
    for (titles, bodies) in every_other(BREAKS) {
        for title in titles {
            assert!(!title.contains(char::is_control), "{title:?}");
        }
        for body in bodies {
            assert!(!body.contains(|c: char| c.is_control() && c != '\n'), "{body:?}");
            assert!(!body.contains('\u{2028}'), "{body:?}");
        }
    }
}

#[test]
fn the_reader_s_direction_is_not_turned() {
    let text = "Uno \u{202e}exe.fdp\u{2066}";
    let emails = every_email(text).map(|(_, email)| [email.subject, email.text, email.html]);
    let others = every_other(text).map(|([a, b], [c, d, e])| [a + &b, c + &d, e]);
    for part in emails.chain(others).flatten() {
        assert!(!part.contains(['\u{202e}', '\u{2066}']), "{part}");
    }
}

#[test]
fn a_client_s_name_or_reason_carries_no_link() {
    let mut desk = Desk::full().cancelled_by(Party::Client, Some("www.evil.example http://evil"));
    desk.client.name = "Win at https://evil.example/x".to_owned();
    for kind in Kind::ALL {
        let email = desk.email(*kind);
        for part in [email.text, email.html] {
            // Why a queue was closed is staff's word, and staff may link.
            let linked = part.contains("www.evil.example") || part.contains("p://evil");
            assert!(*kind == Kind::QueueClosed || !linked, "{kind:?} {part}");
            let greets = !matches!(desk.facts_of(*kind), Facts::Notice(_));
            assert_eq!(part.contains("evil. example"), greets, "{part}");
        }
    }
}

#[test]
fn only_the_link_of_the_facts_becomes_a_link() {
    for (kind, email) in every_email("https://evil.example") {
        let links: Vec<&str> = email.html.split("href=\"").skip(1).collect();
        assert!(links.iter().all(|link| link.starts_with("https://app.example.com/")), "{kind:?}");
        assert!(!email.html.contains("src="), "{}", email.html);
    }
}

#[test]
fn a_link_that_no_mail_program_opens_gets_no_button() {
    for link in ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT://%0aalert(1)", "\"><b>"] {
        let mut desk = Desk::full();
        desk.aside.link = link.to_owned();
        let html = desk.email(Kind::AccountMagicLink).html;
        assert!(!html.contains("href") && !html.contains("<b>"), "{html}");
    }
    let mut desk = Desk::full();
    desk.aside.link = "https://a.example/\"onclick=\"x\"\r\nBcc: b".to_owned();
    let email = desk.email(Kind::AccountMagicLink);
    assert!(!email.html.contains("\"onclick") && !email.text.contains("\nBcc"), "{}", email.html);
}

#[test]
fn a_long_name_costs_the_subject_neither_its_date_nor_its_bound() {
    for (kind, email) in every_email(&"Très long ".repeat(1000)) {
        assert!(email.subject.chars().count() <= SUBJECT_MAX_CHARS);
        let dated = matches!(desk("x").facts_of(kind), Facts::Booking(_) | Facts::Queue(_));
        assert_eq!(email.subject.contains("Thu 3 Dec 2026, 10:00"), dated, "{}", email.subject);
    }
}

#[test]
fn a_long_name_fits_a_phone() {
    for (titles, [sms, push, _]) in every_other(&"Très long ".repeat(1000)) {
        assert!(titles.iter().all(|title| title.chars().count() <= SUBJECT_MAX_CHARS));
        assert!(sms.chars().count() <= 1530 && push.chars().count() <= 400);
    }
}
