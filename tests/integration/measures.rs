//! What operators impose on tenants: parking, and limits that end by themselves.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Command, alone::Alone, eventually, http, salon, tamper};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const OTHER: &str = "salon-due";

fn booked(tenant: &str, numbers: std::ops::Range<usize>) -> Vec<Command> {
    let each = numbers.map(|number| {
        let client = format!("c{}", number % 3);
        salon::booking(tenant, &format!("b{number}"), &client, salon::START)
    });
    each.collect()
}

async fn opened(extra: &str) -> Alone {
    let daemon = Alone::start(extra).await;
    for tenant in [SALON, OTHER] {
        let mut commands = vec![salon::open(tenant)];
        commands.extend(["c0", "c1", "c2"].map(|client| salon::client(tenant, client)));
        http::take(daemon.daemon.http(), &commands).await;
    }
    daemon
}

async fn delivered(daemon: &Alone, tenant: &str) -> usize {
    let path = format!("/v1/tenants/{tenant}/messages?kind=booking.confirmed&status=sent");
    daemon.read(&path).await["items"].as_array().unwrap().len()
}

async fn until_delivered(daemon: &Alone, tenant: &str, mails: usize) {
    eventually(&format!("{mails} mails of {tenant} leave"), DEADLINE, || async {
        (delivered(daemon, tenant).await >= mails).then_some(())
    })
    .await;
}

async fn standing(daemon: &Alone, tenant: &str) -> Value {
    let page = daemon.read("/v1/tenants").await;
    let mut rows = page["items"].as_array().unwrap().iter();
    rows.find(|row| row["tenant"] == tenant).unwrap().clone()
}

/// 12 000 more like the last that waits in the store, due as it is, behind it.
const MANY: &str = "INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, \
     status, shape, facts, due_ms, deadline_ms, topic, secret, superseded, first_due_ms, lane) \
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12000), \
     last AS (SELECT * FROM messages WHERE status = 'ready' ORDER BY due_ms DESC LIMIT 1) \
     SELECT tenant, printf('ffffffff-ffff-7fff-8fff-%012x', i), kind, channel, client, booking, \
     cause, status, shape, facts, due_ms, due_ms + 3600000, topic, secret, superseded, \
     first_due_ms, lane FROM n CROSS JOIN last";
/// The last of them: 12 000 is 2ee0 in hexadecimal.
const LAST: &str = "ffffffff-ffff-7fff-8fff-000000002ee0";

#[tokio::test]
async fn of_very_much_that_waits_the_first_ten_thousand_are_looked_at() {
    const LOOKED_AT: u64 = 10_000;
    let daemon = opened("[limits.tenant]\nemail = 0.001\n[dispatch.email]\nqueue = 64\n").await;
    http::take(daemon.daemon.http(), &booked(SALON, 0..30)).await;
    eventually("some of it waits in the store", DEADLINE, || async {
        (tamper::execute(&daemon.store_path(), MANY).await == 12_000).then_some(())
    })
    .await;
    let path = format!("/v1/tenants/{SALON}/messages/{LAST}");
    let ahead = daemon.read(&path).await["queue"]["ahead_of_tenant"].as_u64().unwrap();
    assert!((LOOKED_AT..LOOKED_AT + 64).contains(&ahead), "{ahead}");
    let late = eventually("they are counted that will be late", DEADLINE, || async {
        let late = daemon.daemon.metric("bellhop_will_miss_deadline").await;
        let late = late.into_iter().find(|(labels, _)| labels.contains("\"email\""));
        late.map(|(_, late)| late).filter(|late| *late > 0.0)
    })
    .await;
    assert!(late > 9_000.0 && late <= 10_064.0, "{late}");
    daemon.finish().await;
}

