//! One message to one client on one channel, and its life.
//!
//! ```text
//!            claim            accepted
//!   ready ───────────▶ sending ───────────▶ sent
//!     ▲                 │ │ │ │ permanent, or attempts used up
//!     │ transient,      │ │ │ └───────────▶ dead
//!     │ throttled,      │ │ │ past its deadline
//!     │ lease of a      │ │ └─────────────▶ expired
//!     │ dead daemon     │ │ superseded before it left
//!     └─────────────────┘ └───────────────▶ withdrawn
//!                         (in doubt, where resending is not allowed: unknown)
//! ```
//!
//! A message is inserted `sending` already, leased to the dispatcher that has room for it, so
//! that a crash leaves it in doubt and never forgotten.

use std::hash::{DefaultHasher, Hash, Hasher};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::booking::Party;
use super::channel::Channel;
use super::id::{BookingId, ClientId, TenantId};
use super::kind::Kind;

/// A message's identity, on every attempt the same; it becomes the Message-ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MessageId(pub Uuid);

impl MessageId {
    /// Derives the id from what the message is: deciding the same command again at the same
    /// instant names the same message. The layout is UUID version 7, ordered by time.
    pub fn derive(
        now: Timestamp,
        tenant: &TenantId,
        cause: &str,
        kind: Kind,
        channel: Channel,
        client: &ClientId,
    ) -> Self {
        let word = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, tenant, cause, kind, channel, client).hash(&mut hasher);
            hasher.finish()
        };
        let mut random = [0; 10];
        random[..8].copy_from_slice(&word(0).to_be_bytes());
        random[8..].copy_from_slice(&word(1).to_be_bytes()[..2]);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a message tells; everything its text needs beyond the client and the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Facts {
    /// About one booking.
    Booking(BookingFacts),
    /// About the client's account.
    Account,
}

/// A booking as it stood when the message was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookingFacts {
    /// Which booking.
    pub booking: BookingId,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// The service's name.
    pub service: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// The start before it was moved.
    pub moved_from: Option<Timestamp>,
    /// Who cancelled.
    pub cancelled_by: Option<Party>,
    /// Why it was cancelled or declined.
    pub reason: Option<String>,
    /// iCalendar SEQUENCE.
    pub sequence: u32,
    /// Whether the tenant has still to agree to it.
    #[serde(default)]
    pub awaits_confirmation: bool,
}

/// A message as decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Its identity.
    pub id: MessageId,
    /// What it is about.
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    /// To whom.
    pub client: ClientId,
    /// When it is due.
    pub due: Timestamp,
    /// After this it is worthless.
    pub deadline: Option<Timestamp>,
    /// What it tells.
    pub facts: Facts,
}

impl Message {
    /// The booking it is about.
    pub fn booking(&self) -> Option<&BookingId> {
        match &self.facts {
            Facts::Booking(facts) => Some(&facts.booking),
            Facts::Account => None,
        }
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MessageStatus {
    /// Waits for its time or for room.
    Ready,
    /// Leased to a dispatcher.
    Sending,
    /// A provider accepted it.
    Sent,
    /// No provider will take it.
    Dead,
    /// Its deadline passed first.
    Expired,
    /// Superseded before it left.
    Withdrawn,
    /// Perhaps sent, and not to be sent twice.
    Unknown,
}

impl MessageStatus {
    /// Every status.
    pub const ALL: [MessageStatus; 7] = [
        MessageStatus::Ready,
        MessageStatus::Sending,
        MessageStatus::Sent,
        MessageStatus::Dead,
        MessageStatus::Expired,
        MessageStatus::Withdrawn,
        MessageStatus::Unknown,
    ];

    /// The name in the store, the API and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            MessageStatus::Ready => "ready",
            MessageStatus::Sending => "sending",
            MessageStatus::Sent => "sent",
            MessageStatus::Dead => "dead",
            MessageStatus::Expired => "expired",
            MessageStatus::Withdrawn => "withdrawn",
            MessageStatus::Unknown => "unknown",
        }
    }

    /// The status of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}
