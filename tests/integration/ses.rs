//! Events of Amazon SES, over SNS: believed where the certificate at its place says so, told once.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::{rand::SystemRandom, rsa::KeyPair, signature::RSA_PKCS1_SHA256};
use rustls::pki_types::{PrivatePkcs8KeyDer, pem::PemObject as _};
use serde_json::{Value, json};

use crate::support::{
    Behaviour, Options, World, eventually,
    gateway::{Does, Gateway},
    http,
};

const DEADLINE: Duration = Duration::from_secs(30);
const SALON: &str = "salon-uno";
const ARN: &str = "arn:aws:sns:eu-west-1:123456789012:ses-events";
const SES_ID: &str = "0102018f5e7b8c2a-1b2c3d4e-5f60-4718-9a0b-c1d2e3f40516-000000";
const SES_SAYS: &str = "250 Ok 0102018f5e7b8c2a-1b2c3d4e-5f60-4718-9a0b-c1d2e3f40516-000000";
const CERTIFICATE: &str = include_str!("../../src/gateways/ses/testdata/sns.pem");
const OTHERS: &str = include_str!("../../src/gateways/ses/testdata/other-key.pem");
/// Of that certificate.
const KEY: &[u8] = include_bytes!("../../src/gateways/jwt/testdata/rfc7515-rsa.pem");

/// Who answers in Amazon's place.
async fn amazon() -> Gateway {
    Gateway::that(vec![Does::Answer(200, Vec::new(), CERTIFICATE.to_owned())]).await
}

async fn world(amazon: &Gateway, sink: Behaviour) -> World {
    let email_keys = format!("sns_topics = [\"{ARN}\"]\nsns_base_url = \"{}\"\n", amazon.url);
    World::start(Options { email_keys, sink, ..Options::default() }).await
}

/// A message of our topic, signed just now.
fn envelope(amazon: &Gateway, kind: &str, message: &str) -> Value {
    let now = jiff::Timestamp::now().to_string();
    signed(json!({
        "Type": kind,
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": ARN,
        "Message": message,
        "Timestamp": now,
        "Token": "2336412f37fb687f",
        "SubscribeURL": format!("{}/?Action=ConfirmSubscription&Token=2336412f37fb687f", amazon.url),
        "SignatureVersion": "2",
        "SigningCertURL": format!("{}/SimpleNotificationService-01.pem", amazon.url),
    }))
}

fn signed(mut envelope: Value) -> Value {
    let names: &[&str] = match envelope["Type"].as_str().unwrap() {
        "Notification" => &["Message", "MessageId", "Timestamp", "TopicArn", "Type"],
        _ => &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"],
    };
    let lines = names.iter().map(|name| format!("{name}\n{}\n", envelope[name].as_str().unwrap()));
    let text: String = lines.collect();
    let key = PrivatePkcs8KeyDer::from_pem_slice(KEY).unwrap();
    let key = KeyPair::from_pkcs8(key.secret_pkcs8_der()).unwrap();
    let mut signature = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    envelope["Signature"] = BASE64.encode(signature).into();
    envelope
}

/// What SES says of the mail with this Message-ID, or of the one that it calls by its own name.
fn event(kind: &str, what: Value, message_id: Option<&str>, client: &str) -> String {
    let headers = message_id.map(|id| json!([{ "name": "Message-ID", "value": id }]));
    let mail = json!({
        "messageId": SES_ID,
        "source": "post@bellhop.example",
        "destination": [format!("{client}@{SALON}.example")],
        "headers": headers,
    });
    json!({ "eventType": kind, kind.to_lowercase(): what, "mail": mail }).to_string()
}

fn delivery(message_id: Option<&str>) -> String {
    let recipients = json!([format!("c0@{SALON}.example")]);
    event("Delivery", json!({ "recipients": recipients }), message_id, "c0")
}

fn bounce(kind: &str, status: &str, message_id: &str, client: &str) -> String {
    let of = json!({ "emailAddress": format!("{client}@{SALON}.example"), "status": status });
    let what = json!({ "bounceType": kind, "bounceSubType": "General", "bouncedRecipients": [of] });
    event("Bounce", what, Some(message_id), client)
}

