//! Text messages over SMPP, with an SMSC by others.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{
    Options, World, command, eventually, http, ports::free_port, salon, smsc::Smsc,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const PHONE: &str = "+393331234567";
const SALONS_NUMBER: &str = "+393330000100";

/// The data of each event of this type about a text message.
async fn told(world: &World, kind: &str) -> Vec<Value> {
    let events = http::events_of_type(&world.http(), kind).await;
    let data = events.into_iter().map(|event| event["data"].clone());
    data.filter(|data| data["channel"] == "sms").collect()
}

async fn tells(world: &World, kind: &str, count: usize) -> Vec<Value> {
    eventually(kind, DEADLINE, || async {
        Some(told(world, kind).await).filter(|told| told.len() >= count)
    })
    .await
}

/// Everybody of the salon is written to, by text message.
async fn writes(world: &World, notice: &str, body: &str) {
    let data = json!({
        "notice": notice, "title": "News", "body": body, "channels": ["sms"],
        "audience": { "all": true },
    });
    http::take(&world.http(), &[command(SALON, notice, "notice.send", data)]).await;
}

/// The salon opens, and has a client with a phone.
async fn opens(world: &World) {
    let mut settings = salon::settings();
    settings["sender"] = json!({ "sms": SALONS_NUMBER });
    let ada = json!({ "client": "ada", "name": "Ada", "phone": PHONE });
    let opens = [
        command(SALON, "open", "tenant.configure", settings),
        command(SALON, "register", "client.register", ada),
    ];
    http::take(&world.http(), &opens).await;
}

#[tokio::test]
async fn an_smsc_by_others_takes_texts_tells_of_them_and_hears_what_is_written_back() {
    let mut smsc = Smsc::start().await;
    let sms_providers = Some(smsc.provider(""));
    let mut world = World::start(Options { sms_providers, ..Options::default() }).await;
    smsc.tells("bound", 1).await;
    opens(&world).await;

    writes(&world, "short", "Chiusi lunedì").await;
    let sent = tells(&world, "message.sent", 1).await;
    assert_eq!((&sent[0]["provider"], &sent[0]["reference"]), (&json!("smsc"), &json!("py-1")));
    let [submit] = &smsc.tells("octets", 1).await[..] else { panic!("one") };
    assert_eq!((&submit["to"], &submit["sender"]), (&json!(&PHONE[1..]), &json!("393330000100")));
    assert_eq!((&submit["receipt"], &submit["data_coding"]), (&json!(1), &json!(0)));
    // In the GSM alphabet, ì is 7.
    assert!(submit["octets"].as_str().unwrap().contains("6c756e656407"), "{submit}");
    let delivered = tells(&world, "message.delivered", 1).await;
    assert_eq!(delivered[0]["message"], sent[0]["message"]);

    writes(&world, "long", &"Chiusi. ".repeat(50)).await;
    tells(&world, "message.delivered", 2).await;
    let parts = smsc.tells("octets", 4).await;
    let header = |part: &Value| part["octets"].as_str().unwrap()[..6].to_owned();
    assert!(parts[1..].iter().all(|part| header(part) == "050003" && part["esm_class"] == 64));
    smsc.tells("answered", 4).await;
    assert_eq!(told(&world, "message.delivered").await.len(), 2, "once for all of its parts");

    smsc.writes(&PHONE[1..], &SALONS_NUMBER[1..], "Stop!");
    let replied = eventually("the reply is heard", DEADLINE, || async {
        http::events_of_type(&world.http(), "client.replied").await.into_iter().next()
    })
    .await;
    assert_eq!(replied["data"]["matched"], "client.opt_out");
    let answered = smsc.tells("answered", 5).await;
    assert!(answered.iter().all(|answered| answered["answered"] == 0), "{answered:?}");
    assert!(smsc.told("unbound").is_empty());
    assert!(!world.log().contains(&PHONE[1..]), "no number is in the log");
    let status = world.stop_daemon().await;
    assert!(status.success());
    smsc.tells("unbound", 1).await;
}

#[tokio::test]
async fn a_text_in_parts_is_delivered_once_all_are_though_the_daemon_falls_in_between() {
    let mut smsc = Smsc::silent().await;
    let sms_providers = Some(smsc.provider(""));
    let mut world = World::start(Options { sms_providers, ..Options::default() }).await;
    smsc.tells("bound", 1).await;
    opens(&world).await;
    writes(&world, "long", &"Chiusi. ".repeat(50)).await;
    let sent = tells(&world, "message.sent", 1).await;
    assert_eq!(smsc.tells("octets", 3).await.len(), 3);
    for (count, part) in [(1, "py-1"), (2, "py-3")] {
        smsc.delivers(part);
        smsc.tells("answered", count).await;
    }
    world.crash_daemon();
    world.start_daemon().await;
    smsc.tells("bound", 2).await;
    assert_eq!(told(&world, "message.delivered").await, [] as [Value; 0], "one part is missing");
    smsc.delivers("py-2");
    let delivered = tells(&world, "message.delivered", 1).await;
    assert_eq!(delivered[0]["message"], sent[0]["message"]);
    world.finish().await;
}

#[tokio::test]
async fn a_provider_that_lets_nobody_in_is_seen_before_anything_is_sent() {
    let port = free_port();
    let sms_providers = Some(format!(
        "[[sms.providers]]\nname = \"smsc\"\nkind = \"smpp\"\nconnections = 2\n\
         url = \"smpp://bellhop:s3cret@127.0.0.1:{port}\"\n"
    ));
    let mut world = World::start(Options { sms_providers, ..Options::default() }).await;
    let url = format!("{}/v1/providers", world.http());
    let smsc = eventually("it is told why", DEADLINE, || async {
        let (_, providers) = http::read(&url).await;
        let smsc = providers.as_array()?.iter().find(|provider| provider["name"] == "smsc")?;
        smsc.get("last_error").is_some().then(|| smsc.clone())
    })
    .await;
    assert_eq!((&smsc["bound"], &smsc["sessions"]), (&json!(0), &json!(2)));
    let said = format!("connect 127.0.0.1:{port}: refused");
    assert_eq!(smsc["last_error"], said);
    let daemon = world.daemon();
    let metric = daemon.metric("bellhop_smpp_bound").await;
    assert_eq!(metric, [("{provider=\"smsc\"}".to_owned(), 0.0)]);
}
