//! `[retention]`: how long what is finished is kept.

use std::time::Duration;

use jiff::SignedDuration;
use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, s};

const DAY_SECONDS: u64 = 24 * 3600;
/// Longer than anything is planned for after the end of a visit.
const BOOKINGS_MIN: Duration = s(31 * DAY_SECONDS);
/// For ever, for all that anybody needs.
const SPAN_MAX: Duration = s(36_500 * DAY_SECONDS);

/// `[retention]`.
#[derive(Debug, Clone, Serialize)]
pub struct Retention {
    /// A booking, a session and the places in its queue, since they ended.
    #[serde(serialize_with = "span::iso")]
    pub bookings: Duration,
}

impl Retention {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self { bookings: section.span("bookings", BOOKINGS_MIN..=SPAN_MAX)? })
    }

    /// How long bookings are kept, as those who decide count time.
    pub(super) fn kept(&self) -> SignedDuration {
        SignedDuration::try_from(self.bookings).unwrap_or(SignedDuration::MAX)
    }
}
