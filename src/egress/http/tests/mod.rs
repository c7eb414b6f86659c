//! What is certain of a message, against a gateway that does as it is told.

mod again;
mod inside;
mod pages;
mod tokens;
mod traced;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::config::{Config, GatewayTransport};
use crate::content::SmsEncoding;
use crate::domain::address::PhoneNumber;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::MessageId;
use crate::egress::certified::{SIGNED, acceptor};
use crate::egress::note::{Heading, Sms};
use crate::egress::smtp::{tls_by, tls_client_config};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{\"id\":\"gw-1\"}";
const AUTHORITY: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/src/egress/smtp/tests/certificates/authority.pem");
const NOBODY_KNOWS: Outcome = Outcome::InDoubt;

/// What the gateway does with a request.
#[derive(Debug, Clone)]
enum Does {
    /// Says this, and waits for another.
    Say(String),
    /// Says this, and closes without a word of it.
    SayAndClose(String),
    /// Says this, and nothing more.
    SayAndHang(String),
}

fn says(text: &str) -> Does {
    Does::Say(text.to_owned())
}

struct Gateway {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
    connections: Arc<AtomicUsize>,
    closed: Arc<AtomicUsize>,
    _task: AbortOnDropHandle<()>,
}

impl Gateway {
    /// Does each of these in turn, the last one for ever.
    async fn that(script: Vec<Does>) -> Self {
        Self::listening(script, None).await
    }

    async fn listening(script: Vec<Does>, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let [connections, closed]: [Arc<AtomicUsize>; 2] = Default::default();
        let (heard, counted, closes) = (requests.clone(), connections.clone(), closed.clone());
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let (heard, script, closes) = (heard.clone(), script.clone(), closes.clone());
                let tls = tls.clone();
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, heard, script).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, heard, script).await;
                            }
                        }
                    }
                    closes.fetch_add(1, Ordering::Relaxed);
                });
            }
        });
        Self { port, requests, connections, closed, _task: AbortOnDropHandle::new(task) }
    }

    fn requests(&self) -> usize {
        self.requests.lock().unwrap().len()
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    fn client(&self, more: &str) -> HttpClient {
        client("http", self.port, more)
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    heard: Arc<Mutex<Vec<String>>>,
    script: Vec<Does>,
) {
    while let Some(request) = read(&mut stream).await {
        let number = {
            let mut heard = heard.lock().unwrap();
            heard.push(request);
            heard.len() - 1
        };
        match script[number.min(script.len() - 1)].clone() {
            Does::Say(text) => stream.write_all(text.as_bytes()).await.unwrap(),
            Does::SayAndClose(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                return;
            }
            Does::SayAndHang(text) => {
                let _ = stream.write_all(text.as_bytes()).await;
                std::future::pending::<()>().await;
            }
        }
    }
}

/// A request with its body.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.split_once("content-length: ").map_or("0", |(_, behind)| behind);
    let length = length.split("\r\n").next().unwrap();
    body.len() >= length.parse().unwrap()
}

fn client(scheme: &str, port: u16, more: &str) -> HttpClient {
    let text = format!(
        "[[sms.providers]]\nname = \"gw\"\nkind = \"http\"\nid = \"/id\"\n\
         url = \"{scheme}://127.0.0.1:{port}/send\"\nbody = '[{{{{ text|tojson }}}}]'\n{more}\n"
    );
    let config = Config::parse("test", &text).unwrap();
    let GatewayTransport::Http(settings) = &config.sms.providers[0].transport else {
        panic!("http")
    };
    let tls = tls_by(settings.terms.trust.as_ref(), &tls_client_config().unwrap());
    HttpClient::new(settings, config.sms.providers[0].connections, tls.unwrap(), None)
}

fn sms() -> Sms {
    Sms {
        heading: Heading {
            message: MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap()),
            tenant: TenantId::parse("salon-uno").unwrap(),
            client: ClientId::parse("c1").unwrap(),
            kind: Kind::BookingReminder,
            deadline: None,
            code: None,
            trace: None,
        },
        from: None,
        to: PhoneNumber::parse("+393331234567").unwrap(),
        text: "Ciao".to_owned(),
        segments: 1,
        encoding: SmsEncoding::Gsm7,
    }
}

