//! Several orders of events beside each other, and who may write them.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::*;
use crate::domain::partition::{Part, Partitions};

on_every_backend! {
    each_partition_has_an_order_of_its_own
    one_partition_is_not_mentioned
    no_partition_waits_for_another_on_a_page
    who_was_taken_over_writes_nothing
    what_was_written_is_not_fenced_afterwards
    with_another_number_of_partitions_a_tenant_keeps_its_order
    with_fewer_partitions_nothing_is_left_unread
    what_was_said_is_forgotten_in_every_partition
    what_is_unread_is_counted_over_all_partitions
}

/// One of each of four partitions, and one more.
const TENANTS: [&str; 5] = ["salon-77", "salon-eule", "salon", "salon-uno", "a"];
const FOUR: [u16; 5] = [0, 1, 2, 3, 3];

async fn shops(bench: &Bench) -> Vec<Shop> {
    let mut shops = Vec::new();
    for tenant in TENANTS {
        shops.push(Shop::open(tenant, bench).await);
    }
    shops
}

/// Everybody books once, in one transaction.
async fn book(bench: &Bench, shops: &mut [Shop], booking: &str) {
    let units: Vec<Unit> = shops.iter_mut().map(|shop| shop.book(booking)).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
}

/// What somebody reads who goes on page by page behind a cursor.
async fn read_on(bench: &Bench, cursor: &mut Cursor, limit: u32) -> Vec<StoredEvent> {
    let mut read = Vec::new();
    loop {
        let page = bench.store.events_after(cursor, limit).await.unwrap();
        assert!(page.len() <= limit as usize);
        if page.is_empty() {
            return read;
        }
        page.iter().for_each(|event| cursor.pass(event.part, event.seq));
        read.extend(page);
    }
}

async fn all(bench: &Bench) -> Vec<StoredEvent> {
    read_on(bench, &mut Cursor::default(), PAGE_MAX).await
}

/// What caused each tenant's events, in the order in which they were read.
fn causes(events: &[StoredEvent]) -> HashMap<String, Vec<u32>> {
    let mut causes: HashMap<String, Vec<u32>> = HashMap::new();
    for event in events {
        let body: Value = serde_json::from_str(&event.body).unwrap();
        let cause = body["causationid"].as_str().unwrap().strip_prefix("command ").unwrap();
        causes.entry(event.tenant.clone()).or_default().push(cause.parse().unwrap());
    }
    causes
}

fn assert_in_order(events: &[StoredEvent]) {
    let causes = causes(events);
    assert_eq!(causes.len(), TENANTS.len());
    assert!(causes.values().all(|causes| causes.is_sorted()), "{causes:?}");
}

async fn each_partition_has_an_order_of_its_own(bench: Bench) {
    let bench = bench.over(4).await;
    assert_eq!(bench.store.partitions_ever(), 4);
    let mut shops = shops(&bench).await;
    for n in 0..3 {
        book(&bench, &mut shops, &format!("b{n}")).await;
    }
    let events = all(&bench).await;
    assert_in_order(&events);
    assert_eq!(events.len(), TENANTS.len() * (2 + 3 * 3));
    let mut orders: BTreeMap<Part, Vec<i64>> = BTreeMap::new();
    for event in &events {
        orders.entry(event.part).or_default().push(event.seq);
        let body: Value = serde_json::from_str(&event.body).unwrap();
        assert_eq!(body["partition"], event.part.number());
        assert_eq!(body["sequence"], format!("{:020}", event.seq));
        let tenant = TENANTS.iter().position(|tenant| *tenant == event.tenant).unwrap();
        assert_eq!(event.part.number(), FOUR[tenant]);
        let tenant = TenantId::parse(&event.tenant).unwrap();
        assert_eq!(event.part, Partitions::new(4).of(&tenant), "as the broker");
    }
    assert_eq!(orders.len(), 4);
    for seqs in orders.values() {
        assert!(seqs.iter().copied().eq(1..=seqs.len() as i64), "{seqs:?}");
    }
    let bench = bench.over(4).await;
    book(&bench, &mut shops, "later").await;
    let later = &all(&bench).await;
    let last = |part| orders[&part].len() as i64;
    let added: Vec<_> = later.iter().filter(|event| event.seq > last(event.part)).collect();
    assert_eq!(added.len(), TENANTS.len() * 3, "numbers go on after a restart");
}

