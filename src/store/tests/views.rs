//! What people are shown.

use super::*;
use crate::domain::decision::Telling;

on_every_backend! {
    a_booking_s_story_is_told_in_order
    messages_are_found_by_id
    a_client_s_story_is_told_in_order
    a_message_is_found_with_what_was_decided
    a_tenant_sees_its_own_only
    a_tenant_and_a_client_are_found
    a_booking_is_found_with_who_has_to_do_with_it
}

/// The kinds of what the units tell.
fn decided(units: &[Unit], which: impl Fn(&Telling) -> bool) -> Vec<&'static str> {
    let tellings = units.iter().flat_map(|unit| &unit.decision.tellings);
    tellings.filter(|telling| which(telling)).map(|telling| telling.kind.as_str()).collect()
}

async fn a_booking_s_story_is_told_in_order(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.book("b1"), shop.book("b2"), shop.cancel("b1")];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let b1 = BookingId::parse("b1").unwrap();
    let told = bench.store.tellings_of_booking(&shop.tenant, &b1).await.unwrap();
    let kinds: Vec<&str> = told.iter().map(|telling| telling.kind.as_str()).collect();
    assert_eq!(kinds[..2], ["booking.confirmed", "booking.cancelled"]);
    assert_eq!(kinds, decided(&units, |telling| telling.booking() == Some(&b1)));
    assert_eq!(told[0].booking.as_deref(), Some("b1"));
    assert_eq!((told[0].client.as_str(), told[0].at), ("anna", units[0].at));
    assert_eq!(told[0].cause, units[0].cause.to_string());
    let verdict = |channel: &str, message: Option<String>, reason: Option<&str>| {
        let (channel, reason) = (channel.to_owned(), reason.map(str::to_owned));
        ChannelVerdict { channel, message, reason, fallback_of: None }
    };
    assert_eq!(
        told[0].channels,
        [
            verdict("email", Some(message(&units[0]).id.to_string()), None),
            verdict("sms", None, Some("plan_excludes_channel")),
            verdict("push", None, Some("kind_off")),
            verdict("inbox", None, Some("kind_off")),
        ]
    );
    let all = bench.store.tellings(&shop.tenant).await.unwrap();
    assert_eq!(all.len(), 1 + decided(&units, |_| true).len(), "the welcome too");
}

async fn messages_are_found_by_id(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..100).map(|n| shop.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let mut ids: Vec<String> = units.iter().map(|unit| message(unit).id.to_string()).collect();
    ids.push(Uuid::nil().to_string());
    let views = bench.store.messages(&shop.tenant, &ids).await.unwrap();
    assert_eq!(views.len(), 100);
    let view = views.iter().find(|view| view.message == ids[42]).unwrap();
    assert_eq!(view.booking.as_deref(), Some("b42"));
    assert_eq!((view.kind.as_str(), view.channel.as_str()), ("booking.confirmed", "email"));
    assert_eq!((view.client.as_str(), view.status.as_str()), ("anna", "ready"));
    assert_eq!((view.due, view.attempts, view.settled_at), (units[42].at, 0, None));
    assert_eq!((&view.provider, &view.reply), (&None, &None));
    assert_eq!(bench.store.messages(&shop.tenant, &[]).await.unwrap(), []);
}

