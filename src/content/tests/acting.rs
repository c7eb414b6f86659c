//! Links by which clients act: in messages, and the pages behind them.

use insta::assert_snapshot;

use super::*;
use crate::content::embedded::LANGUAGES;
use crate::content::{Affair, Page, Standing, WebPage};

const LINK: &str = "https://links.example/r/A28AAA";
const ACTING: [Kind; 6] = [
    Kind::QueueOffered,
    Kind::AttendanceCheck,
    Kind::BookingPending,
    Kind::BookingConfirmed,
    Kind::BookingRescheduled,
    Kind::BookingReminder,
];
const STANDINGS: [Standing; 10] = [
    Standing::Offer,
    Standing::OfferAccepted,
    Standing::OfferDeclined,
    Standing::OfferExpired,
    Standing::Attendance,
    Standing::AttendanceConfirmed,
    Standing::AttendanceLate,
    Standing::Booking,
    Standing::BookingCancelled,
    Standing::Over,
];

fn tags() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.tag)
}

fn linked(tag: &str) -> Desk {
    let mut desk = Desk::full().in_language(tag);
    desk.link = Some(LINK);
    desk
}

#[test]
fn a_mail_has_a_button_and_its_text_the_same_words_and_the_link() {
    let mut buttons = Vec::new();
    for tag in tags() {
        for kind in ACTING {
            let (without, email) =
                (Desk::full().in_language(tag).email(kind), linked(tag).email(kind));
            let button = format!("<a href=\"{LINK}\"");
            assert_eq!(email.html.matches(&button).count(), 1, "{tag} {kind:?}");
            assert!(email.html.contains(&format!(">{LINK}</td>")), "to copy: {tag} {kind:?}");
            let before = email.text.split_once(&format!(":\n{LINK}\n")).unwrap().0;
            let label = before.rsplit("\n\n").next().unwrap();
            assert!(email.html.contains(&format!(">{label}</a>")), "{tag} {kind:?} {label}");
            assert_eq!(email.text.replace(&format!("{label}:\n{LINK}\n\n"), ""), without.text);
            assert!(!without.html.contains("<a href"), "{tag} {kind:?}");
            buttons.push(format!("{tag} {}: {label}", kind.as_str()));
        }
    }
    assert_snapshot!("buttons", buttons.join("\n"));
}

#[test]
fn a_text_message_ends_with_the_link_where_one_is_asked_to_answer() {
    for tag in tags() {
        for kind in ACTING {
            let (without, sms) = (Desk::full().in_language(tag).sms(kind), linked(tag).sms(kind));
            let asks = matches!(kind, Kind::QueueOffered | Kind::AttendanceCheck);
            let expected =
                if asks { format!("{} {LINK}", without.text) } else { without.text.clone() };
            assert_eq!(sms.text, expected, "{tag} {kind:?}");
        }
    }
}

#[test]
fn a_tenant_s_own_text_can_name_it_and_does_without() {
    let mut desk = linked("en");
    let body = "Reply{% if link %} here: {{ link }}{% endif %}.".to_owned();
    desk.custom = Some(crate::domain::template::CustomText { subject: None, body });
    assert_eq!(desk.sms(Kind::QueueOffered).text, format!("Reply here: {LINK}."));
    assert!(desk.email(Kind::QueueOffered).text.contains(&format!("Reply here: {LINK}.")));
    desk.link = None;
    assert_eq!(desk.sms(Kind::QueueOffered).text, "Reply.");
}

fn page(desk: &Desk, standing: Standing, known: bool, calendar: Option<&str>) -> WebPage {
    let of_queue =
        [Standing::Offer, Standing::OfferAccepted, Standing::OfferDeclined, Standing::OfferExpired];
    let kind =
        if of_queue.contains(&standing) { Kind::QueueOffered } else { Kind::AttendanceCheck };
    let facts = desk.facts_of(kind);
    let known = known.then_some((&desk.client, &facts));
    let affair = Affair { settings: &desk.settings, standing, known, now: due(), calendar };
    CATALOGUE.page(Page::Affair(affair), desk.client.locale.as_ref()).unwrap()
}