async fn one_partition_is_not_mentioned(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.book("b1")]).await.unwrap();
    for event in all(&bench).await {
        assert!(!event.body.contains("\"partition\""), "{}", event.body);
        assert_eq!(event.part, Part::default());
    }
}

async fn no_partition_waits_for_another_on_a_page(bench: Bench) {
    let bench = bench.over(4).await;
    let mut shops = shops(&bench).await;
    for n in 0..20 {
        bench.write(&[&shops[0].book(&format!("flood{n}"))]).await.unwrap();
    }
    book(&bench, &mut shops, "b1").await;
    let whole = all(&bench).await;
    for limit in [1, 2, 3, 7, 50] {
        let mut cursor = Cursor::default();
        let read = read_on(&bench, &mut cursor, limit).await;
        assert_eq!(read.len(), whole.len());
        assert_in_order(&read);
        // All of the quiet ones come among the first.
        let others: Vec<_> =
            (0..).zip(&read).filter(|(_, event)| event.part.number() > 0).collect();
        let (last, _) = others.last().unwrap();
        assert!(*last < 4 * 10 + 4, "{last} with {limit} a page");
        assert!(bench.store.events_after(&cursor, limit).await.unwrap().is_empty());
    }
}

async fn who_was_taken_over_writes_nothing(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let booked = leased(shop.book("b1"));
    bench.write(&[&booked]).await.unwrap();
    let before = all(&bench).await;
    let other = bench.wrested().await;
    let late = shop.book("b2");
    let sent = settled(&booked, MessageStatus::Sent);
    for batch in [
        Batch { units: vec![&late], ..Batch::default() },
        Batch { settled: vec![&sent], ..Batch::default() },
        Batch { units: vec![&late], settled: vec![&sent], number: 9 },
    ] {
        let refused = bench.store.commit(&batch, bench.lease).await;
        let Err(CommitError::Fenced(parts)) = refused else { panic!("{refused:?}") };
        assert_eq!(parts, [Part::default()]);
    }
    assert_eq!(all(&bench).await, before);
    assert_eq!(bench.store.load_tenant(&shop.tenant).await.unwrap().revision, shop.revision - 1);
    assert_eq!(bench.status(message(&booked), &shop).await, "sending");
    // Whoever took over goes on from there.
    let batch = Batch { units: vec![&late], ..Batch::default() };
    let told = other.commit(&batch, other.run()).await.unwrap().events;
    assert_eq!(told[0].seq, before.last().unwrap().seq + 1);
    assert_eq!(all(&bench).await.len(), before.len() + told.len());
    // What it wrote does not make the old one's units stale: they are not its own to try again.
    let stale = bench.store.commit(&batch, bench.lease).await;
    assert!(matches!(stale, Err(CommitError::Fenced(_))), "{stale:?}");
}

/// The answer was lost, then another took over: it stands.
async fn what_was_written_is_not_fenced_afterwards(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.book("b1");
    let batch = Batch { units: vec![&unit], number: 1, ..Batch::default() };
    bench.store.commit(&batch, bench.lease).await.unwrap();
    let _other = bench.wrested().await;
    let again = bench.store.commit(&batch, bench.lease).await.unwrap();
    assert_eq!(again, Committed::default());
}

