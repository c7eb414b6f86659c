//! SMTP (RFC 5321): a dialogue of our own over pooled connections.
//!
//! ```text
//! pool ─▶ connection ─▶ transaction ─▶ reply ─▶ classify ─▶ Outcome
//!  ▲  (or: opening)         │
//!  └──── only if in step ◀──┘
//!
//!   us  │ MAIL RCPT DATA      │ message 1 . MAIL RCPT DATA     │ message 2 . …
//!   it  │           250 250 354                │ 250 250 250 354             │ …
//! ```
//!
//! Two things decide the design. *Speed*: where the server offers PIPELINING and messages wait,
//! each costs one round trip, because the next one's envelope goes in the flight that ends the one
//! before (RFC 2920 §3.1); Nagle's algorithm is off. *Certainty*: a failure knows whether the final
//! dot may have reached the server, since only then is the message in doubt, and a connection whose
//! exchange was cut short by a timeout or a dropped future is destroyed, because whoever used it
//! next would read another message's reply.

mod capabilities;
mod classify;
mod connection;
mod dot;
mod envelope;
mod failure;
mod handshake;
mod mailbox;
mod opening;
mod pool;
mod progress;
mod reply;
mod stage;
mod stream;
mod transaction;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::clock;
use crate::config::{Smtp, SmtpUrl};
use crate::domain::outcome::Outcome;

use super::mail::Mail;
use super::said::Said;
use super::tried::{Tried, Wanted};
use connection::Connection;
use envelope::Envelope;
use failure::Failure;
pub(super) use handshake::{tls_by, tls_client_config, tls_of};
use opening::Server;
use pool::{Place, Pool};
use progress::Progress;
use reply::Reply;
use stage::{Cause, Stage};
use transaction::{Delivery, Load};

/// Messages that may be under way over one connection: one whose verdict is awaited, and one
/// whose envelope goes along with it.
pub(super) const PER_CONNECTION: usize = 2;

/// The longest wait for a connection: past it the message is tried again later, perhaps elsewhere.
const PLACE_WAIT_MAX: Duration = Duration::from_secs(30);

/// Sends to one server. How many messages at once is for the caller to limit:
/// [`PER_CONNECTION`] times the connections is how many can be under way.
pub(super) struct SmtpClient {
    server: Server,
    pool: Pool,
    cut: CancellationToken,
}

impl SmtpClient {
    pub fn new(
        provider: &Arc<str>,
        smtp: &Smtp,
        connections: usize,
        tls: Arc<ClientConfig>,
    ) -> Self {
        let pool = Pool::new(connections, smtp.idle);
        let server = Server::new(Arc::clone(provider), smtp.clone(), tls);
        Self { server, pool, cut: CancellationToken::new() }
    }

    /// Sends `mail` if it is still `wanted` once there is a connection, and once the server says
    /// that it may come: what came of it, and what is said of it. `None` if it was cut off before
    /// any of it could be taken.
    pub async fn send(&self, mail: &Mail, wanted: Wanted<'_>) -> Option<Tried> {
        let progress = Progress::default();
        let ended = tokio::select! {
            biased;
            ended = self.attempt(mail, wanted, &progress) => ended,
            () = self.cut.cancelled() => {
                if !progress.may_have_arrived() {
                    return None;
                }
                Err(Failure::new(Stage::Final, Cause::CutOff))
            }
        };
        let (outcome, said, of_provider) = match ended {
            Err(Failure { cause: Cause::KeptBack(why), .. }) => return Some(Tried::kept_back(why)),
            Ok(reply) => {
                let said = self.server.conceal(Said::by_them(reply.to_string()));
                // What tells us of its mails calls them so.
                let told = self.server.smtp.telling.as_ref().and_then(|_| reply.id());
                let reference = told.map(str::to_owned);
                return Some(Tried { reference, ..Tried::message(Outcome::Accepted, said) });
            }
            Err(failure) => {
                let SmtpUrl { host, port, .. } = &self.server.smtp.url;
                let said = failure.said(&format!("{host}:{port}"));
                (failure.outcome(), said, failure.is_of_server())
            }
        };
        let said = self.server.conceal(said);
        Some(Tried { of_provider, ..Tried::message(outcome, said) })
    }

    async fn attempt(
        &self,
        mail: &Mail,
        wanted: Wanted<'_>,
        progress: &Progress,
    ) -> Result<Reply, Failure> {
        let envelope = Envelope::of(mail);
        loop {
            let place = self.pool.place(&envelope, clock::instant());
            let place = timeout(PLACE_WAIT_MAX, place).await;
            match place.map_err(|_| Failure::new(Stage::Connect, Cause::Busy))? {
                Place::Served(connection) => {
                    // Unless our envelope is on its way, nothing may have been said since.
                    if !connection.ahead && connection.expect_silence(Stage::Mail).is_err() {
                        continue;
                    }
                    match self.deliver(connection, mail, &envelope, wanted, progress).await {
                        Err(failure) if failure.is_stale() => self.pool.drop_idle(),
                        result => return result,
                    }
                }
                Place::Seat(seat) => {
                    let fresh = self.server.open(seat).await?;
                    return self.deliver(fresh, mail, &envelope, wanted, progress).await;
                }
            }
        }
    }

    async fn deliver(
        &self,
        connection: Connection,
        mail: &Mail,
        envelope: &Envelope,
        wanted: Wanted<'_>,
        progress: &Progress,
    ) -> Result<Reply, Failure> {
        let smtp = &self.server.smtp;
        let most = smtp.messages_per_connection;
        let next = |connection: &Connection| {
            // This message is not counted yet.
            let goes_on = connection.served.saturating_add(1) < most;
            if goes_on { self.pool.next(&connection.offers) } else { None }
        };
        let load = Load { mail, envelope, wanted, progress, next: &next };
        let Delivery { result, connection, next } = connection.deliver(&load, smtp).await;
        let retired = match (connection, next) {
            (Some(connection), Some(next)) => {
                // Whoever gave up waiting leaves a connection that is out of step: it is dropped.
                drop(next.send(connection));
                None
            }
            (Some(connection), None) if connection.served >= most => Some(connection),
            (Some(connection), None) => self.pool.put(connection, clock::instant()),
            (None, _) => None,
        };
        if let Some(connection) = retired {
            connection.quit().await;
        }
        result
    }

    /// Takes leave on every connection that waits; those in use follow when they are done.
    pub async fn close(&self) {
        for connection in self.pool.close() {
            connection.quit().await;
        }
    }

    /// Ends what is under way: it had its time.
    pub fn cut(&self) {
        self.cut.cancel();
    }
}
