//! Text messages by Twilio: what it is asked, what is in doubt, what it reports, who writes back.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use ring::hmac;
use serde_json::{Value, json};

use crate::support::{
    Options, World, command, eventually,
    gateway::{Asked, Does, Gateway},
    http, salon,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const PHONE: &str = "+393331234567";
const TOKEN: &str = "t0ken-of-twilio";
const PUBLIC: &str = "https://bellhop.example/b";

async fn world(twilio: &Gateway) -> World {
    let account = "0".repeat(32);
    let sms_providers = Some(format!(
        "[[sms.providers]]\nname = \"tw\"\nkind = \"twilio\"\naccount = \"AC{account}\"\n\
         token = \"{TOKEN}\"\nfrom = \"+393330000000\"\nbase_url = \"{}\"\n",
        twilio.url
    ));
    let environment =
        vec![("BELLHOP__HTTP__PUBLIC_URL", PUBLIC.to_owned()), ("RUST_LOG", "trace".to_owned())];
    World::start(Options { sms_providers, environment, ..Options::default() }).await
}

/// A client who has nothing but a phone, and a booking that is confirmed to them.
async fn take(world: &World) {
    let data = json!({ "client": "c1", "name": "Ada", "phone": PHONE });
    let commands = [
        salon::open(SALON),
        command(SALON, "register-c1", "client.register", data),
        salon::booking(SALON, "b-c1", "c1", salon::START),
    ];
    http::take(&world.http(), &commands).await;
}

/// The data of the first event of this type about a text message, or a client.
async fn told(world: &World, kind: &str) -> Value {
    eventually(kind, DEADLINE, || async {
        let events = http::events_of_type(&world.http(), kind).await;
        let mut data = events.into_iter().map(|event| event["data"].clone());
        data.find(|data| data["channel"] == "sms" || kind.starts_with("client."))
    })
    .await
}

fn form(asked: &Asked) -> BTreeMap<String, String> {
    let body = asked.body.as_str().unwrap_or_else(|| panic!("a form, not {}", asked.body));
    url::form_urlencoded::parse(body.as_bytes()).into_owned().collect()
}

/// Calls below `/hooks/`, as if Twilio did with this token; the status.
async fn call(world: &World, place: &str, fields: &[(&str, &str)], token: &str) -> u16 {
    let sorted: BTreeMap<_, _> = fields.iter().copied().collect();
    let signed: String = sorted.into_iter().flat_map(|(name, value)| [name, value]).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, token.as_bytes());
    let tag = hmac::sign(&key, format!("{PUBLIC}{place}{signed}").as_bytes());
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = http::client()
        .post(format!("{}{place}", world.http()))
        .header("content-type", "application/x-www-form-urlencoded; charset=UTF-8")
        .header("x-twilio-signature", BASE64.encode(tag))
        .body(body);
    http::ask(request).await.status
}

#[tokio::test]
async fn what_twilio_took_unheard_is_settled_by_its_report() {
    let nothing = Does::Answer(200, Vec::new(), r#"{"messages":[]}"#.to_owned());
    let twilio = Gateway::that(vec![Does::Cut, nothing]).await;
    let world = world(&twilio).await;
    take(&world).await;
    let unknown = told(&world, "message.unknown").await;

    let asked = twilio.asked();
    let sent = form(&asked[0]);
    assert_eq!((&*sent["To"], &*sent["From"]), (PHONE, "+393330000000"));
    assert!(sent["Body"].contains("Salon Uno"), "{}", sent["Body"]);
    assert!(sent["ValidityPeriod"].parse::<u32>().unwrap() <= 36_000);
    let looked: Vec<_> = asked[1..].iter().map(|asked| asked.method.as_str()).collect();
    assert_eq!(looked, ["GET", "GET"], "it is asked for it, and not sent it again");

    let callback = sent["StatusCallback"].strip_prefix(PUBLIC).unwrap().to_owned();
    let place = callback.strip_suffix("#rc=5&rp=all").unwrap();
    let message = unknown["message"].as_str().unwrap();
    assert!(place.starts_with(&format!("/hooks/tw?m={message}.")), "{place}");
    let delivered = [("MessageSid", "SM1"), ("MessageStatus", "delivered"), ("To", PHONE)];
    assert_eq!(call(&world, place, &delivered, "another-token").await, 401);
    assert_eq!(call(&world, "/hooks/tw", &[("AccountSid", "AC1")], TOKEN).await, 422);
    for _ in 0..2 {
        assert_eq!(call(&world, place, &delivered, TOKEN).await, 204);
    }
    let told_of = told(&world, "message.delivered").await;
    assert_eq!((&told_of["message"], &told_of["provider"]), (&unknown["message"], &json!("tw")));
    let (_, letters) = http::read(&format!("{}/v1/dead-letters", world.http())).await;
    assert_eq!(letters["items"], json!([]));
    let log = world.log();
    for hidden in [TOKEN, PHONE, "Salon Uno"] {
        assert!(!log.contains(hidden), "{hidden} is in the log");
    }
    world.finish().await;
}

#[tokio::test]
async fn who_writes_stop_to_twilio_is_opted_out_by_whatever_word() {
    let taken = Does::Answer(201, Vec::new(), r#"{"sid":"SM1","status":"queued"}"#.to_owned());
    let twilio = Gateway::that(vec![taken]).await;
    let world = world(&twilio).await;
    take(&world).await;
    assert_eq!(told(&world, "message.sent").await["reference"], "SM1");
    let written = [
        ("MessageSid", "SM2"),
        ("SmsStatus", "received"),
        ("From", PHONE),
        ("To", "+393330000000"),
        ("Body", "CANCEL"),
        ("OptOutType", "STOP"),
    ];
    assert_eq!(call(&world, "/hooks/tw", &written, "another-token").await, 401);
    assert_eq!(call(&world, "/hooks/tw", &written, TOKEN).await, 204);
    let replied = told(&world, "client.replied").await;
    assert_eq!((&replied["client"], &replied["matched"]), (&json!("c1"), &json!("client.opt_out")));
    world.finish().await;
}
