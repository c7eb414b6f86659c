//! What is finished goes by itself when it was kept long enough.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Options, World, alone::Alone, eventually, http, salon, store};

const DEADLINE: Duration = Duration::from_secs(60);
const SALON: &str = "salon-uno";
/// Everything for a moment.
pub const SHORT: &str = "[retention]\ninbox = \"2s\"\nmessages = \"2s\"\ntellings = \"2s\"\n\
     events = \"2s\"\nmailbox = \"2s\"\naudit = \"2s\"\njobs = \"2s\"\n";
/// What is left where nothing is kept: the last thing told of all stays.
pub const LEFT: &str = "SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM messages) \
     + (SELECT count(*) FROM attempts) + (SELECT count(*) FROM event_pages) \
     + (SELECT CASE WHEN count(*) > 1 THEN 1 ELSE 0 END FROM tellings)";

/// How many rows went, of what.
fn removed(stats: &[(String, f64)], what: &str) -> f64 {
    let label = format!("what=\"{what}\"");
    let of = stats.iter().find(|(labels, _)| labels.contains(&label));
    of.map_or(-1.0, |(_, value)| *value)
}

#[tokio::test]
async fn what_is_finished_goes_and_nothing_that_is_in_use() {
    let daemon = Alone::start(SHORT).await;
    let base = daemon.daemon.http().to_owned();
    http::take(&base, &salon::busy(SALON, 12)).await;
    eventually("all is sent, and nothing is left of it", DEADLINE, || async {
        let done = daemon.sink.count() == 12;
        let left = store::number(&daemon.store_path(), LEFT).await;
        (done && left == 0).then_some(())
    })
    .await;
    let counts = daemon.daemon.metric("bellhop_retention_removed_total").await;
    assert!(removed(&counts, "messages") >= 12.0, "{counts:?}");
    for what in ["inbox", "events", "tellings"] {
        assert!(removed(&counts, what) > 0.0, "{what}: {counts:?}");
    }
    for what in ["jobs", "audit", "mailbox", "laid_aside"] {
        assert!(removed(&counts, what) == 0.0, "{what}: {counts:?}");
    }

    // Whoever reads on where something is missing is told so, and may begin anew.
    let (status, gone) = http::read(&daemon.url("/v1/events?after=1")).await;
    assert_eq!((status, &gone["reason"]), (410, &json!("events_not_kept")), "{gone}");
    let on = gone["after"].as_str().unwrap();
    for query in ["", &format!("after={on}")] {
        let (status, events) = http::read(&daemon.url(&format!("/v1/events?{query}"))).await;
        assert_eq!((status, events), (200, json!([])), "{query}");
    }

    // The booking is in use, and so is its reminder; what was told of it is gone.
    let path = format!("/v1/tenants/{SALON}/bookings/b3/explain");
    let told = daemon.read(&path).await;
    assert_eq!((&told["kept"], &told["told"]), (&json!(true), &json!([])), "{told}");
    assert!(told["not_kept_until"].is_string(), "{told}");
    let story = daemon.says(&["explain", "--tenant", SALON, "--booking", "b3"]);
    assert!(story.contains("may no longer be kept"), "{story}");
    http::take(&base, &[salon::cancel(SALON, "b3")]).await;
    eventually("it is called off", DEADLINE, || async {
        (daemon.sink.count() == 13).then_some(())
    })
    .await;

    let stats = daemon.says_json(&["store", "stats"]);
    let row = |table: &str| -> Value {
        let tables = stats["tables"].as_array().unwrap();
        tables.iter().find(|of| of["table"] == table).unwrap().clone()
    };
    assert!(row("records")["rows"].as_u64().unwrap() > 20, "{stats}");
    assert_eq!(stats["file"]["shrinks"], true);
    assert_eq!(stats["kept"].as_array().unwrap().len(), 8);
    let story = daemon.says(&["store", "stats"]);
    assert!(story.contains("inbox") && !story.contains("compact"), "{story}");
    daemon.finish().await;
}

/// What the broker has not confirmed is kept, however old.
#[tokio::test]
async fn events_stay_until_they_are_published() {
    let options =
        Options { own_broker: true, extra_config: SHORT.to_owned(), ..Options::default() };
    let world = World::start(options).await;
    let events = world.events().await;
    http::take(&world.http(), &salon::busy(SALON, 3)).await;
    eventually("they are told", DEADLINE, || async {
        (!events.of_type("message.sent").is_empty()).then_some(())
    })
    .await;
    world.broker.stop().await;
    http::take(&world.http(), &[salon::cancel(SALON, "b1")]).await;
    eventually("its id is no longer kept", DEADLINE, || async {
        (store::number(&world.store_path(), "SELECT count(*) FROM inbox").await == 0).then_some(())
    })
    .await;
    let kept = "SELECT count(*) FROM events WHERE type = 'booking.changed'";
    assert!(store::number(&world.store_path(), kept).await > 0);
    world.broker.start().await;
    eventually("they are published, and go", DEADLINE, || async {
        (store::number(&world.store_path(), LEFT).await == 0).then_some(())
    })
    .await;
    world.finish().await;
}
