//! A store of one node becomes one of a cluster.

use std::collections::BTreeSet;

use sqlx::Executor as _;

use super::*;
use crate::store::copy::{COPIED, CopyError, Progress, check, copy};
use crate::store::migrate::HALF_COPIED;

/// What a daemon writes only now and then, so that no table is empty.
const RARE: &str = "
    INSERT INTO notes (name, number) VALUES ('amqp.apart', 9007199254740993);
    INSERT INTO outages (from_ms, to_ms) VALUES (5, 7);
    INSERT INTO sms_days (day, segments) VALUES (20788, 3) ON CONFLICT DO NOTHING;
    INSERT INTO attempts (message, n, at_ms, provider, outcome, reply, reference, devices)
        SELECT message, 7, 1, 'relay', 'transient', '451 no' || char(0) || '.', NULL, '[[\"d\"]]'
        FROM messages;
    INSERT INTO parts (message, part, parts, provider, reference, arrived)
        SELECT message, 1, 2, 'gate', 'r1', 1 FROM messages;
    INSERT INTO mailbox_items (tenant, mailbox, post, message, title, body, at_ms, read_ms)
        SELECT tenant, client, message, message, 'Täglich', 'b', 8, NULL FROM messages;
    INSERT INTO receipts (provider, message, reference, report, said, at_ms, due_ms)
        VALUES ('relay', NULL, 'r1', '{}', 'DELIVRD', 1, 2), ('relay', NULL, 'r2', '{}', '', 1, 2);
    DELETE FROM receipts WHERE reference = 'r2';
    INSERT INTO timers (tenant, key, due_ms, unreadable)
        VALUES ('salon', '{\"timer\":\"x\"}', 5, 1);
    INSERT INTO cursors (name, part, seq) VALUES ('amqp', 0, 2);
    INSERT INTO jobs (job, state, rate, filter, who, why, at_ms, matched)
        SELECT message, 'paused', 0.1, '{}', 'root', 'why', 1, 1 FROM messages;
    INSERT INTO job_letters (job, message, outcome) SELECT message, message, NULL FROM messages;
    INSERT INTO audit (at_ms, who, what, why, subject, messages)
        VALUES (1, 'root', 'replay', 'w', 's', 1);
    INSERT INTO parked (tenant, at_ms, who, why) VALUES ('other', 1, 'root', 'w');
    INSERT INTO tenant_limits (tenant, channel, rate, until_ms, at_ms, who, why)
        VALUES ('salon', 'sms', 0.3333333333333333, 9, 1, 'root', 'w');
    INSERT INTO laid_aside (command, at_ms, tenant, reason, detail, bytes)
        VALUES ('018f0000-0000-7000-8000-000000000001', 1, NULL, 'not_json', 'd', 12);
    INSERT INTO signs_of_life (one, wall_ms, boot, boot_ms) VALUES (1, 1796119200000, 'a', 5);
    UPDATE event_pages SET events = replace(events, '250 ok', '250 \\u0000');
    UPDATE records SET body = json_set(body, '$.later', json('1e16')) WHERE kind = 'client';";

/// Tables of which nothing is carried over: what runs and migrations are noted in.
const LEFT_BEHIND: [&str; 6] =
    ["commits", "signs_of_life", "instances", "departures", "_sqlx_migrations", "sqlite_sequence"];
/// Columns likewise; PostgreSQL makes the last two itself.
const COLUMNS_LEFT: [(&str, &str); 3] =
    [("messages", "lease"), ("records", "digits"), ("records", "suppressed")];

/// A store that a daemon left in order, with something in each table; the shop whose it is.
async fn left_in_order() -> (Shop, PathBuf, TempDir) {
    let (mut bench, folder) = on_file().await;
    let mut shop = Shop::open("salon", &bench).await;
    let units = [leased(shop.book("b1")), shop.book("b2")];
    bench.write(&[&units[0], &units[1]]).await.unwrap();
    let reply = "550 no\0 \\u0000".to_owned();
    bench.settle(&[&Settled { reply, ..settled(&units[0], MessageStatus::Dead) }]).await;
    bench = bench.over(3).await;
    bench.write(&[&shop.book("b3"), &shop.cancel("b3")]).await.unwrap();
    let file = bench.file.clone();
    let mut connection = reach(&file).await;
    connection.execute(RARE).await.unwrap();
    connection.close().await.unwrap();
    bench.store.close().await;
    (shop, file, folder)
}

/// An empty store, and the folder of its file.
async fn on_file() -> (Bench, TempDir) {
    let Bench { store, lease, file, database, _folder: folder } = Bench::sqlite().await;
    let _folder = tempfile::tempdir().unwrap();
    (Bench { store, lease, file, database, _folder }, folder)
}