#[tokio::test]
async fn a_tenant_that_is_parked_stays_so_over_a_kill_and_goes_on_when_it_is_let() {
    let mut daemon = opened("").await;
    let before = standing(&daemon, SALON).await;
    let known = ["name", "parked", "live", "limited", "dead_letters"].map(|of| before[of].clone());
    assert_eq!(json!(known), json!(["Salon Uno", false, true, [], 0]), "{before}");

    let park = format!("/v1/tenants/{SALON}/park");
    let (status, answer) = daemon.post(&park, json!({ "reason": "they ask for it" })).await;
    assert_eq!((status, answer), (200, json!({ "parked": SALON })));
    daemon.crash().await;
    let refused = http::post_one(daemon.daemon.http(), &booked(SALON, 0..1)[0]).await;
    assert_eq!((refused.status, &refused.body["reason"]), (503, &json!("tenant_parked")));
    http::take(daemon.daemon.http(), &booked(OTHER, 0..1)).await;
    let parked = standing(&daemon, SALON).await;
    assert_eq!((&parked["parked"], &parked["parked_by"]), (&json!(true), &json!("operator")));
    assert_eq!(daemon.read("/v1/parked").await, json!({ "parked": [SALON] }));
    assert!(daemon.says(&["tenants"]).contains("parked by an operator"));

    assert_eq!(daemon.says(&["tenants", "unpark", SALON, "--why", "done"]), "salon-uno goes on\n");
    http::take(daemon.daemon.http(), &booked(SALON, 0..1)).await;
    until_delivered(&daemon, SALON, 1).await;
    let (status, _) = daemon.post(&format!("/v1/tenants/{SALON}/unpark"), json!({})).await;
    assert_eq!(status, 404, "it is not parked");
    let (status, _) = daemon.post("/v1/tenants/nobody/park", json!({})).await;
    assert_eq!(status, 404, "nobody is there");
    let audit = daemon.read("/v1/audit").await;
    let lines = audit["items"].as_array().unwrap().iter();
    let lines: Vec<_> =
        lines.map(|line| [&line["what"], &line["reason"], &line["subject"]]).collect();
    let subject = json!({ "tenant": SALON });
    let unparked = [&json!("unpark"), &json!("done"), &subject];
    assert_eq!(lines, [unparked, [&json!("park"), &json!("they ask for it"), &subject]]);
    daemon.finish().await;
}

#[tokio::test]
async fn a_limit_holds_for_what_waits_already_outlasts_a_kill_and_can_be_lifted() {
    const FLOOD: usize = 12;
    let mut daemon = opened("").await;
    let slow = ["tenants", "slow", SALON, "--channel", "email", "--rate", "0.01", "--for", "PT2H"];
    let told = daemon.says(&[&slow[..], &["--why", "a flood"]].concat());
    assert!(told.contains("0.01") && told.contains("a flood"), "{told}");
    http::take(daemon.daemon.http(), &booked(SALON, 0..FLOOD)).await;
    http::take(daemon.daemon.http(), &booked(OTHER, 0..FLOOD)).await;
    until_delivered(&daemon, OTHER, FLOOD).await;
    assert!(delivered(&daemon, SALON).await <= 1);
    let slowed = standing(&daemon, SALON).await;
    assert_eq!(slowed["limited"], json!(["email"]), "{slowed}");
    assert!(slowed["waiting"].as_u64().unwrap() >= FLOOD as u64 - 1, "{slowed}");
    assert!(slowed["oldest_due"].is_string(), "{slowed}");

    daemon.crash().await;
    http::take(daemon.daemon.http(), &booked(OTHER, FLOOD..2 * FLOOD)).await;
    until_delivered(&daemon, OTHER, 2 * FLOOD).await;
    assert!(delivered(&daemon, SALON).await <= 2, "one more at most");
    let limits = daemon.read(&format!("/v1/tenants/{SALON}/limits")).await;
    let limit = &limits["items"][0];
    assert_eq!((&limit["channel"], &limit["rate"]), (&json!("email"), &json!(0.01)));
    assert_eq!(limit["reason"], "a flood");
    assert!(daemon.says(&["tenants", "limits", SALON]).contains("a flood"));

    daemon.says(&["tenants", "lift", SALON, "--channel", "email", "--why", "it is over"]);
    until_delivered(&daemon, SALON, FLOOD).await;
    assert_eq!(daemon.read(&format!("/v1/tenants/{SALON}/limits")).await, json!({ "items": [] }));
    let url = daemon.url(&format!("/v1/tenants/{SALON}/limits/email"));
    let again = http::ask(http::client().delete(url)).await;
    assert_eq!(again.status, 404, "there is none any more");
    let audit = daemon.read("/v1/audit").await;
    let what = |n: usize| audit["items"][n]["what"].clone();
    assert_eq!((what(0), what(1)), (json!("lift"), json!("limit")));
    assert_eq!(audit["items"][1]["subject"]["rate"], json!(0.01));
    daemon.finish().await;
}

