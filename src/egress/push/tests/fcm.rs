//! Firebase: tokens, devices and what is certain.

use serde_json::{Value, json};

use super::*;
use crate::gateways::fcm::{Account, Fcm, STAND_IN};

const MESSAGES: &str = "/v1/projects/salons-1a2b3/messages:send";

/// A project whose messages and tokens are this server's.
pub fn fcm(server: &Server) -> Fcm {
    let mut account: Value = serde_json::from_str(STAND_IN).unwrap();
    account["token_uri"] = json!(format!("{}/token", server.url()));
    Fcm::new(Account::parse(&account.to_string()).unwrap(), Some(&server.url())).unwrap()
}

fn transport(server: &Server) -> PushTransport {
    alone(client(fcm(server)))
}

/// The token that is given next: t1, t2, …
fn token(before: &[Asked]) -> Does {
    let given = before.iter().filter(|one| one.path() == "/token").count();
    let body = json!({ "access_token": format!("t{}", given + 1), "expires_in": 3600 });
    Does::Say(200, "", body.to_string())
}

pub fn taken() -> Does {
    Does::Say(200, "", json!({ "name": "projects/salons-1a2b3/messages/1" }).to_string())
}

/// With FCM's own code.
pub fn refused(status: u16, code: &str) -> Does {
    let details = json!([{
        "@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code,
    }]);
    let body = json!({ "error": { "code": status, "message": "no", "details": details } });
    Does::Say(status, "", body.to_string())
}

/// Gives tokens to whoever asks, and does this with messages by the device's token.
pub async fn firebase(does: impl Fn(&str) -> Does + Send + Sync + 'static) -> Server {
    Server::that(move |asked, before| match asked.path() {
        "/token" => token(before),
        MESSAGES => does(&device(asked)),
        _ => Does::Say(404, "", String::new()),
    })
    .await
}

fn device(asked: &Asked) -> String {
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    body["message"]["token"].as_str().unwrap().to_owned()
}

/// What messages were sent with.
fn shown(server: &Server) -> Vec<String> {
    let asked = server.asked(MESSAGES);
    asked.iter().map(|one| one.header("authorization").to_owned()).collect()
}

#[tokio::test]
async fn one_token_is_fetched_for_many_messages_and_renewed_before_its_end() {
    let server = firebase(|_| taken()).await;
    let transport = transport(&server);
    let many = (0..8).map(|_| sent(&transport, &["phone"]));
    for tried in futures_util::future::join_all(many).await {
        let reference = Some("projects/salons-1a2b3/messages/1");
        assert_eq!((tried.outcome, tried.reference.as_deref()), (Outcome::Accepted, reference));
    }
    assert_eq!((server.asked("/token").len(), server.asked(MESSAGES).len()), (1, 8));
    assert!(shown(&server).iter().all(|header| header == "Bearer t1"));
    let trace = |path| server.asked(path).remove(0).header("traceparent").to_owned();
    assert_eq!((trace(MESSAGES).as_str(), trace("/token").as_str()), (TRACE, ""));
    clock::moved::takes(Duration::from_secs(3600 - 290));
    sent(&transport, &["phone"]).await;
    assert_eq!((server.asked("/token").len(), shown(&server)[8].as_str()), (2, "Bearer t2"));
    let grant = server.asked("/token").remove(0);
    let grant = String::from_utf8(grant.body).unwrap();
    assert!(grant.starts_with("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"));
}

#[tokio::test]
async fn a_token_that_is_refused_is_fetched_once_more() {
    let server = Server::that(|asked, before| match asked.path() {
        "/token" => token(before),
        _ if asked.header("authorization") == "Bearer t2" => taken(),
        _ if before.len() < 2 => taken(),
        _ => Does::Say(401, "", json!({ "error": { "code": 401 } }).to_string()),
    })
    .await;
    let transport = transport(&server);
    assert_eq!(sent(&transport, &["phone"]).await.outcome, Outcome::Accepted);
    clock::moved::takes(Duration::from_secs(60));
    assert_eq!(sent(&transport, &["phone"]).await.outcome, Outcome::Accepted);
    assert_eq!(server.asked("/token").len(), 2);
    assert_eq!(shown(&server), ["Bearer t1", "Bearer t1", "Bearer t2"]);
}

#[tokio::test]
async fn apple_s_certificate_is_no_matter_of_the_token() {
    let server = firebase(|_| refused(401, "THIRD_PARTY_AUTH_ERROR")).await;
    let transport = transport(&server);
    let tried = sent(&transport, &["phone"]).await;
    assert_eq!(tried.outcome, Outcome::Permanent(Scope::Configuration));
    clock::moved::takes(Duration::from_secs(60));
    sent(&transport, &["phone"]).await;
    assert_eq!((server.asked("/token").len(), server.asked(MESSAGES).len()), (1, 2));
}

#[tokio::test]
async fn who_gets_no_token_has_mentioned_no_message() {
    let answer = json!({ "error": "invalid_grant", "error_description": "Invalid JWT Signature." });
    let server = Server::that(move |_, _| Does::Say(400, "", answer.to_string())).await;
    let tried = sent(&transport(&server), &["phone", "tablet"]).await;
    assert_eq!(tried.outcome, Outcome::Permanent(Scope::Configuration));
    assert!(tried.of_provider && tried.gone.is_empty());
    let said = tried.said.to_string();
    assert!(said.starts_with("token: 400 Bad Request: {\"error\":\"invalid_grant\""), "{said}");
    assert_eq!((server.asked("/token").len(), server.asked(MESSAGES).len()), (1, 0));
}

#[tokio::test]
async fn each_device_has_an_outcome_of_its_own() {
    let server = firebase(|device| match device {
        "gone" => refused(404, "UNREGISTERED"),
        "moved" => refused(403, "SENDER_ID_MISMATCH"),
        "wrong" => refused(400, "INVALID_ARGUMENT"),
        _ => taken(),
    })
    .await;
    let tried = sent(&transport(&server), &["gone", "phone", "moved", "wrong", "tablet"]).await;
    assert_eq!((tried.outcome, tried.of_device), (Outcome::Accepted, false));
    assert_eq!(tried.gone, ["gone", "moved", "wrong"]);
    assert!(tried.said.to_string().starts_with("2 of 5 devices took it: "), "{}", tried.said);
    assert_eq!(server.asked(MESSAGES).len(), 5);
}

#[tokio::test]
async fn who_wants_less_is_left_alone_also_for_the_other_devices() {
    let server = Server::that(|asked, before| match asked.path() {
        "/token" => token(before),
        _ => Does::Say(429, "retry-after: 7\r\n", String::new()),
    })
    .await;
    let tried = sent(&transport(&server), &["phone", "tablet"]).await;
    let after = Some(Duration::from_secs(7));
    assert_eq!(tried.outcome, Outcome::Throttled { after });
    assert_eq!(server.asked(MESSAGES).len(), 1);
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_doubt_about_that_device() {
    let server = firebase(|device| match device {
        "cut" => Does::Cut,
        _ => refused(404, "UNREGISTERED"),
    })
    .await;
    let tried = sent(&transport(&server), &["cut", "gone"]).await;
    assert_eq!((tried.outcome, tried.gone), (Outcome::InDoubt, vec!["gone".to_owned()]));
    assert_eq!(server.asked(MESSAGES).len(), 2, "the other was asked all the same");
}
