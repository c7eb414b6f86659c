//! After a crash: what may have left, what was in hand, and what only waited.

use super::*;

on_every_backend! {
    a_crash_leaves_in_doubt_only_what_may_have_left
    where_nothing_is_known_everything_is_in_doubt
    what_stands_in_hand_at_crashes_waits_longer_each_time
    what_was_replaced_waits_for_nothing
}

/// A run on the machine's start `boot`; email is sent again after one minute and after ten, a
/// text message never.
fn run(lease: u128, boot: &str) -> Run {
    let doubts = vec![
        (Channel::Email, [60, 600].map(Duration::from_secs).to_vec()),
        (Channel::Sms, Vec::new()),
    ];
    Run { lease: Uuid::from_u128(lease), boot: boot.to_owned(), slots: 4, doubts }
}

/// Begins the run whose leases the bench writes.
async fn first(bench: &Bench, now: Timestamp) -> Vec<Slot> {
    bench.store.recover(&run(1, "a"), now).await.unwrap().1
}

/// `n` bookings whose messages are leased.
async fn in_flight(bench: &Bench, count: usize) -> (Shop, Vec<Unit>) {
    let mut shop = Shop::open("salon", bench).await;
    let units: Vec<Unit> = (0..count).map(|n| leased(shop.book(&format!("b{n}")))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    (shop, units)
}

/// Doubts, crashes, and in how many seconds it is due.
async fn standing(bench: &Bench, shop: &Shop, unit: &Unit, now: Timestamp) -> (u32, u32, i64) {
    let view = bench.view(message(unit), shop).await;
    assert_eq!(view.status, "ready");
    (view.doubts, view.crashes, view.due.duration_since(now).as_secs().max(0))
}

async fn a_crash_leaves_in_doubt_only_what_may_have_left(bench: Bench) {
    let (shop, units) = in_flight(&bench, 4).await;
    let slots = first(&bench, shop.now).await;
    slots[0].note(message(&units[0]).id, Stage::Left).unwrap();
    slots[1].note(message(&units[1]).id, Stage::InHand).unwrap();
    bench.settle(&[&settled(&units[3], MessageStatus::Sent)]).await;
    let now = shop.now + minutes(1);
    let (recovered, _) = bench.store.recover(&run(2, "a"), now).await.unwrap();
    assert_eq!(recovered, Recovered { in_doubt: 1, in_hand: 1, waiting: 1 });
    let expected = [(1, 0, 60), (0, 1, 0), (0, 0, 0)];
    for (unit, expected) in units.iter().zip(expected) {
        assert_eq!(standing(&bench, &shop, unit, now).await, expected);
    }
    let late = bench.settle(&[&settled(&units[0], MessageStatus::Sent)]).await;
    assert_eq!(late, [0_usize; 0], "the dead run's lease is gone");
    let (recovered, _) = bench.store.recover(&run(3, "a"), now).await.unwrap();
    assert_eq!(recovered, Recovered::default(), "nothing was leased");
}

async fn where_nothing_is_known_everything_is_in_doubt(bench: Bench) {
    let (shop, units) = in_flight(&bench, 2).await;
    // No slots, then some that cannot be read, then those of another start of the machine.
    let now = shop.now + minutes(1);
    let mut lease = run(1, "a").lease;
    for (round, expected) in [(1, (1, 0, 60)), (2, (2, 0, 600)), (3, (3, 0, 0))] {
        bench.due_for(lease, now + minutes(60), 10).await;
        if round == 2 {
            let mut slots = bench.file.clone().into_os_string();
            slots.push("-slots");
            std::fs::write(slots, "something else").unwrap();
        }
        if let Some(database) = &bench.database {
            database.execute("DELETE FROM departures").await;
        }
        let boot = if round == 3 { "b" } else { "a" };
        let next = run(1 + round, boot);
        bench.store.recover(&next, now).await.unwrap();
        lease = next.lease;
        for unit in &units {
            assert_eq!(standing(&bench, &shop, unit, now).await, expected, "{round}");
        }
    }
}

async fn what_stands_in_hand_at_crashes_waits_longer_each_time(bench: Bench) {
    let (shop, units) = in_flight(&bench, 1).await;
    let now = shop.now + minutes(1);
    let mut slots = first(&bench, now).await;
    for (crashes, pause) in [(1, 0), (2, 5), (3, 15), (4, 60), (5, 60)] {
        slots[3].note(message(&units[0]).id, Stage::InHand).unwrap();
        let next = run(1 + u128::from(crashes), "a");
        slots = bench.store.recover(&next, now).await.unwrap().1;
        assert_eq!(standing(&bench, &shop, &units[0], now).await, (0, crashes, pause));
        bench.due_for(next.lease, now + minutes(60), 10).await;
    }
}

async fn what_was_replaced_waits_for_nothing(bench: Bench) {
    let (mut shop, units) = in_flight(&bench, 1).await;
    let slots = first(&bench, shop.now).await;
    slots[0].note(message(&units[0]).id, Stage::Left).unwrap();
    let cancelled = shop.cancel("b0");
    bench.write(&[&cancelled]).await.unwrap();
    let now = shop.now + minutes(1);
    bench.store.recover(&run(2, "a"), now).await.unwrap();
    assert_eq!(standing(&bench, &shop, &units[0], now).await, (1, 0, 0));
}
