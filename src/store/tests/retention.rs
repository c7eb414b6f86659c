//! What is finished goes when it was kept long enough, and nothing that is in use.

use super::letters::{begins, dead, deed};
use super::mailbox::{anna, kept};
use super::*;
use crate::domain::partition::Part;
use crate::store::retention::SHED;

on_every_backend! {
    what_ended_long_ago_goes_with_its_attempts
    a_message_stays_while_an_event_tells_of_it
    what_was_reported_lately_stays
    a_message_stays_while_a_replay_is_to_come_to_it
    what_was_decided_goes_behind_its_messages_and_in_order
    the_last_thing_told_stays
    events_go_up_to_what_was_published
    events_of_each_partition_go_for_themselves
    a_command_is_known_until_its_id_goes
    what_stands_in_the_app_goes
    what_operators_did_goes_and_a_job_with_its_letters
}

/// So many rows are looked at together in these tests.
const PAGE: u32 = 3;

/// What the daemon does, without its pauses: what has been kept since before the cut goes. Says how
/// many rows went.
pub(super) async fn sheds(bench: &Bench, what: What, cut: Timestamp) -> u64 {
    sheds_published(bench, what, cut, None).await
}

async fn sheds_published(
    bench: &Bench,
    what: What,
    cut: Timestamp,
    published: Option<&Cursor>,
) -> u64 {
    let (cut_ms, mut behind, mut gone) = (cut.as_millisecond(), None::<Key>, 0);
    loop {
        let search = Search { what, behind: behind.as_ref(), cut_ms, published };
        let page = bench.store.old_rows(&search, PAGE).await.unwrap();
        assert!(page.candidates.len() <= PAGE as usize);
        let Choice { keys, next, .. } = choose(what, page, cut_ms, i64::MAX);
        for some in keys.chunks(2) {
            gone += bench.store.shed(what, some, cut_ms, 2).await.unwrap().gone;
        }
        if next.is_none() {
            return gone;
        }
        behind = next;
    }
}

/// Behind everything that happens in these tests.
pub(super) fn later() -> Timestamp {
    at("2126-01-01T00:00:00Z")
}

/// A booking told of, and the message sent, a provider having been asked.
pub(super) async fn sent(shop: &mut Shop, bench: &Bench, booking: &str) -> Unit {
    let unit = leased(shop.book(booking));
    bench.write(&[&unit]).await.unwrap();
    let tried = said(&unit, "250 ok");
    bench.settle(&[&Settled { tried, ..settled(&unit, MessageStatus::Sent) }]).await;
    unit
}

async fn what_ended_long_ago_goes_with_its_attempts(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for number in 0..5 {
        sent(&mut shop, &bench, &format!("old{number}")).await;
    }
    let [dead, tried] = [leased(shop.book("dead")), leased(shop.book("tried"))];
    bench.write(&[&dead, &tried, &shop.book("waits")]).await.unwrap();
    bench.settle(&[&settled(&dead, MessageStatus::Dead)]).await;
    let again = Settled { tried: said(&tried, "450 no"), ..settled(&tried, MessageStatus::Ready) };
    bench.settle(&[&again]).await;
    let cut = shop.now + minutes(60);
    shop.now = cut;
    let young = sent(&mut shop, &bench, "young").await;
    sheds(&bench, What::Events, later()).await;

    // Whoever was tried five minutes later ended five minutes later.
    assert_eq!(sheds(&bench, What::Messages, cut - minutes(55)).await, 0);
    assert_eq!(sheds(&bench, What::Messages, cut).await, 6);
    let left = "SELECT count(*) FROM messages WHERE status IN ('ready', 'sent')";
    assert_eq!(bench.store.count(left).await, 3);
    assert_eq!(bench.store.count("SELECT count(*) FROM messages").await, 3);
    assert_eq!(bench.store.count("SELECT count(*) FROM attempts").await, 2);
    assert_eq!(bench.status(message(&young), &shop).await, "sent");
    assert_eq!(sheds(&bench, What::Messages, later()).await, 1);
    assert_eq!(bench.store.count("SELECT count(*) FROM messages").await, 2);
}

async fn a_message_stays_while_an_event_tells_of_it(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    sent(&mut shop, &bench, "b1").await;
    assert_eq!(sheds(&bench, What::Messages, later()).await, 0);
    // All but the last.
    let last = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    let published = Cursor::at(vec![last.last().unwrap().seq - 1]);
    sheds_published(&bench, What::Events, later(), Some(&published)).await;
    assert_eq!(sheds(&bench, What::Messages, later()).await, 0);
    sheds(&bench, What::Events, later()).await;
    assert_eq!(sheds(&bench, What::Messages, later()).await, 1);
}

