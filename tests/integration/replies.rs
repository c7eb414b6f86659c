//! Where the results of commands may be sent, and what the dead queue says of its commands.

use std::{collections::BTreeMap, time::Duration};

use futures_util::StreamExt;
use lapin::{
    Connection, ConnectionProperties,
    options::{BasicConsumeOptions, BasicPublishOptions},
    types::{AMQPValue, FieldTable},
};
use serde_json::{Value, json};

use crate::support::{
    Command, Options, Publisher, World, command,
    events::{DEAD_COMMANDS, take_dead_commands},
    load::configure,
    publish::{COMMANDS, properties},
    replies::Replies,
};

const DEADLINE: Duration = Duration::from_secs(30);
const TENANT: &str = "salon-uno";

fn register(id: &str) -> Command {
    let data = json!({ "client": id, "name": "Ada", "email": format!("{id}@example.com") });
    command(TENANT, id, "client.register", data)
}

async fn refused(world: &mut World) -> f64 {
    let refused = world.daemon().metric("bellhop_replies_refused_total").await;
    refused.iter().map(|(_, count)| count).sum()
}

#[tokio::test]
async fn results_go_where_results_may_go() {
    let prefix = ("BELLHOP__AMQP__REPLY_PREFIX", "replies.{tenant}.".to_owned());
    let mut world = World::start(Options { environment: vec![prefix], ..Options::default() }).await;
    let url = world.vhost.url();
    let mut own = Replies::subscribe_named(&url, "replies.salon-uno.app").await;
    let mut others = Replies::subscribe_named(&url, "replies.salon-due.app").await;
    let mut anybodys = Replies::subscribe_named(&url, "anybodys").await;
    let mut publisher = world.publisher().await;
    publisher.publish(&configure(TENANT)).await;
    let to = ["replies.salon-due.app", "anybodys", DEAD_COMMANDS, "bellhop.p.00"];
    for (number, queue) in to.iter().enumerate() {
        publish_for(&mut publisher, &register(&format!("c{number}")), queue).await;
    }
    publish_for(&mut publisher, &register("last"), "replies.salon-uno.app").await;
    let (_, reply) = own.next().await;
    assert_eq!(reply["causationid"], "last");
    assert_eq!(reply["type"], "command.accepted");
    assert_ne!(reply["id"], "last", "the publisher must not choose it");

    // The others took effect all the same.
    assert_eq!(refused(&mut world).await, 4.0);
    world.vhost.wait_until_drained().await;
    assert!(others.is_silent() && anybodys.is_silent());
    assert!(take_dead_commands(&url).await.is_empty());
    let taken = world.daemon().metric("bellhop_commands_total").await;
    let accepted = taken.iter().filter(|(labels, _)| labels.contains("\"accepted\""));
    assert_eq!(accepted.map(|(_, count)| count).sum::<f64>(), 6.0);
    assert!(world.log().contains("is not for replies"), "{}", world.log());
    world.finish().await;
}

async fn publish_for(publisher: &mut Publisher, command: &Command, queue: &str) {
    let properties = properties().with_reply_to(queue.into());
    publisher.publish_raw(&command.routing_key(), &command.body(), properties).await;
}