async fn with_another_number_of_partitions_a_tenant_keeps_its_order(bench: Bench) {
    let mut shops = shops(&bench).await;
    book(&bench, &mut shops, "b1").await;
    let mut cursor = Cursor::default();
    let page = bench.store.events_after(&cursor, 4).await.unwrap();
    page.iter().for_each(|event| cursor.pass(event.part, event.seq));
    let bench = bench.over(4).await;
    assert!(!bench.store.is_behind_changes(&cursor));
    book(&bench, &mut shops, "b2").await;
    let bench = bench.over(16).await;
    book(&bench, &mut shops, "b3").await;
    for limit in [1, 3, 10, PAGE_MAX] {
        let mut cursor = cursor.clone();
        let read = read_on(&bench, &mut cursor, limit).await;
        assert_eq!(page.len() + read.len(), TENANTS.len() * (2 + 3 * 3), "{limit}");
        assert_in_order(&[page.clone(), read].concat());
        assert!(bench.store.is_behind_changes(&cursor));
    }
}

async fn with_fewer_partitions_nothing_is_left_unread(bench: Bench) {
    let bench = bench.over(4).await;
    let mut shops = shops(&bench).await;
    book(&bench, &mut shops, "b1").await;
    let bench = bench.over(1).await;
    book(&bench, &mut shops, "b2").await;
    assert_eq!(bench.store.partitions_ever(), 4);
    let events = all(&bench).await;
    assert_eq!(events.len(), TENANTS.len() * (2 + 2 * 3));
    assert_in_order(&events);
}

async fn what_was_said_is_forgotten_in_every_partition(bench: Bench) {
    let mut shop = Shop::open("salon-uno", &bench).await;
    let booked = leased(shop.book("b1"));
    bench.write(&[&booked]).await.unwrap();
    let said = |reply: &str, status| Settled {
        reply: reply.to_owned(),
        due: booked.at,
        event: settled(&booked, status).event.map(|event| match event {
            Event::Message(event) => {
                Event::Message(MessageEvent { reply: reply.to_owned(), ..event })
            }
            other => other,
        }),
        ..settled(&booked, status)
    };
    bench.settle(&[&said("451 anna is busy", MessageStatus::Ready)]).await;
    let bench = bench.over(4).await;
    assert_eq!(bench.claim(booked.at, 1).await, ["b1"]);
    bench.settle(&[&said("550 anna is gone", MessageStatus::Dead)]).await;
    let parts: Vec<u16> = all(&bench).await.iter().map(|event| event.part.number()).collect();
    assert!(parts.contains(&0) && parts.contains(&3), "{parts:?}");
    for reply in ["anna is busy", "anna is gone"] {
        assert!(!bench.tables_with(reply).await.is_empty(), "{reply}");
    }
    let erased = Decision { erased: Some(ClientId::parse("anna").unwrap()), ..Decision::default() };
    bench.write(&[&shop.decides(erased)]).await.unwrap();
    for reply in ["anna is busy", "anna is gone"] {
        assert_eq!(bench.tables_with(reply).await, Vec::<String>::new(), "{reply}");
    }
}

async fn what_is_unread_is_counted_over_all_partitions(bench: Bench) {
    let bench = bench.over(4).await;
    let mut shops = shops(&bench).await;
    let events = u64::try_from(all(&bench).await.len()).unwrap();
    let unread = bench.store.unread_events("amqp").await.unwrap();
    assert_eq!(unread, Unread { events, since: Some(shops[0].now) });
    let mut cursor = Cursor::default();
    read_on(&bench, &mut cursor, PAGE_MAX).await;
    bench.store.set_cursor("amqp", &cursor).await.unwrap();
    assert_eq!(bench.store.unread_events("amqp").await.unwrap(), Unread::default());
    shops[3].now += minutes(5);
    let late = shops[3].now;
    bench.write(&[&shops[3].book("b1")]).await.unwrap();
    let unread = bench.store.unread_events("amqp").await.unwrap();
    assert_eq!(unread, Unread { events: 3, since: Some(late) });
}