async fn tried(client: &HttpClient) -> (Outcome, String) {
    let tried = client.send(&sms(), &|| true).await.unwrap();
    (tried.outcome, tried.said.to_string())
}

#[tokio::test]
async fn what_is_answered_is_known_with_the_gateway_s_own_id() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let client = gateway.client("");
    for _ in 0..3 {
        let tried = client.send(&sms(), &|| true).await.unwrap();
        assert_eq!((tried.outcome, tried.reference.as_deref()), (Outcome::Accepted, Some("gw-1")));
        assert_eq!(tried.said.to_string(), "200 OK: {\"id\":\"gw-1\"}");
    }
    assert_eq!((gateway.requests(), gateway.connections()), (3, 1), "it is used again");
    let request = &gateway.requests.lock().unwrap()[0];
    assert!(request.starts_with("POST /send HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: 127.0.0.1:"), "{request}");
    assert!(request.contains("\r\ncontent-length: 8\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n[\"Ciao\"]"), "{request}");
}

#[tokio::test]
async fn who_cannot_be_reached_has_taken_nothing() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let (outcome, said) = tried(&client("http", port, "")).await;
    assert_eq!(outcome, Outcome::Transient);
    assert_eq!(said, format!("connect 127.0.0.1:{port}: refused"));

    // It speaks no TLS.
    let gateway = Gateway::that(vec![says(OK)]).await;
    let plain = client("https", gateway.port, "connect_timeout = \"PT0.3S\"");
    let (outcome, said) = tried(&plain).await;
    assert_eq!((outcome, gateway.requests()), (Outcome::Transient, 0));
    assert!(said.ends_with(": timed out"), "{said}");
    let tried = plain.send(&sms(), &|| true).await.unwrap();
    assert!(tried.of_provider);
}

#[tokio::test]
async fn a_gateway_is_spoken_to_in_tls_if_its_certificate_holds() {
    let gateway = Gateway::listening(vec![says(OK)], Some(acceptor(SIGNED))).await;
    let trusting = client("https", gateway.port, &format!("ca_file = \"{AUTHORITY}\""));
    for _ in 0..3 {
        assert_eq!(tried(&trusting).await.0, Outcome::Accepted);
    }
    assert_eq!((gateway.requests(), gateway.connections()), (3, 1), "it is used again");
    let (outcome, said) = tried(&client("https", gateway.port, "")).await;
    assert_eq!((outcome, gateway.requests()), (Outcome::Transient, 3));
    assert!(said.ends_with("signed by nobody who is trusted (see ca_file)"), "{said}");
}

#[tokio::test]
async fn what_was_written_and_not_answered_is_in_doubt() {
    let half = "HTTP/1.1 200 OK\r\ncontent-le";
    for (does, words) in [
        (Does::SayAndClose(String::new()), "answer: connection closed"),
        (Does::SayAndClose(half.to_owned()), "answer: connection closed"),
        (Does::SayAndHang(String::new()), "answer: timed out"),
        (Does::SayAndHang(half.to_owned()), "answer: timed out"),
        (says("SMTP ready\r\n\r\n"), "answer: not HTTP"),
    ] {
        let gateway = Gateway::that(vec![does.clone()]).await;
        let client = gateway.client("answer_timeout = \"PT0.3S\"");
        assert_eq!(tried(&client).await, (NOBODY_KNOWS, words.to_owned()), "{does:?}");
        assert_eq!(gateway.requests(), 1, "{does:?}");
    }
}

/// The gateway has given its verdict, whatever else it wanted to say.
#[tokio::test]
async fn a_status_counts_though_its_body_breaks_off() {
    for (status, outcome) in [("200 OK", Outcome::Accepted), ("503 Busy", Outcome::Transient)] {
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: 100\r\n\r\nabc");
        for does in [Does::SayAndClose(text.clone()), Does::SayAndHang(text)] {
            let gateway = Gateway::that(vec![does]).await;
            let client = gateway.client("answer_timeout = \"PT0.3S\"");
            assert_eq!(tried(&client).await.0, outcome);
            tried(&client).await;
            assert_eq!(gateway.connections(), 2, "such a connection is not used again");
        }
    }
}

