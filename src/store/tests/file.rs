//! The SQLite file: whose it is, and how old it may be.

use sqlx::migrate::Migrator;

use super::*;
use crate::store::migrate;

/// Writes a booking, closes the store and gives its file back.
async fn written() -> (Shop, PathBuf, TempDir) {
    let Bench { store, lease, file, _folder: folder, .. } = Bench::sqlite().await;
    let _folder = tempfile::tempdir().unwrap();
    let bench = Bench { store, lease, file: file.clone(), database: None, _folder };
    let mut shop = Shop::open("salon", &bench).await;
    bench.write(&[&shop.book("b1")]).await.unwrap();
    bench.store.close().await;
    (shop, file, folder)
}

#[tokio::test]
async fn a_second_daemon_is_kept_out_until_the_first_is_gone() {
    let bench = Bench::sqlite().await;
    let second = Store::open_sqlite(&bench.file, 1, &holder(1)).await;
    assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
    let Bench { store, file, _folder: folder, .. } = bench;
    store.close().await;
    drop(store);
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    store.count_tenants().await.unwrap();
    drop(folder);
}

#[tokio::test]
async fn one_may_look_while_a_daemon_writes_but_not_write() {
    let bench = Bench::sqlite().await;
    let mut shop = Shop::open("salon", &bench).await;
    let window = Store::inspect_sqlite(&bench.file).await.unwrap();
    assert_eq!(window.load_tenant(&shop.tenant).await.unwrap().revision, 2);
    let unit = shop.book("b1");
    bench.write(&[&unit]).await.unwrap();
    assert_eq!(window.load_tenant(&shop.tenant).await.unwrap().state, shop.state);
    let more = shop.book("b2");
    let batch = Batch { units: vec![&more], ..Batch::default() };
    let result = window.commit(&batch, bench.lease).await;
    assert!(matches!(result, Err(CommitError::Store(StoreError::Unavailable(_)))), "{result:?}");
    assert!(claim_any(&window, bench.lease, shop.now, 1).await.is_err());
}

#[tokio::test]
async fn there_is_nothing_to_look_at_where_there_is_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("none.db");
    let result = Store::inspect_sqlite(&file).await;
    assert!(matches!(result, Err(StoreError::Misplaced(_))), "{result:?}");
    assert!(!file.exists());
}

#[tokio::test]
async fn where_no_file_can_be_there_is_no_store() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for (path, why) in [
        (folder.path().to_owned(), "is a directory"),
        (file.join("bellhop.db"), "not a directory"),
        (file.join("below/bellhop.db"), "not a directory"),
    ] {
        let error = Store::open_sqlite(&path, 1, &holder(1)).await.map(|_| ()).unwrap_err();
        assert!(matches!(error, StoreError::Misplaced(_)), "{error:?}");
        let said = error.to_string();
        assert!(said.starts_with("no store can be opened: /"), "{said}");
        assert!(said.ends_with(why) && !said.contains("os error"), "{said}");
    }
}

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let (shop, file, _folder) = written().await;
    for _ in 0..2 {
        let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
        let loaded = store.load_tenant(&shop.tenant).await.unwrap();
        assert_eq!((loaded.revision, &loaded.state), (shop.revision, &shop.state));
        store.close().await;
    }
}

#[tokio::test]
async fn a_closed_store_answers_no_more() {
    let bench = Bench::sqlite().await;
    bench.store.close().await;
    assert!(bench.store.count_tenants().await.is_err());
    let result = bench.write(&[&Shop::new("salon").configure()]).await;
    assert!(matches!(result, Err(CommitError::Store(StoreError::Unavailable(_)))), "{result:?}");
}

