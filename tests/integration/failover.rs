//! A provider that cannot be reached: another takes what it would have had, until it is back.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{
    Behaviour, Command, Options, ScriptedSink, World, eventually, http, salon, store,
};

const SALON: &str = "salon-uno";
const DEADLINE: Duration = Duration::from_secs(30);
/// Left alone after three failures, for a second; two attempts find out.
const CIRCUIT: &str = "[dispatch.circuit]\nin_a_row = 3\nattempts = 1000\nshare = 1.0\n\
     pause = \"PT1S\"\npause_max = \"PT1S\"\nprobes = 2\n";
/// What `bellhop_provider_circuit_state` says.
const CLOSED: f64 = 0.0;
const HALF_OPEN: f64 = 1.0;
const OPEN: f64 = 2.0;

/// A provider beside the one of the world, called `sink`.
fn first(server: &ScriptedSink, more: &str) -> String {
    let url = server.url();
    format!("[[email.providers]]\nname = \"first\"\nkind = \"smtp\"\nurl = \"{url}\"\n{more}\n")
}

fn booked(numbers: std::ops::Range<usize>) -> Vec<Command> {
    let each = numbers.flat_map(|number| {
        let client = format!("c{number}");
        let booking = salon::booking(SALON, &format!("b{number}"), &client, salon::START);
        [salon::client(SALON, &client), booking]
    });
    each.collect()
}

async fn until_circuit(world: &mut World, wanted: f64) {
    let daemon = world.daemon();
    eventually(&format!("the circuit is {wanted}"), DEADLINE, || async {
        let states = daemon.metric("bellhop_provider_circuit_state").await;
        let state = states.iter().find(|(labels, _)| labels.contains("\"first\""));
        state.is_some_and(|(_, state)| *state == wanted).then_some(())
    })
    .await;
}

/// How many mails each of both has, once there are so many.
async fn shares(first: &ScriptedSink, world: &World, mails: usize) -> (usize, usize) {
    eventually("the mails are there", DEADLINE, || async {
        (first.count() + world.sink.count() >= mails).then_some(())
    })
    .await;
    (first.count(), world.sink.count())
}

#[tokio::test]
async fn a_provider_that_is_back_is_asked_a_little_and_then_has_its_share_again() {
    const BATCH: usize = 30;
    let mut a = ScriptedSink::silent(Behaviour::default());
    let extra_config = format!("{}{CIRCUIT}", first(&a, ""));
    let mut world = World::start(Options { extra_config, ..Options::default() }).await;
    http::take(&world.http(), &[salon::open(SALON)]).await;
    http::take(&world.http(), &booked(0..BATCH)).await;
    assert_eq!(shares(&a, &world, BATCH).await, (0, BATCH), "the other has all of it");
    until_circuit(&mut world, OPEN).await;

    // While two attempts are on their way there, all others go elsewhere.
    a.behave(Behaviour { delay: Duration::from_secs(2), ..Behaviour::default() });
    a.listen();
    let booked_so_far = AtomicUsize::new(BATCH);
    eventually("two attempts find out", DEADLINE, || async {
        let next = booked_so_far.fetch_add(1, Ordering::Relaxed);
        http::take(&world.http(), &booked(next..next + 1)).await;
        (a.count() == 2).then_some(())
    })
    .await;
    until_circuit(&mut world, HALF_OPEN).await;
    let all = booked_so_far.load(Ordering::Relaxed);
    http::take(&world.http(), &booked(all..all + BATCH)).await;
    let all = all + BATCH;
    assert_eq!(shares(&a, &world, all).await, (2, all - 2), "no more than two find out");
    until_circuit(&mut world, CLOSED).await;

    a.behave(Behaviour::default());
    http::take(&world.http(), &booked(all..all + BATCH)).await;
    let all = all + BATCH;
    let (ours, theirs) = shares(&a, &world, all).await;
    assert!(ours - 2 > BATCH / 4, "{ours} of {BATCH} went by the one that is back");
    assert!(theirs < all - BATCH / 4, "{theirs} of {all} went by the other");
    assert_each_once(&a, &world, all).await;
    world.finish().await;
}