async fn reach(file: &Path) -> SqliteConnection {
    SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap()
}

async fn vandalize(file: &Path, sql: &'static str) {
    let mut connection = reach(file).await;
    connection.execute(sql).await.unwrap();
    connection.close().await.unwrap();
}

async fn opened(database: &Database) -> Result<Store, StoreError> {
    let folder = tempfile::tempdir().unwrap();
    Store::open_postgres(&database.url, 2, &folder.path().join("slots"), &holder(3)).await
}

/// Every event, page by page.
async fn told(store: &Store) -> Vec<StoredEvent> {
    let (mut read, mut all) = (Cursor::default(), Vec::new());
    loop {
        let page = store.events_after(&read, 99).await.unwrap();
        if page.is_empty() {
            return all;
        }
        page.iter().for_each(|event| read.pass(event.part, event.seq));
        all.extend(page);
    }
}

fn why<T: std::fmt::Debug>(refused: Result<T, CopyError>) -> String {
    refused.unwrap_err().to_string()
}

/// Copies until a table's turn, and no further.
async fn copy_until(turn: &str, file: &Path, database: &Database) {
    let reached = tokio::sync::Notify::new();
    let copying = copy(file, &database.url, |progress| {
        if matches!(progress, Progress::Table { name, .. } if name == turn) {
            reached.notify_one();
        }
    });
    tokio::select! {
        biased;
        () = reached.notified() => {}
        done = copying => panic!("it was not interrupted: {done:?}"),
    }
}

fn named(columns: impl Iterator<Item = (String, String)>) -> BTreeSet<(String, String)> {
    let left = |table: &str, column: &str| {
        LEFT_BEHIND.contains(&table) || COLUMNS_LEFT.contains(&(table, column))
    };
    columns.filter(|(table, column)| !left(table, column)).collect()
}

fn copied_columns() -> BTreeSet<(String, String)> {
    let of = |table: &'static crate::store::copy::Copied| {
        let name = |column: &str| (table.name.to_owned(), column.to_owned());
        table.columns.iter().map(move |column| name(column.name))
    };
    COPIED.iter().flat_map(of).collect()
}