#[tokio::test]
async fn the_store_of_the_first_release_still_opens() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let mut connection = as_before(&file, 2).await;
    let body = r#"{"id":"c1","name":"Anna","email":"absent","phone":"absent","locale":null,
        "timezone":null,"email_verified":false,"push_tokens":[],"tags":[],"enrolled":true,
        "deleted":false}"#;
    sqlx::query("INSERT INTO tenants VALUES ('salon', 4)").execute(&mut connection).await.unwrap();
    sqlx::query("INSERT INTO records VALUES ('salon', 'client', 'c1', 1, $1)")
        .bind(body)
        .execute(&mut connection)
        .await
        .unwrap();
    let facts = r#"{"about":"booking","booking":"b \"1\"","starts_at":"2026-12-03T10:00:00Z",
        "ends_at":null,"service":null,"location":null,"moved_from":null,"cancelled_by":null,
        "reason":null,"sequence":0}"#;
    let message = Uuid::from_u128(7);
    sqlx::query(
        "INSERT INTO messages (message, tenant, kind, channel, client, booking, cause, status, \
         shape, facts, due_ms) VALUES ($1, 'salon', 'booking.confirmed', 'email', 'c1', \
         'b \"1\"', 'command 4', 'ready', 1, $2, 0)",
    )
    .bind(message.to_string())
    .bind(facts)
    .execute(&mut connection)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO events VALUES (41, 'salon', 'salon/k/0', 'booking.changed', 'k', \
         '{\"booking\":\"b\"}', 1796119200007)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let event = store.events_after(&Cursor::default(), 9).await.unwrap().remove(0);
    assert_eq!((event.seq, &*event.id, &*event.tenant), (41, "salon/k/0", "salon"));
    assert_eq!(
        &*event.body,
        "{\"specversion\":\"1.0\",\"id\":\"salon/k/0\",\"source\":\"/bellhop\",\
         \"type\":\"booking.changed\",\"time\":\"2026-12-01T10:00:00.007Z\",\
         \"tenant\":\"salon\",\"causationid\":\"k\",\
         \"sequence\":\"00000000000000000041\",\"datacontenttype\":\"application/json\",\
         \"data\":{\"booking\":\"b\"}}",
    );
    let loaded = store.load_tenant(&TenantId::parse("salon").unwrap()).await.unwrap();
    assert_eq!(loaded.revision, 4);
    let booking = Topic::Booking(BookingId::parse("b \"1\"").unwrap());
    assert_eq!(loaded.state.unsent(&booking)[0].id.0, message);
    let claimed = claim_any(&store, Uuid::nil(), at("2026-12-01T12:00:00Z"), 9).await.unwrap();
    assert_eq!(claimed[0].stored.message.facts.topic(), Some(booking));
    let client = ClientId::parse("c1").unwrap();
    assert_eq!(loaded.state.client(&client).unwrap().name, "Anna");
}

/// A connection to a store that no step from this one on was applied to.
pub(super) async fn as_before(file: &Path, version: i64) -> SqliteConnection {
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let before = migrate::sqlite().iter().filter(|step| step.version < version).cloned().collect();
    Migrator::with_migrations(before).run_direct(None, &mut connection, false).await.unwrap();
    connection
}

#[tokio::test]
async fn a_text_of_a_language_in_other_letters_is_found_as_its_only_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let mut connection = as_before(&file, 8).await;
    for tag in ["fr-ch", "fr-CH", "EN", "en-x-GB", "en-latn-gb"] {
        let body = format!(
            r#"{{"key":{{"kind":"booking.confirmed","channel":"email","locale":"{tag}"}},
                "text":{{"subject":null,"body":"{tag}"}}}}"#
        );
        sqlx::query("INSERT INTO records VALUES ('salon', 'template', $1, 1, $2)")
            .bind(format!("booking.confirmed/email/{tag}"))
            .bind(body)
            .execute(&mut connection)
            .await
            .unwrap();
    }
    connection.close().await.unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let state = store.load_tenant(&TenantId::parse("salon").unwrap()).await.unwrap().state;
    assert_eq!(state.template_count(), 4);
    store.close().await;
    let url = format!("sqlite://{}", file.display());
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let ids: Vec<String> = sqlx::query_scalar("SELECT id FROM records ORDER BY id")
        .fetch_all(&mut connection)
        .await
        .unwrap();
    let tags = ["en", "en-Latn-GB", "en-x-gb", "fr-CH"];
    assert_eq!(ids, tags.map(|tag| format!("booking.confirmed/email/{tag}")));
}

/// What was said of a message that an older version told of is found without reading every event.
#[tokio::test]
async fn where_an_older_version_told_of_a_message_is_found_out_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let mut connection = as_before(&file, 10).await;
    let insert = "INSERT INTO messages (message, tenant, kind, channel, client, cause, status, \
         shape, facts, due_ms, reply) VALUES ($1, 'salon', 'booking.confirmed', 'email', 'c1', \
         'k', 'dead', 1, '{}', 0, '550 no')";
    for message in ["told", "never told"] {
        sqlx::query(insert).bind(message).execute(&mut connection).await.unwrap();
    }
    let told = r#"[["i","salon","message.dead",{"data":{"message":"told","reply":"550 no"}}]]"#;
    let other = r#"[["i","salon","booking.changed",{"data":{"booking":"b1"}}]]"#;
    for (seq, page) in [(1, other), (2, told), (3, other), (4, told), (5, "torn"), (6, other)] {
        let insert = "INSERT INTO event_pages VALUES ($1, 0, $2)";
        sqlx::query(insert).bind(seq).bind(page).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let between = "SELECT told_from * 10 + told_to FROM messages WHERE message = 'told'";
    assert_eq!(store.count(between).await, 24);
    let nowhere = "SELECT count(*) FROM messages WHERE told_from IS NULL AND told_to IS NULL";
    assert_eq!(store.count(nowhere).await, 1);
}

