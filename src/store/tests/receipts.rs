//! Receipts wait until they are told, and find their message by either name.

use super::*;
use crate::domain::receipt::{Arrival, Failure, ReceiptId, Report, Standing, Suppression};
use crate::store::receipts::{DueReceipt, NewReceipt, PutOff, Taken};

on_every_backend! {
    a_receipt_finds_its_message_by_our_name_and_by_the_provider_s
    the_same_receipt_waits_once_and_outlives_a_restart
    what_is_told_is_written_with_the_message_and_the_receipt_is_gone
    a_receipt_settles_what_was_in_doubt
    a_receipt_can_be_put_off_and_dropped
    that_an_address_was_condemned_is_known_of_the_next_receipt
}

const LATER: &str = "2026-12-09T12:00:00Z";

pub fn receipt(message: Option<MessageId>, reference: Option<&str>, report: Report) -> NewReceipt {
    NewReceipt {
        provider: "relay".to_owned(),
        message,
        reference: reference.map(str::to_owned),
        report,
        said: "delivered".to_owned(),
        at: at("2026-12-01T12:10:00Z"),
    }
}

pub async fn take(bench: &Bench, receipt: &NewReceipt) {
    assert_eq!(
        bench.store.take_receipts(std::slice::from_ref(receipt)).await.unwrap(),
        Taken::Kept
    );
}

pub async fn due(bench: &Bench) -> Vec<DueReceipt> {
    bench.store.due_receipts(at(LATER), 10).await.unwrap()
}

/// A message that left, and is called `250 ok` by its provider.
pub async fn gone(shop: &mut Shop, bench: &Bench, booking: &str, status: MessageStatus) -> Unit {
    let unit = leased(shop.book(booking));
    bench.write(&[&unit]).await.unwrap();
    let doubts = u32::from(status != MessageStatus::Sent);
    let tried = said(&unit, booking);
    let sent_to = Some("digest".to_owned());
    let settled = Settled { doubts, tried, sent_to, ..settled(&unit, status) };
    bench.settle(&[&settled]).await;
    unit
}

fn tells(shop: &mut Shop, due: &DueReceipt) -> Unit {
    let cause = shop.cause();
    let reported = &due.found.as_ref().unwrap().reported;
    let decision = shop.decide(&cause, Input::Reported(reported)).unwrap();
    shop.concludes(cause, Trigger::Outcome, decision)
}

async fn a_receipt_finds_its_message_by_our_name_and_by_the_provider_s(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = gone(&mut shop, &bench, "b1", MessageStatus::Sent).await;
    let id = message(&unit).id;
    take(&bench, &receipt(Some(id), None, Report::Delivered)).await;
    take(&bench, &receipt(None, Some("b1"), Report::Delivered)).await;
    take(&bench, &receipt(None, Some("another"), Report::Delivered)).await;
    let other =
        NewReceipt { provider: "x".to_owned(), ..receipt(None, Some("b1"), Report::Delivered) };
    take(&bench, &other).await;
    let due = due(&bench).await;
    let found: Vec<_> = due
        .iter()
        .map(|due| (due.by_our_name, due.found.as_ref().map(|found| found.reported.message)))
        .collect();
    assert_eq!(found, [(true, Some(id)), (false, Some(id)), (false, None), (false, None)]);
    let found = due[0].found.as_ref().unwrap();
    assert_eq!(
        (found.stored.tenant.as_str(), found.taken_at),
        ("salon", Some(unit.at + minutes(5)))
    );
    assert_eq!((found.reported.standing, found.reported.arrival), (Standing::Left, None));
    assert_eq!(found.reported.sent_to.as_deref(), Some("digest"));
    assert_eq!(found.reported.topic, message(&unit).facts.topic());
}

async fn the_same_receipt_waits_once_and_outlives_a_restart(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = gone(&mut shop, &bench, "b1", MessageStatus::Sent).await;
    let id = Some(message(&unit).id);
    for _ in 0..3 {
        take(&bench, &receipt(id, None, Report::Delivered)).await;
    }
    take(&bench, &receipt(id, None, Report::Undelivered(Failure::Failed))).await;
    let bench = bench.reopened().await;
    assert_eq!(due(&bench).await.len(), 2);
    assert_eq!(bench.store.next_receipt().await.unwrap(), Some(at("2026-12-01T12:10:00Z")));
}

