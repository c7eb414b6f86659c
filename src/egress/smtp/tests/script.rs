//! A server that does what a test tells it, one connection at a time.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::config::{Smtp, SmtpUrl, Tls};
use crate::domain::address::EmailAddress;
use crate::domain::message::MessageId;
use crate::domain::outcome::Outcome;
use crate::egress::Wanted;
use crate::egress::mail::Mail;
use crate::egress::smtp::{SmtpClient, tls_client_config, tls_of};
use crate::egress::wire_address::WireAddress;

/// No test takes longer.
const DEADLINE: Duration = Duration::from_secs(10);
/// A stage that is not meant to run out of time.
const AMPLE: Duration = Duration::from_secs(5);
/// More than a test opens that does not say otherwise.
const CONNECTIONS: usize = 8;
pub(super) const PIPELINING: &[&str] = &["PIPELINING", "8BITMIME"];

pub(super) struct Script {
    listener: TcpListener,
}

impl Script {
    pub async fn listen() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub fn smtp(&self) -> Smtp {
        Smtp {
            url: SmtpUrl {
                host: "127.0.0.1".to_owned(),
                port: self.listener.local_addr().unwrap().port(),
                tls: Tls::None,
                credentials: None,
            },
            trust: None,
            messages_per_connection: 100,
            idle: AMPLE,
            connect_timeout: AMPLE,
            command_timeout: AMPLE,
            data_timeout: AMPLE,
            final_timeout: AMPLE,
            telling: None,
        }
    }

    pub fn client(&self) -> Client {
        client(&self.smtp())
    }

    pub async fn accept(&self) -> Peer<TcpStream> {
        let stream = self.listener.accept().await.unwrap().0;
        // What is said is there when it was said.
        stream.set_nodelay(true).unwrap();
        Peer::over(stream)
    }

    /// Accepts, greets and answers EHLO.
    pub async fn welcome(&self, offers: &[&str]) -> Peer<TcpStream> {
        let mut peer = self.accept().await;
        peer.say("220 mail.example ESMTP").await;
        peer.hello(offers).await;
        peer
    }
}

/// A client that nobody cuts off.
pub(super) struct Client(pub SmtpClient);

impl Client {
    pub async fn send(&self, mail: &Mail) -> (Outcome, String) {
        self.send_while(mail, &|| true).await
    }

    pub async fn send_while(&self, mail: &Mail, wanted: Wanted<'_>) -> (Outcome, String) {
        let tried = self.0.send(mail, wanted).await.unwrap();
        (tried.outcome, tried.said.to_string())
    }

    pub async fn close(&self) {
        self.0.close().await;
    }
}

pub(super) fn client(smtp: &Smtp) -> Client {
    client_with(smtp, CONNECTIONS)
}

pub(super) fn client_with(smtp: &Smtp, connections: usize) -> Client {
    let tls = tls_of(smtp, &tls_client_config().unwrap()).unwrap();
    Client(SmtpClient::new(&Arc::from("relay"), smtp, connections, tls))
}

/// Runs client and server side by side.
pub(super) async fn both<A, B>(
    client: impl Future<Output = A>,
    server: impl Future<Output = B>,
) -> (A, B) {
    timeout(DEADLINE, async { tokio::join!(client, server) }).await.unwrap()
}

pub(super) fn mail(raw: &str) -> Mail {
    Mail {
        id: MessageId(uuid::Uuid::from_u128(7)),
        from: address("salon@example.com"),
        to: address("anna@example.net"),
        raw: raw.as_bytes().to_vec(),
        needs_utf8: false,
    }
}

pub(super) fn address(text: &str) -> WireAddress {
    WireAddress::of(&EmailAddress::parse(text).unwrap())
}

/// The server's end of a connection.
pub(super) struct Peer<S: AsyncRead + AsyncWrite> {
    stream: BufStream<S>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Peer<S> {
    pub fn over(stream: S) -> Self {
        Self { stream: BufStream::new(stream) }
    }

    pub fn into_inner(self) -> S {
        self.stream.into_inner()
    }

    /// Sends a line, or several.
    pub async fn say(&mut self, lines: &str) {
        let text = format!("{lines}\r\n");
        self.stream.write_all(text.as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next line without its CRLF; nothing when the client has closed.
    pub async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        // A client that vanishes may reset the connection.
        if self.stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return None;
        }
        Some(line.strip_suffix("\r\n").unwrap().to_owned())
    }

    pub async fn expect(&mut self, line: &str) {
        assert_eq!(self.hear().await.as_deref(), Some(line));
    }

    pub async fn expect_end(&mut self) {
        assert_eq!(self.hear().await, None);
    }

    pub async fn hello(&mut self, offers: &[&str]) {
        self.expect("EHLO [127.0.0.1]").await;
        self.say("250-mail.example greets you").await;
        for offer in offers {
            self.say(&format!("250-{offer}")).await;
        }
        self.say("250 HELP").await;
    }

    /// Hears the envelope's three commands before it answers any of them.
    pub async fn hear_envelope(&mut self) {
        self.expect("MAIL FROM:<salon@example.com>").await;
        self.expect("RCPT TO:<anna@example.net>").await;
        self.expect("DATA").await;
    }

    /// The message's lines up to the final dot.
    pub async fn hear_data(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let line = self.hear().await.unwrap();
            if line == "." {
                return lines;
            }
            lines.push(line);
        }
    }

    /// Takes a message without objection.
    pub async fn take_mail(&mut self) -> Vec<String> {
        self.hear_envelope().await;
        self.say("250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on").await;
        let lines = self.hear_data().await;
        self.say("250 2.0.0 queued").await;
        lines
    }
}
