//! Gateways that speak HTTP/1.1 (RFC 9112), over a pool of connections of our own.
//!
//! ```text
//!       wallet (where a token must be fetched first)
//!         │
//! pool ─▶ connection ─▶ exchange ─▶ answer ─▶ Gateway::read ─▶ Outcome
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
//! What is in doubt is found out where that can be ([`doubts`]): by sending it again to a gateway
//! that knows it again, or by asking one that can say whether it has it.
//!
//! Connections are used again, since a handshake takes longer than most requests. One that the
//! gateway has closed meanwhile is found out before anything is written to it: the kernel is asked,
//! not the reactor, which may not have heard of it yet. What is left is a gateway that closes while
//! the request travels: that message is in doubt, which is why a connection is used again only for
//! a short time (`idle`).

mod connection;
mod dial;
mod doubts;
mod failure;
mod pages;
mod pool;
mod wallet;
mod wire;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use super::errand::Errand;
use super::said::Said;
use super::tried::{Tried, Wanted};
use crate::clock;
use crate::config::HttpGateway;
use crate::domain::outcome::{Outcome, Scope};
use crate::gateways::{Content, Facts, Gateway, Outgoing, Reach, Target, Unwritable};
use connection::{Heard, Leaving};
use failure::Failure;
pub use pages::Pages;
use wallet::Wallet;
use wire::Wire;

/// A gateway is asked again for a message in doubt after so long, each time that nobody knows
/// whether it took it; others have its place meanwhile.
pub(super) const ASK_AGAIN: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(10)];

/// Says in which trace a request is sent, and in which span (W3C Trace Context).
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Sends to one gateway. How many messages at once is for the caller to limit.
pub(super) struct HttpClient {
    settings: HttpGateway,
    wire: Wire,
    wallet: Wallet,
    /// Where its receipts are to go, without what says for which message.
    hook: Option<String>,
    ask_again: [Duration; 2],
    closing: CancellationToken,
    cut: CancellationToken,
}

impl HttpClient {
    /// Connects to nothing yet, and keeps as many connections as messages may be under way
    /// `at_once`. `hook` is where the gateway's receipts are to go.
    pub fn new(
        settings: &HttpGateway,
        at_once: usize,
        tls: Arc<ClientConfig>,
        hook: Option<String>,
    ) -> Self {
        Self {
            wire: Wire::new(&settings.terms, at_once, tls, settings.gateway.network()),
            wallet: Wallet::default(),
            settings: settings.clone(),
            hook,
            ask_again: ASK_AGAIN,
            closing: CancellationToken::new(),
            cut: CancellationToken::new(),
        }
    }

    /// Tries once, and finds out what it can where that leaves the message in doubt. `None` if it
    /// was cut off before anything of it could be taken.
    pub async fn send(&self, errand: &dyn Errand, wanted: Wanted<'_>) -> Option<Tried> {
        let since = clock::now();
        let tried = self.attempt(errand, wanted).await?;
        Some(match tried.outcome {
            Outcome::InDoubt => self.doubts(tried, since, errand, wanted).await,
            _ => tried,
        })
    }

    /// Whether the time passed, there is a place again, and the daemon does not stop.
    pub async fn rests(&self, pause: Duration, wanted: Wanted<'_>) -> bool {
        tokio::select! {
            biased;
            () = self.closing.cancelled() => false,
            is_back = wanted.rests(pause) => is_back,
        }
    }

    /// Whether it can reach the device with this token.
    pub fn reach(&self, token: &str) -> Reach {
        self.gateway().reach(token)
    }

    async fn attempt(&self, errand: &dyn Errand, wanted: Wanted<'_>) -> Option<Tried> {
        if let Some(tried) = self.does_not_reach(errand) {
            return Some(tried);
        }
        let (target, request) = match self.request(errand) {
            Ok(written) => written,
            // Another gateway may have no such place.
            Err(Unwritable { why }) => {
                let outcome = Outcome::Permanent(Scope::Provider);
                return Some(Tried::message(outcome, Said::by_us(why)));
            }
        };
        let left = AtomicBool::new(false);
        let ended = tokio::select! {
            biased;
            ended = self.ask(&target, request, errand, wanted, &left) => ended,
            () = self.cut.cancelled() => {
                if !left.load(Ordering::Relaxed) {
                    return None;
                }
                Err(Failure::CutOff)
            }
        };
        let tried = ended.unwrap_or_else(|failure| failure.tried(&target));
        // Of a server that a message names, nothing follows for others.
        let of_device = self.gateway().target().is_none();
        Some(Tried { of_device, of_provider: tried.of_provider && !of_device, ..tried })
    }

