//! Bursts of receipts.

use futures_util::future::join_all;
use uuid::Uuid;

use super::life::Life;
use super::salon::{SALON, books, opens, registers};
use super::universe::Universe;
use crate::clock;
use crate::domain::message::MessageId;
use crate::domain::receipt::Report;
use crate::store::tamper::Fault;
use crate::store::{NewReceipt, StoreError, Taken};

/// Receipts that come at once.
const BURST: usize = 1000;
/// So many of them are of messages that were sent.
const MESSAGES: usize = 100;
/// Transactions that may be spent on them: each has room for 256.
const HANDFUL: usize = 6;

/// A message arrived, its provider says.
pub fn of(message: MessageId, provider: &str) -> NewReceipt {
    NewReceipt {
        provider: provider.to_owned(),
        message: Some(message),
        reference: None,
        report: Report::Delivered,
        said: "delivered".to_owned(),
        at: clock::now(),
    }
}

/// Each in a call of its own.
async fn take(life: &Life, messages: &[MessageId]) -> Vec<Result<Taken, StoreError>> {
    let take = |message: &MessageId| life.core.receipts.take(vec![of(*message, "script-0")]);
    join_all(messages.iter().map(take)).await
}

async fn none_waits(life: &Life) -> bool {
    life.store.count("SELECT count(*) FROM receipts").await == 0
}

#[test]
fn a_burst_of_receipts_is_written_and_told_in_a_handful_of_transactions() {
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        for client in 0..MESSAGES {
            let name = format!("c{client}");
            life.does(registers(SALON, &name)).await;
            life.does(books(SALON, &format!("b{client}"), &name)).await;
        }
        life.settles().await;
        let mut messages = Vec::new();
        for client in 0..MESSAGES {
            let sent = life.messages(SALON, &format!("c{client}")).await;
            messages.extend(sent.iter().map(|sent| MessageId(sent.message.parse().unwrap())));
        }
        assert_eq!(messages.len(), MESSAGES);
        // Those of others' messages are of no interest, and cost as much.
        messages.extend((messages.len()..BURST).map(|_| MessageId(Uuid::now_v7())));
        // When each is handed in twice, in two bursts,
        for _ in 0..2 {
            let before = universe.store.calls("take_receipts");
            let taken = take(life, &messages).await;
            assert!(taken.iter().all(|taken| matches!(taken, Ok(Taken::Kept))), "{taken:?}");
            let spent = universe.store.calls("take_receipts") - before;
            assert!((1..=HANDFUL).contains(&spent), "{spent} transactions to take {BURST}");
        }
        let waiting = "SELECT count(*) FROM receipts";
        assert_eq!(life.store.count(waiting).await, i64::try_from(BURST).unwrap(), "each once");
        // then what they say is told,
        let before = ["commit", "put_receipts_off"].map(|what| universe.store.calls(what));
        let telling = tokio::spawn(life.core.receipts.clone().run());
        life.until("all are told", async || none_waits(life).await).await;
        let after = ["commit", "put_receipts_off"].map(|what| universe.store.calls(what));
        let spent: usize = after.iter().zip(before).map(|(after, before)| after - before).sum();
        assert!(spent <= 2 * HANDFUL, "{spent} transactions to tell {BURST}");
        let arrived = "SELECT count(*) FROM messages WHERE arrival = 'delivered'";
        assert_eq!(life.store.count(arrived).await, i64::try_from(MESSAGES).unwrap());
        telling.abort();
    });
}

#[test]
fn who_is_not_told_that_a_receipt_is_kept_comes_again() {
    let universe = Universe::new();
    universe.expects_panics(1);
    universe.lives(async |life| {
        let messages: Vec<MessageId> = (0..10).map(|_| MessageId(Uuid::now_v7())).collect();
        for fault in [Fault::Fails, Fault::Panics] {
            // Given a store that fails, or a writer that falls,
            universe.store.next("take_receipts", fault);
            // then all hear of it who wait for that transaction,
            let taken = take(life, &messages).await;
            assert!(
                taken.iter().all(|taken| matches!(taken, Err(StoreError::Unavailable(_)))),
                "{taken:?}"
            );
            assert!(none_waits(life).await);
        }
        // and nobody who comes again.
        let taken = take(life, &messages).await;
        assert!(taken.iter().all(|taken| matches!(taken, Ok(Taken::Kept))), "{taken:?}");
        assert_eq!(life.store.count("SELECT count(*) FROM receipts").await, 10);
    });
}

#[test]
fn what_somebody_handed_in_who_does_not_wait_keeps_nobody_else_from_it() {
    let universe = Universe::new();
    universe.lives(async |life| {
        let messages: Vec<MessageId> = (0..600).map(|_| MessageId(Uuid::now_v7())).collect();
        let gate = universe.store.holds("take_receipts");
        let (impatient, patient) = messages.split_at(500);
        let mut going = Box::pin(take(life, impatient));
        // Given one who writes, and 499 who wait and go,
        tokio::select! {
            biased;
            taken = &mut going => panic!("written behind a closed gate: {taken:?}"),
            () = gate.reached() => {}
        }
        drop(going);
        // then those are written who stay.
        let staying = take(life, patient);
        gate.open();
        let taken = staying.await;
        assert!(taken.iter().all(|taken| matches!(taken, Ok(Taken::Kept))), "{taken:?}");
    });
}
