//! Leasing what is due, and what a dead daemon left behind.

use super::*;

on_every_backend! {
    what_is_leased_is_sending_and_the_rest_is_ready
    a_claim_takes_what_is_due_the_longest_due_first
    a_claimed_message_comes_whole
    what_is_superseded_is_due_at_once
    an_unreadable_message_waits_as_it_is_for_a_version_that_can_read_it
    what_goes_a_way_that_nobody_knows_waits_for_a_version_that_does
    each_tenant_has_its_part_of_what_there_is_room_for
    a_message_without_a_readable_client_is_handed_out_without
    what_was_decided_before_about_the_same_thing_comes_along
    what_was_leased_unheard_is_given_back
    what_waits_in_doubt_is_known_the_latest_first
}

/// Bookings `b0`, `b1`, … each decided a minute after the one before, in one batch.
async fn booked(bench: &Bench, count: u32) -> (Shop, Vec<Unit>) {
    let mut shop = Shop::open("salon", bench).await;
    let mut units = Vec::new();
    for n in 0..count {
        units.push(shop.book(&format!("b{n}")));
        shop.now += minutes(1);
    }
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    (shop, units)
}

async fn what_is_leased_is_sending_and_the_rest_is_ready(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [leased(shop.book("b1")), shop.book("b2")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    assert_eq!(bench.status(message(&units[0]), &shop).await, "sending");
    assert_eq!(bench.status(message(&units[1]), &shop).await, "ready");
    assert_eq!(bench.claim(shop.now, 10).await, ["b2"]);
    assert_eq!(bench.store.count_open().await.unwrap(), 2);
}

async fn a_claim_takes_what_is_due_the_longest_due_first(bench: Bench) {
    let (_, units) = booked(&bench, 5).await;
    let first = units[0].at;
    assert_eq!(bench.next_due().await, Some(first));
    assert_eq!(bench.claim(first - minutes(1), 10).await, [""; 0]);
    assert_eq!(bench.claim(first + minutes(2), 2).await, ["b0", "b1"]);
    assert_eq!(bench.claim(first + minutes(2), 10).await, ["b2"]);
    assert_eq!(bench.claim(first + minutes(2), 10).await, [""; 0], "it is leased");
    assert_eq!(bench.next_due().await, Some(first + minutes(3)));
    assert_eq!(bench.claim(first + minutes(9), 10).await, ["b3", "b4"]);
    assert_eq!(bench.next_due().await, None);
}

async fn a_claimed_message_comes_whole(bench: Bench) {
    let (shop, units) = booked(&bench, 1).await;
    let claimed = bench.due(units[0].at, 1).await.remove(0);
    assert_eq!(claimed.stored.tenant, shop.tenant);
    assert_eq!(claimed.stored.cause, units[0].cause);
    let mut expected = message(&units[0]).clone();
    // Kept in milliseconds.
    expected.deadline = Some(at("2026-12-03T10:00:00.123Z"));
    assert_eq!(claimed.stored.message, expected);
    let StoredMessage { attempts, doubts, superseded, .. } = claimed.stored;
    assert_eq!((attempts, doubts, superseded), (0, 0, false));
    assert_eq!(claimed.settings.as_ref(), shop.state.settings());
    assert_eq!(claimed.client.as_ref(), shop.state.client(&expected.client));
}

async fn what_is_superseded_is_due_at_once(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let waiting = leased(shop.book("waiting"));
    bench.write(&[&waiting]).await.unwrap();
    bench.settle(&[&settled(&waiting, MessageStatus::Ready)]).await;
    assert_eq!(bench.claim(shop.now + minutes(5), 9).await, [""; 0], "due in half an hour");
    let mut cancelled = shop.cancel("waiting");
    assert_eq!(cancelled.decision.superseded.len(), 1);
    cancelled.decision.messages.clear();
    bench.write(&[&cancelled]).await.unwrap();
    let claimed = bench.due(shop.now, 9).await;
    assert_eq!(claimed.len(), 1);
    assert!(claimed[0].stored.superseded);
    assert_eq!(claimed[0].stored.message.id, message(&waiting).id);
    let withdrawn = Settled { attempts: 0, ..settled(&waiting, MessageStatus::Withdrawn) };
    assert_eq!(bench.settle(&[&withdrawn]).await, [0]);
    assert_eq!(bench.status(message(&waiting), &shop).await, "withdrawn");
}

async fn an_unreadable_message_waits_as_it_is_for_a_version_that_can_read_it(bench: Bench) {
    let (mut shop, units) = booked(&bench, 4).await;
    for (n, damage) in ["facts = '{'", "shape = 99", "kind = 'pigeon.sent'"].iter().enumerate() {
        let id = message(&units[n]).id;
        bench.vandalize(&format!("UPDATE messages SET {damage} WHERE message = '{id}'")).await;
    }
    assert_eq!(bench.claim(shop.now, 10).await, ["b3"], "it holds nobody up");
    for unit in &units[..3] {
        assert_eq!(bench.status(message(unit), &shop).await, "unreadable");
    }
    assert_eq!(bench.claim(shop.now, 10).await, [""; 0]);
    let backlog = bench.store.backlog(shop.now).await.unwrap();
    assert_eq!((backlog.unreadable, backlog.dead), (3, 0));
    // Its tenant goes on.
    bench.write(&[&shop.cancel("b1")]).await.unwrap();
    assert_eq!(bench.store.load_tenant(&shop.tenant).await.unwrap().revision, shop.revision);
    // A version that can read one of them starts.
    let id = message(&units[1]).id;
    let mend = format!("UPDATE messages SET shape = 1 WHERE message = '{id}'");
    bench.vandalize(&mend).await;
    let recovered = bench.recover(bench.lease, shop.now).await;
    assert_eq!(recovered, Recovered::default(), "it was in no doubt");
    assert!(bench.claim(shop.now, 10).await.contains(&"b1".to_owned()));
    assert_eq!(bench.store.backlog(shop.now).await.unwrap().unreadable, 2);
}

async fn what_goes_a_way_that_nobody_knows_waits_for_a_version_that_does(bench: Bench) {
    let (shop, units) = booked(&bench, 3).await;
    for (n, damage) in ["channel = 'pigeon'", "lane = 'express'"].iter().enumerate() {
        let id = message(&units[n]).id;
        bench.vandalize(&format!("UPDATE messages SET {damage} WHERE message = '{id}'")).await;
    }
    bench.recover(bench.lease, shop.now).await;
    assert_eq!(bench.claim(shop.now, 10).await, ["b2"]);
    for unit in &units[..2] {
        assert_eq!(bench.status(message(unit), &shop).await, "unreadable");
    }
}

/// A flood of one tenant, a few of others: what there is room for is shared out.
async fn each_tenant_has_its_part_of_what_there_is_room_for(bench: Bench) {
    let (mut shops, mut units) = (Vec::new(), Vec::new());
    for (name, count) in [("flood", 30), ("small", 2), ("other", 3)] {
        let mut shop = Shop::open(name, &bench).await;
        units.extend((0..count).map(|n| shop.book(&format!("b{n}"))));
        shops.push(shop);
    }
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let now = shops[0].now;
    let mut wanted = Wanted::any(Lane::Transactional, 12);
    let count = |claims: &Claims, name: &str| {
        claims.claimed.iter().filter(|claimed| claimed.stored.tenant.as_str() == name).count()
    };
    let claim = async |wanted: &Wanted| {
        let wanted = std::slice::from_ref(wanted);
        bench.store.claim_due(bench.lease, now, Channel::Email, wanted).await.unwrap()
    };
    let first = claim(&wanted).await;
    let parts = ["flood", "small", "other"].map(|name| count(&first, name));
    assert_eq!(parts, [7, 2, 3], "a third each, and what is left to who has more");
    assert_eq!(first.looked[0].rest, Rest::Of([shops[0].tenant.clone()].into()));
    // One has all it may have in memory: the rest of it waits, and holds up nobody.
    wanted.held.insert(shops[0].tenant.clone(), 7);
    wanted.share = 10;
    let second = claim(&wanted).await;
    assert_eq!((second.claimed.len(), count(&second, "flood")), (3, 3));
    assert_eq!(second.looked[0].rest, Rest::Of([shops[0].tenant.clone()].into()));
    wanted.held.clear();
    let third = claim(&Wanted { room: 100, share: 100, ..wanted }).await;
    assert_eq!((third.claimed.len(), &third.looked[0].rest), (20, &Rest::Of([].into())));
}

async fn a_message_without_a_readable_client_is_handed_out_without(bench: Bench) {
    let (shop, _) = booked(&bench, 1).await;
    let mut other = Shop::open("other", &bench).await;
    bench.write(&[&other.book("b1")]).await.unwrap();
    bench
        .vandalize("UPDATE records SET body = '{' WHERE kind = 'client' AND tenant = 'salon'")
        .await;
    bench.vandalize("DELETE FROM records WHERE kind = 'settings' AND tenant = 'other'").await;
    let claimed = bench.due(shop.now, 10).await;
    let of = |shop: &Shop| claimed.iter().find(|c| c.stored.tenant == shop.tenant).unwrap();
    assert!(of(&shop).client.is_none() && of(&shop).settings.is_some());
    assert!(of(&other).client.is_some() && of(&other).settings.is_none());
}

async fn what_was_leased_unheard_is_given_back(bench: Bench) {
    let (shop, units) = booked(&bench, 3).await;
    assert_eq!(bench.claim(shop.now, 2).await, ["b0", "b1"]);
    let stranger = Uuid::from_u128(2);
    assert_eq!(
        bench.store.give_back(stranger, Channel::Email, &[]).await.unwrap(),
        0,
        "nothing of another's"
    );
    let known = [message(&units[0]).id];
    assert_eq!(bench.store.give_back(bench.lease, Channel::Email, &known).await.unwrap(), 1);
    assert_eq!(bench.claim(shop.now, 9).await, ["b1", "b2"]);
}

async fn what_waits_in_doubt_is_known_the_latest_first(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..5)
        .map(|n| {
            shop.now += minutes(1);
            leased(shop.book(&format!("b{n}")))
        })
        .collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let doubtful = |unit| Settled { doubts: 1, ..settled(unit, MessageStatus::Ready) };
    let refused = Settled { doubts: 0, ..settled(&units[3], MessageStatus::Ready) };
    let left = Settled { doubts: 1, ..settled(&units[4], MessageStatus::Sent) };
    let [a, b, gone] = [0, 1, 2].map(|n| doubtful(&units[n]));
    bench.settle(&[&a, &b, &gone, &refused, &left]).await;
    let cancelled = shop.cancel("b2");
    bench.write(&[&cancelled]).await.unwrap();
    let known = |limit| {
        let doubtful = bench.store.doubtful(limit);
        async { doubtful.await.unwrap().iter().map(|one| one.message.id).collect::<Vec<_>>() }
    };
    let ids = [message(&units[1]).id, message(&units[0]).id];
    assert_eq!(known(9).await, ids, "what was replaced is not sent again");
    assert_eq!(known(1).await, ids[..1]);
}