/// What one reads, without the markup; a button in brackets.
fn read(page: &WebPage) -> String {
    let html = page.html.replace("<button", "[<").replace("</button>", "]");
    words(&html.replace("</dt><dd>", ": "))
}

#[test]
fn every_page_in_every_language() {
    for tag in tags() {
        let desk = Desk::full().in_language(tag);
        let pages = STANDINGS.map(|standing| {
            let calendar = (standing == Standing::Booking).then_some("A28AAA.ics");
            let page = page(&desk, standing, standing != Standing::Over, calendar);
            assert!(page.html.contains(&format!("lang=\"{tag}\"")), "{}", page.html);
            format!("{standing:?}\n{}", read(&page))
        });
        assert_snapshot!(format!("acting_{tag}"), pages.join("\n\n"));
    }
}

#[test]
fn a_page_has_the_buttons_of_its_question_and_no_others() {
    let desk = Desk::full();
    for standing in STANDINGS {
        let WebPage { html, style } = page(&desk, standing, true, None);
        let actions: &[&str] = match standing {
            Standing::Offer => &["accept", "decline"],
            Standing::Attendance => &["confirm", "cancel"],
            Standing::Booking => &["cancel"],
            _ => &[],
        };
        assert_eq!(html.matches("<button").count(), actions.len(), "{html}");
        assert_eq!(standing.is_open(), !actions.is_empty());
        for action in actions {
            assert!(
                html.contains(&format!("<button name=\"action\" value=\"{action}\"")),
                "{html}"
            );
        }
        assert_eq!(html.matches("<form method=\"post\">").count(), actions.len().min(1), "{html}");
        assert!(html.contains(&format!("<style>{style}</style>")), "{html}");
        for word in ["<script", "src=", "href=", "url(", "@import", " style=", "onclick", "none"] {
            assert!(!html.replace(&style, "").contains(word), "{standing:?} {word}: {html}");
        }
    }
}

#[test]
fn what_others_wrote_is_shown_not_obeyed() {
    let mut desk = Desk::full();
    desk.settings.name = "</p><script>x</script>".to_owned();
    desk.facts.service = Some("<img src=x>{{ tenant }}".to_owned());
    for standing in STANDINGS {
        let WebPage { html, .. } = page(&desk, standing, true, Some("A.ics"));
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("{{ tenant }}") || standing == Standing::Over, "{html}");
    }
}

#[test]
fn with_little_known_a_page_still_says_what_it_is_about() {
    for standing in STANDINGS {
        let read = read(&page(&Desk::bare(), standing, standing != Standing::Over, None));
        for left in ["{", "}", "  ", "..", "none", " ."] {
            assert!(!read.contains(left), "{standing:?} {left}: {read}");
        }
    }
}

#[test]
fn a_calendar_file_invites_nobody_and_is_of_the_same_event() {
    let desk = Desk::full();
    let message = desk.message(Kind::BookingConfirmed, Channel::Email);
    let file = CATALOGUE.calendar(&desk.letter(&message)).unwrap().unwrap();
    assert_eq!(file.method, "PUBLISH");
    let (asked, sent) = (file.body.replace("\r\n ", ""), desk.calendar(Kind::BookingConfirmed));
    let of = |body: &str, name: &str| {
        body.lines().find(|line| line.starts_with(name)).map(str::to_owned)
    };
    for name in ["UID", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "ORGANIZER", "SEQUENCE"] {
        assert_eq!(of(&asked, name), of(&sent, name), "{name}");
        assert!(of(&asked, name).is_some(), "{name}");
    }
    assert!(!asked.contains("ATTENDEE"), "{asked}");
    let notice = desk.message(Kind::NoticeManual, Channel::Email);
    assert_eq!(CATALOGUE.calendar(&desk.letter(&notice)).unwrap(), None);
}