async fn post(world: &World, body: &str) -> u16 {
    let request = http::client().post(format!("{}/hooks/sink", world.http()));
    let request = request.header("content-type", "text/plain; charset=UTF-8");
    http::ask(request.body(body.to_owned())).await.status
}

async fn notify(world: &World, amazon: &Gateway, message: &str) -> u16 {
    post(world, &envelope(amazon, "Notification", message).to_string()).await
}

async fn first(world: &World, kind: &str) -> Value {
    http::first_of_type(&world.http(), kind).await
}

/// How often something was reported so.
async fn counted(world: &World, status: &str) -> Option<f64> {
    world.daemon_ref().receipts(status).await
}

/// The Message-ID of the mail to this client about their booking.
async fn mailed(world: &World, client: &str) -> String {
    world.mail_to(SALON, client).await.message_id
}

#[tokio::test]
async fn what_amazon_signs_is_told_once_and_nothing_else_is_believed() {
    let amazon = amazon().await;
    let world = world(&amazon, Behaviour::default()).await;
    let mail = mailed(&world, "c0").await;
    let sent = first(&world, "message.sent").await;
    let delivered = delivery(Some(&mail));
    let good = envelope(&amazon, "Notification", &delivered);
    let with = |name: &str, value: &str| {
        let mut envelope = good.clone();
        envelope[name] = value.into();
        envelope
    };
    let old = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(7);
    for forged in [
        with("Message", &bounce("Permanent", "5.1.1", &mail, "c0")),
        signed(with("TopicArn", "arn:aws:sns:eu-west-1:999999999999:ses-events")),
        signed(with("Timestamp", &old.to_string())),
        signed(with("SigningCertURL", "https://sns.eu-west-1.amazonaws.com/x.pem")),
        signed(with("SigningCertURL", "http://127.0.0.1:1/x.pem")),
        with("Signature", "AAAA"),
        with("SignatureVersion", "1"),
    ] {
        assert_eq!(post(&world, &forged.to_string()).await, 401, "{forged}");
    }
    assert_eq!(post(&world, &delivered).await, 401, "raw delivery is signed by nobody");
    for _ in 0..2 {
        assert_eq!(post(&world, &good.to_string()).await, 204);
    }
    let told = first(&world, "message.delivered").await;
    assert_eq!((&told["message"], &told["provider"]), (&sent["message"], &json!("sink")));
    assert_eq!((&told["reply"], &told["reference"]), (&json!("delivered"), &json!(SES_ID)));
    let of_nobody = delivery(Some("<0190163d-8694-739b-aea5-966c26f8ad91@bellhop.example>"));
    assert_eq!(notify(&world, &amazon, &of_nobody).await, 204);
    eventually("the unknown one is counted", DEADLINE, || counted(&world, "unknown")).await;
    assert_eq!(notify(&world, &amazon, "Successfully validated SNS topic.").await, 204);
    for kind in ["Send", "Open", "DeliveryDelay"] {
        let event = event(kind, json!({}), Some(&mail), "c0");
        assert_eq!(notify(&world, &amazon, &event).await, 204, "{kind}");
    }
    assert_eq!(counted(&world, "other").await, Some(4.0));
    let complaint = json!({ "complaintFeedbackType": "abuse" });
    let complaint = event("Complaint", complaint, Some(&mail), "c0");
    assert_eq!(notify(&world, &amazon, &complaint).await, 204);
    assert_eq!(first(&world, "message.complained").await["reply"], "abuse");
    assert_eq!(first(&world, "client.suppressed").await["reason"], "complained");
    assert_eq!(http::events_of_type(&world.http(), "message.delivered").await.len(), 1);
    assert_eq!(amazon.asked().len(), 1, "the certificate is kept");
    assert!(!world.log().contains("c0@"), "no address is in the log");
    world.finish().await;
}

