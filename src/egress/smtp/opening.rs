//! From nothing to a connection that is ready for its first message.
//!
//! ```text
//! dial ─▶ [TLS] ─▶ banner ─▶ EHLO ─▶ [STARTTLS ─▶ TLS ─▶ EHLO] ─▶ [AUTH] ─▶ ready
//!                            or HELO
//! ```

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::ClientConfig;
use secrecy::ExposeSecret;
use secrecy::zeroize::{Zeroize, Zeroizing};
use tokio::time::timeout;

use crate::clock;
use crate::config::{Credentials, Smtp, SmtpUrl, Tls};
use crate::egress::quoted::MASK;
use crate::egress::said::Said;
use crate::telemetry::spell::Told;

use super::capabilities::Capabilities;
use super::connection::{Connection, Seat, within};
use super::failure::Failure;
use super::handshake::takes_anyone;
use super::reply::{Malformed, Reply};
use super::stage::{Cause, Stage};
use super::stream::Stream;

/// A shorter password is found as a word of its own only.
const SECRET_WITHIN_MIN_CHARS: usize = 8;
/// A server that lets us wait so long for a connection that takes mail is told of, though it may
/// take longer (RFC 5321 §4.5.3.2.1).
const SLOW_AFTER: Duration =
    if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(30) };

/// Where connections lead.
pub(super) struct Server {
    /// The provider's name.
    pub provider: Arc<str>,
    /// Host, credentials, limits.
    pub smtp: Smtp,
    /// Shared by all its handshakes.
    pub tls: Arc<ClientConfig>,
    /// That it lets us wait.
    pub slow: Told,
}

impl Server {
    /// Nothing is known of it yet.
    pub fn new(provider: Arc<str>, smtp: Smtp, tls: Arc<ClientConfig>) -> Self {
        let slow = Told::new(
            "a mail server keeps us waiting before it takes any mail",
            "a mail server that kept us waiting takes mail again",
        );
        Self { provider, smtp, tls, slow }
    }

    /// Opens a connection. It is told of where that takes long.
    pub async fn open(&self, seat: Seat) -> Result<Connection, Failure> {
        let opening = self.open_somehow(seat);
        tokio::pin!(opening);
        let opened = match timeout(SLOW_AFTER, &mut opening).await {
            Ok(opened) => opened,
            Err(_) => {
                let SmtpUrl { host, port, .. } = &self.smtp.url;
                let (provider, seconds) = (&self.provider, SLOW_AFTER.as_secs());
                let who = format!("{provider}, {host}:{port}: not ready after {seconds} s");
                self.slow.failed(clock::instant(), &who);
                opening.await
            }
        };
        if opened.is_ok() {
            self.slow.worked(clock::instant());
        }
        opened
    }

    /// Where encryption is only welcome and fails, however it does, from the offer's being taken
    /// up on, another connection in the clear.
    async fn open_somehow(&self, seat: Seat) -> Result<Connection, Failure> {
        match self.open_with(self.smtp.url.tls, seat.clone()).await {
            Err(Failure { stage: Stage::StartTls | Stage::Tls, .. })
                if takes_anyone(&self.smtp) =>
            {
                tracing::debug!(provider = %self.provider, "no TLS is to be had: mail goes in the clear");
                self.open_with(Tls::None, seat).await
            }
            opened => opened,
        }
    }

    async fn open_with(&self, tls: Tls, seat: Seat) -> Result<Connection, Failure> {
        let Smtp { url, connect_timeout, command_timeout, .. } = &self.smtp;
        let dial = Stream::dial(&url.host, url.port);
        let stream = within(Stage::Connect, *connect_timeout, dial).await?;
        let mut connection = Connection::over(stream, &self.provider, seat);
        if tls == Tls::Implicit {
            connection = self.encrypt(connection).await?;
        }
        let banner = connection.reply(Stage::Banner, *command_timeout).await?;
        done(Stage::Banner, banner)?;
        self.hello(&mut connection).await?;
        if matches!(tls, Tls::Required | Tls::Opportunistic) {
            connection = self.start_tls(connection).await?;
        }
        if let Some(credentials) = &url.credentials {
            self.authenticate(&mut connection, credentials).await?;
        }
        Ok(connection)
    }

    /// RFC 5321 §3.2: a server that does not know EHLO is greeted as in the old days, and offers
    /// nothing.
    async fn hello(&self, connection: &mut Connection) -> Result<(), Failure> {
        let (name, limit) = (connection.stream.address_literal(), self.smtp.command_timeout);
        let extended = format!("EHLO {name}");
        let reply = connection.command(Stage::Ehlo, extended.as_bytes(), limit).await?;
        if matches!(reply.code, 500 | 502) {
            let plain = format!("HELO {name}");
            let reply = connection.command(Stage::Ehlo, plain.as_bytes(), limit).await?;
            done(Stage::Ehlo, reply)?;
            connection.offers = Capabilities::default();
        } else {
            connection.offers = Capabilities::of(&done(Stage::Ehlo, reply)?);
        }
        Ok(())
    }

