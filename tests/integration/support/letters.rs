//! Text messages that a gateway refused for good, and what an operator does with them over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    eventually::eventually,
    gateway::{Does, Gateway},
    http,
    publish::command,
    salon,
    world::{Options, World},
};

/// The tenant of all of them.
pub const SALON: &str = "salon-uno";
const DEADLINE: Duration = Duration::from_secs(60);

/// The gateway refuses the messages of clients `c1…`, and takes what comes then; with more tables
/// of the configuration.
pub async fn given_up(clients: usize, extra_config: &str) -> (Gateway, World) {
    let mut script = vec![Does::say(400); clients];
    script.push(Does::take());
    let gateway = Gateway::that(script).await;
    let sms_providers = Some(gateway.provider(""));
    let extra_config = extra_config.to_owned();
    let world = World::start(Options { sms_providers, extra_config, ..Options::default() }).await;
    let mut commands = vec![salon::open(SALON)];
    for number in 1..=clients {
        let (client, phone) = (format!("c{number}"), format!("+39333{number:07}"));
        let data = json!({ "client": client, "name": "Ada", "phone": phone });
        commands.push(command(SALON, &format!("register-{client}"), "client.register", data));
        commands.push(salon::booking(SALON, &format!("b-{client}"), &client, salon::START));
    }
    for commands in commands.chunks(500) {
        http::take(&world.http(), commands).await;
    }
    eventually("every message is given up", DEADLINE, || async {
        let dead = http::events_of_type(&world.http(), "message.dead").await;
        (dead.len() == clients).then_some(())
    })
    .await;
    (gateway, world)
}

/// POSTs; returns status and JSON.
pub async fn post(world: &World, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", world.http());
    let answer = http::ask(http::client().post(url).json(&body)).await;
    (answer.status, answer.body)
}

/// The JSON of a GET that must be answered well.
pub async fn read(world: &World, path: &str) -> Value {
    let (status, body) = http::read(&format!("{}{path}", world.http())).await;
    assert_eq!(status, 200, "{path}: {body}");
    body
}

/// Waits until a job is done.
pub async fn until_done(world: &World, job: &str) -> Value {
    let path = format!("/v1/jobs/{job}");
    eventually("the job is done", DEADLINE, || async {
        let job = read(world, &path).await;
        (job["state"] == "done").then_some(job)
    })
    .await
}
