//! Unsubscribing by the link in an email, as clients and their mail programs do it.

use serde_json::{Value, json};

use crate::support::{
    Command, Options, World, command,
    following::{PUBLIC, Reply, ask, get, mail, post},
    http,
    inside::{Inside, in_system},
    salon, tamper,
};

const SALON: &str = "salon-uno";
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

fn links(key: &str) -> Options {
    let extra_config = format!("[links]\nurl = \"{PUBLIC}\"\nkey = \"{key}\"\n");
    Options { extra_config, ..Options::default() }
}

fn key() -> String {
    "a secret of the test".repeat(2)
}

fn notice(id: &str) -> Command {
    notice_of(SALON, id)
}

fn notice_of(tenant: &str, id: &str) -> Command {
    let data = json!({
        "notice": id, "title": id, "body": "We are closed.", "channels": ["email"],
        "audience": { "all": true },
    });
    command(tenant, id, "notice.send", data)
}

/// The token of a mail's header.
fn token(mail: &str) -> String {
    let prefix = format!("\nList-Unsubscribe: <{PUBLIC}/r/");
    let (_, rest) = mail.split_once(&prefix).unwrap_or_else(|| panic!("no link in {mail}"));
    rest.split_once(">\n").unwrap().0.to_owned()
}

async fn one_click(base: &str, token: &str) -> Reply {
    post(base, token, ONE_CLICK).await
}

/// What was not sent by email, and why.
async fn skipped(base: &str) -> Vec<(Value, Value)> {
    let events = http::events_of_type(base, "message.skipped").await;
    let by_email = events.into_iter().filter(|event| event["data"]["channel"] == "email");
    by_email.map(|it| (it["data"]["kind"].clone(), it["data"]["reason"].clone())).collect()
}

/// How many commands links led to.
async fn by_link(base: &str) -> usize {
    let accepted = http::events_of_type(base, "command.accepted").await.into_iter();
    accepted
        .filter(|event| event["causationid"].as_str().unwrap().starts_with("unsubscribe-"))
        .count()
}

#[tokio::test]
async fn one_click_stops_notices_and_nothing_else() {
    let world = World::start(links(&key())).await;
    let base = world.http();
    http::take(&base, &[salon::open(SALON), salon::client(SALON, "c1"), notice("n1")]).await;
    let first = mail(&world, "n1").await;
    let (token, headers) = (token(&first), first.split("\n\n").next().unwrap());
    assert!(headers.contains("\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"), "{headers}");
    assert!(first.contains("Unsubscribe from emails of this kind"), "{first}");

    // Scanners and previews open every link, in each way that asks for nothing.
    for _ in 0..3 {
        let page = get(&base, &token).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("Salon Uno") && page.text.contains("<form"), "{}", page.text);
        let head = ask(http::client().head(format!("{base}/r/{token}"))).await;
        assert_eq!((head.status, head.text.as_str()), (200, ""));
    }
    http::take(&base, &[notice("n2")]).await;
    mail(&world, "n2").await;

    let done = one_click(&base, &token).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert!(done.text.contains("You are unsubscribed"), "{}", done.text);
    // Durable by then: what is decided next obeys it.
    http::take(&base, &[notice("n3"), salon::booking(SALON, "b1", "c1", salon::START)]).await;
    let confirmed = mail(&world, "Confirmed").await;
    assert!(!confirmed.contains("List-Unsubscribe"), "{confirmed}");
    assert_eq!(skipped(&base).await, [(json!("notice.manual"), json!("opted_out"))]);
    // Again is fine, by the page's button too; and so is coming back, and leaving again.
    let again = post(&base, &token, "List-Unsubscribe=One-Click&").await;
    assert_eq!(again.status, 200);
    assert_eq!(by_link(&base).await, 1, "what is done already is not done again");
    let back = json!({ "client": "c1", "channel": "email", "kind": "notice.manual" });
    http::take(&base, &[command(SALON, "back", "client.opt_in", back), notice("n4")]).await;
    mail(&world, "n4").await;
    assert_eq!(one_click(&base, &token).await.status, 200);
    http::take(&base, &[notice("n5")]).await;
    assert_eq!((skipped(&base).await.len(), by_link(&base).await), (2, 2));
    assert_eq!(world.sink.count(), 4, "n1, n2, the booking and n4");
    assert!(!world.log().contains(&token), "it is in the log");
    world.finish().await;
}

#[tokio::test]
async fn a_link_does_nothing_to_who_has_the_id_after_its_owner_was_erased() {
    let world = World::start(links(&key())).await;
    let base = world.http();
    http::take(&base, &[salon::open(SALON), salon::client(SALON, "c1"), notice("n1")]).await;
    let old = token(&mail(&world, "n1").await);
    let erase = command(SALON, "erase", "client.erase", json!({ "client": "c1" }));
    let anew = json!({ "client": "c1", "name": "Bea", "email": "bea@salon.example" });
    http::take(&base, &[erase, command(SALON, "anew", "client.register", anew)]).await;

    let page = get(&base, &old).await;
    assert!(page.status == 200 && !page.text.contains("Bea"), "{}", page.text);
    assert_eq!(one_click(&base, &old).await.status, 200, "nobody is left to write to");
    assert_eq!(by_link(&base).await, 0);
    http::take(&base, &[notice("n2")]).await;
    let new = token(&mail(&world, "n2").await);
    assert_ne!(old, new);
    assert_eq!(one_click(&base, &new).await.status, 200);
    assert_eq!(by_link(&base).await, 1, "their own link works");
    world.finish().await;
}