/// One that closes when it has answered, and does not say so before.
#[tokio::test]
async fn a_connection_that_was_closed_meanwhile_puts_nothing_in_doubt() {
    let gateway = Gateway::that(vec![Does::SayAndClose(OK.to_owned())]).await;
    let client = gateway.client("");
    for count in 1..=50 {
        assert_eq!(tried(&client).await.0, Outcome::Accepted);
        while gateway.closed.load(Ordering::Relaxed) < count {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!((gateway.requests(), gateway.connections()), (50, 50));
}

#[tokio::test]
async fn a_connection_is_used_again_only_for_a_time() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let client = gateway.client("idle = \"PT0.1S\"");
    tried(&client).await;
    let later = clock::instant() + Duration::from_millis(100);
    let target = client.gateway().target().unwrap();
    assert!(client.wire.pool.take(target, later).is_none());
    tried(&client).await;
    assert_eq!((gateway.requests(), gateway.connections()), (2, 2));
}

/// A gateway of whom every message names another place.
#[tokio::test]
async fn no_more_connections_are_kept_than_there_is_room_for() {
    let gateways = [
        Gateway::that(vec![says(OK)]).await,
        Gateway::that(vec![says(OK)]).await,
        Gateway::that(vec![says(OK)]).await,
    ];
    let clients = gateways.each_ref().map(|gateway| gateway.client("connections = 2"));
    let shared = &clients[0].wire;
    let targets = clients.each_ref().map(|client| client.gateway().target().unwrap());
    let request = ::http::Request::post("/").header("host", "a.example");
    let request = request.body(Full::new(Bytes::from_static(b"[]"))).unwrap();
    for target in targets {
        let left = AtomicBool::new(false);
        shared.exchange(target, &request, &|| true, &left).await.unwrap();
    }
    let kept = targets.map(|target| shared.pool.take(target, clock::instant()).is_some());
    assert_eq!(kept, [false, true, true]);
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_bound() {
    let body = "x".repeat(crate::gateways::ANSWER_MAX_BYTES + 1);
    let endless = format!("HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n{body}");
    let gateway = Gateway::that(vec![Does::SayAndHang(endless)]).await;
    let (outcome, said) = tried(&gateway.client("")).await;
    assert_eq!(outcome, Outcome::Accepted);
    assert!(said.len() < 2000, "{}", said.len());

    let header = format!("HTTP/1.1 200 OK\r\nx-long: {body}{body}\r\ncontent-length: 0\r\n\r\n");
    let gateway = Gateway::that(vec![says(&header)]).await;
    assert_eq!(tried(&gateway.client("")).await.0, NOBODY_KNOWS);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Gateway::that(vec![says(OK)]).await;
    let moved = format!(
        "HTTP/1.1 307 Moved\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\n\r\n",
        elsewhere.port
    );
    let gateway = Gateway::that(vec![says(&moved)]).await;
    let (outcome, _) = tried(&gateway.client("")).await;
    assert_eq!(outcome, Outcome::Permanent(Scope::Configuration));
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn what_is_not_to_leave_any_more_does_not() {
    let gateway = Gateway::that(vec![says(OK)]).await;
    let client = gateway.client("");
    let kept = client.send(&sms(), &|| false).await.unwrap();
    assert_eq!(kept.outcome, Outcome::NotTried { after: None });
    assert_eq!(gateway.requests(), 0);
    assert_eq!(tried(&client).await.0, Outcome::Accepted);
    assert_eq!(gateway.connections(), 1, "what was opened for it serves another");
}

#[tokio::test]
async fn what_is_cut_off_is_in_doubt_once_it_left() {
    let gateway = Gateway::that(vec![Does::SayAndHang(String::new())]).await;
    let client = gateway.client("");
    let stopping = async {
        while gateway.requests() == 0 {
            tokio::task::yield_now().await;
        }
        client.close();
        client.cut();
    };
    let sms = sms();
    let (sent, ()) = tokio::join!(client.send(&sms, &|| true), stopping);
    let sent = sent.unwrap();
    assert_eq!(sent.outcome, NOBODY_KNOWS);
    assert_eq!(sent.said.to_string(), "answer: cut off by a stop");

    // It takes connections, and says nothing in TLS.
    let plain = self::client("https", gateway.port, "");
    let stopping = async {
        while gateway.connections() < 2 {
            tokio::task::yield_now().await;
        }
        plain.cut();
    };
    let (sent, ()) = tokio::join!(plain.send(&sms, &|| true), stopping);
    assert!(sent.is_none(), "it was not handed over: {sent:?}");
}