async fn what_was_reported_lately_stays(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = sent(&mut shop, &bench, "b1").await;
    sheds(&bench, What::Events, later()).await;
    let cut = shop.now + minutes(60);
    bench.vandalize(&format!("UPDATE messages SET arrived_ms = {}", cut.as_millisecond())).await;
    assert_eq!(sheds(&bench, What::Messages, cut).await, 0);
    assert_eq!(sheds(&bench, What::Messages, cut + minutes(1)).await, 1);
    assert!(
        bench
            .store
            .messages(&shop.tenant, &[message(&unit).id.to_string()])
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_message_stays_while_a_replay_is_to_come_to_it(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = dead(&mut shop, &bench, 2).await;
    sheds(&bench, What::Events, later()).await;
    let filter = LetterFilter { messages: vec![message(&units[0]).id], ..LetterFilter::default() };
    let job = begins(&bench, filter).await;
    assert_eq!(sheds(&bench, What::Messages, later()).await, 1);
    assert_eq!(bench.status(message(&units[0]), &shop).await, "dead");
    let when = deed(at("2026-12-02T10:00:00Z"));
    bench.store.move_job(job, JobState::Cancelled, &when).await.unwrap();
    assert_eq!(sheds(&bench, What::Messages, later()).await, 1);
}

async fn what_was_decided_goes_behind_its_messages_and_in_order(bench: Bench) {
    let (mut shop, mut other) =
        (Shop::open("salon", &bench).await, Shop::open("other", &bench).await);
    sent(&mut shop, &bench, "b1").await;
    // Its message waits.
    bench.write(&[&shop.book("b2")]).await.unwrap();
    sent(&mut shop, &bench, "b3").await;
    sent(&mut other, &bench, "b1").await;
    bench.write(&[&other.register("last", "Last")]).await.unwrap();
    sheds(&bench, What::Events, later()).await;
    let all = ToldOf::default();
    let told = async |shop: &Shop| bench.store.told(&shop.tenant, &all, None, 100).await.unwrap();
    let before = [told(&shop).await.len(), told(&other).await.len()];
    assert_eq!(bench.store.tellings_shed().await.unwrap(), None);

    sheds(&bench, What::Tellings, later()).await;
    let bookings = |told: &[(i64, TellingView)]| -> Vec<Option<String>> {
        told.iter().map(|(_, told)| told.booking.clone()).collect()
    };
    // Each that a message is there of, and what its tenant told behind it.
    assert_eq!([told(&shop).await.len(), told(&other).await.len()], [before[0] - 1, before[1] - 1]);
    sheds(&bench, What::Messages, later()).await;
    sheds(&bench, What::Tellings, later()).await;
    let left = bookings(&told(&shop).await);
    assert!(left.contains(&Some("b2".to_owned())) && !left.contains(&Some("b1".to_owned())));
    assert!(left.contains(&Some("b3".to_owned())), "told behind what is in use: {left:?}");
    assert_eq!(bookings(&told(&other).await).len(), 1, "the last of all");
    assert_eq!(bench.store.tellings_shed().await.unwrap(), Some(shop.now));
    // What is told from now on goes on behind it.
    bench.write(&[&other.book("b9")]).await.unwrap();
    assert_eq!(bookings(&told(&other).await)[0], Some("b9".to_owned()));
}

async fn the_last_thing_told_stays(bench: Bench) {
    let (mut one, mut two) = (Shop::open("one", &bench).await, Shop::open("two", &bench).await);
    sent(&mut one, &bench, "b1").await;
    sheds(&bench, What::Events, later()).await;
    sheds(&bench, What::Messages, later()).await;
    sheds(&bench, What::Tellings, later()).await;
    let last = "SELECT count(*) FROM tellings WHERE seq = (SELECT last_told FROM tenants \
        WHERE tenant = 'one')";
    assert_eq!(bench.store.count(last).await, 1);
    // Else what is told next had the place of what another tenant had told.
    bench.write(&[&two.book("b1")]).await.unwrap();
    let told = bench.store.told(&one.tenant, &ToldOf::default(), None, 100).await.unwrap();
    assert!(told.len() == 1, "{told:?}");
}

async fn events_go_up_to_what_was_published(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for number in 0..5 {
        bench.write(&[&shop.book(&format!("b{number}"))]).await.unwrap();
    }
    let all = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    let third = all.iter().find(|event| event.body.contains("\"b2\"")).unwrap().seq;
    // In the middle of a page.
    let published = Cursor::at(vec![third]);
    sheds_published(&bench, What::Events, later(), Some(&published)).await;
    let shed = bench.store.events_shed().await.unwrap();
    assert!(published.covers(&shed) && shed.total() > 0, "{shed}");
    let left = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    assert_eq!(left[0].seq, shed.total() + 1, "none is missing behind it");
    assert_eq!(left, all[usize::try_from(shed.total()).unwrap()..]);

    assert_eq!(sheds(&bench, What::Events, shop.now).await, 0, "none is older than the cut");
    sheds(&bench, What::Events, later()).await;
    assert_eq!(bench.store.events_shed().await.unwrap().total(), all.last().unwrap().seq);
    // The numbers go on.
    bench.write(&[&shop.book("b9")]).await.unwrap();
    let next = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    assert_eq!(next[0].seq, all.last().unwrap().seq + 1);
}

async fn events_of_each_partition_go_for_themselves(bench: Bench) {
    let bench = bench.over(4).await;
    // Tenants of the partitions 0 to 3.
    let mut shops = Vec::new();
    for tenant in ["salon-77", "salon-eule", "salon", "salon-uno"] {
        shops.push(Shop::open(tenant, &bench).await);
    }
    let cut = shops[0].now + minutes(60);
    for (part, shop) in shops.iter_mut().enumerate() {
        if part % 2 == 1 {
            shop.now = cut;
        }
        bench.write(&[&shop.book("b1")]).await.unwrap();
    }
    let all = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    sheds(&bench, What::Events, cut).await;
    let shed = bench.store.events_shed().await.unwrap();
    let left = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    for part in (0..4).map(Part::new) {
        let of = |events: &[StoredEvent]| events.iter().filter(|event| event.part == part).count();
        let gone = usize::try_from(shed.of(part)).unwrap();
        assert_eq!(of(&left), of(&all) - gone, "{part:?}");
        assert_eq!(of(&left) == 0, part.number() % 2 == 0, "{part:?}");
    }
    assert_eq!(bench.store.cursor(SHED).await.unwrap(), shed);
}

async fn a_command_is_known_until_its_id_goes(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let mut units = Vec::new();
    for number in 0..7 {
        units.push(shop.annotate("none", &format!("note {number}")));
    }
    let cut = shop.now + minutes(60);
    shop.now = cut;
    units.push(shop.annotate("none", "young"));
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let known = async || {
        let ids: Vec<_> = units.iter().map(|unit| unit.cause.as_str()).collect();
        let ids: Vec<_> =
            ids.iter().map(|id| crate::domain::id::CommandId::parse(id).unwrap()).collect();
        let keys: Vec<_> = ids.iter().map(|id| (&shop.tenant, id)).collect();
        let found = bench.store.lookup(&keys).await.unwrap();
        found.iter().filter(|entry| entry.is_some()).count()
    };
    assert_eq!(known().await, 8);
    // The two that opened the shop as well.
    assert_eq!(sheds(&bench, What::Inbox, cut).await, 9);
    assert_eq!(known().await, 1);
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
}

async fn what_stands_in_the_app_goes(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let old = leased(shop.book("b1"));
    bench.write(&[&old]).await.unwrap();
    bench.settle(&[&kept(&old, "Old")]).await;
    let cut = shop.now + minutes(60);
    shop.now = cut;
    let young = leased(shop.book("b2"));
    bench.write(&[&young]).await.unwrap();
    bench.settle(&[&kept(&young, "Young")]).await;
    assert_eq!(sheds(&bench, What::Mailbox, cut).await, 1);
    let items = bench.store.mailbox(&shop.tenant, &Mailbox::Client(anna()), None, 9).await.unwrap();
    assert_eq!(items.iter().map(|(_, item)| item.title.as_str()).collect::<Vec<_>>(), ["Young"]);
}

async fn what_operators_did_goes_and_a_job_with_its_letters(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    dead(&mut shop, &bench, 5).await;
    let jobs = [
        begins(&bench, LetterFilter::default()).await,
        begins(&bench, LetterFilter::default()).await,
    ];
    bench.store.job_done(jobs[0]).await.unwrap();
    let begun = at("2026-12-02T09:00:00Z");
    for what in [What::Jobs, What::Audit] {
        assert_eq!(sheds(&bench, what, begun).await, 0, "{what:?}");
    }
    assert_eq!(sheds(&bench, What::Jobs, later()).await, 6, "one that runs stays");
    assert!(bench.store.job(jobs[0]).await.unwrap().is_none());
    assert_eq!(bench.store.job(jobs[1]).await.unwrap().unwrap().state, "running");
    assert_eq!(bench.store.count("SELECT count(*) FROM job_letters").await, 5);
    assert_eq!(sheds(&bench, What::Audit, later()).await, 2);
    let (id, at) = (Uuid::from_u128(7), begun);
    let aside =
        LaidAside { id, tenant: None, reason: "not_json", detail: String::new(), bytes: 1, at };
    bench.store.note_laid_aside(&[aside]).await.unwrap();
    assert_eq!(sheds(&bench, What::LaidAside, begun).await, 0);
    assert_eq!(sheds(&bench, What::LaidAside, begun + minutes(1)).await, 1);
}
