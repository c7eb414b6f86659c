//! Receipts: what a provider says of a message after it took it.
//!
//! ```text
//!              failed, bad address              delivered             complained
//!   (nothing) ────────────────────▶ undelivered ─────────▶ delivered ───────────▶ complained
//! ```
//!
//! A message only moves to the right, from wherever it stands: receipts come in any order and any
//! number of times, and a network that calls a message failed which its reader has is wrong.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channel::{Channel, Channels};
use super::id::{CauseId, ClientId};
use super::kind::Kind;
use super::message::{Message, MessageId, MessageStatus, Topic};
use super::trace::TraceContext;

/// A receipt's place among those that were taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptId(pub i64);

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Report {
    /// It is on the reader's device, or in their mailbox.
    Delivered,
    /// It will not arrive.
    Undelivered(Failure),
    /// Its reader does not want such messages, and said so to their provider.
    Complained,
}

/// Why a message does not arrive that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Failure {
    /// The address may be good all the same.
    Failed,
    /// Nothing will ever arrive there.
    BadAddress,
}

impl Failure {
    /// Every one.
    pub const ALL: [Failure; 2] = [Failure::Failed, Failure::BadAddress];

    /// The name in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Failure::Failed => "failed",
            Failure::BadAddress => "bad_address",
        }
    }
}

impl Report {
    const ALL: [Report; 4] = [
        Report::Delivered,
        Report::Undelivered(Failure::Failed),
        Report::Undelivered(Failure::BadAddress),
        Report::Complained,
    ];

    /// The name in the store and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Report::Delivered => "delivered",
            Report::Undelivered(failure) => failure.as_str(),
            Report::Complained => "complained",
        }
    }

    /// The report of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|report| report.as_str() == name)
    }

    /// Where it says that the message is.
    pub fn arrival(self) -> Arrival {
        match self {
            Report::Delivered => Arrival::Delivered,
            Report::Undelivered(_) => Arrival::Undelivered,
            Report::Complained => Arrival::Complained,
        }
    }

    /// Why nothing more goes to the address, where that follows.
    pub fn suppresses(self) -> Option<Suppression> {
        match self {
            Report::Delivered | Report::Undelivered(Failure::Failed) => None,
            Report::Undelivered(Failure::BadAddress) => Some(Suppression::BadAddress),
            Report::Complained => Some(Suppression::Complained),
        }
    }
}

/// How far a message has come that left, as far as anybody told. The later one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arrival {
    /// It did not arrive.
    Undelivered,
    /// It arrived.
    Delivered,
    /// It arrived, and was not wanted.
    Complained,
}

impl Arrival {
    const ALL: [Arrival; 3] = [Arrival::Undelivered, Arrival::Delivered, Arrival::Complained];

    /// The name in the store and the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Arrival::Undelivered => "undelivered",
            Arrival::Delivered => "delivered",
            Arrival::Complained => "complained",
        }
    }

    /// The arrival of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|arrival| arrival.as_str() == name)
    }
}

/// Why nothing goes to an address any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suppression {
    /// There is no such address.
    BadAddress,
    /// Its owner complained.
    Complained,
}

impl Suppression {
    /// Every one.
    pub const ALL: [Suppression; 2] = [Suppression::BadAddress, Suppression::Complained];

    /// The suppression of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|why| why.as_str() == name)
    }

    /// The name in the store and in events.
    pub fn as_str(self) -> &'static str {
        match self {
            Suppression::BadAddress => "bad_address",
            Suppression::Complained => "complained",
        }
    }
}

