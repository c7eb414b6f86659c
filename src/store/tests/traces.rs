//! The trace that something belongs to is known again, whatever dies meanwhile.

use super::*;
use crate::domain::timer::{DueTimer, Timer, TimerChange};
use crate::domain::trace::TraceContext;

on_every_backend! {
    what_a_traced_command_leads_to_belongs_to_its_trace
    a_timer_belongs_to_the_trace_of_what_last_moved_it
    what_cannot_be_read_of_a_trace_is_none
}

const ONE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const OTHER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

fn trace(text: &str) -> TraceContext {
    TraceContext::parse(text).unwrap()
}

/// The same, decided in this trace.
fn traced(mut unit: Unit, text: &str) -> Unit {
    unit.decision.belongs_to(trace(text));
    unit
}

async fn told(bench: &Bench) -> Vec<(String, Option<String>)> {
    let events = bench.store.events_after(&Cursor::default(), 100).await.unwrap();
    let read = |event: &StoredEvent| {
        let body: serde_json::Value = serde_json::from_str(&event.body).unwrap();
        (event.type_name.clone(), body["traceparent"].as_str().map(str::to_owned))
    };
    events.iter().map(read).collect()
}

async fn what_a_traced_command_leads_to_belongs_to_its_trace(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let before = told(&bench).await;
    assert!(before.iter().all(|(_, trace)| trace.is_none()), "{before:?}");
    let (of_trace, of_none) = (traced(shop.book("b1"), ONE), shop.book("b2"));
    bench.write(&[&of_trace, &of_none]).await.unwrap();
    let decided = &told(&bench).await[before.len()..];
    for (unit, expected) in [(&of_trace, Some(ONE)), (&of_none, None)] {
        let types = unit.decision.events.iter().map(Event::type_name);
        let events: Vec<_> = types.map(|of| (of.to_owned(), expected.map(str::to_owned))).collect();
        assert!(decided.windows(events.len()).any(|some| some == events), "{decided:?}");
    }

    // A later run of the daemon finds it.
    bench.recover(bench.lease, shop.now).await;
    let claimed = bench.due(shop.now, 9).await;
    let of = |unit: &Unit| {
        let id = message(unit).id;
        claimed.iter().find(|claimed| claimed.stored.message.id == id).unwrap().stored.trace
    };
    assert_eq!([of(&of_trace), of(&of_none)], [Some(trace(ONE)), None]);
    let views = bench.view(message(&of_trace), &shop).await;
    assert_eq!(views.trace_id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_eq!(bench.view(message(&of_none), &shop).await.trace_id, None);

    // What became of it is told in the message's own span, and a dead letter has it still.
    let dead = Settled { reason: Some("permanent"), ..settled(&of_trace, MessageStatus::Dead) };
    bench.settle(&[&dead, &settled(&of_none, MessageStatus::Sent)]).await;
    let told = told(&bench).await;
    let of_message = trace(ONE).telling(message(&of_trace).id).to_string();
    let ends = &told[told.len() - 2..];
    assert_eq!(
        ends.iter().map(|(_, trace)| trace.clone()).collect::<Vec<_>>(),
        [Some(of_message), None]
    );
    let letters = bench.store.letters(&LetterFilter::default(), None, 9).await.unwrap();
    let letter = letters[0].letter.as_ref().unwrap();
    assert_eq!(letter.trace, Some(trace(ONE)));
}

async fn a_timer_belongs_to_the_trace_of_what_last_moved_it(bench: Bench) {
    let mut shop = Shop::new("salon");
    let booking = BookingId::parse("b1").unwrap();
    let mut sets = |minutes_later: i64, text: Option<&str>| {
        let due = shop.now + minutes(minutes_later);
        let timer = Timer::Review { booking: booking.clone() };
        let timers = vec![TimerChange::Set(DueTimer { due, timer, trace: None })];
        let unit = shop.decides(Decision { timers, ..Decision::default() });
        text.map_or(unit.clone(), |text| traced(unit, text))
    };
    let steps = [
        (sets(1, Some(ONE)), Some(ONE)),
        // It stands there already.
        (sets(1, Some(OTHER)), Some(ONE)),
        (sets(2, Some(OTHER)), Some(OTHER)),
        (sets(3, None), None),
    ];
    for (unit, expected) in steps {
        bench.write(&[&unit]).await.unwrap();
        let due = bench.store.timers_due(Timestamp::MAX, None, 9).await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].1.trace, expected.map(trace));
    }
}

async fn what_cannot_be_read_of_a_trace_is_none(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = traced(shop.book("b1"), ONE);
    bench.write(&[&unit]).await.unwrap();
    bench.vandalize("UPDATE messages SET traceparent = '01'").await;
    let claimed = bench.due(shop.now, 9).await;
    assert_eq!(claimed.iter().map(|claimed| claimed.stored.trace).collect::<Vec<_>>(), [None]);
    assert_eq!(bench.view(message(&unit), &shop).await.trace_id, None);
}