#[tokio::test]
async fn direct_replies_need_no_configuration() {
    let world = World::start(Options::default()).await;
    let url = world.vhost.url();
    let connection = Connection::connect(&url, ConnectionProperties::default()).await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let direct = "amq.rabbitmq.reply-to";
    let options = BasicConsumeOptions { no_ack: true, ..BasicConsumeOptions::default() };
    let mut consumer = channel
        .basic_consume(direct.into(), "".into(), options, FieldTable::default())
        .await
        .unwrap();
    let configure = configure(TENANT);
    let properties = properties().with_reply_to(direct.into()).with_correlation_id("7".into());
    channel
        .basic_publish(
            COMMANDS.into(),
            configure.routing_key().as_str().into(),
            BasicPublishOptions::default(),
            &configure.body(),
            properties,
        )
        .await
        .unwrap();
    let reply = tokio::time::timeout(DEADLINE, consumer.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(reply.properties.correlation_id().as_ref().unwrap().as_str(), "7");
    let event: Value = serde_json::from_slice(&reply.data).unwrap();
    assert_eq!(event["type"], "command.accepted");
    world.finish().await;
}

/// What an operator publishes again out of the dead queue is still its first publisher's.
#[tokio::test]
async fn the_dead_queue_says_what_bellhop_knows_and_copies_are_their_publishers() {
    let (world, [web, stranger]) = world_of_publishers().await;
    let url = world.vhost.url();
    let mut publisher = Publisher::connect(&web.1).await;
    let forged = AMQPValue::LongString("cmd.salon-due".into());
    let mut headers = FieldTable::default();
    for name in
        ["x-bellhop-routing-key", "x-bellhop-reason", "x-bellhop-user", "x-death", "X-Bellhop-User"]
    {
        headers.insert(name.into(), forged.clone());
    }
    headers.insert("traceparent".into(), forged.clone());
    let by_web = properties().with_user_id(web.0.as_str().into()).with_headers(headers);
    publisher.publish_raw("cmd.salon-uno", b"typo", by_web).await;
    world.vhost.wait_until_drained().await;
    let dead = take_dead_commands(&url).await;
    assert_eq!(dead.len(), 1);
    let said = &dead[0].headers;
    assert_eq!(said["x-bellhop-reason"], "not_json");
    assert_eq!(said["x-bellhop-routing-key"], "cmd.salon-uno");
    assert_eq!(said["x-bellhop-user"], web.0);
    assert_eq!(said["traceparent"], "cmd.salon-due", "what is the publisher's to say is kept");
    assert!(!said.contains_key("x-death") && !said.contains_key("X-Bellhop-User"));

    let mut operator = world.publisher().await;
    let cases = [
        (Some(&web.0), "guest", "of-web", true),
        (Some(&stranger.0), "guest", "of-stranger", false),
        (Some(&String::new()), "guest", "of-nobody", false),
        (None, "guest", "of-guest", false),
    ];
    for (first, by, id, _) in &cases {
        operator.publish_raw("cmd.salon-uno", &register(id).body(), copy(*first, by)).await;
    }
    // Only Bellhop's own user speaks for others.
    let posing = copy(Some(&web.0), &stranger.0);
    let mut publisher = Publisher::connect(&stranger.1).await;
    publisher.publish_raw("cmd.salon-uno", &register("posing").body(), posing).await;
    world.vhost.wait_until_drained().await;
    // Laid aside once more, each is who it was: the next copy says the same.
    let refused: BTreeMap<String, Option<String>> = take_dead_commands(&url)
        .await
        .into_iter()
        .map(|dead| {
            assert_eq!(dead.reason, "not_allowed");
            let command: Value = serde_json::from_slice(&dead.body).unwrap();
            let id = command["id"].as_str().unwrap().to_owned();
            (id, dead.headers.get("x-bellhop-user").cloned())
        })
        .collect();
    let expected = [
        ("of-guest", Some("guest".to_owned())),
        ("of-nobody", None),
        ("of-stranger", Some(stranger.0.clone())),
        ("posing", Some(stranger.0)),
    ];
    let expected = expected.map(|(id, user)| (id.to_owned(), user));
    assert_eq!(refused, BTreeMap::from(expected));
    world.finish().await;
}

/// A copy as the documented script makes it.
fn copy(first: Option<&String>, by: &str) -> lapin::BasicProperties {
    let mut headers = FieldTable::default();
    if let Some(first) = first {
        headers.insert("x-bellhop-user".into(), AMQPValue::LongString(first.as_str().into()));
    }
    properties().with_user_id(by.into()).with_headers(headers)
}

/// A world in which only the first of two users may publish for the tenant; names and addresses.
async fn world_of_publishers() -> (World, [(String, String); 2]) {
    let options = Options { without_daemon: true, ..Options::default() };
    let mut world = World::start(options).await;
    let users = [world.vhost.add_user("web").await, world.vhost.add_user("stranger").await];
    let mut config = std::fs::read_to_string(&world.launch.config).unwrap();
    config.push_str(&format!("[amqp.publishers]\n{} = [\"{TENANT}\"]\n", users[0].0));
    std::fs::write(&world.launch.config, config).unwrap();
    world.start_daemon().await;
    let mut publisher = Publisher::connect(&users[0].1).await;
    let configure = configure(TENANT);
    let by_web = properties().with_user_id(users[0].0.as_str().into());
    publisher.publish_raw(&configure.routing_key(), &configure.body(), by_web).await;
    (world, users)
}
