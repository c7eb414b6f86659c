//! SMTP (RFC 5321): a dialogue of our own over pooled connections.
//!
//! ```text
//! pool ─▶ connection ─▶ transaction ─▶ reply ─▶ classify ─▶ Outcome
//!  ▲  (or: opening)         │
//!  └──── only if in step ◀──┘
//! ```
//!
//! Two things decide the design. *Speed*: a message costs two round trips, the envelope in one
//! flight where the server offers PIPELINING, then the message with its final dot in one; Nagle's
//! algorithm is off. *Certainty*: a failure knows whether the final dot may have reached the
//! server, since only then is the message in doubt, and a connection whose exchange was cut short
//! by a timeout or a dropped future is destroyed, because whoever used it next would read another
//! message's reply.

mod capabilities;
mod classify;
mod connection;
mod dot;
mod failure;
mod opening;
mod pool;
mod reply;
mod stream;
mod transaction;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustls::ClientConfig;

use crate::clock;
use crate::config::Smtp;
use crate::domain::outcome::Outcome;

use super::mail::Mail;
use connection::Connection;
use failure::Failure;
pub(super) use failure::io_words;
use opening::Server;
use pool::Pool;
use reply::Reply;
pub(super) use stream::tls_client_config;
use transaction::Delivery;

/// Sends to one server. How many at once is for the caller to limit.
pub(super) struct SmtpClient {
    server: Server,
    pool: Pool,
}

impl SmtpClient {
    pub fn new(provider: &Arc<str>, smtp: &Smtp, tls: Arc<ClientConfig>) -> Self {
        let pool = Pool::new(smtp.idle);
        Self { server: Server { provider: Arc::clone(provider), smtp: smtp.clone(), tls }, pool }
    }

    /// Sends `mail`: what came of it, in the server's words, which may hold an address.
    pub async fn send(&self, mail: &Mail) -> (Outcome, String) {
        match self.attempt(mail).await {
            Ok(reply) => (Outcome::Accepted, reply.to_string()),
            Err(failure) => (failure.outcome(), failure.words()),
        }
    }

    async fn attempt(&self, mail: &Mail) -> Result<Reply, Failure> {
        if let Some(connection) = self.pool.take(clock::instant()) {
            match self.deliver(connection, mail).await {
                Err(failure) if failure.is_stale() => self.pool.drop_all(),
                result => return result,
            }
        }
        let fresh = self.server.open().await?;
        self.deliver(fresh, mail).await
    }

    async fn deliver(&self, connection: Connection, mail: &Mail) -> Result<Reply, Failure> {
        let smtp = &self.server.smtp;
        let Delivery { result, connection } = connection.deliver(mail, smtp).await;
        if let Some(connection) = connection {
            let spent = connection.served >= smtp.messages_per_connection;
            let retired =
                if spent { Some(connection) } else { self.pool.put(connection, clock::instant()) };
            if let Some(connection) = retired {
                connection.quit().await;
            }
        }
        result
    }

    /// Takes leave on every connection that waits; those in use follow when they are done.
    pub async fn close(&self) {
        for connection in self.pool.close() {
            connection.quit().await;
        }
    }
}
