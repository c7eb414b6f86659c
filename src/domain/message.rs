//! One message to one client on one channel, and its life.
//!
//! ```text
//!            claim            accepted
//!   ready ───────────▶ sending ───────────▶ sent
//!     ▲                 │ │ │ │ permanent, or attempts used up
//!     │ transient,      │ │ │ └───────────▶ dead
//!     │ throttled,      │ │ │ past its deadline
//!     │ lease of a      │ │ └─────────────▶ expired
//!     │ dead daemon     │ │ superseded, and not sent
//!     └─────────────────┘ └───────────────▶ withdrawn
//!                         (in doubt, where resending is not allowed: unknown)
//! ```
//!
//! A message is inserted `sending` already, leased to the dispatcher that has room for it, so
//! that a crash leaves it in doubt and never forgotten.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::address::EmailAddress;
use super::booking::{Booking, Party};
use super::channel::Channel;
use super::id::{BookingId, CauseId, ClientId, EntryId, PaymentId, SessionId, TenantId};
use super::kind::Kind;
use super::money::Money;
use super::named;
use super::secret::SecretLink;
pub use super::status::MessageStatus;

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
        topic: Option<&Topic>,
    ) -> Self {
        let (what, which) = topic.map_or(("", ""), Topic::name);
        let (kind, channel) = (kind.as_str(), channel.as_str());
        let name = [tenant.as_str(), cause, kind, channel, client.as_str(), what, which];
        let random = named::first(&name);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// When the message was decided, to the millisecond; `None` of an id that was not derived.
    pub fn decided_at(self) -> Option<Timestamp> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        let (seconds, nanos) = (i64::try_from(seconds).ok()?, i32::try_from(nanos).ok()?);
        Timestamp::new(seconds, nanos).ok()
    }

    /// The message of a mail's Message-ID, `<id@domain>`, if it is one of ours.
    pub fn of_mail(message_id: &str) -> Option<Self> {
        let id = message_id.trim().trim_start_matches('<').split('@').next()?;
        Some(Self(id.parse().ok()?))
    }
}

impl std::fmt::Display for MessageId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What unsent messages are grouped by: when it changes, those about its old shape are withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    Booking(BookingId),
    /// A place in a queue.
    Entry(EntryId),
    Payment(PaymentId),
}

impl Topic {
    /// What it is, and its id.
    pub fn name(&self) -> (&'static str, &str) {
        match self {
            Topic::Booking(id) => ("booking", id.as_str()),
            Topic::Entry(id) => ("entry", id.as_str()),
            Topic::Payment(id) => ("payment", id.as_str()),
        }
    }
}

/// What messages about this booking are grouped by.
pub fn topic(booking: &Booking) -> Topic {
    Topic::Booking(booking.id.clone())
}

/// What a message tells; everything its text needs beyond the client and the settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Facts {
    Booking(BookingFacts),
    /// A place in a session's queue.
    Queue(QueueFacts),
    Payment(PaymentFacts),
    Sale(SaleFacts),
    Account,
    /// A link to the client's account.
    Link(LinkFacts),
    /// A request for a review.
    Review(ReviewFacts),
    /// What the tenant wrote.
    Notice(NoticeFacts),
    /// A client who has long been away.
    WinBack(WinBackFacts),
    /// Something that staff are to know.
    Staff(StaffFacts),
}

/// A booking as it stood when the message was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BookingFacts {
    pub booking: BookingId,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    /// The service's name, or the session's activity.
    pub service: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    #[serde(default)]
    pub bring: Option<String>,
    /// The start before it was moved.
    pub moved_from: Option<Timestamp>,
    pub cancelled_by: Option<Party>,
    /// Why it was cancelled or declined.
    pub reason: Option<String>,
    /// iCalendar SEQUENCE.
    pub sequence: u32,
    /// Whether the tenant has still to agree to it.
    #[serde(default)]
    pub awaits_confirmation: bool,
    /// The session that it has a seat of.
    #[serde(default)]
    pub session: Option<SessionId>,
    /// Until when cancelling costs nothing.
    #[serde(default)]
    pub free_until: Option<Timestamp>,
    /// Whether the session was called off because too few came.
    #[serde(default)]
    pub too_few: bool,
    /// Whether the client accepted an offer; else a seat for which they waited came to them.
    #[serde(default)]
    pub accepted: bool,
    /// The other bookings of its series that the same message tells of, by date.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<Occasion>,
}

#[cfg(test)]
impl BookingFacts {
    /// A booking of which nothing but its time is known.
    pub fn bare(booking: &str, starts_at: Timestamp) -> Self {
        Self {
            booking: BookingId::parse(booking).unwrap(),
            starts_at,
            ends_at: None,
            service: None,
            location: None,
            bring: None,
            moved_from: None,
            cancelled_by: None,
            reason: None,
            sequence: 0,
            awaits_confirmation: false,
            session: None,
            free_until: None,
            too_few: false,
            accepted: false,
            others: Vec::new(),
        }
    }
}

/// Another booking that a message tells of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Occasion {
    pub booking: BookingId,
    pub starts_at: Timestamp,
    pub ends_at: Option<Timestamp>,
    /// The service's name, or the session's activity.
    pub service: Option<String>,
    /// Where it takes place.
    pub location: Option<String>,
    /// iCalendar SEQUENCE.
    pub sequence: u32,
}

