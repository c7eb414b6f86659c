//! Notifications to real servers, device by device.

mod fcm;
mod mixed;
mod webpush;

use std::sync::Mutex;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::task::AbortOnDropHandle;

use super::*;
use crate::config::{HttpGateway, HttpTerms};
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::MessageId;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::trace::TraceContext;
use crate::egress::note::Heading;
use crate::egress::smtp::tls_client_config;
use crate::gateways::Gateway;

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A request as it came.
#[derive(Debug, Clone)]
struct Asked {
    /// The method, the path and the headers, in lower case where HTTP does not care.
    head: String,
    body: Vec<u8>,
}

impl Asked {
    fn path(&self) -> &str {
        self.head.split(' ').nth(1).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        let mut lines = self.head.split("\r\n").filter_map(|line| line.split_once(": "));
        lines.find(|(of, _)| of.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }
}

/// What a server does with a request.
enum Does {
    /// Answers with this status, more headers and this body.
    Say(u16, &'static str, String),
    /// Closes without a word.
    Cut,
}

/// A server on this machine.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    _task: AbortOnDropHandle<()>,
}

impl Server {
    /// Does what this says of a request and of those before it.
    async fn that(does: impl Fn(&Asked, &[Asked]) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (heard, does) = (asked.clone(), Arc::new(does));
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (heard, does) = (heard.clone(), does.clone());
                tokio::spawn(async move {
                    while let Some(one) = read(&mut stream).await {
                        let said = {
                            let mut heard = heard.lock().unwrap();
                            let said = does(&one, &heard);
                            heard.push(one);
                            said
                        };
                        let Does::Say(status, more, body) = said else { return };
                        let length = body.len();
                        let answer = format!(
                            "HTTP/1.1 {status} Said\r\n{more}content-length: {length}\r\n\r\n{body}"
                        );
                        stream.write_all(answer.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        Self { port, asked, _task: AbortOnDropHandle::new(task) }
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The requests for paths that begin so.
    fn asked(&self, path: &str) -> Vec<Asked> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|one| one.path().starts_with(path)).cloned().collect()
    }
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let mut body = bytes.split_off(end + 4);
    let head = String::from_utf8(bytes).ok()?;
    let mut asked = Asked { head, body: Vec::new() };
    let length: usize = asked.header("content-length").parse().ok()?;
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    asked.body = body;
    Some(asked)
}

fn client(gateway: impl Gateway + 'static) -> Arc<HttpClient> {
    let terms = HttpTerms {
        idempotent: false,
        trust: None,
        idle: Duration::from_secs(4),
        connect_timeout: Duration::from_secs(5),
        answer_timeout: Duration::from_secs(5),
    };
    let settings = HttpGateway { written: toml::Table::new(), gateway: Arc::new(gateway), terms };
    Arc::new(HttpClient::new(&settings, 8, tls_client_config().unwrap(), None))
}

/// A provider of this gateway's alone.
fn alone(client: Arc<HttpClient>) -> PushTransport {
    PushTransport::by(client.clone(), Arc::from([client]))
}

fn push(tokens: &[&str]) -> Push {
    Push {
        heading: Heading {
            message: MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap()),
            tenant: TenantId::parse("salon-uno").unwrap(),
            client: ClientId::parse("c1").unwrap(),
            kind: Kind::BookingConfirmed,
            deadline: None,
            code: None,
            trace: TraceContext::parse(TRACE),
        },
        to: tokens.iter().map(|token| (*token).to_owned()).collect(),
        title: "Ciao".to_owned(),
        text: "A domani".to_owned(),
        collapse: "5f0c2b8e9d1a4c37b6e2f1a09c8d7e6f".to_owned(),
        booking: Some(BookingId::parse("b1").unwrap()),
        link: None,
    }
}

async fn sent(transport: &PushTransport, tokens: &[&str]) -> Tried {
    transport.send(&push(tokens), &|| true).await.unwrap()
}
