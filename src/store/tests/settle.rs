//! Outcomes are written where the lease still holds.

use super::*;

on_every_backend! {
    each_status_is_kept_with_what_was_said
    a_retry_is_ready_when_it_is_due_again
    a_retry_of_what_was_superseded_is_due_at_once
    only_the_holder_of_the_lease_settles
    an_outcome_and_what_supersedes_it_meet_in_one_batch
}

async fn each_status_is_kept_with_what_was_said(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let ends = [
        MessageStatus::Sent,
        MessageStatus::Dead,
        MessageStatus::Expired,
        MessageStatus::Withdrawn,
        MessageStatus::Unknown,
    ];
    let units: Vec<Unit> = ends.iter().map(|end| leased(shop.book(end.as_str()))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let outcomes: Vec<Settled> =
        units.iter().zip(ends).map(|(unit, end)| settled(unit, end)).collect();
    let held = bench.settle(&outcomes.iter().collect::<Vec<_>>()).await;
    assert_eq!(held, [0, 1, 2, 3, 4]);
    for (unit, end) in units.iter().zip(ends) {
        let view = bench.view(message(unit), &shop).await;
        assert_eq!((view.status.as_str(), view.attempts), (end.as_str(), 1));
        assert_eq!(view.provider.as_deref(), Some("relay"));
        assert_eq!(view.reply.as_deref(), Some("250 ok"));
        assert_eq!(view.settled_at, Some(unit.at + minutes(5)));
    }
    assert_eq!(bench.store.count_open().await.unwrap(), 0);
    assert_eq!(bench.claim(shop.now + minutes(999), 10).await, [""; 0]);
}

async fn a_retry_is_ready_when_it_is_due_again(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let retry = Settled { attempts: 3, doubts: 2, ..settled(&unit, MessageStatus::Ready) };
    assert_eq!(bench.settle(&[&retry]).await, [0]);
    let view = bench.view(message(&unit), &shop).await;
    assert_eq!((view.status.as_str(), view.due), ("ready", unit.at + minutes(30)));
    assert_eq!(view.settled_at, None);
    assert_eq!(bench.next_due().await, Some(unit.at + minutes(30)));
    assert_eq!(bench.claim(unit.at + minutes(29), 10).await, [""; 0]);
    let claimed = bench.due(unit.at + minutes(30), 10).await;
    assert_eq!((claimed[0].stored.attempts, claimed[0].stored.doubts), (3, 2));
}

async fn a_retry_of_what_was_superseded_is_due_at_once(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let mut cancelled = shop.cancel("b1");
    cancelled.decision.messages.clear();
    bench.write(&[&cancelled]).await.unwrap();
    assert_eq!(bench.status(message(&unit), &shop).await, "sending", "it may be on the wire");
    assert_eq!(bench.settle(&[&settled(&unit, MessageStatus::Ready)]).await, [0]);
    let claimed = bench.due(unit.at + minutes(5), 10).await;
    assert!(claimed[0].stored.superseded);
}

async fn only_the_holder_of_the_lease_settles(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..4).map(|n| leased(shop.book(&format!("b{n}")))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let outcomes: Vec<Settled> =
        units.iter().map(|unit| settled(unit, MessageStatus::Sent)).collect();
    let all: Vec<&Settled> = outcomes.iter().collect();
    let batch = Batch { settled: all.clone(), ..Batch::default() };
    let stranger = Uuid::from_u128(99);
    assert_eq!(bench.store.commit(&batch, stranger).await.unwrap().held, [0_usize; 0]);
    assert_eq!(bench.settle(&[all[2]]).await, [0]);
    let events = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap().len();
    assert_eq!(bench.settle(&[all[2], all[3], all[0]]).await, [1, 2], "one is settled already");
    let now = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap().len();
    assert_eq!(now, events + 2, "no lease, no event");
    assert_eq!(bench.status(message(&units[1]), &shop).await, "sending");
}

async fn an_outcome_and_what_supersedes_it_meet_in_one_batch(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [leased(shop.book("b1")), shop.book("b2")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let cancelled = [shop.cancel("b1"), shop.cancel("b2")];
    let sent = settled(&units[0], MessageStatus::Sent);
    let batch =
        Batch { units: cancelled.iter().collect(), settled: vec![&sent], ..Batch::default() };
    assert_eq!(bench.store.commit(&batch, bench.lease).await.unwrap().held, [0]);
    assert_eq!(bench.status(message(&units[0]), &shop).await, "sent");
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!(loaded.state, shop.state);
}
