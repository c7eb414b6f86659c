//! A gateway that knows a message again, and is asked again; one that can be asked for it.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::*;
use crate::egress::Permission;

#[tokio::test]
async fn who_knows_a_message_again_is_asked_again() {
    let cut = || Does::SayAndClose(String::new());
    let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    let refused = "HTTP/1.1 400 Bad\r\ncontent-length: 0\r\n\r\n";
    for (script, outcome, requests) in [
        (vec![cut(), says(OK)], Outcome::Accepted, 2),
        (vec![cut(), says(busy), says(OK)], Outcome::Accepted, 3),
        (vec![cut(), says(refused)], Outcome::Permanent(Scope::Message), 2),
        // It may have taken the first.
        (vec![cut(), says(busy)], NOBODY_KNOWS, 3),
        (vec![cut()], NOBODY_KNOWS, 3),
        (vec![says(busy)], Outcome::Transient, 1),
    ] {
        let gateway = Gateway::that(script).await;
        let soon = [Duration::from_millis(1); 2];
        let client = HttpClient { ask_again: soon, ..gateway.client("idempotent = true") };
        assert_eq!(tried(&client).await.0, outcome);
        assert_eq!(gateway.requests(), requests);
        let heard = gateway.requests.lock().unwrap();
        assert!(heard.iter().all(|request| *request == heard[0]), "{heard:?}");
    }
}

/// Counts the rests, and grants so many.
struct Resting {
    rests: AtomicUsize,
    granted: usize,
}

impl Permission for Resting {
    fn is_wanted(&self) -> bool {
        true
    }

    fn leaves(&self) -> BoxFuture<'_, Result<(), &'static str>> {
        std::future::ready(Ok(())).boxed()
    }

    fn rests(&self, _: Duration) -> BoxFuture<'_, bool> {
        let rests = self.rests.fetch_add(1, Ordering::Relaxed);
        std::future::ready(rests < self.granted).boxed()
    }
}

#[tokio::test]
async fn whoever_is_asked_again_rests_before_and_without_a_place_is_not() {
    for (granted, requests) in [(0, 1), (1, 2), (9, 3)] {
        let gateway = Gateway::that(vec![Does::SayAndClose(String::new())]).await;
        let client = gateway.client("idempotent = true");
        let resting = Resting { rests: AtomicUsize::new(0), granted };
        let tried = client.send(&sms(), &resting).await.unwrap();
        assert_eq!((tried.outcome, gateway.requests()), (NOBODY_KNOWS, requests));
    }
}

/// Twilio, as far as it is asked here.
async fn twilio(script: Vec<Does>) -> (Gateway, HttpClient) {
    let gateway = Gateway::that(script).await;
    let account = "0".repeat(32);
    let text = format!(
        "[[sms.providers]]\nname = \"tw\"\nkind = \"twilio\"\naccount = \"AC{account}\"\n\
         token = \"s3cret\"\nfrom = \"+393330000000\"\n\
         base_url = \"http://127.0.0.1:{}\"\nanswer_timeout = \"PT0.3S\"\n",
        gateway.port
    );
    let config = Config::parse("test", &text).unwrap();
    let GatewayTransport::Http(settings) = &config.sms.providers[0].transport else {
        panic!("http")
    };
    let client = HttpClient::new(settings, 1, tls_client_config().unwrap(), None);
    (gateway, HttpClient { ask_again: [Duration::from_millis(1); 2], ..client })
}

#[tokio::test]
async fn who_can_say_what_it_has_is_asked_and_sent_nothing_twice() {
    let cut = || Does::SayAndClose(String::new());
    let list = |body: &str| {
        let now = jiff::fmt::rfc2822::to_string(&clock::now().to_zoned(jiff::tz::TimeZone::UTC));
        let message = serde_json::json!({
            "sid": "SM1", "to": "+393331234567", "body": body, "direction": "outbound-api",
            "date_created": now.unwrap(),
        });
        let list = serde_json::json!({ "messages": [message] }).to_string();
        says(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{list}", list.len()))
    };
    let busy = "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
    let hang = Does::SayAndHang(String::new());
    for (script, outcome, asked) in [
        (vec![cut(), list("Ciao")], Outcome::Accepted, 1),
        (vec![cut(), list("another"), list("Ciao")], Outcome::Accepted, 2),
        (vec![cut(), says(busy), list("Ciao")], Outcome::Accepted, 2),
        (vec![cut(), list("another")], NOBODY_KNOWS, 2),
        (vec![hang], NOBODY_KNOWS, 2),
    ] {
        let (gateway, client) = twilio(script).await;
        let tried = client.send(&sms(), &|| true).await.unwrap();
        assert_eq!(tried.outcome, outcome, "{}", tried.said);
        let reference = (outcome == Outcome::Accepted).then_some("SM1");
        assert_eq!(tried.reference.as_deref(), reference);
        let heard = gateway.requests.lock().unwrap();
        let sent = heard.iter().filter(|request| request.starts_with("POST ")).count();
        assert_eq!((sent, heard.len() - sent), (1, asked), "{heard:?}");
    }
}