async fn assert_each_once(a: &ScriptedSink, world: &World, all: usize) {
    let sent = "SELECT count(*) FROM messages WHERE status = 'sent' AND attempts = 1";
    eventually("each is sent, at the cost of one attempt", DEADLINE, || async {
        (store::number(&world.store_path(), sent).await as usize == all).then_some(())
    })
    .await;
    let mut mails = BTreeMap::<String, usize>::new();
    for mail in a.accepted().into_iter().chain(world.sink.accepted()) {
        *mails.entry(mail.recipient).or_default() += 1;
    }
    assert_eq!(mails.len(), all);
    assert!(mails.values().all(|count| *count == 1), "{mails:?}");
}

/// The one message there is, as the daemon tells of it.
async fn only_message(world: &World) -> Value {
    let sent = eventually("it is sent", DEADLINE, || async {
        http::events_of_type(&world.http(), "message.sent").await.pop()
    })
    .await;
    assert_eq!(sent["data"]["provider"], "sink");
    let id = sent["data"]["message"].as_str().unwrap();
    let url = format!("{}/v1/tenants/{SALON}/messages/{id}", world.http());
    let (status, message) = http::read(&url).await;
    assert_eq!(status, 200, "{message}");
    assert_eq!(message["attempts"], sent["data"]["attempt"]);
    message
}

fn history(message: &Value) -> Vec<(i64, &str, &str)> {
    let rows = message["history"].as_array().unwrap().iter();
    // As text, a tenth of a second is later than a hundredth behind it.
    let at = |row: &Value| row["at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(rows.clone().map(at).is_sorted(), "{message}");
    rows.map(|row| {
        let (provider, outcome) = (row["provider"].as_str(), row["outcome"].as_str());
        (row["n"].as_i64().unwrap(), provider.unwrap(), outcome.unwrap())
    })
    .collect()
}

#[tokio::test]
async fn what_one_could_not_be_handed_and_another_took_is_told_as_it_was() {
    let a = ScriptedSink::silent(Behaviour::default());
    let extra_config = first(&a, "weight = 1000");
    let world = World::start(Options { extra_config, ..Options::default() }).await;
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    let message = only_message(&world).await;
    let steps = [(1, "first", "transient"), (2, "sink", "accepted")];
    assert_eq!(history(&message), steps);
    let ends = [&message["status"], &message["provider"], &message["attempts"]];
    assert_eq!(ends, [&json!("sent"), &json!("sink"), &json!(1)]);
    let (refused, reply) = (&message["history"][0]["reply"], &message["history"][1]["reply"]);
    assert!(refused.as_str().unwrap().contains("refused"), "{message}");
    assert_eq!((reply, &message["reply"]), (&json!("250 2.0.0 queued"), reply));
    world.finish().await;
}

/// A round past all of them costs one attempt.
#[tokio::test]
async fn what_nobody_could_be_handed_is_told_with_everybody_who_was_asked() {
    let a = ScriptedSink::silent(Behaviour::default());
    let pauses = "[retry]\nemail = [\"PT0.5S\", \"PT0.5S\", \"PT0.5S\", \"PT0.5S\", \"PT0.5S\"]\n";
    let extra_config = format!("{}{pauses}", first(&a, "weight = 1000"));
    let options = Options { extra_config, sink_silent: true, ..Options::default() };
    let mut world = World::start(options).await;
    http::take(&world.http(), &salon::busy(SALON, 1)).await;
    eventually("both were asked in vain", DEADLINE, || async {
        http::events_of_type(&world.http(), "message.retrying").await.pop()
    })
    .await;
    world.sink.listen();
    let message = only_message(&world).await;
    let told = history(&message);
    let attempts = message["attempts"].as_u64().unwrap() as usize;
    assert!(attempts >= 2, "{message}");
    let (last, before) = told.split_last().unwrap();
    assert_eq!((last.1, last.2), ("sink", "accepted"));
    let in_vain = |of: &str| before.iter().filter(|(_, provider, _)| *provider == of).count();
    assert_eq!(in_vain("sink"), attempts - 1, "{told:?}");
    assert!((attempts - 1..=attempts).contains(&in_vain("first")), "{told:?}");
    assert!(before.iter().all(|(_, _, outcome)| *outcome == "transient"), "{told:?}");
    assert!(told.iter().map(|(n, ..)| *n).eq(1..=told.len() as i64), "{told:?}");
    world.finish().await;
}