/// A place in a queue as it stood when the message was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueFacts {
    pub entry: EntryId,
    pub session: SessionId,
    pub activity: String,
    pub starts_at: Timestamp,
    pub ends_at: Timestamp,
    /// Where it takes place.
    pub location: Option<String>,
    /// Until when the offer stands.
    pub until: Option<Timestamp>,
    /// Offered: the first of several acceptances wins. Expired: somebody else was faster.
    pub shared: bool,
    /// Expired: whether the seat really went on to somebody else, who was offered it or took it.
    #[serde(default)]
    pub passed_on: bool,
    /// Whether the session was called off.
    pub cancelled: bool,
    /// Why the session was called off.
    pub reason: Option<String>,
}

/// A payment as it stood when the message was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PaymentFacts {
    /// Which payment: the reference.
    pub payment: PaymentId,
    pub amount: Money,
    pub reason: String,
    /// Whether it is charged without asking.
    pub direct: bool,
    /// Where the client approves or declines it, if the app said where: forgotten with the last
    /// attempt, since whoever has it may be able to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<SecretLink>,
}

/// What was sold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SaleFacts {
    /// In the tenant's words.
    pub description: String,
    pub amount: Option<Money>,
    /// What the client has left afterwards, in the tenant's words.
    pub balance: Option<String>,
}

/// A link to the client's account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkFacts {
    /// The link: forgotten with the last attempt.
    pub url: SecretLink,
    /// From when on it is dead.
    pub expires_at: Option<Timestamp>,
}

/// What a client needs to know to review a visit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewFacts {
    pub booking: BookingId,
    pub starts_at: Timestamp,
    /// The service's name, or the session's activity.
    pub service: Option<String>,
    /// Where the review is written.
    pub url: String,
}

/// What the tenant wrote to many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NoticeFacts {
    pub title: String,
    pub body: String,
    /// What put it on the board, where it stands there once for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<CauseId>,
}

/// When a client was last seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WinBackFacts {
    pub last_visit: Timestamp,
}

/// Something about a client that staff are to know.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StaffFacts {
    /// Whom of the staff.
    pub to: EmailAddress,
    pub of: Box<Facts>,
}

impl Facts {
    pub fn booking(&self) -> Option<&BookingId> {
        match self {
            Facts::Booking(facts) => Some(&facts.booking),
            Facts::Review(facts) => Some(&facts.booking),
            Facts::Staff(facts) => facts.of.booking(),
            _ => None,
        }
    }

    /// What they are about, where that has an id: also what they are not withdrawn with.
    pub fn about(&self) -> Option<Topic> {
        match self {
            Facts::Review(facts) => Some(Topic::Booking(facts.booking.clone())),
            Facts::Staff(facts) => facts.of.about(),
            _ => self.topic(),
        }
    }

    /// What they are grouped by while unsent.
    pub fn topic(&self) -> Option<Topic> {
        match self {
            Facts::Booking(facts) => Some(Topic::Booking(facts.booking.clone())),
            Facts::Queue(facts) => Some(Topic::Entry(facts.entry.clone())),
            Facts::Payment(facts) => Some(Topic::Payment(facts.payment.clone())),
            _ => None,
        }
    }

    /// Whether they hold a secret, which must not outlive the last attempt.
    pub fn is_secret(&self) -> bool {
        match self {
            Facts::Link(_) => true,
            Facts::Payment(facts) => facts.url.is_some(),
            _ => false,
        }
    }

    /// What of them is told on that channel. A mailbox keeps what it is told: there, in the app, a
    /// payment is asked for without the link.
    pub fn on(&self, channel: Channel) -> Self {
        match self {
            Facts::Payment(facts) if channel == Channel::Inbox => {
                Facts::Payment(PaymentFacts { url: None, ..facts.clone() })
            }
            _ => self.clone(),
        }
    }
}

/// A message as decided.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub kind: Kind,
    pub channel: Channel,
    pub client: ClientId,
    pub due: Timestamp,
    /// After this it is worthless.
    pub deadline: Option<Timestamp>,
    pub facts: Facts,
    /// SMS segments that were counted for it; none where nobody counts.
    pub segments: u32,
    /// The message that was given up on another channel, if it takes the place of one.
    pub fallback_of: Option<MessageId>,
    /// The code of the short link in its text, where it is a text message with a link.
    pub link_code: Option<String>,
}

/// A message that is not known to have left yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    pub id: MessageId,
    pub kind: Kind,
    pub channel: Channel,
    pub client: ClientId,
    /// SMS segments that were counted for it.
    pub segments: u32,
}

impl Message {
    pub fn booking(&self) -> Option<&BookingId> {
        self.facts.booking()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn derived(topic: Option<&Topic>) -> String {
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let tenant = TenantId::parse("salon-uno").unwrap();
        let client = ClientId::parse("anna").unwrap();
        let (kind, channel) = (Kind::BookingConfirmed, Channel::Email);
        MessageId::derive(now, &tenant, "c1", kind, channel, &client, topic).to_string()
    }

    #[test]
    fn an_id_is_the_same_for_ever() {
        let booking = Topic::Booking(BookingId::parse("b1").unwrap());
        assert_eq!(derived(None), "01a3185c-5000-7298-a918-2c93d20a1a09");
        assert_eq!(derived(Some(&booking)), "01a3185c-5000-7714-93d2-df02fe0cadd3");
    }
}
