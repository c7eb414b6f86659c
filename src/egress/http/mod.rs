//! Gateways that speak HTTP/1.1 (RFC 9112), over a pool of connections of our own.
//!
//! ```text
//! pool ─▶ connection ─▶ exchange ─▶ answer ─▶ gateways::read ─▶ Outcome
//!  ▲  (or: dial)           │
//!  └── only if it is whole ◀┘
//! ```
//!
//! What decides the design is *certainty*: nobody is to get a text message twice, and none is to be
//! given up that could have been sent. So connecting is a step of its own, before the message gets
//! its leave to go: what fails until then was not taken, whatever the reason. From the moment that
//! a request is handed to its connection, the library tells one thing for certain, whether it was
//! given back unwritten; every other end without a whole answer is in doubt, also where only half
//! of the request may have left. A client that connects by itself, as most do, could tell neither
//! apart, nor ask for leave in between.
//!
//! Connections are used again, since a handshake takes longer than most requests. One that the
//! gateway has closed meanwhile is found out before anything is written to it: the kernel is asked,
//! not the reactor, which may not have heard of it yet. What is left is a gateway that closes while
//! the request travels: that message is in doubt, which is why a connection is used again only for
//! a short time (`idle`).

mod connection;
mod dial;
mod failure;
mod pool;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use super::errand::Errand;
use super::said::Said;
use super::tried::{Tried, Wanted};
use crate::clock;
use crate::config::HttpGateway;
use crate::domain::outcome::{Outcome, Scope};
use crate::gateways::{Answer, Facts};
use connection::{Connection, Exchange, Heard, Outgoing};
use dial::Dialer;
use failure::Failure;
use pool::Pool;

/// A gateway that knows a message again is asked again after so long, each time that nobody knows
/// whether it took it; others have its place meanwhile.
pub(super) const ASK_AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// Sends to one gateway. How many messages at once is for the caller to limit.
pub(super) struct HttpClient {
    settings: HttpGateway,
    dialer: Dialer,
    pool: Pool,
    /// Where its receipts are to go, without what says for which message.
    hook: Option<String>,
    ask_again: [Duration; 2],
    closing: CancellationToken,
    cut: CancellationToken,
}

impl HttpClient {
    /// Connects to nothing yet. `hook` is where the gateway's receipts are to go.
    pub fn new(settings: &HttpGateway, tls: Arc<ClientConfig>, hook: Option<String>) -> Self {
        Self {
            dialer: Dialer::new(settings, tls),
            pool: Pool::new(settings.idle),
            settings: settings.clone(),
            hook,
            ask_again: ASK_AGAIN,
            closing: CancellationToken::new(),
            cut: CancellationToken::new(),
        }
    }

    /// Tries once; a gateway that knows a message again is asked again for one that is in doubt.
    /// `None` if it was cut off before anything of it could be taken.
    pub async fn send(&self, errand: &dyn Errand, wanted: Wanted<'_>) -> Option<Tried> {
        let mut tried = self.attempt(errand, wanted).await?;
        if !self.settings.idempotent {
            return Some(tried);
        }
        for pause in self.ask_again {
            let is_over = tried.outcome != Outcome::InDoubt;
            if is_over || !self.rests(pause, wanted).await || !wanted.is_wanted() {
                break;
            }
            // What the gateway does not judge now says nothing of what it took before.
            match self.attempt(errand, wanted).await {
                Some(again) if again.outcome.is_served() == Some(true) => tried = again,
                _ => {}
            }
        }
        Some(tried)
    }

    /// Whether the time passed, there is a place again, and the daemon does not stop.
    pub async fn rests(&self, pause: Duration, wanted: Wanted<'_>) -> bool {
        tokio::select! {
            biased;
            () = self.closing.cancelled() => false,
            is_back = wanted.rests(pause) => is_back,
        }
    }

    async fn attempt(&self, errand: &dyn Errand, wanted: Wanted<'_>) -> Option<Tried> {
        let request = match self.request(errand) {
            Ok(request) => request,
            // Another gateway may have no such place.
            Err(why) => {
                let outcome = Outcome::Permanent(Scope::Provider);
                return Some(Tried::message(outcome, Said::by_us(why)));
            }
        };
        let left = AtomicBool::new(false);
        let ended = tokio::select! {
            biased;
            ended = self.exchange(&request, wanted, &left) => ended,
            () = self.cut.cancelled() => {
                if !left.load(Ordering::Relaxed) {
                    return None;
                }
                Err(Failure::CutOff)
            }
        };
        Some(match ended {
            Ok(heard) => self.judge(&heard, errand),
            Err(failure) => failure.tried(&self.dialer.target),
        })
    }

    /// Over a connection that is there, or a new one.
    async fn exchange(
        &self,
        request: &Outgoing,
        wanted: Wanted<'_>,
        left: &AtomicBool,
    ) -> Result<Heard, Failure> {
        loop {
            let idle = self.pool.take(clock::instant());
            let is_fresh = idle.is_none();
            let mut connection = match idle {
                Some(connection) => connection,
                None => self.dialer.dial().await?,
            };
            if let Err(why) = wanted.leaves().await {
                self.pool.put(connection, clock::instant());
                return Err(Failure::KeptBack(why.to_owned()));
            }
            left.store(true, Ordering::Relaxed);
            let patience = self.settings.answer_timeout;
            match connection.exchange(request.clone(), patience).await {
                Exchange::Answered(heard) => {
                    self.keep(connection, &heard);
                    return Ok(heard);
                }
                Exchange::Lost(failure) => return Err(failure),
                Exchange::NotWritten => {
                    left.store(false, Ordering::Relaxed);
                    if is_fresh {
                        return Err(Failure::Closed);
                    }
                }
            }
        }
    }

    fn keep(&self, connection: Connection, heard: &Heard) {
        if heard.is_whole {
            self.pool.put(connection, clock::instant());
        }
    }

    fn request(&self, errand: &dyn Errand) -> Result<Outgoing, String> {
        let heading = errand.heading();
        let message = heading.message.to_string();
        let hook = self.hook.as_ref().zip(heading.code.as_ref());
        let callback = hook.map(|(hook, code)| format!("{hook}?m={message}.{code}"));
        let facts = Facts {
            message: &message,
            tenant: heading.tenant.as_str(),
            kind: heading.kind.as_str(),
            content: errand.content(),
            deadline: heading.deadline,
            now: clock::now(),
            callback: callback.as_deref(),
        };
        let request = self.settings.gateway.request(&facts).map_err(|unwritable| unwritable.why)?;
        Ok(request.map(|body| Full::new(Bytes::from(body))))
    }

    fn judge(&self, heard: &Heard, errand: &dyn Errand) -> Tried {
        let gateway = &self.settings.gateway;
        let Heard { status, headers, body, is_cut, .. } = heard;
        let answer = Answer { status: *status, headers, body, is_cut: *is_cut };
        let verdict = gateway.read(answer, clock::now());
        let said = Said::by_them(gateway.words(answer, &errand.text()));
        Tried { reference: verdict.id, ..Tried::message(verdict.outcome, said) }
    }

    /// Asks nobody again; connections close as they become free.
    pub fn close(&self) {
        self.closing.cancel();
        self.pool.close();
    }

    /// Ends what is under way: it had its time.
    pub fn cut(&self) {
        self.cut.cancel();
    }
}
