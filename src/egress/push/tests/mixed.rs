//! A client with a phone and a browser.

use super::fcm::{fcm, firebase, refused, taken};
use super::webpush::{gateway, push_service, token};
use super::*;
use crate::gateways::webpush::Browser;

#[tokio::test]
async fn each_device_is_asked_by_whoever_can_reach_it() {
    let firebase = firebase(|_| taken()).await;
    let browsers = push_service().await;
    let browser = token(&Browser::subscribed(), &format!("{}/201", browsers.url()));
    let all: Arc<[_]> = Arc::from([client(fcm(&firebase)), client(gateway(true))]);
    for (count, own) in (1..).zip(all.iter()) {
        let transport = PushTransport::by(own.clone(), all.clone());
        let tried = sent(&transport, &["phone", &browser]).await;
        assert_eq!(tried.outcome, Outcome::Accepted);
        assert!(!tried.said.to_string().contains("devices took it"), "{}", tried.said);
        assert_eq!(firebase.asked("/v1").len(), count);
        assert_eq!(browsers.asked("/201").len(), count);
    }
}

#[tokio::test]
async fn a_device_that_nobody_here_can_reach_is_not_gone() {
    let firebase = firebase(|_| refused(404, "UNREGISTERED")).await;
    let transport = alone(client(fcm(&firebase)));
    let browser = token(&Browser::subscribed(), "https://push.example/1");
    let tried = sent(&transport, &[&browser]).await;
    assert_eq!(tried.outcome, Outcome::Permanent(Scope::Provider), "another provider may");
    assert_eq!(tried.said.to_string(), "the token is another kind of gateway's");
    let tried = sent(&transport, &[&browser, "phone"]).await;
    assert_eq!(tried.outcome, Outcome::Permanent(Scope::Provider));
    assert_eq!(tried.gone, ["phone"]);
}