async fn what_is_told_is_written_with_the_message_and_the_receipt_is_gone(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = gone(&mut shop, &bench, "b1", MessageStatus::Sent).await;
    take(&bench, &receipt(Some(message(&unit).id), None, Report::Delivered)).await;
    let due_now = due(&bench).await;
    assert!(bench.store.receipt_waits(due_now[0].receipt).await.unwrap());
    let told = tells(&mut shop, &due_now[0]);
    bench.write(&[&told]).await.unwrap();
    let events = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    assert_eq!(events.last().unwrap().type_name, "message.delivered");
    assert!(!bench.store.receipt_waits(due_now[0].receipt).await.unwrap());
    let view = bench.view(message(&unit), &shop).await;
    assert_eq!((view.status.as_str(), view.arrival.as_deref()), ("sent", Some("delivered")));
    assert_eq!(view.arrived_at, Some(at("2026-12-01T12:10:00Z")));
    assert_eq!(view.settled_at, Some(unit.at + minutes(5)), "when it left stays");
    // The same again is no news.
    take(&bench, &receipt(Some(message(&unit).id), None, Report::Delivered)).await;
    let again = due(&bench).await;
    let reported = &again[0].found.as_ref().unwrap().reported;
    assert_eq!((reported.arrival, reported.news()), (Some(Arrival::Delivered), None));
}

async fn a_receipt_settles_what_was_in_doubt(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for (booking, status) in [("b1", MessageStatus::Unknown), ("b2", MessageStatus::Ready)] {
        let unit = gone(&mut shop, &bench, booking, status).await;
        take(&bench, &receipt(Some(message(&unit).id), None, Report::Delivered)).await;
        let told = tells(&mut shop, &due(&bench).await[0]);
        bench.write(&[&told]).await.unwrap();
        let view = bench.view(message(&unit), &shop).await;
        assert_eq!((view.status.as_str(), view.arrival.as_deref()), ("sent", Some("delivered")));
        assert!(view.settled_at.is_some());
    }
    let letters = bench.store.dead_letters(&LetterFilter::default(), None, 10).await.unwrap();
    assert_eq!(letters, [], "it is no dead letter any more");
    let claimed = claim_any(&bench.store, bench.lease, at(LATER), 10).await.unwrap();
    assert_eq!(claimed.len(), 0, "nor is it sent again");
}

async fn a_receipt_can_be_put_off_and_dropped(bench: Bench) {
    for name in ["r1", "r2"] {
        take(&bench, &receipt(None, Some(name), Report::Delivered)).await;
    }
    let ids: Vec<ReceiptId> = due(&bench).await.iter().map(|due| due.receipt).collect();
    let until = at("2026-12-09T13:00:00Z");
    let put_off = [(ids[0], Some(until)), (ids[1], None)];
    let put_off = put_off.map(|(receipt, until)| PutOff { receipt, until });
    bench.store.put_receipts_off(&put_off).await.unwrap();
    assert_eq!(due(&bench).await.len(), 0);
    assert_eq!(bench.store.next_receipt().await.unwrap(), Some(until));
    let later = bench.store.due_receipts(until, 10).await.unwrap();
    assert_eq!((later[0].receipt, later[0].tries), (ids[0], 1));
}

async fn that_an_address_was_condemned_is_known_of_the_next_receipt(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = gone(&mut shop, &bench, "b1", MessageStatus::Sent).await;
    let id = Some(message(&unit).id);
    for (failure, expected) in [
        (Failure::Failed, None),
        (Failure::BadAddress, None),
        (Failure::BadAddress, Some(Suppression::BadAddress)),
    ] {
        take(&bench, &receipt(id, None, Report::Undelivered(failure))).await;
        let due = due(&bench).await;
        assert_eq!(due[0].found.as_ref().unwrap().reported.condemned, expected, "{failure:?}");
        let told = tells(&mut shop, &due[0]);
        bench.write(&[&told]).await.unwrap();
    }
}
