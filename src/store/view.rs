//! What is read from the store for people and for upstream apps.

use std::sync::Arc;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::booking::Booking;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, MessageId};
use crate::domain::reply::Keyword;
use crate::domain::session::{Entry, Session};
use crate::domain::settings::Settings;

/// Of one tenant so many messages of each sort are counted, and no more.
pub const COUNTED_MAX: u32 = 1000;

/// What waits in the store, and what was given up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backlog {
    /// What should have left by now, whether it waits here, in memory or for its next attempt.
    pub waiting: Vec<Waiting>,
    /// Messages that no provider will take.
    pub dead: u64,
    /// Messages that may have been sent and are not sent again.
    pub unknown: u64,
    /// Messages that this version cannot read.
    pub unreadable: u64,
    /// Timers that this version cannot read.
    pub unreadable_timers: u64,
}

/// What lies behind a reader of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unread {
    /// How many events there are.
    pub events: u64,
    /// When the first of them was written.
    pub since: Option<Timestamp>,
}

/// Messages of one kind on one channel that have been due and are not settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// How they are to leave.
    pub channel: Channel,
    pub kind: Kind,
    /// Who was asked last; `None` where nobody was yet.
    pub provider: Option<String>,
    /// How many there are.
    pub messages: u64,
    pub first_due: Timestamp,
}

/// A tenant whose messages of one lane should have left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Late {
    pub tenant: String,
    /// How many there are.
    pub messages: u64,
    pub first_due: Timestamp,
}

/// A client to whom nothing goes on some channels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "SuppressedClient")]
pub struct SuppressedView {
    pub client: String,
    /// By channel.
    pub suppressed: Vec<SuppressionView>,
}

/// An address to which nothing goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Suppression")]
pub struct SuppressionView {
    #[schemars(with = "String")]
    pub channel: Channel,
    /// `bad_address` or `complained`; nothing where an older version noted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// Since when; likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// SHA-256 of the address as it was registered, in hexadecimal; nothing where it is several
    /// devices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_hash: Option<String>,
}

impl SuppressedView {
    /// What there is to say of this one.
    pub fn of(client: &Client) -> Self {
        let suppressed = client.suppressed.iter().map(|channel| {
            let mark = client.suppressed_since.get(&channel);
            SuppressionView {
                channel,
                reason: mark.map(|mark| mark.why.as_str()),
                since: mark.map(|mark| mark.at),
                address_hash: client.address_hash(channel),
            }
        });
        Self { client: client.id.to_string(), suppressed: suppressed.collect() }
    }
}

/// What was told by a text message with a short link.
#[derive(Debug, Clone)]
pub struct Linked {
    pub tenant: TenantId,
    pub message: MessageId,
    pub kind: Kind,
    pub client: ClientId,
    pub facts: Facts,
}

/// A tenant that a text message may be for, by the number it was sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    pub tenant: TenantId,
    /// By which its clients say that they write to it.
    pub keywords: Vec<Keyword>,
    /// Whether the number is known to be its, else it is only where the text begins with a keyword.
    pub is_theirs: bool,
}

/// Who writes, and to whom, as of now.
#[derive(Debug, Clone)]
pub struct Correspondents {
    pub settings: Arc<Settings>,
    /// The client; `None` where they are not known, or no more.
    pub client: Option<Arc<Client>>,
}

/// Something of a client's, with who has to do with it, as of now.
#[derive(Debug, Clone)]
pub struct Concern {
    pub who: Correspondents,
    /// The place in a queue that was asked for.
    pub entry: Option<Entry>,
    /// The booking that was asked for, or the one that came of the place.
    pub booking: Option<Booking>,
    pub session: Option<Session>,
}

/// One thing to tell and what was decided of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TellingView {
    /// When it was decided.
    pub at: Timestamp,
    /// The command that caused it.
    pub cause: String,
    pub kind: String,
    pub client: String,
    pub booking: Option<String>,
    /// Per channel: a message's id or a reason.
    pub channels: Vec<ChannelVerdict>,
}

/// Whom and what tellings are about; whatever of it is said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldOf {
    pub client: Option<ClientId>,
    pub booking: Option<BookingId>,
}

/// A telling, and its place among all of them.
pub type PlacedTelling = (i64, TellingView);

/// What was decided of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct ChannelVerdict {
    pub channel: String,
    /// The message that goes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<String>,
    /// Or why none goes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The message that was given up on another channel, if this takes its place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub fallback_of: Option<String>,
}

/// A message as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MessageView {
    pub message: String,
    pub kind: String,
    pub channel: String,
    pub client: String,
    pub booking: Option<String>,
    pub status: String,
    pub due: Timestamp,
    /// Attempts that counted.
    pub attempts: u32,
    /// Attempts after which it may have arrived; they do not count.
    pub doubts: u32,
    /// How often the daemon died while it had the message in hand, and nothing of it had left.
    pub crashes: u32,
    /// Who was asked last.
    pub provider: Option<String>,
    pub reply: Option<String>,
    pub settled_at: Option<Timestamp>,
    /// How far it has come by what providers reported: `delivered`, `undelivered`, `complained`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrival: Option<String>,
    /// When that was reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub arrived_at: Option<Timestamp>,
    /// Why it was given up or withdrawn, by name, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The providers that were asked, in order: the first, and the latest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<AttemptView>,
    /// The message whose place it took, which was given up on another channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_of: Option<String>,
    /// The trace of the command that it follows from: the `trace-id` of its `traceparent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
}

/// By which channel something was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    pub message: String,
    pub channel: Channel,
    /// The message whose place it took, if it took one's.
    pub fallback_of: Option<String>,
}

/// What one provider made of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AttemptView {
    /// Which attempt, from one; some may be missing.
    pub n: u32,
    /// When it came back.
    pub at: Timestamp,
    /// Who was asked.
    pub provider: String,
    /// How it ended, by name.
    pub outcome: String,
    pub reply: String,
    /// What they call the message, if they said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// What came of it on each device, where it went to devices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<DeviceView>,
}

/// What came of an attempt on a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "Device")]
pub struct DeviceView {
    /// What stands for it: the first 12 digits of its token's SHA-256, in hexadecimal.
    pub device: String,
    /// How it ended, by name; `not_asked` where the attempt ended before.
    pub outcome: String,
    pub reply: String,
}

/// A tenant, and what waits for its clients.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TenantView {
    /// Its id.
    pub tenant: String,
    /// What its clients read; nothing before it is configured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Messages that have not ended, of more than [`COUNTED_MAX`] so many.
    pub waiting: u32,
    /// When the first of those that were counted was, or is, due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_due: Option<Timestamp>,
    /// Dead letters, of more than [`COUNTED_MAX`] so many.
    pub dead_letters: u32,
    /// Clients to whom nothing goes on some channel, of more than [`COUNTED_MAX`] so many.
    pub suppressed: u32,
}
