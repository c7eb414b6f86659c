//! What only a server with several sessions makes a question: who waits for whom, who may what, and
//! who was there before.

use std::collections::HashSet;

use futures_util::future::join_all;
use sqlx::Executor as _;

use super::*;

async fn two_at_once(bench: &Bench, now: Timestamp) -> [Vec<Claimed>; 2] {
    let claim = || async { claim_any(&bench.store, bench.lease, now, 25).await.unwrap() };
    let (one, other) = tokio::join!(claim(), claim());
    [one, other]
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn nothing_is_leased_twice() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let units: Vec<Unit> = (0..100).map(|n| shop.book(&format!("b{n}"))).collect();
    bench.write(&units.iter().collect::<Vec<_>>()).await.unwrap();
    let mut seen = HashSet::new();
    loop {
        let claimed = two_at_once(&bench, shop.now).await;
        let ids: Vec<_> = claimed.iter().flatten().map(|of| of.stored.message.id).collect();
        if ids.is_empty() {
            break;
        }
        ids.into_iter().for_each(|id| assert!(seen.insert(id), "{id:?}"));
    }
    assert_eq!(seen.len(), units.len());
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn who_was_taken_over_leases_nothing() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.book("b1")]).await.unwrap();
    let other = bench.wrested().await;
    let refused = claim_any(&bench.store, bench.lease, shop.now, 9).await;
    assert!(matches!(refused, Err(StoreError::InUse(_))), "{refused:?}");
    assert!(matches!(bench.store.still_there().await, Err(StoreError::InUse(_))));
    other.still_there().await.unwrap();
    assert_eq!(claim_any(&other, other.run(), shop.now, 9).await.unwrap().len(), 1);
}

/// Whoever reads on while many write sees each event behind the one before it, and misses none.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn events_are_seen_in_their_order_and_without_a_gap() {
    let bench = Bench::postgres().await;
    let mut shops = Vec::new();
    for n in 0..6 {
        shops.push(Shop::open(&format!("salon{n}"), &bench).await);
    }
    let mut last = 0;
    let bench = &bench;
    let writing = join_all(shops.into_iter().map(|mut shop| async move {
        for n in 0..20 {
            let unit = shop.book(&format!("b{n}"));
            bench.write(&[&unit]).await.unwrap();
            // Is refused, and takes no number.
            assert!(bench.write(&[&unit]).await.is_err());
        }
    }));
    let mut writing = std::pin::pin!(writing);
    let mut is_over = false;
    loop {
        let mut read = Cursor::default();
        read.pass(crate::domain::partition::Part::default(), last);
        tokio::select! {
            _ = &mut writing, if !is_over => is_over = true,
            events = bench.store.events_after(&read, PAGE_MAX) => {
                let events = events.unwrap();
                if events.is_empty() && is_over {
                    break;
                }
                for event in events {
                    assert_eq!(event.seq, last + 1);
                    last = event.seq;
                }
            }
        }
    }
    assert_eq!(last, 6 * (2 + 20 * 3));
}

