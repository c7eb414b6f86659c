//! What a crash leaves in doubt, and what not; and how often that is sent again.

use std::time::Duration;

use crate::support::{
    Behaviour, Options, World, clean::messages_with_status, eventually, http, salon, store,
};

const SALON: &str = "salon-uno";
const DEADLINE: Duration = Duration::from_secs(60);
/// No reply to a final dot in the time of a test.
const NEVER: Duration = Duration::from_secs(3600);

async fn until_mails(world: &World, count: usize) {
    eventually("a mail is stored", DEADLINE, || async {
        (world.sink.count() >= count).then_some(())
    })
    .await;
}

async fn until_ended(world: &World, status: &str, count: i64) {
    eventually(&format!("{count} are {status}"), DEADLINE, || async {
        (messages_with_status(world, status).await == count).then_some(())
    })
    .await;
}

async fn sum(world: &World, sql: &'static str) -> i64 {
    store::number(&world.store_path(), sql).await
}

async fn crash(world: &mut World) {
    world.crash_daemon();
    world.daemon().wait_ready(DEADLINE).await;
}

/// The server never greets: nothing is on the wire, however often the daemon dies meanwhile.
#[tokio::test]
async fn what_never_left_is_no_doubt() {
    const BOOKINGS: usize = 20;
    let mute = Behaviour { mute: true, ..Behaviour::default() };
    let extra_config = "[retry.in_doubt]\nemail = [\"PT1H\"]\n".to_owned();
    let mut world = World::start(Options { sink: mute, extra_config, ..Options::default() }).await;
    http::take(&world.http(), &salon::busy(SALON, BOOKINGS)).await;
    for life in 1..=2 {
        eventually("it is being tried", DEADLINE, || async {
            (world.sink.connections() >= life * 8).then_some(())
        })
        .await;
        if life == 2 {
            world.sink.behave(Behaviour::default());
        }
        crash(&mut world).await;
    }
    until_ended(&world, "sent", BOOKINGS as i64).await;
    assert_eq!(sum(&world, "SELECT sum(doubts) FROM messages").await, 0);
    assert_eq!(sum(&world, "SELECT max(crashes) FROM messages").await, 2);
    assert!(world.sink.by_recipient().values().all(|mails| mails.len() == 1));
    world.finish().await;
}

/// `[retry.in_doubt]` without a pause: it is not sent again, and what waits behind it is.
#[tokio::test]
async fn what_may_be_sent_once_is_not_sent_again_after_a_crash() {
    let hung = Behaviour { delay: NEVER, ..Behaviour::default() };
    let extra_config = "[retry.in_doubt]\nemail = []\n".to_owned();
    let connections = Some(1);
    let options = Options { sink: hung, connections, extra_config, ..Options::default() };
    let mut world = World::start(options).await;
    let events = world.events().await;
    http::take(&world.http(), &salon::busy(SALON, 3)).await;
    until_mails(&world, 1).await;
    world.sink.behave(Behaviour::default());
    crash(&mut world).await;
    until_ended(&world, "unknown", 1).await;
    until_ended(&world, "sent", 2).await;
    let mails = world.sink.by_recipient();
    assert_eq!(mails.len(), 3);
    assert!(mails.values().all(|ids| ids.len() == 1), "{mails:?}");
    eventually("it is told upstream", DEADLINE, || async {
        (events.of_type("message.unknown").len() == 1).then_some(())
    })
    .await;
    world.finish().await;
}

/// The pauses and their number hold, whoever it is that dies.
#[tokio::test]
async fn the_pauses_of_doubt_hold_over_crashes() {
    let hung = Behaviour { delay: NEVER, ..Behaviour::default() };
    let extra_config = "[retry.in_doubt]\nemail = [\"PT1S\", \"PT2S\"]\n".to_owned();
    let mut world = World::start(Options { sink: hung, extra_config, ..Options::default() }).await;
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    for copies in 1..=3 {
        until_mails(&world, copies).await;
        crash(&mut world).await;
    }
    until_ended(&world, "unknown", 1).await;
    assert_eq!(world.sink.count(), 3);
    assert_eq!(sum(&world, "SELECT doubts FROM messages").await, 3);
    let sent = world.sink.accepted();
    for (pair, pause) in sent.windows(2).zip([1, 2]) {
        assert!(pair[1].at - pair[0].at >= Duration::from_secs(pause), "{pair:?}");
    }
    world.finish().await;
}
