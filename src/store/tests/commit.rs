//! One transaction: all of it or nothing, and only on the state that it rests on.

use super::inbox::command;
use super::*;

on_every_backend! {
    everything_of_a_unit_is_written
    a_stale_unit_takes_the_whole_batch_with_it
    a_command_that_was_taken_is_stale
    a_command_twice_in_one_batch_is_stale
    another_revision_is_stale
    units_of_a_tenant_must_follow_on_each_other
    units_of_a_tenant_in_one_batch_build_on_each_other
    a_refused_unit_leaves_nothing_behind
    a_large_batch_is_one_transaction
    a_unit_that_only_tells_needs_no_revision
    an_abandoned_commit_does_not_stand_in_the_way
    a_batch_that_is_asked_for_again_is_not_written_twice
}

/// Everything that can be seen of a tenant.
async fn footprint(bench: &Bench, shop: &Shop) -> (u64, TenantState, usize, usize, u64) {
    let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
    let events = bench.store.events_after(&Cursor::default(), PAGE_MAX).await.unwrap();
    let tenant = shop.tenant.to_string();
    (
        loaded.revision,
        loaded.state,
        events.iter().filter(|event| event.tenant == tenant).count(),
        bench.store.tellings(&shop.tenant).await.unwrap().len(),
        bench.store.count_open().await.unwrap(),
    )
}

async fn everything_of_a_unit_is_written(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let before = footprint(&bench, &shop).await;
    let unit = shop.book("b1");
    assert_eq!(bench.write(&[&unit]).await.unwrap(), [0_usize; 0]);
    let after = footprint(&bench, &shop).await;
    assert_eq!((after.0, &after.1), (before.0 + 1, &shop.state));
    assert_eq!((after.2, after.3), (before.2 + unit.decision.events.len(), before.3 + 1));
    assert_eq!(after.4, 1);
    let known = bench.store.lookup(&[(&unit.tenant, &command(&unit))]).await.unwrap();
    assert_eq!(known, [Some(entry(&unit))]);
}

async fn a_stale_unit_takes_the_whole_batch_with_it(bench: Bench) {
    let (mut good, mut bad) = (Shop::open("good", &bench).await, Shop::open("bad", &bench).await);
    let (before, before_bad) = (footprint(&bench, &good).await, footprint(&bench, &bad).await);
    let first = good.book("b1");
    bad.revision += 7;
    let second = bad.book("b1");
    assert_eq!(stale(bench.write(&[&first, &second]).await), ["bad"]);
    assert_eq!(footprint(&bench, &good).await, before);
    assert_eq!(footprint(&bench, &bad).await, before_bad);
    let known = bench.store.lookup(&[(&first.tenant, &command(&first))]).await.unwrap();
    assert_eq!(known, [None]);
    bench.write(&[&first]).await.unwrap();
    assert_eq!(footprint(&bench, &good).await.1, good.state);
}

async fn a_command_that_was_taken_is_stale(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let mut other = Shop::open("other", &bench).await;
    let unit = shop.book("b1");
    bench.write(&[&unit]).await.unwrap();
    let before = footprint(&bench, &shop).await;
    let mut again = shop.book("b2");
    again.cause = unit.cause;
    let bystander = other.book("b1");
    assert_eq!(stale(bench.write(&[&bystander, &again]).await), ["salon"]);
    assert_eq!(footprint(&bench, &shop).await, before);
    bench.write(&[&bystander]).await.unwrap();
}

async fn a_command_twice_in_one_batch_is_stale(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let first = shop.book("b1");
    let mut second = shop.book("b2");
    second.cause = first.cause.clone();
    assert_eq!(stale(bench.write(&[&first, &second]).await), ["salon"]);
}

async fn another_revision_is_stale(bench: Bench) {
    let shop = Shop::open("salon", &bench).await;
    for revision in [0, shop.revision - 1, shop.revision + 1] {
        let mut late = Shop { revision, ..Shop::new("salon") };
        late.commands = 10;
        assert_eq!(stale(bench.write(&[&late.configure()]).await), ["salon"], "{revision}");
    }
    let mut unborn = Shop { revision: 1, ..Shop::new("never-written") };
    assert_eq!(stale(bench.write(&[&unborn.configure()]).await), ["never-written"]);
    assert_eq!(footprint(&bench, &unborn).await.0, 0);
}

async fn units_of_a_tenant_must_follow_on_each_other(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let units = [shop.book("b1"), shop.book("b2"), shop.book("b3")];
    assert_eq!(stale(bench.write(&[&units[0], &units[2]]).await), ["salon"]);
    assert_eq!(stale(bench.write(&[&units[1], &units[0]]).await), ["salon"]);
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    bench.write(&[&units[2]]).await.unwrap();
    assert_eq!(footprint(&bench, &shop).await.1, shop.state);
}

