//! A person of many bookings is forgotten page by page, and gets no mail from the first on.

use super::*;
use crate::domain::timer::TimerChange;

on_every_backend! {
    what_was_told_of_many_bookings_is_forgotten_page_by_page
    an_erasure_that_was_begun_is_known_to_the_next_run
    what_was_told_of_a_booking_that_another_has_is_forgotten_at_once
}

const NAME: &str = "Zoë Über";

fn zoe() -> ClientId {
    ClientId::parse("zoe").unwrap()
}

impl Shop {
    /// Zoë books three times, which is more than a decision reaches.
    async fn knows_zoe(&mut self, bench: &Bench) -> [Unit; 3] {
        let zoe = self.register("zoe", NAME);
        let booked = ["z1", "z2", "z3"].map(|booking| leased(self.book_for(booking, "zoe", None)));
        bench.write(&[&zoe, &booked[0], &booked[1], &booked[2]]).await.unwrap();
        self.page = 1;
        booked
    }

    async fn erases_zoe(&mut self, bench: &Bench) -> Option<DueTimer> {
        let unit = self.does(&Command::EraseClient(zoe()));
        bench.write(&[&unit]).await.unwrap();
        next_page(&unit)
    }

    async fn turns(&mut self, page: &DueTimer, bench: &Bench) -> Option<DueTimer> {
        let unit = self.turns_page(page);
        bench.write(&[&unit]).await.unwrap();
        next_page(&unit)
    }

    async fn is_as_stored(&self, bench: &Bench) {
        let loaded = bench.store.load_tenant(&self.tenant).await.unwrap();
        assert_eq!((loaded.revision, &loaded.state), (self.revision, &self.state));
    }
}

fn next_page(unit: &Unit) -> Option<DueTimer> {
    unit.decision.timers.iter().find_map(|change| match change {
        TimerChange::Set(set) => Some(set.clone()),
        TimerChange::Cancel(_) => None,
    })
}

/// An outcome in which the provider speaks of Zoë.
fn spoken_of(unit: &Unit, status: MessageStatus) -> Settled {
    let mut settled = Settled { reply: format!("550 {NAME} unknown"), ..settled(unit, status) };
    let Some(Event::Message(event)) = &mut settled.event else { panic!("{settled:?}") };
    event.reply.clone_from(&settled.reply);
    event.reference = Some(format!("{NAME}-1"));
    settled.tried = said(unit, &settled.reply);
    settled.tried[0].attempt.parts = ["1", "2"].map(|part| Some(format!("{NAME}-{part}"))).into();
    settled
}

async fn what_was_told_of_many_bookings_is_forgotten_page_by_page(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let [sent, waits, flies] = shop.knows_zoe(&bench).await;
    bench.settle(&[&spoken_of(&sent, MessageStatus::Dead)]).await;
    bench.settle(&[&spoken_of(&waits, MessageStatus::Ready)]).await;
    let mut page = shop.erases_zoe(&bench).await;
    // What has not left does not leave, and what is said of what is on its way is not kept.
    let claimed = bench.due(shop.now, 9).await;
    let gone = claimed.iter().find(|one| one.stored.message.id == message(&waits).id).unwrap();
    assert!(gone.stored.superseded);
    bench.settle(&[&spoken_of(&flies, MessageStatus::Dead)]).await;
    // Somebody new has the id.
    let units = [shop.register("zoe", "Another"), leased(shop.book_for("hers", "zoe", None))];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let hers = bench.status(message(&units[1]), &shop).await;
    bench.settle(&[&spoken_of(&units[1], MessageStatus::Dead)]).await;
    assert_eq!(hers, "sending");
    let topic = Topic::Booking(BookingId::parse("hers").unwrap());
    shop.state.forget(&topic, message(&units[1]).id);
    let mut pages = 0;
    while let Some(due) = page {
        shop.is_as_stored(&bench).await;
        page = shop.turns(&due, &bench).await;
        pages += 1;
    }
    assert_eq!(pages, 3);
    shop.is_as_stored(&bench).await;
    let events = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    let spoken = events.iter().filter(|event| event.body.contains(NAME)).count();
    assert_eq!(spoken, 1, "of whoever has the id now");
    let kept = "SELECT count(*) FROM messages WHERE client = 'zoe' AND reply IS NOT NULL";
    assert_eq!(bench.store.count(kept).await, 1);
    let rows = "SELECT count(*) FROM records WHERE kind = 'erasure'";
    assert_eq!(bench.store.count(rows).await, 0);
}

async fn an_erasure_that_was_begun_is_known_to_the_next_run(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    shop.knows_zoe(&bench).await;
    let page = shop.erases_zoe(&bench).await.unwrap();
    let page = shop.turns(&page, &bench).await.unwrap();
    // A note that was taken since stays.
    bench.write(&[&shop.annotate("z1", "came by"), &shop.annotate("z3", "too")]).await.unwrap();
    let bench = bench.reopened().await;
    shop.is_as_stored(&bench).await;
    assert!(bench.store.timer_stands(&shop.tenant, &page).await.unwrap());
    let page = shop.turns(&page, &bench).await.unwrap();
    assert_eq!(shop.turns(&page, &bench).await, None);
    shop.is_as_stored(&bench).await;
    assert!(shop.state.bookings().filter(|b| b.client == zoe()).all(|booking| booking.erased));
}

async fn what_was_told_of_a_booking_that_another_has_is_forgotten_at_once(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let [told, ..] = shop.knows_zoe(&bench).await;
    bench.settle(&[&spoken_of(&told, MessageStatus::Dead)]).await;
    let booking = BookingId::parse("z1").unwrap();
    let client = ClientId::parse("anna").unwrap();
    let moved = shop.does(&Command::ReassignBooking { booking, client, guest: false });
    bench.write(&[&moved]).await.unwrap();
    shop.erases_zoe(&bench).await.unwrap();
    assert_eq!(bench.tables_with("550 ").await, [""; 0]);
}
