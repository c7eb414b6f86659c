//! What a gateway is shown that must be fetched first: access tokens.
//!
//! ```text
//!   nothing ──fetch──▶ fresh ──time──▶ ageing ──time──▶ nothing
//!      ▲ one at a time,  ▲ └─refused─┐    │ one fetches,
//!      │ the others wait └───────────│────┘ the others use what is there
//!      └─────────────────────────────┘
//! ```
//!
//! Who was given none is not asked again at once: what waited for it fails alike. No message was
//! mentioned by then.

use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use tokio::sync::Mutex as Turns;

use super::wire::Wire;
use crate::clock;
use crate::domain::outcome::{Outcome, Scope};
use crate::egress::said::Said;
use crate::egress::tried::Tried;
use crate::gateways::{Credential, Gateway, Grant};

/// A token is renewed in the last tenth of its time, and at most so long before its end.
const RENEWAL_MAX: Duration = Duration::from_secs(300);
/// How long nobody is asked again who gave none.
const REST: Duration = Duration::from_secs(5);
/// A token that is refused so soon after it was given is refused for something else.
const YOUNG: Duration = Duration::from_secs(30);

/// No token is taken to be good for longer.
const LIFE_MAX: Duration = Duration::from_secs(24 * 3600);

/// Holds one token.
#[derive(Default)]
pub(super) struct Wallet {
    held: Mutex<Option<Held>>,
    /// Whose turn it is to fetch one; with it, why there was none the last time.
    turn: Turns<Option<Refused>>,
}

#[derive(Clone)]
struct Held {
    authorization: HeaderValue,
    since: Instant,
    /// When it is to be renewed…
    ages: Instant,
    /// …and when it is good for nothing.
    ends: Instant,
}

/// Why there is none.
#[derive(Clone)]
struct Refused {
    outcome: Outcome,
    said: Said,
    at: Instant,
}

impl Wallet {
    /// The header that requests are sent with. The error is what came of the message: it was not
    /// mentioned.
    pub async fn get(
        &self,
        gateway: &dyn Gateway,
        credential: &dyn Credential,
        wire: &Wire,
    ) -> Result<HeaderValue, Tried> {
        let now = clock::instant();
        if let Some(held) = self.held_at(now) {
            if now < held.ages {
                return Ok(held.authorization);
            }
            let Ok(mut turn) = self.turn.try_lock() else { return Ok(held.authorization) };
            let fetched = self.fetched(&mut turn, gateway, credential, wire).await;
            return Ok(fetched.unwrap_or(held.authorization));
        }
        let mut turn = self.turn.lock().await;
        // Who had the turn before may have brought it.
        if let Some(held) = self.held_at(clock::instant()) {
            return Ok(held.authorization);
        }
        let fetched = self.fetched(&mut turn, gateway, credential, wire).await;
        fetched.map_err(|Refused { outcome, said, .. }| Tried {
            of_provider: true,
            ..Tried::message(outcome, said)
        })
    }

    /// A request with this was refused for it: throws it away. Says whether another is worth a try.
    pub fn throws_away(&self, refused: &HeaderValue, now: Instant) -> bool {
        let mut slot = self.held();
        match &*slot {
            Some(held) if held.authorization == *refused => {
                let is_old = now.saturating_duration_since(held.since) >= YOUNG;
                if is_old {
                    *slot = None;
                }
                is_old
            }
            _ => true,
        }
    }

    async fn fetched(
        &self,
        turn: &mut Option<Refused>,
        gateway: &dyn Gateway,
        credential: &dyn Credential,
        wire: &Wire,
    ) -> Result<HeaderValue, Refused> {
        let is_recent = |of: &&Refused| clock::since(of.at) < REST;
        if let Some(refused) = turn.as_ref().filter(is_recent) {
            return Err(refused.clone());
        }
        *turn = None;
        match fetch(gateway, credential, wire).await {
            Ok(grant) => Ok(self.keep(grant)),
            Err((outcome, said)) => {
                let refused = Refused { outcome, said, at: clock::instant() };
                *turn = Some(refused.clone());
                Err(refused)
            }
        }
    }

    fn keep(&self, grant: Grant) -> HeaderValue {
        let (authorization, lives) = (grant.authorization, grant.lives.min(LIFE_MAX));
        let since = clock::instant();
        let ages = since + (lives - RENEWAL_MAX.min(lives / 10));
        let held = Held { authorization: authorization.clone(), since, ages, ends: since + lives };
        *self.held() = Some(held);
        authorization
    }

    fn held_at(&self, now: Instant) -> Option<Held> {
        self.held().clone().filter(|held| now < held.ends)
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks for one.
async fn fetch(
    gateway: &dyn Gateway,
    credential: &dyn Credential,
    wire: &Wire,
) -> Result<Grant, (Outcome, Said)> {
    let outgoing = credential.request(clock::now()).map_err(|unwritable| {
        (Outcome::Permanent(Scope::Configuration), Said::by_us(unwritable.why))
    })?;
    let request = outgoing.request.map(|body| Full::new(Bytes::from(body)));
    let left = AtomicBool::new(false);
    let heard = wire.exchange(&outgoing.target, &request, &|| true, &left).await;
    let heard = heard.map_err(|failure| {
        let why = failure.words(&outgoing.target);
        (Outcome::Transient, Said::by_us(format!("token: {why}")))
    })?;
    credential.read(heard.answer(), clock::now()).map_err(|denied| {
        let theirs = gateway.words(heard.answer(), "");
        (denied.outcome(), Said { ours: "token: ".to_owned(), theirs })
    })
}
