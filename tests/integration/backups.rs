//! Backups that are made while the daemon works, and what comes of a daemon on one.

use std::{path::PathBuf, process::Command};

use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, SqliteConnection, sqlite::SqliteConnectOptions,
};

use crate::support::{Options, World, database::Database, http, load::Load};

/// All in all; half of them are in the backup.
const BOOKINGS_AFTER: usize = 40;

/// What was taken before the backup is known after it, and what came later is taken anew.
async fn goes_on_from_there(world: &mut World, before: &Load, after: &Load) {
    world.start_daemon().await;
    let base = world.http();
    http::take(&base, &before.commands()).await;
    world.publisher().await.publish_all(&after.commands()).await;
    after.wait_until_sent(world).await;
    assert_eq!(world.number("SELECT count(*) FROM messages").await, BOOKINGS_AFTER as i64);
    let events = http::events(&base).await.into_iter().map(|event| event["sequence"].clone());
    let expected = (1_u64..).map(|place| serde_json::json!(format!("{place:020}")));
    events.zip(expected).for_each(|(place, expected)| assert_eq!(place, expected));
}

/// A daemon that works, and the loads before and behind its backup.
async fn at_work(postgres: bool) -> (World, Load, Load) {
    let (before, after) = (Load::new(2, 20), Load::new(2, BOOKINGS_AFTER));
    let world = World::start(Options { postgres, ..Options::default() }).await;
    world.publisher().await.publish_all(&before.commands()).await;
    before.wait_until_sent(&world).await;
    (world, before, after)
}

/// Everything is taken, also what the backup does not know, and is lost. Not through the broker:
/// what it still had in hand would come to the next daemon before what is published again.
async fn disaster(world: &mut World, after: &Load) {
    http::take(&world.http(), &after.commands()).await;
    world.daemon().sigkill();
}

/// As docs/restoring.md says.
#[tokio::test]
async fn a_file_that_was_copied_beside_the_daemon_is_a_store() {
    let (mut world, before, after) = at_work(false).await;
    let backup = world.launch.dir.join("backup.db");
    let options = SqliteConnectOptions::new().filename(world.store_path()).read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let vacuum = format!("VACUUM INTO '{}'", backup.display());
    connection.execute(AssertSqlSafe(vacuum)).await.unwrap();
    connection.close().await.unwrap();
    disaster(&mut world, &after).await;
    // In the place of what was lost, without the log that belonged to that.
    for name in ["bellhop.db", "bellhop.db-wal", "bellhop.db-shm", "bellhop.db-slots"] {
        let _ = std::fs::remove_file(world.store_path().with_file_name(name));
    }
    std::fs::rename(&backup, world.store_path()).unwrap();
    goes_on_from_there(&mut world, &before, &after).await;
    world.finish().await;
}

/// A program of PostgreSQL's.
fn program(name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let mut found: Vec<PathBuf> = versions
        .map(|version| version.path().join("bin").join(name))
        .filter(|path| path.exists())
        .collect();
    found.sort();
    found.pop()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// As docs/postgres.md says.
#[tokio::test]
async fn a_database_that_was_dumped_beside_the_daemon_is_a_store() {
    let (Some(dump), Some(restore)) = (program("pg_dump"), program("pg_restore")) else {
        eprintln!("pg_dump is not installed: nothing is tried");
        return;
    };
    let (mut world, before, after) = at_work(true).await;
    let file = world.launch.dir.join("bellhop.dump");
    let url = world.launch.environment.iter().find(|(name, _)| name == "BELLHOP__STORE__URL");
    let url = url.unwrap().1.clone();
    run(Command::new(dump).args(["-Fc", "--no-owner", "-f"]).arg(&file).arg(&url));
    disaster(&mut world, &after).await;
    let database = Database::create().await;
    let restored = ["--no-owner", "--exit-on-error", "-d", &database.url];
    run(Command::new(restore).args(restored).arg(&file));
    world.move_to(database);
    goes_on_from_there(&mut world, &before, &after).await;
    world.finish().await;
}
