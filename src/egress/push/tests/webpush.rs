//! Browsers: what their push services get, and where nothing is sent.

use serde_json::{Value, json};

use super::*;
use crate::gateways::webpush::{Browser, VapidKey, WebPush};

/// Sends to push services on this machine, or not.
pub fn gateway(allow_loopback: bool) -> WebPush {
    let key = VapidKey::parse(&VapidKey::generate().unwrap()).unwrap();
    WebPush::new(key, "mailto:push@example.com", allow_loopback).unwrap()
}

/// A browser's token, with its endpoint there.
pub fn token(browser: &Browser, endpoint: &str) -> String {
    json!({ "endpoint": endpoint, "expirationTime": null, "keys": browser.json() }).to_string()
}

/// A push service whose devices answer with the status that their path begins with.
pub async fn push_service() -> Server {
    Server::that(|asked, _| match asked.path().get(1..4).unwrap_or_default() {
        "cut" => Does::Cut,
        status => Does::Say(status.parse().unwrap(), "retry-after: 7\r\n", String::new()),
    })
    .await
}

#[tokio::test]
async fn a_browser_reads_what_its_push_service_got() {
    let server = push_service().await;
    let browser = Browser::subscribed();
    let token = token(&browser, &format!("{}/201/gAAA?x=1", server.url()));
    let tried = sent(&alone(client(gateway(true))), &[&token]).await;
    assert_eq!(tried.outcome, Outcome::Accepted);
    let asked = server.asked("/201").remove(0);
    assert!(asked.head.starts_with("POST /201/gAAA?x=1 HTTP/1.1\r\n"), "{}", asked.head);
    assert_eq!(asked.header("host"), format!("127.0.0.1:{}", server.port));
    assert_eq!((asked.header("content-encoding"), asked.header("ttl")), ("aes128gcm", "2419200"));
    assert_eq!(asked.header("topic"), "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f");
    assert!(asked.header("authorization").starts_with("vapid t="), "{}", asked.head);
    assert!(!asked.head.contains("traceparent"), "a stranger is told no trace: {}", asked.head);
    let shown: Value = serde_json::from_slice(&browser.opens(&asked.body)).unwrap();
    assert_eq!((&shown["title"], &shown["body"]), (&json!("Ciao"), &json!("A domani")));
    assert_eq!(shown["data"]["booking"], "b1");
}

/// What a server says that anybody may have named is nothing of the others'.
#[tokio::test]
async fn each_browser_has_an_outcome_of_its_own() {
    let server = push_service().await;
    let transport = alone(client(gateway(true)));
    let browser = Browser::subscribed();
    let at = |path: &str| token(&browser, &format!("{}/{path}", server.url()));
    let tokens = ["429", "410/1", "403", "cut", "404/2", "413", "201"].map(at);
    let tried = sent(&transport, &tokens.each_ref().map(String::as_str)).await;
    assert_eq!((&tried.outcome, tried.of_provider), (&Outcome::Accepted, false));
    assert_eq!(tried.gone, [tokens[1].clone(), tokens[4].clone()]);
    assert!(tried.said.to_string().starts_with("1 of 7 devices took it: "), "{}", tried.said);
    assert_eq!(server.asked("/").len(), 7);

    let message = Outcome::Permanent(Scope::Message);
    let after = Some(Duration::from_secs(7));
    for (path, outcome) in [
        ("429", Outcome::Throttled { after }),
        ("503", Outcome::Throttled { after }),
        ("500", Outcome::Transient),
        ("cut", Outcome::InDoubt),
        ("403", message.clone()),
        ("413", message),
    ] {
        let tried = sent(&transport, &[&at(path)]).await;
        assert_eq!((tried.outcome, tried.of_device), (outcome, true), "{path}");
    }
}

#[tokio::test]
async fn nothing_goes_into_a_network_of_ours() {
    let server = push_service().await;
    let transport = alone(client(gateway(false)));
    let browser = Browser::subscribed();
    let own = [
        format!("{}/201", server.url()),
        format!("https://127.0.0.1:{}/201", server.port),
        format!("https://localhost:{}/201", server.port),
        format!("https://[::ffff:127.0.0.1]:{}/201", server.port),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
    ]
    .map(|endpoint| token(&browser, &endpoint));
    let tried = sent(&transport, &own.each_ref().map(String::as_str)).await;
    assert_eq!((&tried.outcome, tried.of_device), (&Outcome::Permanent(Scope::Message), true));
    assert_eq!(tried.gone, own);
    let said = tried.said.to_string();
    assert_eq!(said, "every device is gone: the token has an endpoint without https");
    assert_eq!(server.asked("/").len(), 0);
}

#[tokio::test]
async fn who_cannot_be_reached_is_no_failure_of_the_provider() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let token = token(&Browser::subscribed(), &format!("http://127.0.0.1:{port}/"));
    let tried = sent(&alone(client(gateway(true))), &[&token]).await;
    assert_eq!((&tried.outcome, tried.of_provider), (&Outcome::Transient, false));
    assert!(tried.of_device);
    assert_eq!(tried.said.to_string(), format!("connect 127.0.0.1:{port}: refused"));
}

#[tokio::test]
async fn devices_that_do_not_answer_keep_nobody_waiting_for_long() {
    let server = Server::that(|_, _| {
        clock::moved::takes(ASKS_FOR / 2);
        Does::Say(500, "", String::new())
    })
    .await;
    let token = token(&Browser::subscribed(), &server.url());
    let tried = sent(&alone(client(gateway(true))), &[token.as_str(); 5]).await;
    assert_eq!((tried.outcome, server.asked("/").len()), (Outcome::Transient, 2));
}