async fn a_client_s_story_is_told_in_order(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [
        shop.register("ben", "Ben"),
        shop.book_for("b1", "ben", None),
        shop.book("b2"),
        shop.cancel("b1"),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let ben = ClientId::parse("ben").unwrap();
    let told = bench.store.tellings_of_client(&shop.tenant, &ben).await.unwrap();
    let kinds: Vec<&str> = told.iter().map(|telling| telling.kind.as_str()).collect();
    assert_eq!(kinds[..2], ["account.welcome", "booking.confirmed"]);
    assert_eq!(kinds, decided(&units, |telling| telling.client == ben));
    let messages = bench.store.messages_of_client(&shop.tenant, &ben).await.unwrap();
    let expected = units.iter().flat_map(|unit| &unit.decision.messages);
    let mut expected: Vec<String> =
        expected.filter(|message| message.client == ben).map(|m| m.id.to_string()).collect();
    expected.sort();
    let ids: Vec<&str> = messages.iter().map(|view| view.message.as_str()).collect();
    assert_eq!(ids, expected);
    assert!(ids.contains(&&*message(&units[1]).id.to_string()));
    let nobody = ClientId::parse("nobody").unwrap();
    assert_eq!(bench.store.messages_of_client(&shop.tenant, &nobody).await.unwrap(), []);
    assert_eq!(bench.store.tellings_of_client(&shop.tenant, &nobody).await.unwrap(), []);
}

async fn a_message_is_found_with_what_was_decided(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.book("b1"), shop.book("b2")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let id = message(&units[1]).id;
    let view = bench.view(message(&units[1]), &shop).await;
    assert_eq!((view.message, view.booking.as_deref()), (id.to_string(), Some("b2")));
    let told = bench.store.telling_of_message(&shop.tenant, id).await.unwrap().unwrap();
    assert_eq!((told.booking.as_deref(), told.cause), (Some("b2"), units[1].cause.to_string()));
    let other = TenantId::parse("other").unwrap();
    assert_eq!(bench.store.messages(&other, &[id.to_string()]).await.unwrap(), []);
    assert_eq!(bench.store.telling_of_message(&other, id).await.unwrap(), None);
}

async fn a_tenant_sees_its_own_only(bench: Bench) {
    let (mut one, mut two) = (Shop::open("one", &bench).await, Shop::open("two", &bench).await);
    let units = [one.book("b1"), two.book("b1")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let b1 = BookingId::parse("b1").unwrap();
    assert_eq!(bench.store.tellings_of_booking(&one.tenant, &b1).await.unwrap().len(), 1);
    let ids = [message(&units[1]).id.to_string()];
    assert_eq!(bench.store.messages(&one.tenant, &ids).await.unwrap(), []);
}

async fn a_tenant_and_a_client_are_found(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.book("b1");
    bench.write(&[&unit]).await.unwrap();
    let (anna, nobody) = (ClientId::parse("anna").unwrap(), ClientId::parse("nobody").unwrap());
    let found = bench.store.correspondents(&shop.tenant, &anna).await.unwrap().unwrap();
    assert_eq!(found.client.unwrap().id, anna);
    let found = bench.store.correspondents(&shop.tenant, &nobody).await.unwrap().unwrap();
    assert!(found.client.is_none() && !found.settings.name.is_empty());
    let stranger = TenantId::parse("stranger").unwrap();
    assert!(bench.store.correspondents(&stranger, &anna).await.unwrap().is_none());
}

async fn a_booking_is_found_with_who_has_to_do_with_it(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.book("b1");
    bench.write(&[&unit]).await.unwrap();
    let anna = ClientId::parse("anna").unwrap();
    let about = |id: &str| Topic::Booking(BookingId::parse(id).unwrap());
    let found = bench.store.concern(&shop.tenant, &anna, &about("b1")).await.unwrap().unwrap();
    assert_eq!(found.who.client.unwrap().id, anna);
    assert_eq!(found.booking.unwrap().id.as_str(), "b1");
    assert!(found.session.is_none() && found.entry.is_none());
    let found = bench.store.concern(&shop.tenant, &anna, &about("b2")).await.unwrap().unwrap();
    assert!(found.booking.is_none());
    let place = Topic::Entry(EntryId::parse("b1").unwrap());
    let found = bench.store.concern(&shop.tenant, &anna, &place).await.unwrap().unwrap();
    assert!(found.booking.is_none(), "a place of that name is something else");
    let stranger = TenantId::parse("stranger").unwrap();
    assert!(bench.store.concern(&stranger, &anna, &about("b1")).await.unwrap().is_none());
}
