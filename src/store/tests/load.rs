//! A tenant comes back as it was decided.

use super::*;

on_every_backend! {
    a_tenant_never_written_is_empty
    what_was_decided_comes_back
    what_left_or_was_superseded_is_not_unsent
    an_unreadable_row_is_said_to_be_corrupt
    an_open_message_that_cannot_be_read_does_not_hold_its_tenant_up
}

async fn a_tenant_never_written_is_empty(bench: Bench) {
    let tenant = TenantId::parse("nobody").unwrap();
    let loaded = bench.store.load_tenant(&tenant).await.unwrap();
    assert_eq!((loaded.revision, loaded.state), (0, TenantState::default()));
}

async fn what_was_decided_comes_back(bench: Bench) {
    let odd =
        ["'; DROP TABLE records;--", "\"quoted\" \\ $1 ?1 %s", "日本語 ✂ é e\u{301}", "{{ name }}"];
    let mut shop = Shop::new("a-tenant_0");
    let mut units = vec![shop.configure()];
    for id in odd {
        units.push(shop.register(id, id));
        units.push(shop.book_for(id, id, Some("first line\nsecond\tline \u{0}")));
    }
    units.push(shop.cancel(odd[0]));
    units.push(shop.annotate(odd[1], ""));
    for unit in &units {
        bench.write(&[unit]).await.unwrap();
        assert_eq!(entry(unit).rejection, None);
    }
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!(loaded.revision, shop.revision);
    assert_eq!(loaded.state, shop.state);
    let booking = loaded.state.booking(&BookingId::parse(odd[2]).unwrap()).unwrap();
    assert_eq!(booking.starts_at, at("2026-12-03T10:00:00.123456789Z"));
}

async fn what_left_or_was_superseded_is_not_unsent(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [leased(shop.book("b1")), leased(shop.book("b2")), shop.book("b3")];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    bench.settle(&[&settled(&units[0], MessageStatus::Sent)]).await;
    let b1 = Topic::Booking(BookingId::parse("b1").unwrap());
    shop.state.forget(&b1, message(&units[0]).id);
    bench.settle(&[&settled(&units[1], MessageStatus::Ready)]).await;
    bench.write(&[&shop.cancel("b3")]).await.unwrap();
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    assert_eq!(loaded.state, shop.state);
    assert_eq!(loaded.state.unsent(&b1), []);
}

async fn an_unreadable_row_is_said_to_be_corrupt(bench: Bench) {
    for (n, damage) in [
        "UPDATE records SET body = '{' WHERE kind = 'client' AND tenant = $",
        "UPDATE records SET body = '{}' WHERE kind = 'booking' AND tenant = $",
        "UPDATE records SET shape = 99 WHERE kind = 'settings' AND tenant = $",
        "UPDATE records SET kind = 'horse' WHERE kind = 'client' AND tenant = $",
    ]
    .into_iter()
    .enumerate()
    {
        let tenant = format!("t{n}");
        let mut shop = Shop::open(&tenant, &bench).await;
        bench.write(&[&shop.book("b1")]).await.unwrap();
        bench.vandalize(&damage.replace('$', &format!("'{tenant}'"))).await;
        let result = bench.store.load_tenant(&shop.tenant).await;
        assert!(matches!(result, Err(StoreError::Corrupt { .. })), "{damage}: {result:?}");
    }
    let mut healthy = Shop::open("healthy", &bench).await;
    bench.write(&[&healthy.book("b1")]).await.unwrap();
    assert_eq!(bench.store.load_tenant(&healthy.tenant).await.unwrap().state, healthy.state);
}

async fn an_open_message_that_cannot_be_read_does_not_hold_its_tenant_up(bench: Bench) {
    for (n, damage) in
        ["kind = 'booking.unheard_of'", "message = 'x'", "topic = 'b1'"].into_iter().enumerate()
    {
        if bench.database.is_some() && damage.starts_with("message") {
            // A column of ids holds nothing else.
            continue;
        }
        let tenant = format!("t{n}");
        let mut shop = Shop::open(&tenant, &bench).await;
        bench.write(&[&shop.book("b1"), &shop.book("b2")]).await.unwrap();
        let b1 = "booking = 'b1'";
        bench
            .vandalize(&format!("UPDATE messages SET {damage} WHERE {b1} AND tenant = '{tenant}'"))
            .await;
        let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap().state;
        let unsent = ["b1", "b2"].map(|id| {
            let booking = BookingId::parse(id).unwrap();
            loaded.unsent(&Topic::Booking(booking)).len()
        });
        assert_eq!(unsent, [0, 1], "{damage}");
    }
}
