//! The pages behind links in messages as people see them in a browser: on a telephone and on a
//! large screen, by day and by night, by keyboard alone, and without scripts.

mod stage;

use serde_json::Value;

use self::stage::{ATTENDANCE, BOOKING, KINDS, NOTICE, OFFER, Words, link, opens, studio, world};
use crate::support::{
    World,
    browser::{Browser, Habits, Key},
    following::{assert_says, post},
    http,
};

/// English, and those with the most letters of their own.
const LANGUAGES: [&str; 3] = ["en", "da", "fr"];

/// How the page is headed that asks, by the kind of the mail.
fn question(kind: &str) -> &'static str {
    match kind {
        OFFER => "acting.offer.title",
        ATTENDANCE => "acting.attendance.title",
        BOOKING => "acting.booking.title",
        _ => "unsubscribe.ask.title",
    }
}

/// Something to press, and what comes of it.
#[derive(Debug)]
struct Deed {
    kind: &'static str,
    button: &'static str,
    key: Key,
    /// How the page is headed that tells it.
    outcome: &'static str,
    /// The event that tells it to all, and what it then has.
    told: Option<(&'static str, &'static str, &'static str)>,
}

const ACCEPT: Deed = Deed {
    kind: OFFER,
    button: "acting.buttons.accept",
    key: Key::Enter,
    outcome: "acting.offer_accepted.title",
    told: Some(("queue.changed", "state", "accepted")),
};
const DECLINE: Deed = Deed {
    button: "acting.buttons.decline",
    key: Key::Space,
    outcome: "acting.offer_declined.title",
    told: Some(("queue.changed", "state", "declined")),
    ..ACCEPT
};
const CONFIRM: Deed = Deed {
    kind: ATTENDANCE,
    button: "acting.buttons.confirm",
    key: Key::Space,
    outcome: "acting.attendance_confirmed.title",
    told: Some(("booking.changed", "attendance", "confirmed")),
};
const CANCEL: Deed = Deed {
    kind: BOOKING,
    button: "acting.buttons.cancel",
    key: Key::Enter,
    outcome: "acting.booking_cancelled.title",
    told: Some(("booking.changed", "state", "cancelled")),
};
const STAY_AWAY: Deed = Deed { kind: ATTENDANCE, ..CANCEL };
const UNSUBSCRIBE: Deed = Deed {
    kind: NOTICE,
    button: "unsubscribe.button",
    key: Key::Enter,
    outcome: "unsubscribe.done.title",
    told: None,
};

/// How many commands links of this studio led to.
async fn by_link(base: &str, language: &str) -> usize {
    let accepted = http::events_of_type(base, "command.accepted").await.into_iter();
    let studio = studio(language);
    let by_link = |event: &Value| {
        let id = event["causationid"].as_str().unwrap();
        id.starts_with("link-") || id.starts_with("unsubscribe-")
    };
    accepted.filter(|event| event["tenant"] == studio.as_str() && by_link(event)).count()
}

/// Nothing was complained of, and nothing asked for but at the page's own host.
async fn assert_quiet(browser: &Browser, base: &str) {
    assert_eq!(browser.complaints().await, [] as [String; 0]);
    let asked = browser.asked().await;
    assert!(!asked.is_empty());
    for request in asked {
        let (_, url) = request.split_once(' ').unwrap();
        assert!(url.starts_with(&format!("{base}/")), "{request}");
    }
}

#[tokio::test]
async fn every_page_fits_every_screen_in_every_language() {
    let world = world().await;
    let base = world.http();
    opens(&world, &LANGUAGES).await;
    let habits = Habits { test: "every_page", languages: "da", scripts: true };
    let browser = Browser::start(habits).await;
    for language in LANGUAGES {
        let words = Words::of(language);
        for kind in KINDS {
            let token = link(&world, language, kind).await;
            browser.open(&format!("{base}/r/{token}")).await;
            assert_eq!(browser.heading().await, words.say(question(kind)));
            browser.assert_sound(&format!("{language}-{kind}")).await;
            assert_quiet(&browser, &base).await;
        }
        assert_eq!(
            by_link(&base, language).await,
            0,
            "a browser that only looks changed something"
        );
    }
    // Whoever has no link of ours is told so in the language of their browser.
    browser.open(&format!("{base}/r/AAAA")).await;
    assert_eq!(browser.heading().await, Words::of("da").say("unsubscribe.missing.title"));
    browser.assert_sound("missing").await;
    world.finish().await;
}

/// Does it in the browser, and asserts that it is done once and told.
async fn does(world: &World, browser: &Browser, language: &str, deed: &Deed) {
    let (base, words) = (world.http(), Words::of(language));
    let token = link(world, language, deed.kind).await;
    let before = by_link(&base, language).await;
    let outcome = words.say(deed.outcome);
    browser.open(&format!("{base}/r/{token}")).await;
    browser.shows(&words.say(question(deed.kind))).await;
    browser.tab_to(&words.say(deed.button)).await;
    browser.picture(&format!("{language}-{}-focus", deed.kind)).await;
    browser.press(deed.key).await;
    browser.shows(&outcome).await;
    browser.assert_sound(&format!("{language}-{}-done", deed.kind)).await;
    assert_quiet(browser, &base).await;
    assert_eq!(by_link(&base, language).await, before + 1);
    if let Some((event, field, value)) = deed.told {
        let told = http::events_of_type(&base, event).await;
        let studio = studio(language);
        let of_studio = told.iter().filter(|event| event["tenant"] == studio.as_str());
        assert!(of_studio.clone().any(|event| event["data"][field] == value), "{deed:?}: {told:?}");
    }

    // Who presses it again, as by going back, is told what was done.
    let action = deed.button.rsplit_once('.').unwrap().1;
    let again = post(&base, &token, &format!("action={action}")).await;
    assert_says(&again, &outcome);
    assert_eq!(by_link(&base, language).await, before + 1);
}

#[tokio::test]
async fn what_a_page_offers_is_done_once_by_keyboard_alone() {
    let world = world().await;
    opens(&world, &["en", "fr"]).await;
    let habits = Habits { test: "by_keyboard", languages: "en", scripts: true };
    let browser = Browser::start(habits).await;
    for deed in [ACCEPT, CONFIRM, CANCEL, UNSUBSCRIBE] {
        does(&world, &browser, "en", &deed).await;
    }
    for deed in [DECLINE, STAY_AWAY, CANCEL, UNSUBSCRIBE] {
        does(&world, &browser, "fr", &deed).await;
    }
    world.finish().await;
}

#[tokio::test]
async fn without_scripts_nothing_is_missing() {
    let world = world().await;
    let base = world.http();
    opens(&world, &["da"]).await;
    let habits = Habits { test: "without_scripts", languages: "da", scripts: false };
    let browser = Browser::start(habits).await;
    let scripted = "data:text/html,<title>none</title><script>document.title='runs'</script>";
    browser.open(scripted).await;
    assert_eq!(browser.run("return document.title").await, "none", "scripts run");
    browser.asked().await;

    let token = link(&world, "da", BOOKING).await;
    browser.open(&format!("{base}/r/{token}")).await;
    browser.tab_to(&Words::of("da").say("acting.buttons.calendar")).await;
    browser.press(Key::Enter).await;
    let file = browser.saved("booking.ics").await;
    assert!(file.contains("UID:studio-da.b4@bellhop"), "{file}");
    assert_quiet(&browser, &base).await;
    for deed in [ACCEPT, CONFIRM, CANCEL, UNSUBSCRIBE] {
        does(&world, &browser, "da", &deed).await;
    }
    world.finish().await;
}
