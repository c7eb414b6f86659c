//! Gateways that are shown a token, which is fetched first.

use std::borrow::Cow;

use ::http::{HeaderValue, Request};
use jiff::Timestamp;

use super::*;
use crate::gateways::{
    self, Answer, Credential, Denied, Facts, Grant, Outgoing, Target, Unwritable, Verdict,
};

/// Whoever is shown tokens from another place.
#[derive(Debug)]
struct Keyed {
    gateway: Arc<dyn gateways::Gateway>,
    tokens: Target,
}

impl gateways::Gateway for Keyed {
    fn target(&self) -> Option<&Target> {
        self.gateway.target()
    }

    fn request(&self, facts: &Facts<'_>) -> Result<Outgoing<'_>, Unwritable> {
        self.gateway.request(facts)
    }

    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Verdict {
        self.gateway.read(answer, now)
    }

    fn words(&self, answer: Answer<'_>, text: &str) -> String {
        self.gateway.words(answer, text)
    }

    fn credential(&self) -> Option<&dyn Credential> {
        Some(self)
    }
}

impl Credential for Keyed {
    fn request(&self, _: Timestamp) -> Result<Outgoing<'_>, Unwritable> {
        let request = Request::post("/token").header("host", "tokens.example");
        let request = request.body(b"[]".to_vec()).unwrap();
        Ok(Outgoing { target: Cow::Borrowed(&self.tokens), request })
    }

    fn read(&self, answer: Answer<'_>, _: Timestamp) -> Result<Grant, Denied> {
        match answer.status.as_u16() {
            200 => {
                let token = String::from_utf8_lossy(answer.body);
                Grant::bearer(&token, Duration::from_secs(3600)).ok_or(Denied::Transient)
            }
            400 => Err(Denied::Configuration),
            429 => Err(Denied::Throttled { after: None }),
            _ => Err(Denied::Transient),
        }
    }
}

fn keyed(gateway: &Gateway, tokens: u16, more: &str) -> HttpClient {
    let client = gateway.client(more);
    let authority = HeaderValue::from_static("tokens.example");
    let host = "127.0.0.1".to_owned();
    let tokens = Target { is_encrypted: false, host, port: tokens, authority };
    let keyed = Keyed { gateway: client.settings.gateway.clone(), tokens };
    let settings = HttpGateway { gateway: Arc::new(keyed), ..client.settings.clone() };
    HttpClient { settings, ..client }
}

fn token(token: &str) -> Does {
    Does::Say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{token}", token.len()))
}

fn answer(status: &str) -> Does {
    Does::Say(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"))
}

/// The tokens that requests were sent with.
fn shown(gateway: &Gateway) -> Vec<String> {
    let requests = gateway.requests.lock().unwrap();
    let token = |request: &String| {
        let (_, behind) = request.split_once("authorization: Bearer ").unwrap();
        behind.split("\r\n").next().unwrap().to_owned()
    };
    requests.iter().map(token).collect()
}

fn later(seconds: u64) {
    clock::moved::takes(Duration::from_secs(seconds));
}

#[tokio::test]
async fn one_token_is_fetched_for_all_and_renewed_before_its_end() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let tokens = Gateway::that(vec![token("t1"), token("t2")]).await;
    let client = keyed(&gateway, tokens.port, "");
    let at_once = (0..8).map(|_| tried(&client));
    for (outcome, _) in futures_util::future::join_all(at_once).await {
        assert_eq!(outcome, Outcome::Accepted);
    }
    assert_eq!((tokens.requests(), shown(&gateway)), (1, vec!["t1".to_owned(); 8]));
    later(3600 - 301);
    tried(&client).await;
    assert_eq!(tokens.requests(), 1);
    later(2);
    tried(&client).await;
    assert_eq!((tokens.requests(), shown(&gateway)[9].as_str()), (2, "t2"));
}

