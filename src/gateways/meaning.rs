//! What an answer can mean, and what it means where nothing but its status says so.

use std::time::Duration;

use ::http::StatusCode;

use crate::domain::outcome::{Outcome, Scope};

/// What an answer can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Taken.
    Accepted,
    /// Not now: the gateway has too much to do.
    Throttled,
    /// Not taken, but may be later.
    Transient,
    /// Not taken, and never will be.
    Permanent,
    /// Nothing will ever arrive at this number.
    BadAddress,
    /// The number's owner wants nothing more.
    OptedOut,
    /// Something is wrong at our end: a key, an account, an address.
    Configuration,
}

impl Meaning {
    /// Where nothing else decides.
    pub fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            200..=299 => Meaning::Accepted,
            408 | 425 | 429 => Meaning::Throttled,
            // A redirect is not followed: the url leads to where the gateway was.
            300..=399 | 401 | 403 | 404 => Meaning::Configuration,
            400..=499 => Meaning::Permanent,
            _ => Meaning::Transient,
        }
    }

    /// For the message; `after` is what a gateway asks for that wants less.
    pub fn outcome(self, after: Option<Duration>) -> Outcome {
        match self {
            Meaning::Accepted => Outcome::Accepted,
            Meaning::Throttled => Outcome::Throttled { after },
            Meaning::Transient => Outcome::Transient,
            Meaning::Permanent => Outcome::Permanent(Scope::Message),
            // Nothing more is to go to either.
            Meaning::BadAddress | Meaning::OptedOut => Outcome::Permanent(Scope::Address),
            Meaning::Configuration => Outcome::Permanent(Scope::Configuration),
        }
    }
}