#[tokio::test]
async fn a_limit_ends_by_itself() {
    const FLOOD: usize = 6;
    let daemon = opened("").await;
    let path = format!("/v1/tenants/{SALON}/limits");
    let body = json!({ "channel": "email", "rate": 0.01, "for": "PT3S", "reason": "a moment" });
    let (status, limit) = daemon.post(&path, body).await;
    assert_eq!((status, &limit["channel"]), (200, &json!("email")), "{limit}");
    http::take(daemon.daemon.http(), &booked(SALON, 0..FLOOD)).await;
    until_delivered(&daemon, SALON, FLOOD).await;
    let until: jiff::Timestamp = limit["until"].as_str().unwrap().parse().unwrap();
    let sent = daemon.read(&format!("/v1/tenants/{SALON}/messages?status=sent")).await;
    let sent =
        sent["items"].as_array().unwrap().iter().filter_map(|row| row["settled_at"].as_str());
    let early = sent.filter(|at| at.parse::<jiff::Timestamp>().unwrap() < until).count();
    assert!(early <= 1, "{early} left before it ended");
    assert_eq!(daemon.read(&path).await, json!({ "items": [] }));
    daemon.finish().await;
}

#[tokio::test]
async fn a_limit_that_cannot_be_is_named() {
    let daemon = opened("").await;
    let path = format!("/v1/tenants/{SALON}/limits");
    let good = json!({ "channel": "sms", "rate": 1, "for": "PT2H", "reason": "x" });
    for (field, value) in [
        ("channel", json!("fax")),
        ("rate", json!(0)),
        ("rate", json!(null)),
        ("for", json!("2 hours")),
        ("for", json!("PT0S")),
        ("for", json!("P400D")),
        ("reason", json!(" ")),
        ("untill", json!("PT2H")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        let (status, problem) = daemon.post(&path, body.clone()).await;
        assert_eq!((status, &problem["field"]), (400, &json!(field)), "{body}: {problem}");
    }
    assert_eq!(daemon.post("/v1/tenants/nobody/limits", good).await.0, 404);
    assert_eq!(daemon.read(&path).await, json!({ "items": [] }), "nothing was imposed");
    daemon.finish().await;
}

#[tokio::test]
async fn tenants_are_read_page_by_page_by_id() {
    let daemon = opened("").await;
    let ids = |page: &Value| {
        let rows = page["items"].as_array().unwrap().iter();
        rows.map(|row| row["tenant"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = daemon.read("/v1/tenants?limit=1").await;
    assert_eq!((ids(&first), &first["next"]), (vec![OTHER.to_owned()], &json!(OTHER)));
    let rest = daemon.read(&format!("/v1/tenants?after={OTHER}&limit=5")).await;
    assert_eq!((ids(&rest), rest.get("next")), (vec![SALON.to_owned()], None));
    let (status, problem) = http::read(&daemon.url("/v1/tenants?after=Not!an!id")).await;
    assert_eq!((status, &problem["field"]), (400, &json!("after")));
    let listed = daemon.says_json(&["tenants", "--limit", "1"]);
    assert_eq!(ids(&listed), [OTHER]);
    daemon.finish().await;
}