#[tokio::test]
async fn a_permanent_bounce_ends_what_goes_there_and_a_temporary_one_does_not() {
    let amazon = amazon().await;
    let world = world(&amazon, Behaviour::default()).await;
    let transient = mailed(&world, "c0").await;
    let bounced = bounce("Transient", "5.2.2", &transient, "c0");
    assert_eq!(notify(&world, &amazon, &bounced).await, 204);
    let undelivered = first(&world, "message.undelivered").await;
    assert_eq!(
        (&undelivered["reason"], &undelivered["reply"]),
        (&json!("failed"), &json!("Transient General 5.2.2"))
    );
    let permanent = mailed(&world, "c1").await;
    let bounced = bounce("Permanent", "5.1.1", &permanent, "c1");
    assert_eq!(notify(&world, &amazon, &bounced).await, 204);
    let suppressed = first(&world, "client.suppressed").await;
    assert_eq!(
        (&suppressed["client"], &suppressed["channel"], &suppressed["reason"]),
        (&json!("c1"), &json!("email"), &json!("bad_address"))
    );
    assert_eq!(http::events_of_type(&world.http(), "client.suppressed").await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn where_the_certificate_cannot_be_had_the_event_is_to_come_again() {
    let amazon = amazon().await;
    let world = world(&amazon, Behaviour::default()).await;
    let mail = mailed(&world, "c0").await;
    let good = envelope(&amazon, "Notification", &delivery(Some(&mail)));
    let proved_at = |page: &str| {
        let mut envelope = good.clone();
        envelope["SigningCertURL"] = format!("{}/{page}.pem", amazon.url).into();
        envelope.to_string()
    };
    let redirect = vec![("location", format!("{}/elsewhere.pem", amazon.url))];
    let all = [
        Does::say(500),
        Does::Answer(302, redirect, CERTIFICATE.to_owned()),
        Does::Answer(200, Vec::new(), "<html>".to_owned()),
        Does::Answer(200, Vec::new(), "x".repeat(100_000)),
        Does::Cut,
    ];
    for (number, does) in all.into_iter().enumerate() {
        amazon.now(does.clone());
        assert_eq!(post(&world, &proved_at(&number.to_string())).await, 503, "{does:?}");
    }
    assert_eq!(amazon.asked().len(), 5, "nobody was followed elsewhere");
    amazon.now(Does::Answer(200, Vec::new(), CERTIFICATE.to_owned()));
    eventually("it is had again", DEADLINE, || async {
        (post(&world, &proved_at("4")).await == 204).then_some(())
    })
    .await;
    first(&world, "message.delivered").await;
    assert!(world.log().contains("cannot be told from forged ones"), "{}", world.log());
    // A place of its own: the one before is kept.
    amazon.now(Does::Answer(200, Vec::new(), OTHERS.to_owned()));
    assert_eq!(post(&world, &proved_at("other")).await, 401);
    assert_eq!(post(&world, &proved_at("4")).await, 204);
    world.finish().await;
}

#[tokio::test]
async fn a_subscription_is_confirmed_and_a_mail_is_known_by_amazon_s_name_for_it() {
    let amazon = amazon().await;
    let sink = Behaviour { stored: Some(SES_SAYS), ..Behaviour::default() };
    let world = world(&amazon, sink).await;
    let mut offered = envelope(&amazon, "SubscriptionConfirmation", "You have chosen to subscribe");
    assert_eq!(post(&world, &offered.to_string()).await, 204);
    let visited = amazon.asked().iter().map(|asked| asked.uri.to_string()).collect::<Vec<_>>();
    let confirmed = "/?Action=ConfirmSubscription&Token=2336412f37fb687f";
    assert_eq!(visited, ["/SimpleNotificationService-01.pem", confirmed]);
    offered["SubscribeURL"] = "http://127.0.0.1:1/?Token=2".into();
    let elsewhere = signed(offered);
    assert_eq!(post(&world, &elsewhere.to_string()).await, 204);
    assert_eq!(amazon.asked().len(), 2);
    let ended = envelope(&amazon, "UnsubscribeConfirmation", "You have chosen to deactivate");
    assert_eq!(post(&world, &ended.to_string()).await, 204);
    for said in ["reports are subscribed to", "reports are not subscribed to any more"] {
        eventually(said, DEADLINE, || async { world.log().contains(said).then_some(()) }).await;
    }
    assert!(!world.log().contains("2336412f37fb"), "the token is a secret");

    mailed(&world, "c0").await;
    let sent = first(&world, "message.sent").await;
    assert_eq!(sent["reference"], SES_ID);
    // Without the headers of the mail.
    assert_eq!(notify(&world, &amazon, &delivery(None)).await, 204);
    assert_eq!(first(&world, "message.delivered").await["message"], sent["message"]);
    world.finish().await;
}
