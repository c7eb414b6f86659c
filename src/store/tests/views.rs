//! What people are shown.

use super::*;

on_every_backend! {
    a_booking_s_story_is_told_in_order
    messages_are_found_by_id
    a_tenant_sees_its_own_only
}

async fn a_booking_s_story_is_told_in_order(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.book("b1"), shop.book("b2"), shop.cancel("b1")];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let b1 = BookingId::parse("b1").unwrap();
    let told = bench.store.tellings_of_booking(&shop.tenant, &b1).await.unwrap();
    let kinds: Vec<&str> = told.iter().map(|telling| telling.kind.as_str()).collect();
    assert_eq!(kinds, ["booking.confirmed", "booking.cancelled"]);
    assert_eq!(told[0].booking.as_deref(), Some("b1"));
    assert_eq!((told[0].client.as_str(), told[0].at), ("anna", units[0].at));
    assert_eq!(told[0].cause, units[0].cause.to_string());
    let verdict = |channel: &str, message: Option<String>, reason: Option<&str>| {
        let (channel, reason) = (channel.to_owned(), reason.map(str::to_owned));
        ChannelVerdict { channel, message, reason }
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
    assert_eq!(all.len(), 4, "the welcome too");
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

async fn a_tenant_sees_its_own_only(bench: Bench) {
    let (mut one, mut two) = (Shop::open("one", &bench).await, Shop::open("two", &bench).await);
    let units = [one.book("b1"), two.book("b1")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let b1 = BookingId::parse("b1").unwrap();
    assert_eq!(bench.store.tellings_of_booking(&one.tenant, &b1).await.unwrap().len(), 1);
    let ids = [message(&units[1]).id.to_string()];
    assert_eq!(bench.store.messages(&one.tenant, &ids).await.unwrap(), []);
}