/// A message of which something is reported, as the store knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reported {
    pub receipt: ReceiptId,
    pub report: Report,
    /// The provider's own word for it.
    pub said: String,
    pub provider: String,
    /// What they call the message, if they said so.
    pub reference: Option<String>,
    pub at: Timestamp,
    pub message: MessageId,
    pub kind: Kind,
    pub channel: Channel,
    pub client: ClientId,
    /// What it is grouped by while it is unsent.
    pub topic: Option<Topic>,
    pub attempts: u32,
    /// Whose place it took.
    pub fallback_of: Option<MessageId>,
    pub standing: Standing,
    /// How far it has come, as far as anybody told before.
    pub arrival: Option<Arrival>,
    /// Why nothing more was to go to the address by what was reported of this message before.
    pub condemned: Option<Suppression>,
    /// A digest of the address that it went to, where that is known.
    pub sent_to: Option<String>,
    /// Whether its reader was erased since.
    pub forgotten: bool,
    /// The message itself, where it may be said another way.
    pub astray: Option<Box<Astray>>,
    /// The trace that the message belongs to.
    pub trace: Option<TraceContext>,
}

/// A message that a provider took, and that did not arrive.
#[derive(Debug, Clone, PartialEq)]
pub struct Astray {
    /// The message, with everything that its text needs; but for a secret, which was forgotten when
    /// it left.
    pub message: Message,
    /// What it follows from: so does whatever takes its place.
    pub cause: CauseId,
    /// The channels on which the same was said, whatever became of that.
    pub said_on: Channels,
}

/// Whether a message can be at its reader's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A provider took it.
    Left,
    /// Nobody knows whether one did: it is given up, or waits to be sent again.
    InDoubt {
        /// Whether it is not sent again.
        given_up: bool,
    },
    /// It is with a provider at this moment.
    Leaving,
    /// No provider was ever asked who could have taken it.
    NeverLeft,
}

impl Standing {
    /// Of a message of this status, after so many attempts that ended in doubt.
    pub fn of(status: MessageStatus, doubts: u32) -> Self {
        match (status, doubts) {
            (MessageStatus::Sent, _) => Standing::Left,
            (MessageStatus::Sending, _) => Standing::Leaving,
            (MessageStatus::Unknown, _) => Standing::InDoubt { given_up: true },
            (MessageStatus::Ready, 1..) => Standing::InDoubt { given_up: false },
            (_, 1..) => Standing::InDoubt { given_up: true },
            (_, 0) => Standing::NeverLeft,
        }
    }
}

impl Reported {
    /// How far the message has come by this receipt; nothing where it is no news.
    ///
    /// That a message did not arrive which waits to be sent again is no news either: it will be.
    pub fn news(&self) -> Option<Arrival> {
        let arrival = self.report.arrival();
        let is_further = self.arrival.is_none_or(|before| before < arrival);
        (is_further && self.is_believed()).then_some(arrival)
    }

    /// Why nothing more goes to the address, where that follows, for the first time: whoever lifts
    /// it knows better than a provider who says the same of the same message once more.
    ///
    /// That there is no such address may come behind the bare word that the message failed, and
    /// counts then as well; a message that arrived has found its address.
    pub fn condemns(&self) -> Option<Suppression> {
        let is_refuted = self.arrival.is_some_and(|before| before > self.report.arrival());
        let is_repeated = match self.report {
            Report::Complained => self.arrival == Some(Arrival::Complained),
            _ => self.condemned.is_some(),
        };
        let is_news = self.is_believed() && !is_refuted && !is_repeated;
        let why = self.report.suppresses().filter(|_| is_news);
        // An alert went to staff, whose address is no client's.
        why.filter(|_| !self.kind.is_alert())
    }

    fn is_believed(&self) -> bool {
        match self.standing {
            Standing::Left | Standing::InDoubt { given_up: true } => true,
            Standing::InDoubt { given_up: false } => self.report.arrival() != Arrival::Undelivered,
            Standing::Leaving | Standing::NeverLeft => false,
        }
    }
}

/// What becomes of a message by a receipt; the receipt is done with.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptChange {
    pub receipt: ReceiptId,
    pub message: MessageId,
    /// What the message was grouped by while it was unsent.
    pub topic: Option<Topic>,
    /// How far the message has come; nothing where it is no news.
    pub arrival: Option<Arrival>,
    /// Why nothing more goes to the address; likewise.
    pub condemned: Option<Suppression>,
    /// When the receipt came.
    pub at: Timestamp,
}
