//! What a client hears last is what was said last, whatever the mail server does.

use std::{collections::BTreeMap, time::Duration};

use serde_json::json;

use crate::support::{
    Behaviour, Command, Options, World, clean::messages_with_status, command, eventually, http,
    salon, scripted_sink::Accepted,
};

const SALON: &str = "salon-uno";
const BOOKINGS: usize = 60;
/// So many that a later mail could pass an earlier one.
const CONNECTIONS: u32 = 100;
const DEADLINE: Duration = Duration::from_secs(90);
/// Starts of a booking, each said to the client.
const MOVES: [&str; 2] = ["2099-12-25T10:00:00+01:00", "2099-12-26T10:00:00+01:00"];

/// Now answers at once, now late, refuses for now, and cuts the line behind the final dot.
const MOODY: Behaviour = Behaviour {
    refuse_451_percent: 30,
    refuse_421_percent: 5,
    refuse_550_percent: 0,
    refuse_auth: false,
    drop_stored_percent: 15,
    mute: false,
    stored: None,
    delay: Duration::ZERO,
    hesitation: Duration::from_millis(400),
};

fn moody() -> Options {
    let pauses = ["PT0.05S", "PT0.3S", "PT1S", "PT1S", "PT1S", "PT1S", "PT1S"];
    let extra_config =
        format!("[retry]\nemail = {pauses:?}\n[retry.in_doubt]\nemail = {pauses:?}\n");
    let connections = Some(CONNECTIONS);
    Options { sink: MOODY, connections, extra_config, ..Options::default() }
}

/// Each booking moved twice and cancelled, one step of all before the next of any.
fn rounds() -> Vec<Vec<Command>> {
    let each = |step: &dyn Fn(&str) -> Command| {
        (0..BOOKINGS).map(|i| step(&format!("b{i}"))).collect::<Vec<_>>()
    };
    vec![
        salon::busy(SALON, BOOKINGS),
        each(&|booking| moved(booking, 0)),
        each(&|booking| moved(booking, 1)),
        each(&|booking| salon::cancel(SALON, booking)),
    ]
}

fn moved(booking: &str, step: usize) -> Command {
    let data = json!({ "booking": booking, "starts_at": MOVES[step] });
    command(SALON, &format!("move-{booking}-{step}"), "booking.reschedule", data)
}

/// Nothing waits and nothing is under way.
async fn until_all_is_told(world: &World) {
    eventually("every message has ended", DEADLINE, || async {
        let open = messages_with_status(world, "ready").await
            + messages_with_status(world, "sending").await;
        (open == 0).then_some(())
    })
    .await;
}

/// Message ids rise with the time of the decision, and only the same mail may come twice.
fn assert_last_words(world: &World) {
    let mut heard = BTreeMap::<String, Vec<Accepted>>::new();
    for mail in world.sink.accepted() {
        heard.entry(mail.recipient.clone()).or_default().push(mail);
    }
    assert_eq!(heard.len(), BOOKINGS, "every client heard that it is cancelled");
    for (client, mails) in &heard {
        let ids: Vec<&str> = mails.iter().map(|mail| mail.message_id.as_str()).collect();
        assert!(ids.is_sorted(), "{client}: {:?}", subjects(mails));
        let last = mails.last().unwrap();
        let cancelled = subject(last).to_lowercase().contains("cancelled");
        assert!(cancelled, "{client}: {:?}", subjects(mails));
    }
}

fn subject(mail: &Accepted) -> &str {
    mail.mail.lines().find(|line| line.starts_with("Subject:")).unwrap()
}

fn subjects(mails: &[Accepted]) -> Vec<(&str, &str)> {
    mails.iter().map(|mail| (mail.message_id.as_str(), subject(mail))).collect()
}

#[tokio::test]
async fn a_moody_server_does_not_change_the_last_word() {
    let world = World::start(moody()).await;
    for round in rounds() {
        http::take(&world.http(), &round).await;
    }
    until_all_is_told(&world).await;
    assert_last_words(&world);
    world.finish().await;
}

#[tokio::test]
async fn a_crash_between_two_words_does_not_change_the_last() {
    let mut world = World::start(moody()).await;
    for round in rounds() {
        let heard = world.sink.count();
        http::take(&world.http(), &round).await;
        eventually("some of it is on the way", DEADLINE, || async {
            (world.sink.count() > heard).then_some(())
        })
        .await;
        world.daemon().sigkill();
        world.start_daemon().await;
    }
    until_all_is_told(&world).await;
    assert_last_words(&world);
    world.finish().await;
}

/// What waits in the daemon's memory when it freezes finds dead connections when it thaws.
#[tokio::test]
async fn a_freeze_does_not_change_the_last_word() {
    let mut world = World::start(moody()).await;
    for round in rounds() {
        let heard = world.sink.count();
        http::take(&world.http(), &round).await;
        eventually("some of it is on the way", DEADLINE, || async {
            (world.sink.count() > heard).then_some(())
        })
        .await;
        world.daemon().signal("STOP");
        world.sink.close();
        world.sink.listen();
        world.daemon().signal("CONT");
    }
    until_all_is_told(&world).await;
    assert_last_words(&world);
    world.finish().await;
}