/// One order of events becomes the first of several; who reads them goes on.
#[tokio::test]
async fn the_events_of_an_older_version_are_one_partition() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("old.db");
    let mut connection = as_before(&file, 14).await;
    for insert in [
        r#"INSERT INTO event_pages VALUES (41, 7, '[["k/0","salon","booking.changed",{}],
            ["k/1","salon","message.skipped",{}]]')"#,
        "INSERT INTO cursors VALUES ('amqp', 40)",
        "INSERT INTO cursors VALUES ('amqp.apart', 515)",
    ] {
        sqlx::query(insert).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let read = store.cursor("amqp").await.unwrap();
    assert_eq!(read.to_string(), "40");
    assert_eq!(store.noted("amqp.apart").await.unwrap(), 515);
    let unread = Unread { events: 1, since: Timestamp::from_millisecond(7).ok() };
    assert_eq!(store.unread_events("amqp").await.unwrap(), unread);
    let seen = |events: &[StoredEvent]| -> Vec<(i64, String)> {
        events.iter().map(|event| (event.seq, event.id.clone())).collect()
    };
    let left = store.events_after(&read, 9).await.unwrap();
    assert_eq!(seen(&left), [(41, "k/1".to_owned())]);
    let mut shop = Shop::new("salon");
    let unit = shop.configure();
    let batch = Batch { units: vec![&unit], ..Batch::default() };
    let told = store.commit(&batch, store.run()).await.unwrap().events;
    assert_eq!(seen(&told), [(42, "salon/command 1/0".to_owned())]);
    assert_eq!(store.count("SELECT max(seq) FROM events WHERE part = 0").await, 42);
}

#[tokio::test]
async fn the_store_of_a_later_release_is_refused_and_left_alone() {
    let (_, file, _folder) = written().await;
    let mut connection =
        SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9999, 'later', TRUE, x'00', 0)",
    )
    .execute(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    let result = Store::open_sqlite(&file, 1, &holder(1)).await;
    assert!(matches!(result, Err(StoreError::Refused(_))), "{result:?}");
}

#[tokio::test]
async fn a_file_of_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.txt");
    std::fs::write(&file, "not a database at all, but long enough to look at".repeat(50)).unwrap();
    let result = Store::open_sqlite(&file, 1, &holder(1)).await;
    assert!(matches!(result, Err(StoreError::Refused(_))), "{result:?}");
}

#[tokio::test]
async fn another_name_of_the_file_does_not_let_a_second_daemon_in() {
    let bench = Bench::sqlite().await;
    let folder = bench.file.parent().unwrap();
    let (link, name) = (folder.join("link.db"), folder.join("name.db"));
    std::os::unix::fs::symlink(&bench.file, &link).unwrap();
    std::fs::hard_link(&bench.file, &name).unwrap();
    for other in [link, name] {
        let second = Store::open_sqlite(&other, 1, &holder(1)).await;
        assert!(matches!(second, Err(StoreError::InUse(_))), "{second:?}");
    }
    // Nothing beside the database keeps others out, so nothing that is removed lets them in.
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(names.into_iter().all(|name| !name.to_string_lossy().contains("lock")));
}

#[tokio::test]
async fn nobody_else_may_read_what_the_store_writes() {
    use std::os::unix::fs::PermissionsExt as _;
    let outer = tempfile::tempdir().unwrap();
    let file = outer.path().join("var/lib/bellhop.db");
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    for folder in ["var", "var/lib"] {
        assert_eq!(mode(&outer.path().join(folder)), 0o700, "{folder}");
    }
    for name in ["bellhop.db", "bellhop.db-wal", "bellhop.db-shm"] {
        assert_eq!(mode(&file.with_file_name(name)), 0o600, "{name}");
    }
    store.close().await;
    drop(store);
    // A copy that was put back, say.
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let store = Store::open_sqlite(&file, 1, &holder(1)).await.unwrap();
    store.note("x", 1).await.unwrap();
    for name in ["bellhop.db", "bellhop.db-wal", "bellhop.db-shm"] {
        assert_eq!(mode(&file.with_file_name(name)), 0o600, "{name}");
    }
    store.close().await;
}
