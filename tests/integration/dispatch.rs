//! Nothing of one channel, and of one tenant, stands in the way of another's.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    Behaviour, Command, Options, World, command, eventually,
    gateway::{Does, Gateway},
    http, salon,
    scripted_sink::Accepted,
};

const DEADLINE: Duration = Duration::from_secs(60);
const BUSY: &str = "salon-busy";
const CALM: &str = "salon-calm";

/// Somebody who has nothing but a phone, and books.
fn by_phone(number: usize) -> [Command; 2] {
    let client = format!("c{number}");
    let data = json!({ "client": client, "name": "Ada", "phone": format!("+3933300{number:05}") });
    [
        command(BUSY, &format!("register-{client}"), "client.register", data),
        salon::booking(BUSY, &format!("b-{client}"), &client, salon::START),
    ]
}

fn of(mails: &[Accepted], tenant: &str) -> usize {
    let domain = format!("@{tenant}.example");
    mails.iter().filter(|mail| mail.recipient.ends_with(&domain)).count()
}

#[tokio::test]
async fn a_gateway_that_hangs_holds_up_no_mail() {
    const MESSAGES: usize = 40;
    let gateway = Gateway::that(vec![Does::Hang]).await;
    let sms_providers = Some(gateway.provider("answer_timeout = \"PT2S\"\nconnections = 4"));
    // It is to be asked for every one of them.
    let extra_config = "[dispatch.circuit]\nin_a_row = 1000\nattempts = 1000\n".to_owned();
    let world = World::start(Options { sms_providers, extra_config, ..Options::default() }).await;
    http::take(&world.http(), &[salon::open(BUSY)]).await;
    let waiting: Vec<_> = (0..MESSAGES).flat_map(by_phone).collect();
    http::take(&world.http(), &waiting).await;
    let asked = || async { (!gateway.asked().is_empty()).then_some(()) };
    eventually("the gateway is asked", DEADLINE, asked).await;

    http::take(&world.http(), &salon::busy(CALM, 1)).await;
    let arrived = || async { (world.sink.count() == 1).then_some(()) };
    eventually("the mail is there", DEADLINE, arrived).await;
    let asked = gateway.asked().len();
    assert!(asked < MESSAGES, "no text message was waiting any more");
    let all = || async {
        let unknown = http::events_of_type(&world.http(), "message.unknown").await.len();
        (unknown == MESSAGES).then_some(())
    };
    eventually("each has ended", DEADLINE, all).await;
    world.finish().await;
}

#[tokio::test]
async fn a_flood_of_one_tenant_costs_another_a_round_and_not_its_length() {
    const FLOOD: usize = 1500;
    const FEW: usize = 30;
    let sink = Behaviour { delay: Duration::from_millis(20), ..Behaviour::default() };
    let world = World::start(Options { sink, connections: Some(2), ..Options::default() }).await;
    salon::opens(&world, BUSY, FLOOD).await;
    salon::opens(&world, CALM, FEW).await;
    http::take(&world.http(), &[salon::notice(BUSY)]).await;
    let flows = || async { (world.sink.count() > 50).then_some(()) };
    eventually("the flood flows", DEADLINE, flows).await;

    let before = world.sink.count();
    http::take(&world.http(), &[salon::notice(CALM)]).await;
    let theirs = || async { (of(&world.sink.accepted(), CALM) == FEW).then_some(()) };
    eventually("the few have theirs", DEADLINE, theirs).await;
    let mails = world.sink.accepted();
    let domain = format!("@{CALM}.example");
    let last = mails.iter().rposition(|mail| mail.recipient.ends_with(&domain)).unwrap();
    // One of the one and one of the other, and what was under way or read from the store before.
    let between = of(&mails[before..last], BUSY);
    assert!(between < 8 * FEW, "{between} of the flood went before the last of {FEW}");
    let everything = || async { (world.sink.count() == FLOOD + FEW).then_some(()) };
    eventually("everybody has theirs", DEADLINE, everything).await;
    world.finish().await;
}