    /// What comes of a notification for a device that is not this gateway's.
    fn does_not_reach(&self, errand: &dyn Errand) -> Option<Tried> {
        let Content::Push { token, .. } = errand.content() else { return None };
        let (scope, why) = match self.reach(token) {
            Reach::Here => return None,
            Reach::Elsewhere => {
                (Scope::Provider, "the token is another kind of gateway's".to_owned())
            }
            Reach::Nowhere(why) => (Scope::Address, format!("the token {why}")),
        };
        let tried = Tried::message(Outcome::Permanent(scope), Said::by_us(why));
        Some(Tried { of_device: true, ..tried })
    }

    /// With what must be fetched first, if anything; where that is refused, once more with another.
    async fn ask(
        &self,
        target: &Target,
        mut request: Leaving,
        errand: &dyn Errand,
        wanted: Wanted<'_>,
        left: &AtomicBool,
    ) -> Result<Tried, Failure> {
        let gateway = self.gateway();
        let mut is_first = true;
        loop {
            let Some(credential) = gateway.credential() else {
                let heard = self.wire.exchange(target, &request, wanted, left).await?;
                return Ok(self.judge(&heard, errand));
            };
            let authorization = match self.wallet.get(gateway, credential, &self.wire).await {
                Ok(authorization) => authorization,
                Err(tried) => return Ok(tried),
            };
            request.headers_mut().insert(AUTHORIZATION, authorization.clone());
            let heard = self.wire.exchange(target, &request, wanted, left).await?;
            let is_refused = is_first && credential.is_refused(heard.answer());
            if !is_refused || !self.wallet.throws_away(&authorization, clock::instant()) {
                return Ok(self.judge(&heard, errand));
            }
            // It was not taken.
            left.store(false, Ordering::Relaxed);
            is_first = false;
        }
    }

    fn gateway(&self) -> &dyn Gateway {
        &*self.settings.gateway
    }

    fn request(&self, errand: &dyn Errand) -> Result<(Target, Leaving), Unwritable> {
        let (target, mut request) =
            self.with_facts(errand, |facts| self.gateway().request(facts).map(leaving))?;
        // Not to a server that a message names: it is a stranger.
        let trace = errand.heading().trace.filter(|_| self.gateway().target().is_some());
        if let Some(trace) = trace.and_then(|trace| HeaderValue::try_from(trace.to_string()).ok()) {
            request.headers_mut().entry(TRACEPARENT).or_insert(trace);
        }
        Ok((target, request))
    }

    /// What a message is, for a request.
    fn with_facts<T>(&self, errand: &dyn Errand, then: impl FnOnce(&Facts<'_>) -> T) -> T {
        let heading = errand.heading();
        let message = heading.message.to_string();
        let hook = self.hook.as_ref().zip(heading.code.as_ref());
        let callback = hook.map(|(hook, code)| format!("{hook}?m={message}.{code}"));
        then(&Facts {
            message: &message,
            tenant: heading.tenant.as_str(),
            kind: heading.kind.as_str(),
            content: errand.content(),
            deadline: heading.deadline,
            now: clock::now(),
            callback: callback.as_deref(),
        })
    }

    fn judge(&self, heard: &Heard, errand: &dyn Errand) -> Tried {
        let (gateway, answer) = (self.gateway(), heard.answer());
        let verdict = gateway.read(answer, clock::now());
        let said = Said::by_them(gateway.words(answer, &errand.text()));
        Tried { reference: verdict.id, ..Tried::message(verdict.outcome, said) }
    }

    /// Asks nobody again; connections close as they become free.
    pub fn close(&self) {
        self.closing.cancel();
        self.wire.pool.close();
    }

    /// Ends what is under way: it had its time.
    pub fn cut(&self) {
        self.cut.cancel();
    }
}

/// A request, and where it goes.
fn leaving(Outgoing { target, request }: Outgoing<'_>) -> (Target, Leaving) {
    (target.into_owned(), request.map(|body| Full::new(Bytes::from(body))))
}
