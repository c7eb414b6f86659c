//! A provider that takes messages and never answers: the daemon says which channel stands still,
//! and the others go on.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Options, World, command, eventually,
    gateway::{Does, Gateway},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(60);
const SALON: &str = "salon-uno";
/// Longer than what is asked may take here, and shorter than the gateway is waited for.
const PATIENCE: &str = "[dispatch]\nstalled_after = \"PT2S\"\n";

async fn readiness(world: &World) -> (u16, Value) {
    let (status, body) = http::read(&format!("{}/readyz", world.http())).await;
    let checks = body["checks"].as_array().unwrap();
    let dispatch = checks.iter().find(|check| check["name"] == "dispatch");
    (status, dispatch.unwrap().clone())
}

async fn until_ready(world: &World, wanted: u16) -> Value {
    eventually(&format!("/readyz says {wanted}"), DEADLINE, || async {
        let (status, dispatch) = readiness(world).await;
        (status == wanted).then_some(dispatch)
    })
    .await
}

fn reachable(client: &str) -> [crate::support::Command; 2] {
    let data = json!({
        "client": client, "name": "Ada", "phone": "+393330000001", "email_verified": true,
        "email": salon::address(SALON, client),
    });
    let register = command(SALON, &format!("register-{client}"), "client.register", data);
    [register, salon::booking(SALON, &format!("b-{client}"), client, salon::START)]
}

#[tokio::test]
async fn a_channel_whose_messages_do_not_move_is_named_until_they_do() {
    let gateway = Gateway::that(vec![Does::Hang]).await;
    let sms_providers = Some(gateway.provider("answer_timeout = \"PT8S\""));
    let extra_config = PATIENCE.to_owned();
    let options = Options { sms_providers, extra_config, ..Options::default() };
    let mut world = World::start(options).await;
    http::take(&world.http(), &[salon::open(SALON)]).await;
    http::take(&world.http(), &reachable("anna")).await;

    let dispatch = until_ready(&world, 503).await;
    let said = "sms: messages are due, and none was finished for long";
    assert_eq!(dispatch["hint"], said, "and nothing of email");
    let daemon = world.daemon();
    eventually("the metric says so, too", DEADLINE, || async {
        let ready = daemon.metric("bellhop_ready").await;
        ready.iter().any(|(check, ok)| check.contains("\"dispatch\"") && *ok == 0.0).then_some(())
    })
    .await;
    assert_eq!(world.sink.count(), 1, "the mail has left");

    // What hung is given up; what comes then is taken.
    until_ready(&world, 200).await;
    gateway.now(Does::take());
    http::take(&world.http(), &reachable("bea")).await;
    eventually("the next one is taken", DEADLINE, || async {
        let sent = http::events_of_type(&world.http(), "message.sent").await;
        sent.iter().any(|of| of["data"]["channel"] == "sms").then_some(())
    })
    .await;
    assert_eq!(readiness(&world).await.0, 200);
    world.finish().await;
}
