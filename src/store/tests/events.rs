//! What upstream is told, in order, each thing once.

use std::collections::HashSet;

use serde_json::Value;

use super::*;

on_every_backend! {
    events_come_in_the_order_of_what_caused_them
    who_writes_events_is_told_them
    a_transaction_may_tell_more_than_a_page
    a_page_goes_on_where_the_last_one_ended
    old_events_may_be_gone
    an_event_keeps_its_id
    refusals_of_one_id_are_events_of_their_own
    tries_of_one_message_are_events_of_their_own
    a_reader_finds_its_place_again
    a_number_is_noted_and_found_again
}

async fn all(bench: &Bench) -> Vec<StoredEvent> {
    bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap()
}

fn ids(events: &[StoredEvent]) -> HashSet<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}

async fn events_come_in_the_order_of_what_caused_them(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    let refused = shop.cancel("b9");
    bench.write(&[&unit, &refused]).await.unwrap();
    bench.settle(&[&settled(&unit, MessageStatus::Sent)]).await;
    let events = all(&bench).await;
    let bodies: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(&event.body).unwrap()).collect();
    let told: Vec<(&str, &str)> = events
        .iter()
        .zip(&bodies)
        .map(|(event, body)| (body["causationid"].as_str().unwrap(), event.type_name.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("command 1", "command.accepted"),
            ("command 2", "command.accepted"),
            ("command 3", "command.accepted"),
            ("command 3", "booking.changed"),
            ("command 3", "message.skipped"),
            ("command 4", "command.rejected"),
            ("command 3", "message.sent"),
        ]
    );
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert!(seqs.is_sorted() && seqs[0] > 0);
    assert_eq!(events[3].tenant, "salon");
    let body = &bodies[3];
    assert_eq!(body["time"], unit.at.to_string());
    assert_eq!(body["sequence"], format!("{:020}", events[3].seq));
    let data = &body["data"];
    assert_eq!((&data["booking"], &data["state"]), (&"b1".into(), &"confirmed".into()));
}

async fn who_writes_events_is_told_them(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    let before = all(&bench).await.len();
    let batch = Batch { units: vec![&unit], ..Batch::default() };
    let mut told = bench.store.commit(&batch, bench.lease).await.unwrap().events;
    let sent = settled(&unit, MessageStatus::Sent);
    // The second finds no lease: nothing is said of it.
    let batch = Batch { settled: vec![&sent], ..Batch::default() };
    for _ in 0..2 {
        told.extend(bench.store.commit(&batch, bench.lease).await.unwrap().events);
    }
    assert_eq!(told, all(&bench).await[before..]);
    let bench = bench.reopened().await;
    let more = shop.book("b2");
    let batch = Batch { units: vec![&more], ..Batch::default() };
    told.extend(bench.store.commit(&batch, bench.lease).await.unwrap().events);
    assert_eq!(told, all(&bench).await[before..], "places go on after a restart");
}

async fn a_transaction_may_tell_more_than_a_page(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..250).map(|n| shop.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let events = all(&bench).await;
    assert_eq!(events.len(), 2 + 250 * 3);
    let seqs: Vec<i64> = events.iter().map(|event| event.seq).collect();
    assert_eq!(seqs, (1..=752).collect::<Vec<_>>());
}

async fn a_page_goes_on_where_the_last_one_ended(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..10).map(|n| shop.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let (mut cursor, mut read) = (Cursor::default(), Vec::new());
    loop {
        let page = bench.store.events_after(&cursor, 7).await.unwrap();
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        cursor.pass(last.part, last.seq);
        read.extend(page);
    }
    assert_eq!(read, all(&bench).await);
    assert_eq!(read.len(), 2 + 10 * 3);
}

async fn old_events_may_be_gone(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for n in 0..9 {
        bench.write(&[&shop.book(&format!("b{n}"))]).await.unwrap();
    }
    let before = all(&bench).await;
    bench.vandalize("DELETE FROM event_pages WHERE last_place < 20").await;
    let left = all(&bench).await;
    assert_eq!(left, before[before.len() - left.len()..]);
    assert!(left.len() < before.len());
    assert_eq!(bench.store.events_after(&Cursor::default(), 4).await.unwrap(), left[..4]);
}

async fn an_event_keeps_its_id(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.book("b1")]).await.unwrap();
    let events = all(&bench).await;
    assert_eq!(events, all(&bench).await);
    assert_eq!(ids(&events).len(), events.len());
}

async fn refusals_of_one_id_are_events_of_their_own(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.book("b1");
    bench.write(&[&unit]).await.unwrap();
    let rejection = Rejection::new(RejectionReason::IdReused, "another body");
    let events = vec![Event::CommandRejected(rejection)];
    let refusal = |seconds| Unit {
        claim: None,
        at: unit.at + SignedDuration::from_secs(seconds),
        decision: Decision { events: events.clone(), ..Decision::default() },
        ..unit.clone()
    };
    bench.write(&[&refusal(1), &refusal(2)]).await.unwrap();
    let events = all(&bench).await;
    assert_eq!(ids(&events).len(), events.len());
}

async fn tries_of_one_message_are_events_of_their_own(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    for hours in 0..3 {
        // Throttled: neither an attempt nor a doubt is counted.
        let later = SignedDuration::from_hours(hours);
        let retry = settled(&unit, MessageStatus::Ready);
        let retry = Settled { at: retry.at + later, due: retry.due + later, ..retry };
        assert_eq!(bench.settle(&[&retry]).await, [0]);
        assert_eq!(bench.claim(retry.due, 1).await, ["b1"]);
    }
    let events = all(&bench).await;
    assert_eq!(ids(&events).len(), events.len());
}

async fn a_reader_finds_its_place_again(bench: Bench) {
    let at = |read: &[i64]| Cursor::at(read.to_vec());
    assert_eq!(bench.store.cursor("amqp").await.unwrap(), Cursor::default());
    bench.store.set_cursor("amqp", &at(&[7])).await.unwrap();
    bench.store.set_cursor("other", &at(&[3])).await.unwrap();
    bench.store.set_cursor("amqp", &at(&[12, 0, 5])).await.unwrap();
    assert_eq!(bench.store.cursor("amqp").await.unwrap(), at(&[12, 0, 5]));
    assert_eq!(bench.store.cursor("other").await.unwrap(), at(&[3]));
}

async fn a_number_is_noted_and_found_again(bench: Bench) {
    assert_eq!(bench.store.noted("tried").await.unwrap(), 0);
    for number in [7, -3] {
        bench.store.note("tried", number).await.unwrap();
    }
    let bench = bench.reopened().await;
    assert_eq!(bench.store.noted("tried").await.unwrap(), -3);
}
