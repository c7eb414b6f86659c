//! What waits is counted wherever it waits, and since it was first due.

use super::*;
use crate::domain::kind::Lane;
use crate::store::{Backlog, Late, Waiting};

on_every_backend! {
    what_waits_is_counted_through_all_its_retries
    what_is_settled_or_not_due_or_not_to_leave_does_not_wait
    what_an_earlier_version_wrote_waits_since_its_last_due_time
    who_waits_in_a_lane_is_told_the_longest_first
}

async fn what_waits_is_counted_through_all_its_retries(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let first_due = shop.now;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit, &shop.book("b2")]).await.unwrap();
    let waiting = async |minute, provider: &[Option<&str>]| {
        let backlog = bench.store.backlog(first_due + minutes(minute)).await.unwrap();
        let mut waiting = backlog.waiting;
        waiting.sort_by(|one, other| one.provider.cmp(&other.provider));
        let providers: Vec<_> = waiting.iter().map(|one| one.provider.as_deref()).collect();
        assert_eq!(providers, provider, "after {minute} minutes");
        assert!(waiting.iter().all(|one| one.first_due == first_due), "{waiting:?}");
        waiting.iter().map(|one| one.messages).sum::<u64>()
    };
    // One is with the dispatcher, the other in the store.
    assert_eq!(waiting(1, &[None]).await, 2);
    bench.settle(&[&settled(&unit, MessageStatus::Ready)]).await;
    // It waits for its next attempt, in half an hour.
    assert_eq!(waiting(6, &[None, Some("relay")]).await, 2);
    let later = unit.at + minutes(30);
    let claimed = bench.due(later, 9).await;
    assert!(claimed.iter().all(|claimed| claimed.stored.first_due == first_due));
    assert_eq!(waiting(31, &[None, Some("relay")]).await, 2);
}

async fn what_is_settled_or_not_due_or_not_to_leave_does_not_wait(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [leased(shop.book("b1")), leased(shop.book("b2")), shop.book("b3")];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let before = bench.store.backlog(shop.now - minutes(1)).await.unwrap();
    assert_eq!(before, Backlog::default());
    bench.settle(&[&settled(&units[0], MessageStatus::Sent)]).await;
    bench.settle(&[&settled(&units[1], MessageStatus::Dead)]).await;
    let mut cancelled = shop.cancel("b3");
    cancelled.decision.messages.clear();
    bench.write(&[&cancelled]).await.unwrap();
    let after = bench.store.backlog(shop.now + minutes(99)).await.unwrap();
    assert_eq!(after, Backlog { dead: 1, ..Backlog::default() });
}

async fn what_an_earlier_version_wrote_waits_since_its_last_due_time(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.book("b1")]).await.unwrap();
    // A daemon of the version before beside this one does not know the column.
    bench.vandalize("UPDATE messages SET first_due_ms = NULL").await;
    let backlog = bench.store.backlog(shop.now).await.unwrap();
    let [Waiting { messages: 1, first_due, .. }] = *backlog.waiting else { panic!("{backlog:?}") };
    assert_eq!(first_due, shop.now);
}

async fn who_waits_in_a_lane_is_told_the_longest_first(bench: Bench) {
    let mut salon = Shop::open("salon", &bench).await;
    let mut centre = Shop::open("centre", &bench).await;
    let first = salon.now;
    let unit = leased(salon.book("b1"));
    bench.write(&[&unit, &salon.book("b2")]).await.unwrap();
    centre.now = first + minutes(3);
    bench.write(&[&centre.book("b1")]).await.unwrap();
    let late = async |lane, since, limit| bench.store.late(lane, since, limit).await.unwrap();
    let of =
        |tenant: &str, messages, first_due| Late { tenant: tenant.to_owned(), messages, first_due };
    let both = [of("salon", 2, first), of("centre", 1, first + minutes(3))];
    let lane = Lane::Transactional;
    assert_eq!(late(lane, first + minutes(3), 9).await, both);
    assert_eq!(late(lane, first + minutes(3), 1).await, both[..1]);
    assert_eq!(late(lane, first + minutes(2), 9).await, both[..1]);
    assert_eq!(late(lane, first - minutes(1), 9).await, []);
    assert_eq!(late(Lane::Bulk, first + minutes(3), 9).await, []);
    // One waits for its next attempt, and since it was first due.
    bench.settle(&[&settled(&unit, MessageStatus::Ready)]).await;
    assert_eq!(late(lane, first + minutes(2), 9).await, both[..1]);
}