async fn what_was_decided_before_about_the_same_thing_comes_along(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let bookings = ["b1", "b2"].map(|booking| shop.book(booking));
    bench.write(&[&bookings[0], &bookings[1]]).await.unwrap();
    assert_eq!(bench.claim(shop.now, 10).await.len(), 2);
    let units = [0, 0, 1, 0].map(|booking| {
        let facts = message(&bookings[booking]).facts.clone();
        shop.now += minutes(1);
        shop.decides(records::telling(facts, shop.now))
    });
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let [first, second, third] = [0, 1, 3].map(|place| message(&units[place]).id);
    // Reminders wait behind many others; what was decided last is more urgent.
    bench
        .vandalize(&format!("UPDATE messages SET lane = 'scheduled' WHERE message <> '{third}'"))
        .await;
    let more_urgent =
        format!("UPDATE messages SET lane = 'transactional' WHERE message = '{third}'");
    bench.vandalize(&more_urgent).await;
    // The first was refused, and waits to be tried again.
    let later = "UPDATE messages SET due_ms = due_ms + 3600000";
    bench.vandalize(&format!("{later} WHERE message = '{first}'")).await;
    let urgent = [Wanted::any(Lane::Transactional, 1)];
    let claims =
        bench.store.claim_due(bench.lease, shop.now, Channel::Email, &urgent).await.unwrap();
    let claimed: Vec<MessageId> = claims.claimed.iter().map(|of| of.stored.message.id).collect();
    assert_eq!(claimed, [second, third], "in the order in which they were decided");
    let all = [Wanted::any(Lane::Scheduled, 9)];
    let claims = bench.store.claim_due(bench.lease, shop.now, Channel::Email, &all).await.unwrap();
    assert_eq!(claims.claimed.len(), 1, "of another booking, and nothing twice");
}
