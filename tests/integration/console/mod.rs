//! The pages for operators: in a browser, by keyboard, on a telephone, without scripts; and as
//! whoever means no good asks for them.

mod door;
mod postgres;
mod stage;

use std::{process::Command, time::Duration};

use self::stage::{OPERATOR, READER, REPLY_TO, SALON, Stage};
use crate::support::{
    browser::{Browser, Habits, Key},
    eventually,
    gateway::Does,
};

const DEADLINE: Duration = Duration::from_secs(60);

fn habits(test: &'static str, scripts: bool) -> Habits {
    Habits { test, languages: "en", scripts }
}

/// Nothing was complained of, and nothing asked for but at the daemon.
async fn assert_quiet(browser: &Browser, stage: &Stage) {
    assert_eq!(browser.complaints().await, [] as [String; 0]);
    let asked = browser.asked().await;
    assert!(!asked.is_empty());
    for request in asked {
        let (_, url) = request.split_once(' ').unwrap();
        assert!(url.starts_with(&stage.url("/")), "{request}");
    }
}

fn of(rest: &str) -> String {
    format!("/console/tenants/{SALON}/{rest}")
}

/// Every page by name, where it is, and something that it says of a salon with a dead letter, or
/// three, and a mail that was sent.
fn pages(dead: &str, sent: &str) -> [(&'static str, String, &'static str); 15] {
    [
        ("now", "/console".to_owned(), "3 messages given up"),
        ("messages-of-whom", "/console/messages".to_owned(), "Salon Uno"),
        ("messages", format!("/console/messages?tenant={SALON}"), "booking.confirmed"),
        ("message-dead", of(&format!("messages/{dead}")), "Attempt 1: permanent"),
        ("message-sent", of(&format!("messages/{sent}")), "Attempt 1: accepted"),
        ("booking", of("bookings/b-ada"), "because of request-b-ada"),
        ("client", of("clients/c1"), "What they were told"),
        ("letters", "/console/dead-letters".to_owned(), "By cause"),
        ("jobs", "/console/jobs".to_owned(), "Nothing was tried again yet."),
        ("tenants", "/console/tenants".to_owned(), "Salon Uno"),
        ("tenant", format!("/console/tenants/{SALON}"), "Everybody is written to."),
        ("audit", "/console/audit".to_owned(), "Nobody did anything yet."),
        ("ahead-of-whom", "/console/ahead".to_owned(), "Of whom?"),
        ("ahead", format!("/console/ahead?tenant={SALON}"), "booking.reminder"),
        ("rehearse", "/console/rehearse".to_owned(), "Nothing is stored or sent."),
    ]
}

/// What the page says to type is what the command line takes.
fn assert_can_be_typed(name: &str, text: &str) {
    let line = text.lines().find_map(|line| line.split_once("The same on the command line: "));
    let Some((_, line)) = line else { return assert_eq!(name, "audit", "{text}") };
    let words = line.split_whitespace().skip(1).chain(["--help"]);
    let typed = Command::new(env!("CARGO_BIN_EXE_bellhop")).args(words).output().unwrap();
    assert!(typed.status.success(), "{line}: {}", String::from_utf8_lossy(&typed.stderr));
}

/// Presses the button of this name.
async fn presses(browser: &Browser, button: &str) {
    browser.tab_to(button).await;
    browser.press(Key::Enter).await;
}

#[tokio::test]
async fn every_page_fits_every_screen_and_asks_nobody_else() {
    let stage = Stage::with_dead(3).await;
    let (dead, sent) = (stage.dead_letter().await, stage.sent().await);
    let browser = stage.signed_in(habits("console", true), OPERATOR).await;
    for (name, path, says) in pages(&dead, &sent) {
        browser.open(&stage.url(&path)).await;
        if name == "now" {
            // It is counted every few seconds.
            eventually(says, DEADLINE, || async {
                let text = browser.reads().await;
                (text.contains(says) && text.contains("This page: live")).then_some(())
            })
            .await;
        }
        let text = browser.reads().await;
        assert!(text.contains(says), "{name}: {says:?} is not in {text}");
        assert_can_be_typed(name, &text);
        browser.assert_sound(name).await;
        assert_quiet(&browser, &stage).await;
    }
    browser.open(&stage.url("/console/rehearse")).await;
    presses(&browser, "Play").await;
    let says = "3 commands, ";
    eventually(says, DEADLINE, || async { browser.reads().await.contains(says).then_some(()) })
        .await;
    browser.assert_sound("rehearsed").await;
    assert_quiet(&browser, &stage).await;
    browser.open(&stage.url(&of("messages/none"))).await;
    assert_eq!(browser.heading().await, "Nothing here");
    browser.assert_sound("nothing").await;
    stage.alone.finish().await;
}

