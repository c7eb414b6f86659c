//! A unit that what became of a message led to.

use super::inbox::command;
use super::*;
use crate::domain::receipt::Suppression;
use crate::domain::refused::Mark;

on_every_backend! {
    an_outcome_takes_no_command
    outcomes_of_one_command_are_events_of_their_own
}

impl Shop {
    fn suppresses(&mut self, cause: &CauseId) -> Unit {
        let client = ClientId::parse("anna").unwrap();
        let event = Event::ClientSuppressed {
            client,
            channel: Channel::Email,
            address_hash: None,
            mark: Mark { at: self.now, why: Suppression::BadAddress },
        };
        let decision = Decision { events: vec![event], ..Decision::default() };
        self.concludes(cause.clone(), Trigger::Outcome, decision)
    }
}

async fn an_outcome_takes_no_command(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let booked = shop.book("b1");
    bench.write(&[&booked]).await.unwrap();
    bench.write(&[&shop.suppresses(&booked.cause)]).await.unwrap();
    let known = bench.store.lookup(&[(&booked.tenant, &command(&booked))]).await.unwrap();
    assert_eq!(known, [Some(entry(&booked))]);
    assert_eq!(bench.store.load_tenant(&shop.tenant).await.unwrap().revision, shop.revision);
    shop.revision -= 1;
    assert_eq!(stale(bench.write(&[&shop.suppresses(&booked.cause)]).await), ["salon"]);
}

async fn outcomes_of_one_command_are_events_of_their_own(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let booked = shop.book("b1");
    let first = shop.suppresses(&booked.cause);
    shop.now += minutes(1);
    let second = shop.suppresses(&booked.cause);
    bench.write(&[&booked, &first, &second]).await.unwrap();
    let events = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    let ids: std::collections::HashSet<&str> = events.iter().map(|event| &*event.id).collect();
    assert_eq!(ids.len(), events.len());
}
