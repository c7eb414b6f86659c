//! Commands that are mutilated, and bytes that never were any: the daemon lives, and takes each or
//! lays it aside.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use lapin::{
    Channel, Connection, ConnectionProperties,
    options::{BasicPublishOptions, ConfirmSelectOptions},
};
use serde_json::{Value, json};

use crate::model::Model;
use crate::seed::Chance;
use crate::stage::{Setup, Stage, Store};
use crate::support::{
    events::take_dead_commands,
    eventually,
    publish::{COMMANDS, properties},
};
use crate::table::is_whole;

const FEW: usize = 2_000;
const MANY: usize = 100_000;
const TENANTS: usize = 4;
/// Published at once.
const WINDOW: usize = 500;
/// So many windows are of the same tenants: models become slow with all that they remember.
const WINDOWS_OF_ONE: usize = 8;
const DEADLINE: Duration = Duration::from_secs(1200);
const RANDOM_BYTES_MAX: usize = 300;

/// Each body, under which key it came, and how often.
type Published = BTreeMap<Vec<u8>, (String, usize)>;

#[tokio::test]
#[ignore = "thousands of commands: tests/run faults"]
async fn whatever_comes_is_taken_or_laid_aside() {
    let all = if is_whole() { MANY } else { FEW };
    let setup = Setup { store: Store::Sqlite, ..Setup::of("mutilated commands", all, 1) };
    let mut stage = Stage::quiet(setup).await;
    let (url, pid) = (stage.world.vhost.url(), stage.daemon(0).pid());
    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    let mut published = Published::new();
    let mut models = Vec::new();
    for window in 0..all / WINDOW {
        if window % WINDOWS_OF_ONE == 0 {
            let first = window / WINDOWS_OF_ONE * TENANTS;
            models = tenants(first, &mut stage.chance, &channel).await;
        }
        let bodies: Vec<(String, Vec<u8>)> = (0..WINDOW)
            .map(|number| {
                let asked = models[number % TENANTS].next().command;
                (asked.routing_key(), mutilated(&asked.envelope, &mut stage.chance))
            })
            .collect();
        let publishes = bodies.iter().map(|(key, body)| publish(&channel, key, body));
        futures_util::future::join_all(publishes).await;
        for (key, body) in bodies {
            published.entry(body).or_insert((key, 0)).1 += 1;
        }
        until_taken(&stage).await;
    }
    stage.world.vhost.wait_until_drained().await;
    assert!(!stage.daemon(0).has_ended(), "the daemon died");
    assert_eq!(stage.daemon(0).pid(), pid);
    let dead = take_dead_commands(&url).await;
    let laid_aside = dead.len();
    for command in dead {
        let (_, left) = published.get_mut(&command.body).expect("nobody published that");
        *left = left.checked_sub(1).expect("laid aside more often than it was published");
    }
    let taken = assert_taken(&stage, published).await;
    eprintln!("{laid_aside} laid aside, {taken} taken");
    assert!(taken > all / 20 && laid_aside > all / 20, "{taken}, {laid_aside}");
    stage.row.confirmed = all;
    stage.row.tell();
    stage.closes().await;
}

/// Tenants of these numbers, who are there: what is refused because nobody knows the tenant is in
/// no inbox.
async fn tenants(first: usize, chance: &mut Chance, channel: &Channel) -> Vec<Model> {
    let mut models = Vec::new();
    for number in first..first + TENANTS {
        let mut model = Model::new(number, number % 2 == 1, chance.branch(number));
        let configure = model.next().command;
        publish(channel, &configure.routing_key(), &configure.body()).await;
        models.push(model);
    }
    models
}