#[tokio::test]
async fn where_none_is_given_no_message_was_mentioned() {
    let cut = Does::SayAndClose(String::new());
    let hang = Does::SayAndHang(String::new());
    let throttled = Outcome::Throttled { after: None };
    for (does, outcome, words) in [
        (answer("503 Busy"), Outcome::Transient, "token: 503 Service Unavailable"),
        (answer("400 Bad"), Outcome::Permanent(Scope::Configuration), "token: 400 Bad Request"),
        (answer("429 Slow"), throttled, "token: 429 Too Many Requests"),
        (cut, Outcome::Transient, "token: answer: connection closed"),
        (hang, Outcome::Transient, "token: answer: timed out"),
    ] {
        let gateway = Gateway::that(vec![says(OK)]).await;
        let tokens = Gateway::that(vec![does, token("t1")]).await;
        let client = keyed(&gateway, tokens.port, "answer_timeout = \"PT0.3S\"");
        for _ in 0..3 {
            let tried = client.send(&sms(), &|| true).await.unwrap();
            assert_eq!((&tried.outcome, tried.of_provider), (&outcome, true));
            assert_eq!(tried.said.to_string(), words);
        }
        assert_eq!((tokens.requests(), gateway.requests()), (1, 0), "it is left alone");
        later(6);
        assert_eq!(tried(&client).await.0, Outcome::Accepted);
    }
    let gateway = Gateway::that(vec![says(OK)]).await;
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let tried = keyed(&gateway, port, "").send(&sms(), &|| true).await.unwrap();
    assert_eq!((tried.outcome, tried.of_provider), (Outcome::Transient, true));
    assert_eq!(tried.said.to_string(), format!("token: connect 127.0.0.1:{port}: refused"));
}

#[tokio::test]
async fn a_renewal_that_fails_does_no_harm_while_the_old_one_holds() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let tokens = Gateway::that(vec![token("t1"), answer("503 Busy")]).await;
    let client = keyed(&gateway, tokens.port, "");
    tried(&client).await;
    later(3400);
    for _ in 0..2 {
        assert_eq!(tried(&client).await.0, Outcome::Accepted);
    }
    assert_eq!((tokens.requests(), shown(&gateway)), (2, vec!["t1".to_owned(); 3]));
    later(200);
    assert_eq!(tried(&client).await.0, Outcome::Transient);
}

#[tokio::test]
async fn one_that_is_refused_is_thrown_away_once() {
    let gateway = Gateway::that(vec![says(OK), answer("401 No"), says(OK)]).await;
    let tokens = Gateway::that(vec![token("t1"), token("t2")]).await;
    let client = keyed(&gateway, tokens.port, "");
    tried(&client).await;
    later(31);
    assert_eq!(tried(&client).await.0, Outcome::Accepted);
    assert_eq!(
        (tokens.requests(), shown(&gateway)),
        (2, ["t1", "t1", "t2"].map(String::from).into())
    );

    // It is something else that is refused.
    let gateway = Gateway::that(vec![answer("401 No")]).await;
    let tokens = Gateway::that(vec![token("t1"), token("t2")]).await;
    let client = keyed(&gateway, tokens.port, "");
    for requests in [1, 2] {
        let (outcome, _) = tried(&client).await;
        assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
        assert_eq!((tokens.requests(), gateway.requests()), (1, requests));
    }
    later(31);
    tried(&client).await;
    assert_eq!((tokens.requests(), gateway.requests()), (2, 4));
}

#[tokio::test]
async fn who_waits_for_one_is_cut_off_before_anything_left() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let tokens = Gateway::that(vec![Does::SayAndHang(String::new())]).await;
    let client = keyed(&gateway, tokens.port, "");
    let stopping = async {
        while tokens.requests() == 0 {
            tokio::task::yield_now().await;
        }
        client.cut();
    };
    let sms = sms();
    let (sent, ()) = tokio::join!(client.send(&sms, &|| true), stopping);
    assert!(sent.is_none(), "{sent:?}");
}
