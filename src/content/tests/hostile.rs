//! Values that try to be more than values.

use super::*;
use crate::content::catalogue::SUBJECT_MAX_CHARS;

/// Every free text of the letter is `text`.
fn desk(text: &str) -> Desk {
    let mut desk = Desk::full();
    desk.settings.name = text.to_owned();
    desk.client.name = text.to_owned();
    desk.facts.service = Some(text.to_owned());
    desk.facts.location = Some(text.to_owned());
    desk.cancelled_by(Party::Staff, Some(text))
}

fn every_email(text: &str) -> Vec<EmailParts> {
    KINDS.map(|kind| desk(text).email(kind)).into()
}

#[test]
fn markup_is_shown_not_obeyed() {
    let text = r#"<script>x</script><a href='//e'>"&"#;
    for email in every_email(text) {
        for tag in ["<script", "<a ", "</a>", "\"&\""] {
            assert!(!email.html.contains(tag), "{tag} in {}", email.html);
        }
        assert!(email.html.contains("&lt;script&gt;"));
        assert!(email.text.contains(text));
    }
}

#[test]
fn template_syntax_is_not_evaluated() {
    for email in every_email("{{7*7}}{% for x in y %}{# z #}") {
        let calendar = email.calendar.map(|calendar| calendar.body).unwrap_or_default();
        for part in [&email.subject, &email.text, &email.html] {
            assert!(part.contains("{{7*7}}{% for"), "{part}");
        }
        assert!(!calendar.contains("49"), "{calendar}");
    }
}

#[test]
fn a_line_break_starts_no_header_and_no_property() {
    let text = "Uno\r\nBcc: all@example.com\r\nATTENDEE:mailto:x@y\u{2028}\u{85}\u{0}\u{b}\u{c}Due";
    for email in every_email(text) {
        assert!(!email.subject.contains(|c: char| c.is_control() || c == '\u{2028}'));
        assert!(!email.text.contains(|c: char| c.is_control() && c != '\n'));
        assert!(!email.text.lines().any(|line| line.starts_with("Bcc")), "{}", email.text);
        assert!(!email.html.contains('\r'));
        let calendar = email.calendar.map(|calendar| calendar.body).unwrap_or_default();
        let unfolded = calendar.replace("\r\n ", "");
        assert!(!unfolded.replace("\r\n", "").contains(char::is_control));
        assert!(!unfolded.lines().any(|line| line.starts_with("ATTENDEE:")), "{unfolded}");
    }
}

#[test]
fn the_reader_s_direction_is_not_turned() {
    for email in every_email("Uno \u{202e}exe.fdp\u{2066}") {
        for part in [email.subject, email.text, email.html] {
            assert!(!part.contains(['\u{202e}', '\u{2066}']), "{part}");
        }
    }
}

#[test]
fn a_client_s_name_or_reason_carries_no_link() {
    let mut desk = Desk::full().cancelled_by(Party::Client, Some("www.evil.example http://evil"));
    desk.client.name = "Win at https://evil.example/x".to_owned();
    for kind in KINDS {
        let email = desk.email(kind);
        for part in [email.text, email.html] {
            assert!(!part.contains("evil.example") && !part.contains("p://evil"), "{part}");
            assert!(part.contains("evil. example"), "{part}");
        }
    }
}

#[test]
fn no_value_becomes_a_link() {
    for email in every_email("https://evil.example") {
        assert!(!email.html.contains("href") && !email.html.contains("src="), "{}", email.html);
    }
}

#[test]
fn a_long_name_costs_the_subject_neither_its_date_nor_its_bound() {
    for email in every_email(&"Très long ".repeat(190)) {
        assert!(email.subject.chars().count() <= SUBJECT_MAX_CHARS);
        let dated = email.subject.contains("Thu 3 Dec 2026, 10:00");
        assert!(dated || email.subject.starts_with("Welcome"), "{}", email.subject);
    }
}