/// What was not laid aside is in the inbox; how many publishes that were.
async fn assert_taken(stage: &Stage, published: Published) -> usize {
    let inbox: Vec<(String, String)> = stage.books.rows("SELECT tenant, command FROM inbox").await;
    let inbox: BTreeSet<_> = inbox.into_iter().collect();
    let mut taken = 0;
    for (body, (key, left)) in published.into_iter().filter(|(_, (_, left))| *left > 0) {
        let text = String::from_utf8_lossy(&body).into_owned();
        let envelope: Value = serde_json::from_slice(&body)
            .unwrap_or_else(|error| panic!("neither laid aside nor JSON, {error}: {text}"));
        let of = |name: &str| envelope[name].as_str().unwrap_or_default().to_owned();
        // The body need not name the tenant.
        let tenant = key.trim_start_matches("cmd.").to_owned();
        assert!(inbox.contains(&(tenant, of("id"))), "lost: {text}");
        taken += left;
    }
    taken
}

async fn publish(channel: &Channel, key: &str, body: &[u8]) {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let sent = channel.basic_publish(COMMANDS.into(), key.into(), options, body, properties());
    let confirm = sent.await.unwrap().await.unwrap();
    assert!(confirm.is_ack() && confirm.take_message().is_none(), "{key} was not taken");
}

/// Waits until no command waits.
async fn until_taken(stage: &Stage) {
    eventually("the queue is empty", DEADLINE, || async {
        let queues = stage.world.vhost.queues().await;
        let mut parts = queues.iter().filter(|queue| queue.name.starts_with("bellhop.p."));
        parts.all(|queue| queue.ready == 0).then_some(())
    })
    .await;
}

/// As it is, as bytes that were changed, as values that were changed, or anything at all.
fn mutilated(envelope: &Value, chance: &mut Chance) -> Vec<u8> {
    match chance.below(10) {
        0 => envelope.to_string().into_bytes(),
        1..4 => other_values(envelope.clone(), chance),
        4..8 => other_bytes(envelope.to_string().into_bytes(), chance),
        _ => {
            let length = chance.below(RANDOM_BYTES_MAX);
            (0..length).map(|_| chance.below(256) as u8).collect()
        }
    }
}

fn other_bytes(mut body: Vec<u8>, chance: &mut Chance) -> Vec<u8> {
    for _ in 0..=chance.below(3) {
        let at = chance.below(body.len().max(1)).min(body.len());
        let end = (at + 1 + chance.below(8)).min(body.len());
        match chance.below(4) {
            0 if at < body.len() => body[at] ^= 1 << chance.below(8),
            1 => drop(body.drain(at..end)),
            2 => {
                let again = body[at..end].to_vec();
                body.splice(at..at, again);
            }
            _ => body.insert(at, chance.below(256) as u8),
        }
    }
    body
}

fn other_values(mut envelope: Value, chance: &mut Chance) -> Vec<u8> {
    for _ in 0..=chance.below(2) {
        let inside = !chance.percent(30);
        let of = if inside { &mut envelope["data"] } else { &mut envelope };
        let Some(object) = of.as_object_mut() else { continue };
        let names: Vec<String> = object.keys().cloned().collect();
        let Some(name) = chance.one_of(&names).cloned() else { continue };
        match chance.below(4) {
            0 => drop(object.remove(&name)),
            1 => {
                let value = object.remove(&name).unwrap_or_default();
                object.insert(format!("{name}\u{0}"), value);
            }
            _ => drop(object.insert(name, odd(chance))),
        }
    }
    envelope.to_string().into_bytes()
}

/// A value that somebody might not have thought of.
fn odd(chance: &mut Chance) -> Value {
    match chance.below(12) {
        0 => Value::Null,
        1 => json!(-1),
        2 => json!(1e308),
        3 => json!(u64::MAX),
        4 => json!(""),
        5 => json!("\u{0}\u{202e}\u{feff}"),
        6 => json!("a".repeat(20_000)),
        7 => json!([]),
        8 => json!({ "a": { "b": [1, null, {}] } }),
        9 => json!("9999-12-31T23:59:60Z"),
        10 => json!("P9999999999Y"),
        _ => json!(true),
    }
}
