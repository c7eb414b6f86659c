//! What operators read of a running daemon: providers, and what clients were told.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Behaviour, Command, ScriptedSink, alone::Alone, command, eventually, http, salon, tamper,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";

fn names(rows: &Value, of: &str) -> Vec<String> {
    let rows = rows.as_array().unwrap().iter();
    rows.map(|row| row[of].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn every_provider_says_how_it_stands_and_why_it_is_left_alone() {
    let absent = ScriptedSink::silent(Behaviour::default());
    let url = absent.url();
    let extra = format!(
        "[[email.providers]]\nname = \"absent\"\nkind = \"smtp\"\nurl = \"{url}\"\n\
         weight = 3\nrate = 50.0\n\
         [dispatch.circuit]\nin_a_row = 3\npause = \"PT10M\"\npause_max = \"PT10M\"\n"
    );
    let daemon = Alone::start(&extra).await;
    let before = daemon.read("/v1/providers").await;
    assert_eq!(
        names(&before, "name"),
        ["sink", "absent", "sms-outbox", "push-outbox", "inbox-store"]
    );
    assert_eq!(names(&before, "channel"), ["email", "email", "sms", "push", "inbox"]);
    assert_eq!(names(&before, "circuit"), ["closed"; 5]);
    let of = |name: &str| before[1][name].clone();
    let shape = ["kind", "weight", "rate", "in_flight", "waiting", "last_error"].map(of);
    assert_eq!(json!(shape), json!(["smtp", 3, 50.0, 0, 0, null]));
    let weight = ["effective_weight", "weight_reason", "weight_since"].map(of);
    assert_eq!(json!(weight), json!([3.0, null, null]), "it has all of it");

    http::take(daemon.daemon.http(), &salon::busy(SALON, 12)).await;
    let left_alone = eventually("its circuit opens", DEADLINE, || async {
        let providers = daemon.read("/v1/providers").await;
        (providers[1]["circuit"] == "open").then(|| providers[1].clone())
    })
    .await;
    assert!(left_alone["last_error"].as_str().unwrap().contains("refused"), "{left_alone}");
    let instant = |name: &str| left_alone[name].as_str().unwrap().parse::<jiff::Timestamp>();
    let apart = instant("since").unwrap().duration_since(instant("last_error_at").unwrap());
    assert!(apart.abs() < jiff::SignedDuration::from_secs(5), "{left_alone}");
    eventually("all goes by the other", DEADLINE, || async {
        (daemon.sink.count() == 12).then_some(())
    })
    .await;

    let told = daemon.says(&["providers"]);
    let line = told.lines().find(|line| line.trim_start().starts_with("absent")).unwrap();
    assert!(line.contains("open") && line.contains("refused"), "{told}");
    assert_eq!(names(&daemon.says_json(&["providers"]), "name"), names(&before, "name"));
    daemon.finish().await;
}

/// Two clients, of whom one has no address, and something about each that is not sent; beside how
/// many mails leave.
fn story() -> [(Vec<Command>, usize); 2] {
    let nobody = json!({ "client": "c2", "name": "Nobody" });
    let opened = vec![
        salon::open(SALON),
        salon::client(SALON, "c1"),
        command(SALON, "register-c2", "client.register", nobody),
        salon::booking(SALON, "b1", "c1", salon::START),
        salon::booking(SALON, "b2", "c2", salon::START),
    ];
    let more = vec![salon::cancel(SALON, "b1"), salon::booking(SALON, "b3", "c1", salon::START)];
    [(opened, 1), (more, 2)]
}

/// What became of the rows, in their order.
fn told(page: &Value) -> Vec<(String, String, String)> {
    let text = |row: &Value, of: &str| row[of].as_str().unwrap_or_default().to_owned();
    let items = page["items"].as_array().unwrap().iter();
    items.map(|row| (text(row, "kind"), text(row, "client"), text(row, "status"))).collect()
}

async fn told_story() -> Alone {
    let daemon = Alone::start("").await;
    let path = format!("/v1/tenants/{SALON}/messages?status=sent");
    let mut all = 0;
    for (commands, mails) in story() {
        http::take(daemon.daemon.http(), &commands).await;
        all += mails;
        // What is not sent yet would be withdrawn with what comes next.
        eventually("all is sent", DEADLINE, || async {
            (told(&daemon.read(&path).await).len() == all).then_some(())
        })
        .await;
    }
    daemon
}

#[tokio::test]
async fn what_clients_were_told_is_read_page_by_page_the_latest_first() {
    let daemon = told_story().await;
    let path = format!("/v1/tenants/{SALON}/messages");
    let all = daemon.read(&format!("{path}?limit=1000")).await;
    assert_eq!(all.get("next"), None, "{all}");
    let items = all["items"].as_array().unwrap();
    let at = |row: &Value| row["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let at: Vec<_> = items.iter().map(at).collect();
    assert!(at.is_sorted_by(|one, other| one >= other), "{at:?}");
    assert_eq!(
        (&items[0]["kind"], &items[0]["booking"]),
        (&json!("booking.confirmed"), &json!("b3"))
    );

    // In pages it is the same, and nothing twice.
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = daemon.read(&format!("{path}?limit=3{after}")).await;
        paged.extend_from_slice(page["items"].as_array().unwrap());
        let Some(next) = page["next"].as_str() else { break };
        assert_eq!(page["items"].as_array().unwrap().len(), 3);
        after = format!("&after={next}");
    }
    assert_eq!(&paged, items);
    daemon.finish().await;
}

#[tokio::test]
async fn what_clients_were_told_and_not_told_is_found_by_all_that_is_known_of_it() {
    let daemon = told_story().await;
    let path = format!("/v1/tenants/{SALON}/messages");
    let row = |kind: &str, client: &str, status: &str| {
        (format!("booking.{kind}"), client.to_owned(), status.to_owned())
    };
    for (query, expected) in [
        ("client=c2&channel=email&kind=booking.confirmed", vec![row("confirmed", "c2", "skipped")]),
        (
            "status=skipped&reason=no_address&booking=b2&channel=email",
            vec![row("confirmed", "c2", "skipped")],
        ),
        (
            "booking=b1&channel=email",
            vec![row("cancelled", "c1", "sent"), row("confirmed", "c1", "sent")],
        ),
        ("booking=b1&status=sent&limit=1", vec![row("cancelled", "c1", "sent")]),
        ("client=c2&status=sent", vec![]),
        ("booking=b1&client=c2", vec![]),
    ] {
        let page = daemon.read(&format!("{path}?{query}")).await;
        assert_eq!(told(&page), expected, "{query}: {page}");
    }
    let of_client =
        daemon.read(&format!("/v1/tenants/{SALON}/clients/c1/messages?booking=b3")).await;
    assert!(of_client["items"].as_array().unwrap().iter().all(|row| row["client"] == "c1"));
    let sent = of_client["items"].as_array().unwrap().iter().find(|row| row["status"] == "sent");
    let sent = sent.unwrap();
    assert_eq!((&sent["provider"], &sent["attempts"]), (&json!("sink"), &json!(1)));
    let message = sent["message"].as_str().unwrap();
    let whole = daemon.read(&format!("{path}/{message}")).await;
    assert_eq!(whole["history"][0]["provider"], "sink", "{whole}");

    let found = daemon.says_json(&[
        "messages",
        "--tenant",
        SALON,
        "--client",
        "c2",
        "--reason",
        "no_address",
        "--channel",
        "email",
    ]);
    assert_eq!(told(&found), [row("confirmed", "c2", "skipped")]);
    let shown =
        daemon.says(&["messages", "--tenant", SALON, "--booking", "b3", "--status", "sent"]);
    assert!(shown.contains(message) && shown.contains("250 2.0.0 queued"), "{shown}");
    daemon.finish().await;
}

/// So much that was not sent that a page cannot look at all of it.
const MUCH: &str = "INSERT INTO tellings (seq, tenant, cause, kind, client, channels, at_ms, prev) \
     WITH RECURSIVE last (told) AS (SELECT max(seq) FROM tellings), \
     n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000) \
     SELECT told + i, 'salon-uno', 'k' || i, 'notice.manual', 'c1', \
     '[{\"channel\":\"email\",\"reason\":\"opted_out\"}]', 0, told + i - 1 FROM n, last";
const LAST: &str = "UPDATE tenants SET last_told = (SELECT max(seq) FROM tellings)";

#[tokio::test]
async fn what_is_rare_is_found_behind_much_else_in_bounded_pages() {
    let daemon = told_story().await;
    assert_eq!(tamper::execute(&daemon.store_path(), MUCH).await, 12_000);
    assert_eq!(tamper::execute(&daemon.store_path(), LAST).await, 1);
    let (mut found, mut pages, mut after) = (Vec::new(), 0, String::new());
    loop {
        let path = format!("/v1/tenants/{SALON}/messages?status=sent&limit=1000{after}");
        let page = daemon.read(&path).await;
        found.extend(told(&page));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(pages, 3, "5000 are looked at for each");
    daemon.finish().await;
}

#[tokio::test]
async fn what_is_asked_for_wrongly_is_named() {
    let daemon = Alone::start("").await;
    http::take(daemon.daemon.http(), &[salon::open(SALON), salon::client(SALON, "c1")]).await;
    for (query, field) in [
        ("chanel=sms", "chanel"),
        ("channel=fax", "channel"),
        ("kind=booking.confirmd", "kind"),
        ("status=lost", "status"),
        ("reason=NO", "reason"),
        ("client=", "client"),
        ("booking=", "booking"),
        ("after=yesterday", "after"),
        ("limit=0", "limit"),
    ] {
        let url = daemon.url(&format!("/v1/tenants/{SALON}/messages?{query}"));
        let (status, problem) = http::read(&url).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{query}: {problem}");
    }
    // Of another salon, which has told something.
    let other = [salon::open("salon-due"), salon::client("salon-due", "c1")];
    let booked = salon::booking("salon-due", "b1", "c1", salon::START);
    http::take(daemon.daemon.http(), &[&other[..], &[booked]].concat()).await;
    let theirs = daemon.read("/v1/tenants/salon-due/messages?limit=1").await;
    let theirs = theirs["next"].as_str().unwrap();
    for of in ["messages", "clients/c1/messages"] {
        for after in [theirs, "999999.0", "-1.0"] {
            let url = daemon.url(&format!("/v1/tenants/{SALON}/{of}?after={after}"));
            let (status, problem) = http::read(&url).await;
            assert_eq!((status, &problem["field"]), (400, &json!("after")), "{after}: {problem}");
        }
    }
    let of_client = daemon.url(&format!("/v1/tenants/{SALON}/clients/c1/messages"));
    let (status, problem) = http::read(&format!("{of_client}?client=c2")).await;
    assert_eq!((status, &problem["field"]), (400, &json!("client")), "whose is said already");
    let (status, page) = http::read(&of_client).await;
    assert_eq!(status, 200, "{page}");
    for path in ["nobody/messages", "Nobody/messages", "salon-uno/clients/c7/messages"] {
        let (status, problem) = http::read(&daemon.url(&format!("/v1/tenants/{path}"))).await;
        assert_eq!((status, &problem["reason"]), (404, &json!("not_found")), "{path}");
    }
    daemon.finish().await;
}