async fn units_of_a_tenant_in_one_batch_build_on_each_other(bench: Bench) {
    let (mut shop, mut other) = (Shop::new("salon"), Shop::new("other"));
    let units = [
        shop.configure(),
        other.configure(),
        shop.register("anna", "Anna"),
        shop.book("b1"),
        other.register("anna", "Another Anna"),
        shop.annotate("b1", "first"),
        shop.annotate("b1", "second"),
        shop.register("anna", "Anna Rossi"),
        shop.cancel("b1"),
    ];
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    for shop in [&shop, &other] {
        let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
        assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
    }
    let booking = BookingId::parse("b1").unwrap();
    assert_eq!(shop.state.booking(&booking).unwrap().notes.as_deref(), Some("second"));
    assert_eq!(bench.status(message(&units[3]), &shop).await, "ready");
}

async fn a_refused_unit_leaves_nothing_behind(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let first = shop.book("b1");
    bench.write(&[&first]).await.unwrap();
    let before = footprint(&bench, &shop).await;
    // A message of an id that is there already.
    let mut second = shop.book("b2");
    second.decision.messages = first.decision.messages.clone();
    second.decision.tellings = first.decision.tellings.clone();
    let result = bench.write(&[&second]).await;
    assert!(matches!(result, Err(CommitError::Store(StoreError::Refused(_)))), "{result:?}");
    assert_eq!(footprint(&bench, &shop).await, before);
    second.decision.messages.clear();
    bench.write(&[&second]).await.unwrap();
}

async fn a_large_batch_is_one_transaction(bench: Bench) {
    let mut shops: Vec<Shop> = (0..100).map(|n| Shop::new(&format!("t{n}"))).collect();
    let mut units = Vec::new();
    for round in 0..5 {
        for shop in &mut shops {
            units.push(match round {
                0 => shop.configure(),
                1 => shop.register("anna", "Anna"),
                round => leased(shop.book(&format!("b{round}"))),
            });
        }
    }
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    for shop in &shops {
        let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
        assert_eq!((loaded.revision, &loaded.state), (5, &shop.state));
    }
    assert_eq!(bench.store.count_open().await.unwrap(), 300);
    let outcomes: Vec<Settled> =
        units[200..].iter().map(|unit| settled(unit, MessageStatus::Sent)).collect();
    let held = bench.settle(&outcomes.iter().collect::<Vec<_>>()).await;
    assert_eq!(held, (0..300).collect::<Vec<_>>());
    assert_eq!(bench.store.count_open().await.unwrap(), 0);
}

async fn a_unit_that_only_tells_needs_no_revision(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let before = footprint(&bench, &shop).await;
    let rejection = Rejection::new(RejectionReason::IdReused, "the same id, another body");
    let events = vec![Event::CommandRejected(rejection)];
    let decision = Decision { events, ..Decision::default() };
    let unit = Unit { claim: None, decision, ..shop.book("b1") };
    bench.write(&[&unit]).await.unwrap();
    let after = footprint(&bench, &shop).await;
    assert_eq!((after.0, after.1, after.2), (before.0, before.1, before.2 + 1));
    let known = bench.store.lookup(&[(&unit.tenant, &command(&unit))]).await.unwrap();
    assert_eq!(known, [None], "the same id may come again, mended");
}

/// A daemon that stops drops what it waits for.
async fn an_abandoned_commit_does_not_stand_in_the_way(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    for polls in 0..40 {
        let unit = shop.book(&format!("b{polls}"));
        let units = [&unit];
        let mut commit = Box::pin(bench.write(&units));
        for _ in 0..polls {
            if futures_util::poll!(&mut commit).is_ready() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(commit);
        match bench.write(&[&unit]).await {
            Ok(_) => {}
            Err(CommitError::Stale(_)) => assert_ne!(polls, 0),
            Err(error) => panic!("after {polls} polls: {error}"),
        }
        let loaded = bench.store.load_tenant(&shop.tenant).await.unwrap();
        assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
    }
}

async fn a_batch_that_is_asked_for_again_is_not_written_twice(bench: Bench) {
    let mut shop = Shop::open("salon", &bench).await;
    let commit = async |unit: &Unit, settled: &[&Settled], number| {
        let batch = Batch { units: vec![unit], settled: settled.to_vec(), number };
        bench.store.commit(&batch, bench.lease).await
    };
    let first = leased(shop.book("b1"));
    let written = commit(&first, &[], 1).await.unwrap();
    assert_ne!(written.events.len(), 0);
    let before = footprint(&bench, &shop).await;
    assert_eq!(commit(&first, &[], 1).await.unwrap(), Committed::default());
    assert_eq!(footprint(&bench, &shop).await, before);
    let (second, sent) = (shop.book("b2"), settled(&first, MessageStatus::Sent));
    for again in [false, true] {
        let written = commit(&second, &[&sent], 2).await.unwrap();
        assert_eq!((written.held, written.events.is_empty()), (vec![0], again));
    }
    // Another run has numbers of its own, and a batch that was not written is not known.
    bench.recover(Uuid::from_u128(2), shop.now).await;
    let mut stranger = Shop::new("stranger");
    stranger.revision = 7;
    let third = shop.book("b3");
    let refused = commit(&stranger.configure(), &[], 1).await;
    assert!(matches!(refused, Err(CommitError::Stale(_))), "{refused:?}");
    assert_ne!(commit(&third, &[], 1).await.unwrap().events.len(), 0);
}
