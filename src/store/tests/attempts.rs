//! What each provider made of a message is kept, within limits, and forgotten with the client.

use super::*;
use crate::domain::outcome::OnDevice;

on_every_backend! {
    every_provider_that_was_asked_is_told_of_in_order
    of_many_attempts_the_first_and_the_latest_are_kept
    who_has_lost_the_lease_adds_no_attempt
    what_each_device_took_is_kept_with_the_attempt
}

fn tried(at: Timestamp, provider: &str, outcome: Outcome, reply: &str) -> Tried {
    let (provider, reply) = (provider.to_owned(), reply.to_owned());
    let attempt = Attempt {
        outcome,
        provider,
        reply,
        reference: None,
        devices: Vec::new(),
        parts: Vec::new(),
    };
    Tried { at, attempt }
}

/// It is to be tried again, and these were asked.
fn again(unit: &Unit, tried: Vec<Tried>) -> Settled {
    Settled { tried, ..settled(unit, MessageStatus::Ready) }
}

async fn every_provider_that_was_asked_is_told_of_in_order(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let both = vec![
        tried(unit.at, "a", Outcome::Transient, "451 later"),
        tried(unit.at + minutes(1), "b", Outcome::Throttled { after: None }, "too many"),
    ];
    bench.settle(&[&again(&unit, both)]).await;
    assert_eq!(bench.due(unit.at + minutes(30), 10).await.len(), 1);
    let last = vec![tried(unit.at + minutes(31), "a", Outcome::Accepted, "250 ok")];
    bench.settle(&[&Settled { tried: last, ..settled(&unit, MessageStatus::Sent) }]).await;
    let view = bench.view(message(&unit), &shop).await;
    let told: Vec<_> = view
        .history
        .iter()
        .map(|it| (it.n, it.provider.as_str(), it.outcome.as_str(), it.reply.as_str()))
        .collect();
    let expected = [
        (1, "a", "transient", "451 later"),
        (2, "b", "throttled", "too many"),
        (3, "a", "accepted", "250 ok"),
    ];
    assert_eq!(told, expected);
    assert_eq!(view.history[1].at, unit.at + minutes(1));
}

async fn of_many_attempts_the_first_and_the_latest_are_kept(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    for _ in 0..3 {
        let many = (0..ATTEMPTS_MAX).map(|_| tried(unit.at, "a", Outcome::Transient, "no"));
        bench.settle(&[&again(&unit, many.collect())]).await;
        assert_eq!(bench.due(unit.at + minutes(30), 10).await.len(), 1);
    }
    let view = bench.view(message(&unit), &shop).await;
    let kept: Vec<u32> = view.history.iter().map(|attempt| attempt.n).collect();
    let latest = 3 * ATTEMPTS_MAX - (ATTEMPTS_MAX - 1)..3 * ATTEMPTS_MAX;
    let expected: Vec<u32> = std::iter::once(1).chain(latest.map(|n| n + 1)).collect();
    assert_eq!(kept, expected);
}

async fn who_has_lost_the_lease_adds_no_attempt(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let one = || vec![tried(unit.at, "a", Outcome::Accepted, "250 ok")];
    let sent = Settled { tried: one(), ..settled(&unit, MessageStatus::Sent) };
    assert_eq!(bench.settle(&[&sent]).await, [0]);
    assert!(bench.settle(&[&sent]).await.is_empty());
    assert_eq!(bench.view(message(&unit), &shop).await.history.len(), 1);
}

async fn what_each_device_took_is_kept_with_the_attempt(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let device = |device: &str, outcome, reply: &str| OnDevice {
        device: device.to_owned(),
        outcome,
        reply: reply.to_owned(),
    };
    let mut taken = tried(unit.at, "a", Outcome::Accepted, "1 of 2 devices took it");
    taken.attempt.devices = vec![device("d0", "accepted", "200"), device("d1", "permanent", "410")];
    let before = tried(unit.at, "b", Outcome::Transient, "no");
    let both = vec![before, taken];
    bench.settle(&[&Settled { tried: both, ..settled(&unit, MessageStatus::Sent) }]).await;
    let view = bench.view(message(&unit), &shop).await;
    assert!(view.history[0].devices.is_empty());
    let told: Vec<_> = view.history[1]
        .devices
        .iter()
        .map(|of| (of.device.as_str(), of.outcome.as_str(), of.reply.as_str()))
        .collect();
    assert_eq!(told, [("d0", "accepted", "200"), ("d1", "permanent", "410")]);
    // Who is erased leaves no devices behind.
    let erased = shop.does(&Command::EraseClient(ClientId::parse("anna").unwrap()));
    bench.write(&[&erased]).await.unwrap();
    let left = "SELECT count(*) FROM attempts WHERE devices IS NOT NULL";
    assert_eq!(bench.store.count(left).await, 0);
}