    async fn start_tls(&self, mut connection: Connection) -> Result<Connection, Failure> {
        let optional = self.smtp.url.tls == Tls::Opportunistic;
        if !connection.offers.starttls {
            let why = "required, and the server does not offer it";
            let missing = Failure::new(Stage::StartTls, Cause::Misconfigured(why));
            return if optional { Ok(connection) } else { Err(missing) };
        }
        let limit = self.smtp.command_timeout;
        let reply = connection.command(Stage::StartTls, b"STARTTLS", limit).await?;
        match done(Stage::StartTls, reply) {
            Ok(_) => {}
            Err(refusal) if optional && refusal.leaves_in_step() => return Ok(connection),
            Err(refusal) => return Err(refusal),
        }
        // Words in the clear behind the reply would be taken for the server's encrypted ones
        // (CVE-2011-0411).
        if !connection.unread.is_empty() {
            let injected = Cause::Malformed(Malformed("more than a reply to STARTTLS"));
            return Err(Failure::new(Stage::StartTls, injected));
        }
        connection = self.encrypt(connection).await?;
        // What was offered before may have been forged (RFC 3207 §4.2).
        self.hello(&mut connection).await?;
        Ok(connection)
    }

    async fn encrypt(&self, mut connection: Connection) -> Result<Connection, Failure> {
        let handshake = connection.stream.encrypt(&self.smtp.url.host, &self.tls);
        let stream = timeout(self.smtp.connect_timeout, handshake).await;
        connection.stream = stream.map_err(|_| Failure::new(Stage::Tls, Cause::TimedOut))??;
        Ok(connection)
    }

    /// Takes the password out of the server's words that repeat it, however late. One of a few
    /// letters only where it is a word of its own, or it would be found in every other.
    pub fn conceal(&self, mut said: Said) -> Said {
        if let Some(Credentials { user, password }) = &self.smtp.url.credentials {
            let password = password.expose_secret();
            let plain = Zeroizing::new(format!("\0{user}\0{password}"));
            let encoded =
                [plain.as_str(), password].map(|secret| Zeroizing::new(BASE64.encode(secret)));
            for secret in [password, &encoded[0], &encoded[1]] {
                said.theirs = masked(&said.theirs, secret);
            }
        }
        said
    }

    async fn authenticate(
        &self,
        connection: &mut Connection,
        Credentials { user, password }: &Credentials,
    ) -> Result<(), Failure> {
        let misconfigured = |why| Failure::new(Stage::Auth, Cause::Misconfigured(why));
        if self.smtp.url.tls == Tls::Opportunistic && !connection.stream.is_encrypted() {
            return Err(misconfigured("the password would go in the clear"));
        }
        let limit = self.smtp.command_timeout;
        let encoded = |secret: &str| Zeroizing::new(BASE64.encode(secret));
        let reply = if connection.offers.auth_plain {
            let plain = Zeroizing::new(format!("\0{user}\0{}", password.expose_secret()));
            let command = Zeroizing::new(format!("AUTH PLAIN {}", *encoded(&plain)));
            connection.command(Stage::Auth, command.as_bytes(), limit).await?
        } else if connection.offers.auth_login {
            let question = connection.command(Stage::Auth, b"AUTH LOGIN", limit).await?;
            asked(question)?;
            let question = connection.command(Stage::Auth, encoded(user).as_bytes(), limit).await?;
            asked(question)?;
            let secret = encoded(password.expose_secret());
            connection.command(Stage::Auth, secret.as_bytes(), limit).await?
        } else {
            return Err(misconfigured("the server offers neither PLAIN nor LOGIN"));
        };
        connection.flight.zeroize();
        done(Stage::Auth, reply).map(drop)
    }
}

/// A text without a secret.
fn masked(text: &str, secret: &str) -> String {
    let is_short = secret.chars().count() < SECRET_WITHIN_MIN_CHARS;
    let mut out = String::with_capacity(text.len());
    let mut rest = 0;
    // Nothing can be found of an empty one but its place.
    for (at, found) in text.match_indices(secret).filter(|(_, found)| !found.is_empty()) {
        let end = at + found.len();
        let touches = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let within = touches(text[..at].chars().next_back()) || touches(text[end..].chars().next());
        if !(is_short && within) {
            out.push_str(&text[rest..at]);
            out.push_str(MASK);
            rest = end;
        }
    }
    out.push_str(&text[rest..]);
    out
}

fn done(stage: Stage, reply: Reply) -> Result<Reply, Failure> {
    if reply.is_done() { Ok(reply) } else { Err(Failure::new(stage, Cause::Answered(reply))) }
}

/// AUTH LOGIN asks for the user and then for the password with 334.
fn asked(reply: Reply) -> Result<(), Failure> {
    if reply.code == 334 { Ok(()) } else { Err(Failure::new(Stage::Auth, Cause::Answered(reply))) }
}
