//! A provider that delivers slowly loses some of its weight for a while.

use std::time::Duration;

use super::life::Life;
use super::receipts::of;
use super::salon::{SALON, books, opens, registers};
use super::universe::Universe;
use crate::domain::message::MessageId;

const CLIENTS: usize = 60;

/// What arrives of the messages that this provider took.
async fn arrive(life: &Life, messages: &[(MessageId, String)], provider: &str) {
    let theirs = messages.iter().filter(|(_, by)| by == provider);
    let receipts = theirs.map(|(message, by)| of(*message, by)).collect();
    life.core.receipts.take(receipts).await.unwrap();
    let waiting = "SELECT count(*) FROM receipts";
    life.until("all are told", async || life.store.count(waiting).await == 0).await;
}

/// What each provider has of its weight, and why.
async fn weights(life: &Life) -> Vec<(f64, Option<String>)> {
    let providers = life.core.outbound.providers().await.unwrap();
    providers.into_iter().map(|of| (of.effective_weight, of.weight_reason)).collect()
}

#[test]
fn weight_moves_to_who_is_fast_and_back() {
    let mut universe = Universe::with("[limits]\n");
    universe.with_another();
    universe.lives(async |life| {
        let telling = tokio::spawn(life.core.receipts.clone().run());
        life.does(opens(SALON)).await;
        let mut messages = Vec::new();
        for number in 0..CLIENTS {
            let client = format!("c{number}");
            life.does(registers(SALON, &client)).await;
            life.does(books(SALON, &format!("b{number}"), &client)).await;
            life.settles().await;
            let sent = life.messages(SALON, &client).await.remove(0);
            let id = MessageId(sent.message.parse().unwrap());
            messages.push((id, sent.provider.unwrap()));
        }
        // Given one provider whose messages arrive at once, and one whose take six minutes,
        arrive(life, &messages, "script-1").await;
        life.passes(Duration::from_secs(360)).await;
        assert_eq!(weights(life).await, [(1.0, None), (1.0, None)]);
        arrive(life, &messages, "script-0").await;
        // then the latter has less of its weight, and it is told why,
        life.passes(Duration::from_secs(2)).await;
        let why = "30 of 30 receipts took over 5 min".to_owned();
        assert_eq!(weights(life).await, [(0.9, Some(why)), (1.0, None)]);
        // and all of it again once it is not slow for ten minutes.
        life.passes(Duration::from_secs(590)).await;
        assert!(weights(life).await[0].0 < 1.0);
        life.passes(Duration::from_secs(15)).await;
        let why = "not slow any more".to_owned();
        assert_eq!(weights(life).await[0], (1.0, Some(why)));
        telling.abort();
    });
}