#[tokio::test]
async fn each_column_of_the_file_is_carried_over_or_known_to_stay() {
    let (bench, _folder) = on_file().await;
    let mut connection = reach(&bench.file).await;
    let columns = sqlx::query_as::<_, (String, String)>(
        "SELECT t.name, c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c \
         WHERE t.type = 'table'",
    );
    let columns = columns.fetch_all(&mut connection).await.unwrap();
    assert_eq!(named(columns.into_iter()), copied_columns());
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn each_column_of_the_database_is_filled_or_known_not_to_be() {
    let database = Database::new().await;
    let mut connection = database.connection().await;
    let columns = sqlx::query_as::<_, (String, String)>(
        "SELECT c.table_name::text, c.column_name::text FROM information_schema.columns AS c \
         JOIN information_schema.tables AS t USING (table_schema, table_name) \
         WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    );
    let columns = columns.fetch_all(&mut connection).await.unwrap();
    assert_eq!(named(columns.into_iter()), copied_columns());
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_copy_goes_on_where_the_file_ended() {
    let (mut shop, file, _folder) = left_in_order().await;
    let database = Database::bare().await;
    let mut progress = Vec::new();
    let copied = copy(&file, &database.url, |of| progress.push(of)).await.unwrap();
    assert!(copied.iter().all(|(_, rows)| *rows > 0), "{copied:?}");
    assert!(progress.contains(&Progress::Table { name: "messages", rows: 4 }), "{progress:?}");
    assert!(progress.contains(&Progress::Written(4)) && !progress.contains(&Progress::Resumed));
    let compared = check(&file, &database.url, |_| {}).await.unwrap();
    assert!(compared.iter().all(|of| of.rows.is_ok()), "{compared:?}");
    let before = Store::inspect_sqlite(&file).await.unwrap();
    let store = opened(&database).await.unwrap();
    let state = store.load_tenant(&shop.tenant).await.unwrap().state;
    assert_eq!(state, before.load_tenant(&shop.tenant).await.unwrap().state);
    assert_eq!(store.hooks_key().await.unwrap(), before.hooks_key().await.unwrap());
    assert_eq!(store.noted("amqp.apart").await.unwrap(), 9_007_199_254_740_993);
    let beat = store.last_beat().await.unwrap().unwrap();
    assert_eq!((beat.wall.as_second(), beat.boot.as_str()), (1_796_119_200, ""));
    let events = |events: Vec<StoredEvent>| -> Vec<(i64, String)> {
        events.into_iter().map(|event| (event.seq, event.id)).collect()
    };
    let all = told(&store).await;
    let old = told(&before).await;
    assert_eq!(events(all.clone()), events(old));
    assert!(all.iter().any(|event| event.body.contains("250 \\ufffd")));
    let replies = "SELECT (SELECT count(*) FROM attempts WHERE reply = '451 no' || chr(65533) || '.') \
         + (SELECT count(*) FROM messages WHERE reply = '550 no' || chr(65533) || ' \\u0000')";
    assert_eq!(store.count(replies).await, 4 + 1);
    // What comes next is numbered behind all that was.
    let unit = shop.book("b4");
    let batch = Batch { units: vec![&unit], ..Batch::default() };
    let next = store.commit(&batch, store.run()).await.unwrap().events;
    assert_eq!(next[0].seq, all.last().unwrap().seq + 1);
    let receipt = NewReceipt {
        provider: "relay".to_owned(),
        message: None,
        reference: Some("r3".to_owned()),
        report: crate::domain::receipt::Report::Delivered,
        said: String::new(),
        at: shop.now,
    };
    store.take_receipts(&[receipt]).await.unwrap();
    assert_eq!(store.count("SELECT max(seq) FROM receipts").await, 3, "2 is gone, and was given");
    let chain = "SELECT count(*) FROM tellings AS t JOIN tenants AS n ON n.last_told = t.seq \
         JOIN tellings AS p ON p.seq = t.prev WHERE p.seq < t.seq";
    assert_eq!(store.count(chain).await, 1);
    let same = copy(&file, &database.url, |_| {}).await;
    assert!(why(same).contains("a daemon has had"));
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn an_interrupted_copy_keeps_daemons_out_and_goes_on() {
    let (shop, file, _folder) = left_in_order().await;
    let database = Database::bare().await;
    copy_until("mailbox_items", &file, &database).await;
    let refused = opened(&database).await.unwrap_err().to_string();
    assert!(refused.contains("half of a copy"), "{refused}");
    let refused = Store::inspect_postgres(&database.url).await.unwrap_err().to_string();
    assert!(refused.contains("bellhop store copy"), "{refused}");
    let refused = Store::migrate_postgres(&database.url).await;
    assert!(matches!(refused, Err(StoreError::Misplaced(_))), "{refused:?}");
    let found = check(&file, &database.url, |_| {}).await.unwrap();
    let items = found.iter().find(|of| of.table == "mailbox_items").unwrap();
    let missing = items.rows.as_ref().unwrap_err().to_string();
    assert_eq!(missing, "mailbox_items, 1: is missing in the target");
    // Half of a page's rows, as if pages were shorter.
    assert_ne!(database.execute("DELETE FROM inbox WHERE command >= 'command 3'").await, 0);
    let mut progress = Vec::new();
    copy(&file, &database.url, |of| progress.push(of)).await.unwrap();
    assert_eq!(progress[0], Progress::Resumed);
    let store = opened(&database).await.unwrap();
    assert_eq!(store.load_tenant(&shop.tenant).await.unwrap().revision, shop.revision);
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn half_of_a_copy_takes_the_rest_of_no_other_store() {
    let (_, file, _folder) = left_in_order().await;
    let (_, other, _other_folder) = left_in_order().await;
    let database = Database::bare().await;
    copy_until("messages", &file, &database).await;
    assert!(why(copy(&other, &database.url, |_| {}).await).contains("of another store"));
    // A daemon ran on it since.
    Store::open_sqlite(&file, 1, &holder(3)).await.unwrap().close().await;
    assert!(why(copy(&file, &database.url, |_| {}).await).contains("begin anew"));
    database.execute("UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 1").await;
    assert!(why(copy(&file, &database.url, |_| {}).await).contains("is another one here"));
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn what_is_not_the_same_is_named() {
    let (_, file, _folder) = left_in_order().await;
    let database = Database::bare().await;
    copy_until("timers", &file, &database).await;
    for (vandal, told) in [
        ("UPDATE tenants SET revision = 99", "tenants, salon: differs in revision"),
        (
            "UPDATE inbox SET body_hash = '\\x00' WHERE command = 'command 2'",
            "inbox, salon / command 2: differs in body_hash",
        ),
        (
            "UPDATE records SET body = body::jsonb || '{\"name\":\"Eve\"}' WHERE kind = 'client'",
            "records, salon / client / anna: differs in body",
        ),
        ("DELETE FROM tellings WHERE seq = 1", "tellings, 1: is missing in the target"),
        ("UPDATE attempts SET n = 6", "is in the target only"),
        ("UPDATE messages SET superseded = NOT superseded", "differs in superseded"),
    ] {
        assert_ne!(database.execute(vandal).await, 0, "{vandal}");
        let table = vandal.split(' ').find(|word| COPIED.iter().any(|of| of.name == *word));
        let found = check(&file, &database.url, |_| {}).await.unwrap();
        let of = found.iter().find(|of| Some(of.table) == table).unwrap();
        let said = of.rows.as_ref().unwrap_err().to_string();
        assert!(said.ends_with(told), "{said}");
    }
    // A copy finds it as well, and the target stays marked.
    let refused = why(copy(&file, &database.url, |_| {}).await);
    assert_eq!(refused, "tenants, salon: differs in revision");
    assert!(opened(&database).await.is_err());
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_row_that_cannot_be_carried_over_is_named() {
    for (vandal, mend, told) in [
        (
            "UPDATE records SET body = '{' WHERE kind = 'client'",
            "UPDATE records SET body = '{}' WHERE kind = 'client'",
            "records, salon / client / anna: body: ",
        ),
        (
            "UPDATE cursors SET part = 3000000000",
            "UPDATE cursors SET part = 1",
            "cursors, amqp / 3000000000: ",
        ),
        (
            "UPDATE jobs SET job = 'x' WHERE job = (SELECT min(job) FROM jobs)",
            "DELETE FROM jobs WHERE job = 'x'",
            ": job: ",
        ),
    ] {
        let (_, file, _folder) = left_in_order().await;
        let database = Database::bare().await;
        vandalize(&file, vandal).await;
        let refused = why(copy(&file, &database.url, |_| {}).await);
        assert!(refused.contains(told), "{refused}");
        assert!(opened(&database).await.is_err());
        vandalize(&file, mend).await;
        copy(&file, &database.url, |_| {}).await.unwrap();
        opened(&database).await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_source_is_at_rest_in_order_and_of_this_version() {
    let database = Database::bare().await;
    let (bench, _folder) = on_file().await;
    let mut shop = Shop::open("salon", &bench).await;
    let refused = copy(&bench.file, &database.url, |_| {}).await;
    assert!(matches!(refused, Err(CopyError::Store(StoreError::InUse(_)))), "{refused:?}");
    bench.write(&[&leased(shop.book("b1"))]).await.unwrap();
    bench.store.close().await;
    let Bench { store, file, .. } = bench;
    drop(store);
    assert!(why(copy(&file, &database.url, |_| {}).await).contains("was not left in order"));
    vandalize(&file, "UPDATE messages SET status = 'ready', lease = NULL").await;
    vandalize(
        &file,
        "UPDATE _sqlx_migrations SET version = 9999 WHERE version IN \
        (SELECT max(version) FROM _sqlx_migrations)",
    )
    .await;
    assert!(why(copy(&file, &database.url, |_| {}).await).contains("another version"));
    vandalize(&file, "DELETE FROM _sqlx_migrations WHERE version = 9999").await;
    assert!(why(copy(&file, &database.url, |_| {}).await).contains("is older"));
    let none = copy(&file.with_file_name("none.db"), &database.url, |_| {}).await;
    assert!(why(none).contains("does not exist"));
    let empty = file.with_file_name("empty.db");
    std::fs::write(&empty, "").unwrap();
    assert!(why(copy(&empty, &database.url, |_| {}).await).contains("holds no store"));
    let tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";
    let mut connection = database.connection().await;
    let tables: i64 = sqlx::query_scalar(tables).fetch_one(&mut connection).await.unwrap();
    assert_eq!(tables, 0, "nothing was begun");
}

#[tokio::test]
#[ignore = "needs a PostgreSQL server: tests/run"]
async fn a_target_is_empty_and_was_never_a_daemons() {
    let (_, file, _folder) = left_in_order().await;
    let holding = Database::new().await;
    holding.execute("INSERT INTO notes (name, number) VALUES ('x', 1)").await;
    assert!(why(copy(&file, &holding.url, |_| {}).await).contains("(in notes)"));
    holding.execute("DELETE FROM notes").await;
    let marked = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
         execution_time) VALUES (9999, 'later', true, '\\x00', 0)";
    holding.execute(marked).await;
    assert!(why(copy(&file, &holding.url, |_| {}).await).contains("not known to this version"));
    let taken = Database::bare().await;
    opened(&taken).await.unwrap();
    assert!(why(copy(&file, &taken.url, |_| {}).await).contains("a daemon has had"));
    let bare = Database::bare().await;
    assert!(why(check(&file, &bare.url, |_| {}).await).contains("holds no copy"));
    let mark = format!("SELECT FROM _sqlx_migrations WHERE version = {HALF_COPIED}");
    assert_eq!(holding.execute(&mark).await + taken.execute(&mark).await, 0, "one was begun");
}
