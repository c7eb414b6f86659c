//! What follows from a command: rows, events, messages, and a reason for each silence.

use std::sync::Arc;

use super::booking::Booking;
use super::broadcast::{Broadcast, BroadcastId};
use super::channel::Channel;
use super::client::Client;
use super::deed::Unsuppressed;
use super::erasure::Erasure;
use super::event::Event;
use super::id::{BookingId, CauseId, ClientId, EntryId, PaymentId, SessionId};
use super::kind::Kind;
use super::letter::LetterChange;
use super::message::{Message, MessageId, Topic};
use super::payment::Payment;
use super::policy::SkipReason;
use super::receipt::ReceiptChange;
use super::session::{Entry, Session};
use super::settings::Settings;
use super::spend::Spent;
use super::template::{CustomText, TemplateKey};
use super::timer::{Timer, TimerChange};
use super::trace::TraceContext;
use super::usage::SmsUsage;

/// One row of a tenant's state, as it is from now on.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// The tenant's settings.
    Settings(Arc<Settings>),
    Client(Arc<Client>),
    Booking(Booking),
    Session(Session),
    /// A place in a queue.
    Entry(Entry),
    Payment(Payment),
    Broadcast(Arc<Broadcast>),
    /// One of the tenant's own texts.
    Template(TemplateKey, Arc<CustomText>),
    /// What is still to be forgotten of somebody who was erased by this command.
    Erasure(CauseId, Arc<Erasure>),
    /// What was used of the month's text messages.
    SmsUsage(SmsUsage),
}

/// Names a row among those of its tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RecordKey {
    /// The tenant's settings.
    Settings,
    Client(ClientId),
    Booking(BookingId),
    Session(SessionId),
    /// A place in a queue.
    Entry(EntryId),
    Payment(PaymentId),
    Broadcast(BroadcastId),
    /// One of the tenant's own texts.
    Template(TemplateKey),
    /// What is still to be forgotten of somebody.
    Erasure(CauseId),
    /// What was used of the month's text messages.
    SmsUsage,
}

impl Record {
    /// Which row it is.
    pub fn key(&self) -> RecordKey {
        match self {
            Record::Settings(_) => RecordKey::Settings,
            Record::Client(client) => RecordKey::Client(client.id.clone()),
            Record::Booking(booking) => RecordKey::Booking(booking.id.clone()),
            Record::Session(session) => RecordKey::Session(session.id.clone()),
            Record::Entry(entry) => RecordKey::Entry(entry.id.clone()),
            Record::Payment(payment) => RecordKey::Payment(payment.id.clone()),
            Record::Broadcast(broadcast) => RecordKey::Broadcast(broadcast.id.clone()),
            Record::Template(key, _) => RecordKey::Template(key.clone()),
            Record::Erasure(name, _) => RecordKey::Erasure(name.clone()),
            Record::SmsUsage(_) => RecordKey::SmsUsage,
        }
    }
}

/// What becomes of one row. The last of several changes of a row counts.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Put(Record),
    /// It is not kept any more: as if it had never been.
    Drop(RecordKey),
}

impl Change {
    /// The row as it is from now on, if it is.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Change::Put(record) => Some(record),
            Change::Drop(_) => None,
        }
    }
}

impl From<Record> for Change {
    fn from(record: Record) -> Self {
        Change::Put(record)
    }
}

/// Whether one channel carries what was to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// By this message.
    Goes(MessageId),
    /// Not, for this reason.
    Skipped(SkipReason),
}

/// One thing to tell one client, and what was decided of it on every channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Telling {
    pub kind: Kind,
    pub client: ClientId,
    /// What it is about, where that has an id.
    pub about: Option<Topic>,
    /// The verdict on each channel, in the order of [`Channel::ALL`].
    pub channels: Vec<(Channel, Verdict)>,
    /// The message that was given up, if this is said in its place.
    pub fallback_of: Option<MessageId>,
}

impl Telling {
    pub fn booking(&self) -> Option<&BookingId> {
        match &self.about {
            Some(Topic::Booking(booking)) => Some(booking),
            _ => None,
        }
    }
}

/// What follows from one input. Nothing has happened yet: the store makes it so.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// Rows to write, or to keep no longer.
    pub changes: Vec<Change>,
    /// What to tell upstream, in order.
    pub events: Vec<Event>,
    /// Messages to send.
    pub messages: Vec<Message>,
    /// What was decided of every message, sent or not.
    pub tellings: Vec<Telling>,
    /// Messages that must not leave any more, if they have not yet.
    pub superseded: Vec<Superseded>,
    /// What is planned from now on.
    pub timers: Vec<TimerChange>,
    /// What becomes of messages that were given up.
    pub letters: Vec<LetterChange>,
    /// What becomes of messages by receipts.
    pub receipts: Vec<ReceiptChange>,
    /// A client who is dropped, and whose messages and addresses are to be forgotten with the row;
    /// what was told of bookings in an [`Erasure`] follows with those, but what has not left does
    /// not leave any more.
    pub erased: Option<ClientId>,
    /// What was told of some bookings, to be forgotten.
    pub forgotten: Option<Forgotten>,
    /// What it does to the day's text messages.
    pub spent: Spent,
    /// An item that a client has read.
    pub read: Option<ItemRead>,
    /// Who is written to again, on whose word.
    pub unsuppressed: Option<Unsuppressed>,
    /// The trace that all of it belongs to, and the span of having decided it.
    pub trace: Option<TraceContext>,
}

impl Decision {
    /// What follows from it belongs to a trace from now on, what it plans included; but not the
    /// daily look at what has long been over, which would go on in it for ever.
    pub fn belongs_to(&mut self, trace: TraceContext) {
        self.trace = Some(trace);
        for change in &mut self.timers {
            if let TimerChange::Set(set) = change
                && !matches!(set.timer, Timer::Retire { .. })
            {
                set.trace = Some(trace);
            }
        }
    }
}

/// An item of a client's mailbox that they have read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemRead {
    pub client: ClientId,
    /// The message that brought it.
    pub message: MessageId,
}

/// A message that something newer takes the place of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Superseded {
    pub message: MessageId,
    pub topic: Topic,
    pub channel: Channel,
}

/// Of these bookings, what was told a client who was erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    pub client: ClientId,
    pub bookings: Vec<BookingId>,
}
