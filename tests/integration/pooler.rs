//! The daemon on PostgreSQL with a pooler in between.

use std::{
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Duration,
};

use crate::support::{
    Behaviour, Options, World,
    config::{SLOTS, few_in_hand},
    database::Database,
    eventually,
    load::Load,
    pooler::Pooler,
    second::Second,
};

const DEADLINE: Duration = Duration::from_secs(60);
/// Fewer than the connections that one daemon opens: each is handed about.
const SESSIONS: u32 = 4;
/// Of all clients but who asks: autovacuum has its own.
const SESSIONS_NOW: &str = "SELECT count(*) FROM pg_stat_activity WHERE \
    datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

/// The world behind a pooler. Of both, the pooler goes first.
async fn pooled() -> (World, Pooler) {
    let (pooler, database) = Pooler::before(Database::create().await, SESSIONS).await;
    let options = Options {
        database: Some(database),
        sink: Behaviour { delay: Duration::from_millis(100), ..Behaviour::default() },
        extra_config: few_in_hand(),
        ..Options::default()
    };
    (World::start(options).await, pooler)
}

async fn until_sent(world: &World, mails: usize) {
    eventually("some are sent", DEADLINE, || async {
        (world.sink.accepted().len() >= mails).then_some(())
    })
    .await;
}

/// What comes of a statement that met a session in which another had been parsed, or none.
fn assert_no_strange_session(log: &str) {
    for sign in ["prepared statement", "bind message supplies", "protocol"] {
        let line = log.lines().find(|line| line.contains(sign));
        assert_eq!(line, None, "a statement met a session of another's");
    }
}

#[tokio::test]
async fn the_whole_road_and_a_kill_and_a_standby_over_shared_sessions() {
    let load = Load::new(2, 60);
    let (mut world, _pooler) = pooled().await;
    world.publisher().await.publish_all(&load.commands()).await;
    until_sent(&world, 15).await;
    world.crash_daemon();
    load.wait_until_sent(&world).await;
    let twice = load.assert_taken_once_and_told(&world).await;
    assert!(twice <= SLOTS as usize, "{twice} were sent twice");

    let mut second = Second::beside(&world).await;
    assert!(second.stands_by().await, "{}", second.daemon.log());
    let sent = world.sink.count();
    let more = Load::new(2, 120);
    world.publisher().await.publish_all(&more.commands()).await;
    until_sent(&world, sent + 15).await;
    world.daemon().sigkill();
    second.wait_active().await;
    more.wait_until_sent(&world).await;
    let twice = more.assert_taken_once_and_told(&world).await;
    assert!(twice <= 2 * SLOTS as usize, "{twice} were sent twice");
    let doubts = "SELECT count(*) FROM messages WHERE doubts > 0";
    assert!(world.number(doubts).await <= 2 * i64::from(SLOTS), "only what had left");
    // A session that the pooler closed is still there for a moment beside the one in its place.
    eventually("all share the sessions", DEADLINE, || async {
        (1..=i64::from(SESSIONS)).contains(&world.number(SESSIONS_NOW).await).then_some(())
    })
    .await;
    assert_no_strange_session(&world.log());
    assert_no_strange_session(&second.daemon.log());
    assert!(second.daemon.sigterm_and_wait(DEADLINE).await.success());
}

/// Each command of the program that goes to the store, while a daemon works there.
#[tokio::test(flavor = "multi_thread")]
async fn operators_reach_the_store_through_it_while_the_daemon_works() {
    let load = Load::new(2, 60);
    let (world, _pooler) = pooled().await;
    world.publisher().await.publish_all(&load.commands()).await;
    let (done, rounds) = (AtomicBool::new(false), AtomicI64::new(0));
    let operators = async {
        while !done.load(Ordering::Relaxed) || rounds.load(Ordering::Relaxed) < 2 {
            for args in [
                &["store", "stats"][..],
                &["explain", "--tenant", "salon-0", "--booking", "b0"],
                &["instances"],
                &["migrate"],
                &["store", "compact"],
            ] {
                let (ok, said) = tokio::task::block_in_place(|| world.bellhop(args));
                tokio::task::yield_now().await;
                // It may not be booked yet.
                assert!(ok || args[0] == "explain", "{args:?}: {said}");
                assert_no_strange_session(&said);
            }
            rounds.fetch_add(1, Ordering::Relaxed);
        }
    };
    let sent = async {
        load.wait_until_sent(&world).await;
        done.store(true, Ordering::Relaxed);
    };
    tokio::join!(operators, sent);
    assert_eq!(load.assert_taken_once_and_told(&world).await, 0, "sent twice");
    assert_no_strange_session(&world.log());
    world.finish().await;
}