#[tokio::test]
async fn what_was_given_up_is_tried_again_by_keyboard() {
    let stage = Stage::with_dead(2).await;
    stage.gateway.now(Does::take());
    let browser = stage.signed_in(habits("console-replay", true), OPERATOR).await;
    browser.open(&stage.url("/console/dead-letters")).await;
    presses(&browser, "Plan for permanent, gw, sms").await;
    browser.shows("Plan").await;
    browser.assert_sound("plan").await;

    // Not without a reason.
    presses(&browser, "Try again").await;
    let says = "Say why: it is kept in the audit.";
    eventually(says, DEADLINE, || async { browser.reads().await.contains(says).then_some(()) })
        .await;
    assert_eq!(stage.gateway.asked().len(), 2, "nothing was sent");

    browser.tab_to("Why (kept in the audit)").await;
    browser.types("the gateway is mended").await;
    presses(&browser, "Try again").await;
    browser.shows("Replay").await;
    eventually("the job is done", DEADLINE, || async {
        // The page comes again by itself.
        browser.reads().await.contains("2, 2 of them done").then_some(())
    })
    .await;
    browser.assert_sound("job").await;
    assert_quiet(&browser, &stage).await;
    assert_eq!(stage.gateway.asked().len(), 4);
    let audit = stage.read("/v1/audit").await["items"][0].take();
    let line = ["who", "what", "reason"].map(|of| audit[of].as_str().unwrap().to_owned());
    assert_eq!(line, ["anna/console", "replay", "the gateway is mended"]);
    browser.open(&stage.url("/console/audit")).await;
    browser.assert_sound("audit-with-a-line").await;
    stage.alone.finish().await;
}

#[tokio::test]
async fn whoever_reads_sees_no_address_and_has_nothing_to_press() {
    let stage = Stage::with_dead(1).await;
    let browser = stage.signed_in(habits("console-reader", true), READER).await;
    let message = format!("/console/tenants/{SALON}/messages/{}", stage.dead_letter().await);
    for path in
        ["/console/dead-letters", "/console", &message, &format!("/console/tenants/{SALON}")]
    {
        browser.open(&stage.url(path)).await;
        let text = browser.reads().await;
        assert!(text.contains("addresses are masked"), "{text}");
        assert!(!text.contains(REPLY_TO), "{path}: {text}");
        let forms = "return [...document.forms].filter((form) => form.method === 'post').length";
        assert_eq!(browser.run(forms).await, 1, "{path}: to sign out, and no other");
    }
    browser.assert_sound("tenant").await;
    assert_quiet(&browser, &stage).await;
    stage.alone.finish().await;
}

#[tokio::test]
async fn without_scripts_pages_work_as_well() {
    let stage = Stage::with_dead(2).await;
    let browser = stage.signed_in(habits("console-no-scripts", false), OPERATOR).await;
    assert!(browser.reads().await.contains("as it was when you opened it"));
    browser.open(&stage.url("/console/messages")).await;
    browser.tab_to("Tenant").await;
    browser.types(SALON).await;
    browser.tab_to("Client").await;
    browser.types("ada").await;
    browser.press(Key::Enter).await;
    browser.shows("Messages").await;
    let told = eventually("it is filtered", DEADLINE, || async {
        let text = browser.reads().await;
        text.contains("were told").then_some(text)
    })
    .await;
    assert!(told.contains("ada") && !told.contains("c1"), "{told}");
    browser.assert_sound("filtered").await;

    browser.open(&stage.url("/console/dead-letters")).await;
    browser.tab_to("booking.confirmed to c1").await;
    browser.press(Key::Space).await;
    presses(&browser, "Plan for the chosen").await;
    browser.shows("Plan").await;
    browser.tab_to("Why (kept in the audit)").await;
    browser.types("told by telephone").await;
    presses(&browser, "Throw away").await;
    browser.shows("Thrown away").await;
    let left = stage.read("/v1/dead-letters").await;
    assert_eq!(left["items"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(left["items"][0]["client"], "c2");
    assert_quiet(&browser, &stage).await;
    stage.alone.finish().await;
}