#[tokio::test]
async fn no_other_token_does_anything() {
    let mut world = World::start(links(&key())).await;
    let base = world.http();
    let due = "salon-due";
    let open = [salon::open(SALON), salon::client(SALON, "c1"), notice("n1")];
    http::take(&base, &open).await;
    http::take(&base, &[salon::open(due), salon::client(due, "c1")]).await;
    let token = token(&mail(&world, "n1").await);

    let flipped = |at: usize| {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).unwrap()
    };
    let long = "A".repeat(5000);
    let (cut, padded) = (&token[..token.len() - 1], format!("{token}="));
    let forged = [&flipped(0), &flipped(9), &flipped(token.len() - 1), cut, &padded, "%ff", &long];
    let mut pages = Vec::new();
    for forged in forged {
        let (page, post) = (get(&base, forged).await, one_click(&base, forged).await);
        assert_eq!((page.status, post.status), (404, 404), "{forged}");
        pages.extend([page.text, post.text]);
    }
    pages.dedup();
    assert_eq!(pages.len(), 1, "they tell nothing apart");
    assert!(!pages[0].contains("Salon") && !pages[0].contains("<form"), "{}", pages[0]);

    // The client of the same id at another salon is somebody else.
    assert_eq!(one_click(&base, &token).await.status, 200);
    http::take(&base, &[notice("n2"), notice_of(due, "n-due")]).await;
    mail(&world, "n-due").await;
    assert_eq!(skipped(&base).await.len(), 1);

    // Another key makes all of them worthless.
    let config = std::fs::read_to_string(&world.launch.config).unwrap();
    let other = config.replace(&key(), &key().to_uppercase());
    std::fs::write(&world.launch.config, other).unwrap();
    assert!(world.stop_daemon().await.success());
    world.start_daemon().await;
    assert_eq!(get(&base, &token).await.status, 404);
    world.finish().await;
}

#[tokio::test]
async fn a_page_is_kept_private_and_speaks_the_client_s_language() {
    let world = World::start(links(&key())).await;
    let base = world.http();
    let client = json!({
        "client": "c1", "name": "Bea", "email": "bea@salon-uno.example", "locale": "it",
    });
    let mut open = salon::open(SALON);
    open.envelope["data"]["name"] = json!("<b>Uno</b> & Figli");
    let register = command(SALON, "2", "client.register", client);
    http::take(&base, &[open, register, notice("n1")]).await;
    let token = token(&mail(&world, "n1").await);

    let (page, missing) = (get(&base, &token).await, get(&base, "AAAA").await);
    assert!(page.text.contains("lang=\"it\"") && page.text.contains("Annulla"), "{}", page.text);
    assert!(page.text.contains("&lt;b&gt;Uno") && !page.text.contains("<b>"), "{}", page.text);
    for reply in [&page, &missing, &one_click(&base, &token).await] {
        let header = |name| reply.headers[name].to_str().unwrap();
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert_eq!(header("x-robots-tag"), "noindex");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
    let url = format!("{base}/r/{token}");
    let large = ask(http::client().post(&url).body("x".repeat(5000))).await;
    assert_eq!(large.status, 413);
    assert_eq!(ask(http::client().delete(&url)).await.status, 405);
    world.finish().await;
}

#[test]
fn without_a_url_there_is_no_page() {
    in_system(async {
        let daemon = Inside::start("").await;
        let answer = get(&daemon.http(), "AAAA").await;
        assert_eq!(answer.status, 404);
        assert!(answer.text.contains("nothing is at this path"), "{}", answer.text);
        daemon.finish().await;
    });
}

#[tokio::test]
async fn the_bearer_token_is_not_asked_of_clients() {
    let mut options = links(&key());
    options.environment.push(("BELLHOP__HTTP__TOKEN", "s3cret".to_owned()));
    options.without_daemon = true;
    let mut world = World::start(options).await;
    world.start_daemon().await;
    let base = world.http();
    assert_eq!(get(&base, "AAAA").await.status, 404);
    let (status, _) = http::get(&format!("{base}/v1/events")).await.unwrap();
    assert_eq!(status, 401);
    world.stop_daemon().await;
}

#[tokio::test]
async fn what_cannot_be_done_now_says_so() {
    let mut world = World::start(links(&key())).await;
    let base = world.http();
    let booking = salon::booking(SALON, "b1", "c1", salon::START);
    let open = [salon::open(SALON), salon::client(SALON, "c1"), booking, notice("n1")];
    http::take(&base, &open).await;
    let token = token(&mail(&world, "n1").await);
    assert!(world.stop_daemon().await.success());
    let change = async |world: &World, body: &str, kind: &str| {
        let sql = format!("UPDATE records SET body = {body} WHERE kind = '{kind}'");
        assert_eq!(tamper::execute(&world.store_path(), &sql).await, 1);
    };
    let assert_later = |reply: &Reply| {
        assert_eq!((reply.status, &reply.headers["retry-after"]), (503, &"60".parse().unwrap()));
        assert!(reply.text.contains("Please try again"), "{}", reply.text);
    };

    // The tenant's state cannot be read as a whole: the page can be shown, the wish not be taken.
    change(&world, "'?' || body", "booking").await;
    world.start_daemon().await;
    assert_eq!(get(&base, &token).await.status, 200);
    assert_later(&one_click(&base, &token).await);
    // Nor can the name.
    change(&world, "'?' || body", "settings").await;
    assert_later(&get(&base, &token).await);
    assert_later(&one_click(&base, &token).await);

    assert!(world.stop_daemon().await.success());
    change(&world, "substr(body, 2)", "booking").await;
    change(&world, "substr(body, 2)", "settings").await;
    world.start_daemon().await;
    assert_eq!(one_click(&base, &token).await.status, 200);
    world.finish().await;
}
