//! A text in several parts: receipts of each find the message, and it has arrived once all have.

use super::receipts::{due, gone, receipt, take};
use super::*;
use crate::domain::part::{Named, OfWhole, Part};
use crate::domain::receipt::{Failure, ReceiptId, Report};

on_every_backend! {
    a_message_has_arrived_once_all_of_its_parts_have_over_a_restart
    a_part_that_is_named_late_finds_its_message
    the_names_of_the_last_attempt_count
    parts_of_one_name_arrive_together
}

/// A message that went in so many parts, which are called `name-0` and so on.
async fn in_parts(shop: &mut Shop, bench: &Bench, booking: &str, parts: usize) -> MessageId {
    let unit = leased(shop.book(booking));
    bench.write(&[&unit]).await.unwrap();
    bench.settle(&[&named(&unit, booking, parts)]).await;
    message(&unit).id
}

fn named(unit: &Unit, name: &str, parts: usize) -> Settled {
    let mut tried = said(unit, &format!("{name}-0"));
    tried[0].attempt.parts = (0..parts).map(|part| Some(format!("{name}-{part}"))).collect();
    Settled { tried, ..settled(unit, MessageStatus::Sent) }
}

async fn told(bench: &Bench, reference: &str, report: Report) -> DueReceipt {
    take(bench, &receipt(None, Some(reference), report)).await;
    let due = due(bench).await;
    due.into_iter().next().unwrap()
}

async fn drops(bench: &Bench, receipt: ReceiptId) {
    bench.store.put_receipts_off(&[PutOff { receipt, until: None }]).await.unwrap();
}

/// The part that is told of now; its receipt is gone.
async fn tells(bench: &Bench, reference: &str, report: Report) -> Option<Part> {
    let due = told(bench, reference, report).await;
    drops(bench, due.receipt).await;
    due.part
}

async fn arrives(bench: &Bench, message: MessageId, reference: &str) -> bool {
    let due = told(bench, reference, Report::Delivered).await;
    assert_eq!(due.found.as_ref().unwrap().reported.message, message);
    let part = due.part.unwrap().number;
    let all = bench.store.part_arrived(due.receipt, message, part).await.unwrap();
    assert_eq!(bench.store.receipt_waits(due.receipt).await.unwrap(), all);
    drops(bench, due.receipt).await;
    all
}

async fn a_message_has_arrived_once_all_of_its_parts_have_over_a_restart(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let whole = in_parts(&mut shop, &bench, "b0", 1).await;
    let message = in_parts(&mut shop, &bench, "b1", 3).await;
    let failed = Report::Undelivered(Failure::Failed);
    assert!(!arrives(&bench, message, "b1-2").await);
    assert!(!arrives(&bench, message, "b1-2").await, "the same again");
    assert!(!arrives(&bench, message, "b1-0").await);
    let bench = bench.reopened().await;
    let last = tells(&bench, "b1-1", Report::Delivered).await.unwrap();
    assert_eq!(last, Part { number: 1, has_arrived: false, missing: 0 });
    assert_eq!(last.tells(failed), OfWhole::Same);
    let first = tells(&bench, "b1-0", failed).await.unwrap();
    assert_eq!(first, Part { number: 0, has_arrived: true, missing: 1 });
    assert!(arrives(&bench, message, "b1-1").await);
    assert_eq!(told(&bench, "b0-0", failed).await.part, None, "{whole} went as a whole");
}

async fn a_part_that_is_named_late_finds_its_message(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = gone(&mut shop, &bench, "b1", MessageStatus::Unknown).await;
    let message = message(&unit).id;
    let name = async |part, parts, reference: &str| {
        let named = Named { message, part, parts, reference: reference.to_owned() };
        bench.store.name_part("relay", &named).await.unwrap();
    };
    name(0, 1, "late").await;
    let due = told(&bench, "late", Report::Delivered).await;
    assert_eq!((due.found.unwrap().reported.message, due.part), (message, None));
    drops(&bench, due.receipt).await;
    // The first of two; what became of the other nobody knows.
    name(0, 2, "late").await;
    assert!(!arrives(&bench, message, "late").await);
    name(1, 2, "later").await;
    assert!(arrives(&bench, message, "later").await);
}

async fn the_names_of_the_last_attempt_count(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let again = Settled { status: MessageStatus::Ready, ..named(&unit, "first", 2) };
    bench.settle(&[&again]).await;
    let message = message(&unit).id;
    assert!(!arrives(&bench, message, "first-0").await);
    assert_eq!(bench.claim(at("2026-12-09T12:00:00Z"), 10).await, ["b1"]);
    bench.settle(&[&named(&unit, "second", 2)]).await;
    assert!(!arrives(&bench, message, "second-1").await);
    assert!(arrives(&bench, message, "second-0").await);
}

async fn parts_of_one_name_arrive_together(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let mut settled = named(&unit, "b1", 3);
    settled.tried[0].attempt.parts = ["same", "same", "other"].map(|name| Some(name.into())).into();
    bench.settle(&[&settled]).await;
    let message = message(&unit).id;
    assert!(!arrives(&bench, message, "same").await);
    assert!(arrives(&bench, message, "other").await);
}
