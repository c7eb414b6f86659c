//! What requests are sent with that must be fetched first, and is good for a time (RFC 6749 §4).

use std::fmt;
use std::time::Duration;

use ::http::{HeaderValue, StatusCode};
use jiff::Timestamp;

use super::answer::Answer;
use super::outgoing::{Outgoing, Unwritable};
use crate::domain::outcome::{Outcome, Scope};

/// A gateway's way to its access tokens.
pub trait Credential: fmt::Debug + Send + Sync {
    /// The request for one.
    ///
    /// # Errors
    /// If it cannot be written.
    fn request(&self, now: Timestamp) -> Result<Outgoing<'_>, Unwritable>;

    /// What the answer brings.
    ///
    /// # Errors
    /// Why it brings none.
    fn read(&self, answer: Answer<'_>, now: Timestamp) -> Result<Grant, Denied>;

    /// Whether this answer to a message says that the token is good for nothing any more. Another
    /// is then fetched, once for each message, and the message sent with that.
    fn is_refused(&self, answer: Answer<'_>) -> bool {
        answer.status == StatusCode::UNAUTHORIZED
    }
}

/// What was granted.
#[derive(Debug, Clone)]
pub struct Grant {
    /// The header `Authorization` of requests, marked as not to be shown.
    pub authorization: HeaderValue,
    /// How long it is good for.
    pub lives: Duration,
}

impl Grant {
    /// A bearer token (RFC 6750 §2.1); nothing if it is none.
    pub fn bearer(token: &str, lives: Duration) -> Option<Self> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
        authorization.set_sensitive(true);
        Some(Self { authorization, lives })
    }
}

/// Why nothing was granted. It says nothing of any message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// The key, the account or the address is wrong.
    Configuration,
    /// The provider wants less.
    Throttled {
        /// For how long, if it said so.
        after: Option<Duration>,
    },
    /// It may be granted later.
    Transient,
}

impl Denied {
    /// What that means for whatever was to be sent.
    pub fn outcome(self) -> Outcome {
        match self {
            Denied::Configuration => Outcome::Permanent(Scope::Configuration),
            Denied::Throttled { after } => Outcome::Throttled { after },
            Denied::Transient => Outcome::Transient,
        }
    }
}
