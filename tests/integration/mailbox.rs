//! What a tenant posts stands in the app: in a client's mailbox, or on the board.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    alone::Alone,
    command, eventually, http,
    inside::{Inside, in_system},
    salon,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const INBOX: &str = "/v1/tenants/salon-uno/clients/c1/inbox";
const BOARD: &str = "/v1/tenants/salon-uno/board";

/// The items of a page, once there are so many.
async fn items(base: &str, path: &str, count: usize) -> Vec<Value> {
    eventually(path, DEADLINE, || async {
        let (status, page) = http::read(&format!("{base}{path}")).await;
        assert_eq!(status, 200, "{page}");
        let items = page["items"].as_array().unwrap();
        (items.len() >= count).then(|| items.clone())
    })
    .await
}

fn titles(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["title"].as_str().unwrap()).collect()
}

/// Posts `p0…` to a client, each behind the one before.
async fn posts(base: &str, count: usize) {
    for number in 0..count {
        let data =
            json!({ "to": { "client": "c1" }, "title": format!("p{number}"), "body": "Ciao" });
        http::take(base, &[command(SALON, &format!("post-{number}"), "inbox.post", data)]).await;
        items(base, INBOX, number + 1).await;
    }
}

/// Also beside a mail server, where nothing is configured for it.
#[tokio::test]
async fn what_is_posted_to_a_client_is_read_by_their_app_and_marked() {
    let daemon = Alone::start("").await;
    let base = daemon.daemon.http().to_owned();
    http::take(
        &base,
        &[salon::open(SALON), salon::client(SALON, "c1"), salon::client(SALON, "c2")],
    )
    .await;
    posts(&base, 3).await;
    let all = items(&base, INBOX, 3).await;
    assert_eq!(titles(&all), ["p2", "p1", "p0"], "the latest first");
    assert_eq!((&all[0]["body"], &all[0]["read"]), (&json!("Ciao"), &json!(false)));
    assert!(all[0]["at"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());

    let first = daemon.read(&format!("{INBOX}?limit=2")).await;
    let next = first["next"].as_str().unwrap();
    let second = daemon.read(&format!("{INBOX}?limit=2&after={next}")).await;
    assert_eq!(titles(second["items"].as_array().unwrap()), ["p0"]);
    assert_eq!(second.get("next"), None);
    let others = daemon.read("/v1/tenants/salon-uno/clients/c2/inbox").await;
    assert_eq!(others, json!({ "items": [] }));

    let message = all[1]["message"].as_str().unwrap();
    let mark = daemon.url(&format!("{INBOX}/{message}/read"));
    let read = async || {
        let items = items(&base, INBOX, 3).await;
        items.iter().map(|item| item["read"] == true).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!(http::ask(http::client().post(&mark)).await.status, 204);
    }
    assert_eq!(read().await, [false, true, false]);
    for _ in 0..2 {
        assert_eq!(http::ask(http::client().delete(&mark)).await.status, 204);
    }
    assert_eq!(read().await, [false; 3]);
    // Told once, and once more when it is read again.
    assert_eq!(http::ask(http::client().post(&mark)).await.status, 204);
    let told = http::events_of_type(&base, "inbox.read").await;
    let expected = json!({ "client": "c1", "message": message });
    assert_eq!(told.iter().map(|event| &event["data"]).collect::<Vec<_>>(), [&expected; 2]);
    assert_ne!(told[0]["id"], told[1]["id"]);
    let strange = daemon.url(&format!("{INBOX}/{}/read", uuid::Uuid::nil()));
    assert_eq!(http::ask(http::client().post(&strange)).await.status, 404);

    // It went like any other message.
    let sent = http::events_of_type(&base, "message.sent").await;
    let told = sent.iter().find(|event| event["data"]["message"] == message).unwrap();
    assert_eq!(told["data"]["kind"], "inbox.message");
    assert_eq!(
        (&told["data"]["channel"], &told["data"]["provider"]),
        (&json!("inbox"), &json!("inbox-store"))
    );
    daemon.finish().await;
}

#[tokio::test]
async fn a_crash_keeps_a_mailbox_as_it_was() {
    let mut daemon = Alone::start("").await;
    http::take(daemon.daemon.http(), &[salon::open(SALON), salon::client(SALON, "c1")]).await;
    posts(daemon.daemon.http(), 2).await;
    daemon.crash().await;
    let page = daemon.read(INBOX).await;
    assert_eq!(titles(page["items"].as_array().unwrap()), ["p1", "p0"]);
    daemon.finish().await;
}

#[test]
fn a_post_for_all_stands_on_the_board_once() {
    in_system(async {
        let daemon = Inside::start("").await;
        let base = daemon.http();
        let clients = (0..5).map(|number| salon::client(SALON, &format!("c{number}")));
        let commands: Vec<_> = [salon::open(SALON)].into_iter().chain(clients).collect();
        http::take(&base, &commands).await;
        let post = |id: &str, to: Value| {
            let mut data = json!({ "title": id, "body": "We are closed." });
            data.as_object_mut().unwrap().extend(to.as_object().unwrap().clone());
            command(SALON, id, "inbox.post", data)
        };
        for (count, (id, to)) in
            [("long", json!({ "to": { "board": true } })), ("short", json!({ "board": true }))]
                .into_iter()
                .enumerate()
        {
            http::take(&base, &[post(id, to)]).await;
            items(&base, BOARD, count + 1).await;
        }
        eventually("all are told", DEADLINE, || async {
            (http::events_of_type(&base, "message.sent").await.len() == 10).then_some(())
        })
        .await;
        let board = items(&base, BOARD, 2).await;
        assert_eq!(titles(&board), ["short", "long"]);
        assert_eq!(board[0]["body"], "We are closed.");
        let inbox = http::read(&format!("{base}{INBOX}")).await;
        assert_eq!(inbox, (200, json!({ "items": [] })), "it is nobody's own");
        daemon.finish().await;
    });
}

#[test]
fn a_mailbox_is_in_its_reader_s_language_and_goes_with_them() {
    in_system(async {
        let daemon = Inside::start("").await;
        let base = daemon.http();
        let mut open = salon::open(SALON);
        open.envelope["data"]["toggles"] =
            json!({ "booking.confirmed": { "inbox": true, "email": false } });
        let mut client = salon::client(SALON, "c1");
        client.envelope["data"]["locale"] = json!("it");
        let booking = salon::booking(SALON, "b1", "c1", salon::START);
        http::take(&base, &[open, client, booking]).await;
        let item = items(&base, INBOX, 1).await.remove(0);
        let body = item["body"].as_str().unwrap();
        assert!(body.contains("prenotazione"), "{item}");

        let erase = command(SALON, "e", "client.erase", json!({ "client": "c1" }));
        http::take(&base, &[erase]).await;
        let (status, problem) = http::read(&format!("{base}{INBOX}")).await;
        assert_eq!((status, &problem["reason"]), (404, &json!("not_found")), "{problem}");
        daemon.finish().await;
    });
}

/// A link that must not outlast its message is not kept in a mailbox.
#[test]
fn a_secret_is_not_put_into_a_mailbox() {
    in_system(async {
        let daemon = Inside::start("").await;
        let base = daemon.http();
        let mut open = salon::open(SALON);
        open.envelope["data"]["toggles"] =
            json!({ "account.magic_link": { "inbox": true, "email": false } });
        let link = json!({
            "client": "c1", "url": "https://salon.example/in?t=t0p-s3cret",
            "expires_at": "2099-12-24T10:00:00Z",
        });
        let link = command(SALON, "link", "account.magic_link", link);
        http::take(&base, &[open, salon::client(SALON, "c1"), link]).await;
        let dead = eventually("it is given up", DEADLINE, || async {
            http::events_of_type(&base, "message.dead").await.pop()
        })
        .await;
        assert!(dead["data"]["reply"].as_str().unwrap().contains("no mailbox keeps"), "{dead}");
        assert_eq!(http::read(&format!("{base}{INBOX}")).await, (200, json!({ "items": [] })));
        daemon.finish().await;
    });
}

#[test]
fn whoever_asks_for_a_mailbox_that_is_none_is_told() {
    in_system(async {
        let daemon = Inside::start("").await;
        let base = daemon.http();
        http::take(&base, &[salon::open(SALON), salon::client(SALON, "c1")]).await;
        for path in [
            "/v1/tenants/nobody/board".to_owned(),
            "/v1/tenants/nobody/clients/c1/inbox".to_owned(),
            "/v1/tenants/salon-uno/clients/nobody/inbox".to_owned(),
        ] {
            let (status, problem) = http::read(&format!("{base}{path}")).await;
            assert_eq!((status, &problem["reason"]), (404, &json!("not_found")), "{path}");
        }
        for query in ["after=x", "after=0", "limit=0", "unread=true"] {
            let (status, problem) = http::read(&format!("{base}{INBOX}?{query}")).await;
            assert_eq!((status, &problem["reason"]), (400, &json!("invalid_query")), "{query}");
        }
        for message in ["0190163d-8694-739b-aea5-966c26f8ad91", "x"] {
            let url = format!("{base}{INBOX}/{message}/read");
            assert_eq!(http::ask(http::client().post(url)).await.status, 404, "{message}");
        }
        daemon.finish().await;
    });
}
