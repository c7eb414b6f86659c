//! What clients write back by text message: wishes, answers, and everything else.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Options, World, command, eventually,
    gateway::{Does, Gateway, signed},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const GYM: &str = "palestra";
const PHONE: &str = "+393331234567";
const SALONS_NUMBER: &str = "+393330000100";
const GYMS_NUMBER: &str = "+393330000200";
const KEYS: &str = "receipts = { signature = { header = \"x-signature\", \
    algorithm = \"hmac-sha256\", encoding = \"hex\", secret = \"a-key-for-receipts\" }, \
    message = \"/ref\", id = \"/id\", status = \"/status\", delivered = [\"delivered\"] }\n\
    replies = { from = \"/from\", to = \"/to\", text = \"/text\" }\n";

/// Two tenants with a number each; Ada is a client of both.
async fn world(gateway: &Gateway) -> World {
    let sms_providers = Some(gateway.provider(KEYS));
    let world = World::start(Options { sms_providers, ..Options::default() }).await;
    let mut commands = Vec::new();
    for (tenant, number) in [(SALON, SALONS_NUMBER), (GYM, GYMS_NUMBER)] {
        let mut settings = salon::settings();
        settings["sender"] = json!({ "sms": number });
        commands.push(command(tenant, "configure", "tenant.configure", settings));
        let ada = json!({ "client": "ada", "name": "Ada", "phone": PHONE });
        commands.push(command(tenant, "register", "client.register", ada));
    }
    http::take(&world.http(), &commands).await;
    world
}

async fn writes(world: &World, body: &Value) -> u16 {
    signed(&format!("{}/hooks/gw", world.http()), body, "a-key-for-receipts").await
}

fn text(id: &str, to: &str, text: &str) -> Value {
    json!({ "id": id, "from": PHONE, "to": to, "text": text })
}

/// The tenant and what was matched of each reply, once there are so many.
async fn replied(world: &World, count: usize) -> Vec<(String, Value)> {
    eventually("the replies are told", DEADLINE, || async {
        let events = http::events_of_type(&world.http(), "client.replied").await;
        let told = events.iter().map(|event| {
            let tenant = event["tenant"].as_str().unwrap().to_owned();
            (tenant, event["data"]["matched"].clone())
        });
        let told: Vec<_> = told.collect();
        (told.len() >= count).then_some(told)
    })
    .await
}

#[tokio::test]
async fn stop_is_heard_by_the_tenant_whose_number_it_was_written_to() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let world = world(&gateway).await;
    // The same message twice is one.
    for _ in 0..2 {
        assert_eq!(writes(&world, &text("in-1", "393330000100", " Stop! ")).await, 204);
    }
    assert_eq!(writes(&world, &text("in-2", GYMS_NUMBER, "thanks")).await, 204);
    assert_eq!(writes(&world, &text("in-3", "+393339999999", "STOP")).await, 204, "a stranger");
    let told = replied(&world, 2).await;
    let expected = [(SALON.to_owned(), json!("client.opt_out")), (GYM.to_owned(), Value::Null)];
    assert_eq!(told, expected);

    for tenant in [SALON, GYM] {
        let booking = salon::booking(tenant, "b1", "ada", salon::START);
        http::take(&world.http(), &[booking]).await;
    }
    let sent = eventually("one is sent", DEADLINE, || async {
        http::events_of_type(&world.http(), "message.sent").await.into_iter().next()
    })
    .await;
    assert_eq!(sent["tenant"], GYM);
    let skipped = http::events_of_type(&world.http(), "message.skipped").await;
    let of_salon =
        skipped.iter().find(|event| event["tenant"] == SALON && event["data"]["channel"] == "sms");
    assert_eq!(of_salon.unwrap()["data"]["reason"], "opted_out");

    assert_eq!(writes(&world, &text("in-4", SALONS_NUMBER, "START")).await, 204);
    assert_eq!(replied(&world, 3).await[2], (SALON.to_owned(), json!("client.opt_in")));
    assert!(!world.log().contains(PHONE), "no number is in the log");
    world.finish().await;
}

#[tokio::test]
async fn yes_takes_the_seat_that_was_offered() {
    let gateway = Gateway::that(vec![Does::take()]).await;
    let world = world(&gateway).await;
    let say = |id: &str, kind: &str, data: Value| command(SALON, id, kind, data);
    let bruno = json!({ "client": "bruno", "name": "Bruno", "phone": "+393337654321" });
    let session = json!({
        "session": "s1", "activity": "Yoga", "starts_at": salon::START,
        "ends_at": salon::END, "capacity": 1,
    });
    let seat = json!({ "booking": "b1", "client": "bruno", "by": "client", "session": "s1" });
    let cancel = json!({ "booking": "b1", "by": "client" });
    let join = json!({ "session": "s1", "client": "ada", "entry": "w1" });
    http::take(
        &world.http(),
        &[
            say("1", "client.register", bruno),
            say("2", "session.schedule", session),
            say("3", "booking.request", seat),
            say("4", "queue.join", join),
            say("5", "booking.cancel", cancel),
        ],
    )
    .await;
    assert_eq!(writes(&world, &text("in-1", SALONS_NUMBER, "Sì")).await, 204);
    assert_eq!(replied(&world, 1).await, [(SALON.to_owned(), json!("queue.accept"))]);
    let changed = http::events_of_type(&world.http(), "queue.changed").await;
    assert_eq!(changed.last().unwrap()["data"]["state"], "accepted");
    world.finish().await;
}