/// Somebody holds the partition, so that the commit waits and its author gives up.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_batch_that_is_given_up_half_way_is_written_once() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let unit = shop.book("b1");
    let batch = Batch { units: vec![&unit], number: 7, ..Batch::default() };
    let mut holder = bench.database.as_ref().unwrap().connection().await;
    holder.execute("BEGIN; SELECT 1 FROM partitions FOR UPDATE").await.unwrap();
    let late = Duration::from_millis(200);
    let commit = bench.store.commit(&batch, bench.lease);
    assert!(tokio::time::timeout(late, commit).await.is_err(), "it did not wait");
    holder.execute("ROLLBACK").await.unwrap();
    let committed = bench.store.commit(&batch, bench.lease).await.unwrap();
    assert_eq!(committed.events.len(), 3);
    assert_eq!(bench.store.commit(&batch, bench.lease).await.unwrap(), Committed::default());
    assert_eq!(bench.store.load_tenant(&shop.tenant).await.unwrap().state, shop.state);
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn it_goes_on_when_the_server_has_ended_all_sessions() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let mut operator = bench.database.as_ref().unwrap().connection().await;
    operator
        .execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await
        .unwrap();
    let unit = shop.book("b1");
    let batch = Batch { units: vec![&unit], number: 1, ..Batch::default() };
    let deadline = clock::instant() + Duration::from_secs(30);
    loop {
        match bench.store.commit(&batch, bench.lease).await {
            Ok(_) => break,
            Err(CommitError::Store(StoreError::Unavailable(_))) => {
                assert!(clock::instant() < deadline);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    loop {
        match bench.store.load_tenant(&shop.tenant).await {
            Ok(loaded) => break assert_eq!(loaded.state, shop.state),
            Err(StoreError::Unavailable(_)) => assert!(clock::instant() < deadline),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_provider_may_say_what_is_no_character() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    let reply = "550 no\0 \\u0000".to_owned();
    let refused = Settled { reply, ..settled(&unit, MessageStatus::Dead) };
    assert_eq!(bench.settle(&[&refused]).await, [0]);
    let view = bench.view(message(&unit), &shop).await;
    assert_eq!(view.reply.as_deref(), Some("550 no\u{fffd} \\u0000"));
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn two_that_migrate_at_once_do_not_meet() {
    let database = Database::bare().await;
    let migrate = || Store::migrate_postgres(&database.url);
    let done = join_all([migrate(), migrate(), migrate()]).await;
    done.into_iter().for_each(|done| done.unwrap());
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn whoever_migrates_takes_nothing_over() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    Store::migrate_postgres(&bench.database.as_ref().unwrap().url).await.unwrap();
    bench.write(&[&shop.book("b1")]).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn the_database_of_a_later_release_is_refused_and_left_alone() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let database = bench.database.as_ref().unwrap();
    let later = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                 execution_time) VALUES (9999, 'later', true, '\\x00', 0)";
    database.execute(later).await;
    let result = Store::open_postgres(&database.url, 1, &bench.file, &holder(1)).await;
    assert!(matches!(result, Err(StoreError::Refused(_))), "{result:?}");
    // Whoever runs already goes on beside it.
    bench.write(&[&shop.book("b1")]).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_column_that_a_later_release_adds_disturbs_nobody() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let mut connection = bench.database.as_ref().unwrap().connection().await;
    for n in 0..2 {
        let unit = leased(shop.book(&format!("b{n}")));
        bench.write(&[&unit]).await.unwrap();
        bench.settle(&[&settled(&unit, MessageStatus::Ready)]).await;
        assert_eq!(bench.claim(shop.now + minutes(99), 9).await.len(), 1);
        bench.settle(&[&settled(&unit, MessageStatus::Dead)]).await;
        let letters = bench.store.letters(&LetterFilter::default(), None, 9).await.unwrap();
        assert_eq!(letters.len(), n + 1);
        for table in ["messages", "tenants", "records", "timers", "receipts", "partitions"] {
            let added = format!("ALTER TABLE {table} ADD COLUMN later{n} text");
            connection.execute(AssertSqlSafe(added)).await.unwrap();
        }
    }
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn one_may_look_while_a_daemon_writes_but_not_write() {
    let bench = Bench::postgres().await;
    let mut shop = Shop::open("salon", &bench).await;
    let window = Store::inspect_postgres(&bench.database.as_ref().unwrap().url).await.unwrap();
    let unit = shop.book("b1");
    bench.write(&[&unit]).await.unwrap();
    assert_eq!(window.load_tenant(&shop.tenant).await.unwrap().state, shop.state);
    assert!(claim_any(&window, bench.lease, shop.now, 1).await.is_err());
    assert!(window.note("x", 1).await.is_err());
    bench.write(&[&shop.book("b2")]).await.unwrap();
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn there_is_nothing_to_look_at_where_there_is_no_store() {
    let database = Database::bare().await;
    let nowhere = database.url.replace("/bellhop_", "/no_bellhop_");
    for url in [&database.url, &nowhere] {
        let result = Store::inspect_postgres(url).await;
        assert!(matches!(result, Err(StoreError::Misplaced(_))), "{result:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let result = Store::open_postgres(&nowhere, 1, &folder.path().join("s"), &holder(1)).await;
    assert!(matches!(result, Err(StoreError::Misplaced(_))), "{result:?}");
}

/// As docs/postgres.md says.
#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn the_daemon_needs_no_right_to_change_tables() {
    let mut bench = Bench::postgres().await;
    let role = format!("daemon_{}", Uuid::now_v7().simple());
    let docs = include_str!("../../../docs/postgres.md");
    let grants = docs.split("```sql").find(|text| text.contains("GRANT SELECT")).unwrap();
    let grants = grants.split("```").next().unwrap().replace("bellhop_daemon", &role);
    let mut owner = bench.database.as_ref().unwrap().connection().await;
    owner.execute(AssertSqlSafe(format!("CREATE ROLE {role} LOGIN"))).await.unwrap();
    owner.execute(AssertSqlSafe(grants)).await.unwrap();
    let as_role = |url: &str| url.replace("//bellhop@", &format!("//{role}@"));
    let url = as_role(&bench.database.as_ref().unwrap().url);
    let bare = Database::bare().await;
    let slots = |of: &str| slots(&bench.file.with_added_extension(of));
    let (bare_slots, slots) = (slots("bare"), slots("daemon"));
    let refused = Store::open_postgres(&as_role(&bare.url), 1, &bare_slots, &holder(1)).await;
    let Err(StoreError::Refused(why)) = &refused else { panic!("{refused:?}") };
    assert!(why.contains("bellhop migrate"), "{why}");
    bench.store.close().await;
    bench.store = Store::open_postgres(&url, 1, &slots, &holder(4)).await.unwrap();
    let mut shop = Shop::open("salon", &bench).await;
    let unit = leased(shop.book("b1"));
    bench.write(&[&unit]).await.unwrap();
    bench.recover(bench.lease, shop.now).await;
    bench.settle(&[&settled(&unit, MessageStatus::Ready)]).await;
    assert_eq!(bench.claim(shop.now + minutes(99), 9).await, ["b1"]);
    bench.settle(&[&settled(&unit, MessageStatus::Sent)]).await;
    let erased = Decision { erased: Some(ClientId::parse("anna").unwrap()), ..Decision::default() };
    bench.write(&[&shop.decides(erased)]).await.unwrap();
    let deed = Deed { who: "w".to_owned(), why: "y".to_owned(), at: shop.now };
    bench.store.park(&shop.tenant, &deed).await.unwrap();
    bench.store.close().await;
    bench.store = Store::inspect_postgres(&url).await.unwrap();
    assert_eq!(bench.store.count_tenants().await.unwrap(), 1);
    bench.store.close().await;
    let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
    owner.execute(AssertSqlSafe(gone)).await.unwrap();
    owner.close().await.unwrap();
}

/// So many rows, of which few wait.
const MUCH: &str = "
    INSERT INTO messages (message, tenant, kind, channel, lane, client, cause, status, shape, facts,
        due_ms, topic)
        SELECT gen_random_uuid(), 't' || n % 100, 'k', 'email', 'bulk', 'c' || n, 'x',
            CASE WHEN n % 10 = 0 THEN 'ready' ELSE 'sent' END, 1, '{}', n, '{}'
        FROM generate_series(1, 20000) AS n;
    INSERT INTO timers (tenant, key, due_ms)
        SELECT 't' || n % 100, 'k' || n, n FROM generate_series(1, 20000) AS n;
    INSERT INTO tellings (seq, tenant, cause, kind, client, channels, at_ms)
        SELECT n, 't' || n % 100, 'x', 'k', 'c' || n % 1000, '[]', n
        FROM generate_series(1, 20000) AS n;
    INSERT INTO records (tenant, kind, id, shape, body)
        SELECT 't' || n, k, CASE k WHEN 'settings' THEN '' ELSE 'c' END, 1, '{}'
        FROM generate_series(1, 2000) AS n, unnest(ARRAY['settings', 'client']) AS k;
    ANALYZE;";

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn what_is_looked_for_is_found_by_an_index() {
    let bench = Bench::postgres().await;
    let mut connection = bench.database.as_ref().unwrap().connection().await;
    connection.execute(MUCH).await.unwrap();
    for (query, index) in [
        (
            "SELECT message FROM messages WHERE status = 'ready' AND channel = 'email' \
             AND lane = 'bulk' AND due_ms <= 9999 ORDER BY due_ms LIMIT 9",
            "messages_due",
        ),
        (
            "SELECT min(tenant) FROM messages WHERE status = 'ready' AND channel = 'email' \
             AND lane = 'bulk' AND tenant > 't5'",
            "messages_of_tenants",
        ),
        (
            "SELECT message FROM messages WHERE status = 'ready' AND channel = 'email' \
             AND lane = 'bulk' AND tenant = 't10' AND due_ms <= 9999 ORDER BY due_ms LIMIT 9",
            "messages_of_tenants",
        ),
        (
            "SELECT topic FROM messages WHERE tenant = 't10' AND status IN ('ready', 'sending') \
             AND topic IS NOT NULL",
            "messages_open",
        ),
        (
            "SELECT key FROM timers WHERE unreadable = 0 AND due_ms <= 9999 \
             AND (due_ms, tenant, key) > (1, 't', 'k') ORDER BY due_ms, tenant, key LIMIT 9",
            "timers_due",
        ),
        (
            "SELECT seq FROM tellings WHERE tenant = 't1' AND client = 'c1' AND seq <= 9999 \
             ORDER BY seq DESC LIMIT 9",
            "tellings_client",
        ),
        (
            "SELECT body FROM records WHERE tenant = 't1' AND id > 'i' AND suppressed \
             ORDER BY id LIMIT 9",
            "records_suppressed",
        ),
        (
            "SELECT tenant FROM records WHERE kind = 'settings' AND digits = '1' \
             ORDER BY tenant LIMIT 9",
            "records_digits",
        ),
    ] {
        let explain = AssertSqlSafe(format!("EXPLAIN {query}"));
        let plan = connection.fetch_all(explain).await.unwrap();
        let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        assert!(plan.iter().any(|line| line.contains(index)), "{query}: {plan:#?}");
    }
    connection.close().await.unwrap();
}
