//! The way out of emails that go to many, and the pages behind it.

use insta::assert_snapshot;

use super::*;
use crate::content::embedded::LANGUAGES;
use crate::content::{Page, WebPage};
use crate::domain::settings::Color;

const LINK: &str = "https://links.example/r/AXNh-_";

fn locales() -> impl Iterator<Item = Locale> {
    LANGUAGES.iter().map(|language| Locale::parse(language.tag).unwrap())
}

fn page(page: Page<'_>, reader: Option<&Locale>) -> WebPage {
    CATALOGUE.page(page, reader).unwrap()
}

#[test]
fn a_link_is_at_the_foot_of_both_parts_in_every_language() {
    let mut feet = Vec::new();
    for locale in locales() {
        let mut desk = Desk::full().in_language(locale.as_str());
        let without = desk.email(Kind::NoticeManual);
        desk.unsubscribe = Some(LINK);
        let email = desk.email(Kind::NoticeManual);
        let added = email.text.strip_prefix(&without.text).unwrap().trim_start();
        let label = added.strip_suffix(LINK).unwrap().trim_end();
        let anchor = format!("href=\"{LINK}\" style=\"color:#5b6670;text-decoration:underline;\">");
        let (head, tail) = email.html.split_once(&anchor).unwrap();
        assert!(tail.starts_with(label), "{tail}");
        assert!(head.ends_with("<br><a class=\"soft\" "), "{head}");
        feet.push(email.text.split_once("-- \n").unwrap().1.to_owned());
    }
    assert_snapshot!("feet", feet.join("\n\n"));
}

#[test]
fn without_a_link_nothing_of_it_is_there() {
    for kind in Kind::ALL {
        let email = Desk::full().email(*kind);
        assert!(!email.html.contains("class=\"soft\" href") && !email.html.contains("nsubscribe"));
        assert!(!email.text.contains("nsubscribe"), "{kind:?}");
    }
}

#[test]
fn a_tenant_s_own_text_cannot_leave_it_out() {
    let mut desk = Desk::full();
    desk.unsubscribe = Some(LINK);
    let body = "Our own words.".to_owned();
    desk.custom = Some(crate::domain::template::CustomText { subject: None, body });
    let email = desk.email(Kind::NoticeManual);
    assert!(email.text.contains("Our own words.") && email.text.ends_with(LINK), "{}", email.text);
    assert!(email.html.contains(LINK));
}

#[test]
fn every_page_in_every_language() {
    let settings = Desk::full().settings;
    let pages = [Page::Ask(&settings), Page::Done(&settings), Page::Later, Page::Missing];
    let mut all = Vec::new();
    for locale in locales() {
        let read = pages.map(|it| words(&page(it, Some(&locale)).html)).join("\n\n");
        assert!(
            page(pages[0], Some(&locale)).html.contains(&format!("lang=\"{}\"", locale.as_str()))
        );
        all.push(read);
    }
    assert_snapshot!("pages", all.join("\n-----\n"));
}

#[test]
fn only_a_question_has_a_button_and_no_page_has_a_script_or_loads_anything() {
    let settings = Desk::full().settings;
    for (it, forms) in [
        (Page::Ask(&settings), 1),
        (Page::Done(&settings), 0),
        (Page::Later, 0),
        (Page::Missing, 0),
    ] {
        let WebPage { html, style } = page(it, None);
        assert_eq!(html.matches("<form method=\"post\">").count(), forms, "{html}");
        assert!(html.contains(&format!("<style>{style}</style>")), "{html}");
        for word in ["<script", "src=", "href=", "url(", "@import", " style=", "onclick"] {
            assert!(!html.contains(word), "{word}: {html}");
        }
    }
}

#[test]
fn a_name_is_shown_not_obeyed() {
    let mut settings = Desk::full().settings;
    settings.name = "</p><script>x</script>\"&'\n{{ tenant }}".to_owned();
    settings.color = Some(Color::parse("#ffe066").unwrap());
    for it in [Page::Ask(&settings), Page::Done(&settings)] {
        let WebPage { html, style } = page(it, None);
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
        assert!(html.contains("{{ tenant }}"), "it is not evaluated: {html}");
        assert!(style.contains("--accent: #ffe066; --accent-ink: #1b2126;"), "{style}");
    }
}

#[test]
fn the_client_s_language_then_the_tenant_s() {
    let mut settings = Desk::full().settings;
    settings.locale = Locale::parse("da-DK").unwrap();
    let (french, swedish) = (Locale::parse("fr-CH").unwrap(), Locale::parse("sv").unwrap());
    let lang = |reader| {
        let html = page(Page::Ask(&settings), reader).html;
        html.split_once("lang=\"").unwrap().1[..2].to_owned()
    };
    assert_eq!([lang(Some(&french)), lang(Some(&swedish)), lang(None)], ["fr", "da", "da"]);
}
