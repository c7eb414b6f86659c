//! What happened: told to upstream apps, in the past tense.

use jiff::Timestamp;

use super::booking::BookingState;
use super::channel::Channel;
use super::id::{BookingId, ClientId, EntryId, PaymentId, SessionId};
use super::kind::Kind;
use super::message::{MessageId, Topic};
use super::payment::PaymentState;
use super::policy::SkipReason;
use super::receipt::Failure;
use super::refused::Mark;
use super::rejection::Rejection;
use super::remark::Remark;
use super::session::EntryState;

/// One thing that happened to a tenant.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A command was taken and took effect.
    CommandAccepted {
        /// Nothing changed, because everything already was as asked.
        already_done: bool,
        /// What it asks for and cannot have.
        remark: Option<Remark>,
    },
    /// A command was refused.
    CommandRejected(Rejection),
    /// A booking's state or time changed.
    BookingChanged {
        booking: BookingId,
        state: BookingState,
        starts_at: Timestamp,
        /// Whether the client said that they will come.
        attendance_confirmed: bool,
    },
    /// A session's time, size or state changed.
    SessionChanged {
        session: SessionId,
        /// Whether it was called off.
        cancelled: bool,
        starts_at: Timestamp,
        /// Its seats now.
        capacity: u32,
    },
    /// A place in a queue changed.
    QueueChanged {
        /// Which place.
        entry: EntryId,
        session: SessionId,
        client: ClientId,
        /// Where it stands now; an offer says until when.
        state: EntryState,
    },
    PaymentChanged {
        payment: PaymentId,
        state: PaymentState,
    },
    /// Nothing is sent to this address of a client any more, or shown on this one of their devices.
    ClientSuppressed {
        client: ClientId,
        channel: Channel,
        /// What stands for the address to whoever knows it, where it is one address, or one token.
        address_hash: Option<String>,
        mark: Mark,
    },
    /// A client wrote back.
    ClientReplied {
        client: ClientId,
        channel: Channel,
        /// The type of the command that it became, where it was one of the words.
        matched: Option<&'static str>,
    },
    /// A client has read an item of their mailbox in the app.
    InboxRead {
        client: ClientId,
        /// The message that brought it.
        message: MessageId,
    },
    /// A message will not be sent.
    MessageSkipped {
        /// What it would have been about.
        kind: Kind,
        /// How it would have gone.
        channel: Channel,
        client: ClientId,
        /// What it would have told of.
        about: Option<Topic>,
        /// Why not.
        reason: SkipReason,
        /// The message that was given up, if this one would have taken its place.
        fallback_of: Option<MessageId>,
    },
    /// Something became of a message.
    Message(MessageEvent),
}

/// Told after each attempt that upstream can see the effect of.
#[derive(Debug, Clone, PartialEq)]
pub struct MessageEvent {
    pub message: MessageId,
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    pub client: ClientId,
    /// How often it was tried.
    pub attempt: u32,
    /// Who was asked to deliver it.
    pub provider: String,
    pub reply: String,
    /// What they call the message, if they say so.
    pub reference: Option<String>,
    /// The message that was given up, if this one takes its place.
    pub fallback_of: Option<MessageId>,
    pub fate: Fate,
}

/// What became of a message after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// A provider took it.
    Sent,
    /// It will be tried again at this instant.
    Retrying(Timestamp),
    /// Its deadline passed.
    Expired,
    /// Nobody will take it.
    Dead,
    /// It may have arrived, and is not sent again.
    Unknown,
    /// A newer message replaced it before it left.
    Withdrawn,
    /// It was given up, and an operator threw it away.
    Discarded,
    /// A provider reports that it arrived.
    Delivered,
    /// …that it did not, though it was taken.
    Undelivered(Failure),
    /// …that its reader complained.
    Complained,
}

impl Event {
    /// The CloudEvents `type`.
    pub fn type_name(&self) -> &'static str {
        match self {
            Event::CommandAccepted { .. } => "command.accepted",
            Event::CommandRejected(_) => "command.rejected",
            Event::BookingChanged { .. } => "booking.changed",
            Event::SessionChanged { .. } => "session.changed",
            Event::QueueChanged { .. } => "queue.changed",
            Event::PaymentChanged { .. } => "payment.changed",
            Event::ClientSuppressed { .. } => "client.suppressed",
            Event::ClientReplied { .. } => "client.replied",
            Event::InboxRead { .. } => "inbox.read",
            Event::MessageSkipped { .. } => "message.skipped",
            Event::Message(event) => event.fate.type_name(),
        }
    }
}

impl Fate {
    /// The CloudEvents `type` of a message event.
    pub fn type_name(self) -> &'static str {
        match self {
            Fate::Sent => "message.sent",
            Fate::Retrying(_) => "message.retrying",
            Fate::Expired => "message.expired",
            Fate::Dead => "message.dead",
            Fate::Unknown => "message.unknown",
            Fate::Withdrawn => "message.withdrawn",
            Fate::Discarded => "message.discarded",
            Fate::Delivered => "message.delivered",
            Fate::Undelivered(_) => "message.undelivered",
            Fate::Complained => "message.complained",
        }
    }
}
