//! What is written together.

use jiff::Timestamp;

use crate::domain::Decision;
use crate::domain::decision::{Change, Record};
use crate::domain::event::Event;
use crate::domain::id::{BookingId, CauseId, ClientId, CommandId, TenantId};
use crate::domain::message::{Facts, Message, MessageId, MessageStatus};
use crate::domain::outcome::Tried;
use crate::domain::rejection::Rejection;
use crate::domain::timer::DueTimer;
use crate::domain::trace::TraceContext;
use crate::wire::BodyHash;

use super::event::StoredEvent;
use super::mailbox::NewItem;

/// A command's line in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEntry {
    /// Tells the same command from another of the same id.
    pub body_hash: BodyHash,
    /// Why it was refused, if it was.
    pub rejection: Option<Rejection>,
}

/// Everything that one input changes, written in one transaction or not at all.
#[derive(Debug, Clone)]
pub struct Unit {
    pub tenant: TenantId,
    /// What it follows from. No command and no other firing may have the id that stands for a
    /// timer: the ids of events derive from it.
    pub cause: CauseId,
    /// When it was decided.
    pub at: Timestamp,
    /// What it answers and the tenant's revision that the decision rests on; `None` for a unit
    /// that only tells (it then has nothing but events, and what was read).
    pub claim: Option<Claim>,
    /// What follows from it.
    pub decision: Decision,
    /// Which of the decision's messages are handed to their dispatchers at once, by their places;
    /// none of those behind the last.
    pub leased: Vec<bool>,
}

impl Unit {
    /// Who is forgotten by it.
    pub fn erases(&self) -> Option<ClientKey<'_>> {
        self.decision.erased.as_ref().map(|client| (&self.tenant, client))
    }

    /// Of which bookings what was told is forgotten on later pages.
    pub fn erases_later(&self) -> impl Iterator<Item = &BookingId> {
        let records = self.decision.changes.iter().filter_map(Change::record);
        records.flat_map(|record| match record {
            Record::Erasure(_, erasure) => erasure.bookings().collect(),
            _ => Vec::new(),
        })
    }

    /// About how many rows are written for it, which is what a transaction takes its time for. A
    /// long text counts as many as it is KiB; events are short, and lie many in a row.
    pub fn weight(&self) -> usize {
        let Decision {
            changes,
            events,
            messages,
            tellings,
            superseded,
            timers,
            letters,
            receipts,
            ..
        } = &self.decision;
        let forgotten = self.decision.forgotten.as_ref();
        let told = TOLD_A_BOOKING * forgotten.map_or(0, |forgotten| forgotten.bookings.len());
        let texts = changes.iter().filter_map(Change::record).map(|record| match record {
            Record::Template(_, text) => text.body.len(),
            Record::Erasure(_, erasure) => erasure.size() * ID_BYTES,
            _ => 0,
        });
        let facts = messages.iter().map(|message| match &message.facts {
            Facts::Notice(notice) => notice.body.len(),
            Facts::Booking(booking) => booking.others.len() * OCCASION_BYTES,
            _ => 0,
        });
        let long: usize = texts.chain(facts).map(|bytes| bytes / 1024).sum();
        let told = told + 2 * (letters.len() + receipts.len());
        let short = changes.len() + messages.len() + tellings.len() + superseded.len();
        1 + short + timers.len() + events.len() / EVENTS_A_ROW + long + told
    }
}

/// So many events weigh as much as a row of their own.
const EVENTS_A_ROW: usize = 4;
/// The rows of what was told of a booking, on average.
const TOLD_A_BOOKING: usize = 4;
/// What naming a booking takes, about.
const ID_BYTES: usize = 40;
/// What one of the other dates of a series takes, about.
const OCCASION_BYTES: usize = 256;

/// What a unit answers, each only once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// A command: its line in the inbox.
    Command(InboxEntry),
    /// A timer that fired: it is gone with the unit, unless the unit sets it again.
    Timer(DueTimer),
    /// A message is given up, and another may take its place: only while it is leased, and together
    /// with what became of it.
    GivenUp(MessageId),
    /// What became of a message, such as a bounce: may be answered twice, because the second
    /// answer finds nothing left to change.
    Outcome,
}

/// A unit's right to be written.
#[derive(Debug, Clone)]
pub struct Claim {
    /// What it answers.
    pub trigger: Trigger,
    /// The revision that the decision rests on.
    pub revision: u64,
}

/// What became of one message, to be written where the lease still holds.
#[derive(Debug, Clone)]
pub struct Settled {
    pub tenant: TenantId,
    pub message: MessageId,
    pub cause: CauseId,
    pub status: MessageStatus,
    /// When it is due again, for [`MessageStatus::Ready`].
    pub due: Timestamp,
    /// Attempts that counted, in all.
    pub attempts: u32,
    /// Attempts that ended in doubt, in all.
    pub doubts: u32,
    /// Who was asked last.
    pub provider: String,
    pub reply: String,
    pub at: Timestamp,
    /// Why it was given up, by name; nothing where it was not.
    pub reason: Option<&'static str>,
    /// A digest of the address that it went to, where it may have arrived.
    pub sent_to: Option<String>,
    /// The providers that were asked since it was leased, in order.
    pub tried: Vec<Tried>,
    /// What it puts into a mailbox.
    pub item: Option<NewItem>,
    /// What upstream is told of it.
    pub event: Option<Event>,
    /// The trace that the message belongs to.
    pub trace: Option<TraceContext>,
}

/// So many attempts of a message are kept: the first and the latest.
pub const ATTEMPTS_MAX: u32 = 50;

/// What is written instead of words that the store refuses.
const UNSAID: &str = "(what was said cannot be stored)";

impl Settled {
    /// About how many rows are written for it.
    pub fn weight(&self) -> usize {
        let item = self.item.as_ref().map_or(0, |item| 1 + item.body.len() / 1024);
        1 + self.tried.len() + item
    }

    /// The same without what others said of it, should the store refuse that; nothing where it is
    /// without already.
    pub fn without_words(mut self) -> Option<Self> {
        if self.reply == UNSAID {
            return None;
        }
        UNSAID.clone_into(&mut self.reply);
        self.tried.clear();
        if let Some(Event::Message(event)) = &mut self.event {
            UNSAID.clone_into(&mut event.reply);
            event.reference = None;
        }
        Some(self)
    }

    /// Whom the message was to, where upstream is told of it.
    pub fn client_key(&self) -> Option<ClientKey<'_>> {
        match self.event.as_ref()? {
            Event::Message(event) => Some((&self.tenant, &event.client)),
            _ => None,
        }
    }
}

/// What one transaction writes.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// Units in the order in which they were decided.
    pub units: Vec<&'a Unit>,
    /// Outcomes of messages.
    pub settled: Vec<&'a Settled>,
    /// Tells this batch from those before it of the same run, and rises; the same batch again, of
    /// which nobody heard whether it was written, has the same. 0 where nobody would ask again.
    pub number: u64,
}

impl Batch<'_> {
    /// About how many rows are written.
    pub fn weight(&self) -> usize {
        let settled = self.settled.iter().map(|settled| settled.weight()).sum::<usize>();
        self.units.iter().map(|unit| unit.weight()).sum::<usize>() + settled
    }

    /// When the latest of it happened; `None` if it is empty.
    pub fn at(&self) -> Option<Timestamp> {
        let settled = self.settled.iter().map(|settled| settled.at);
        self.units.iter().map(|unit| unit.at).chain(settled).max()
    }
}

/// What a transaction wrote that its author does not know.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The outcomes whose lease still held, by their place in the batch; all of them where it had
    /// been written before.
    pub held: Vec<usize>,
    /// What upstream is to be told, in order; nothing where it had been written before.
    pub events: Vec<StoredEvent>,
}

/// A daemon's run: leases name it, so that a later run knows which are orphaned.
pub type Incarnation = uuid::Uuid;

/// A message as the store holds it, with what its text needs.
#[derive(Debug, Clone)]
pub struct StoredMessage {
    pub tenant: TenantId,
    pub message: Message,
    pub cause: CauseId,
    /// Attempts that counted.
    pub attempts: u32,
    /// When it was first to leave; [`Message::due`] moves on with each retry.
    pub first_due: Timestamp,
    /// Attempts that ended in doubt.
    pub doubts: u32,
    /// How often the daemon died while it had the message in hand, and nothing of it had left.
    pub crashes: u32,
    /// Whether something newer replaced it.
    pub superseded: bool,
    /// The trace that it belongs to, and the span in which it was decided.
    pub trace: Option<TraceContext>,
}

/// What became of the messages that a dead run had leased. They are all due again.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// May have arrived: their doubts count.
    pub in_doubt: usize,
    /// Were in hand, and nothing of them had left.
    pub in_hand: usize,
    /// Waited in memory.
    pub waiting: usize,
}

/// A pair to look up in the inbox.
pub type InboxKey<'a> = (&'a TenantId, &'a CommandId);

/// How a client is named where there are many tenants.
pub type ClientKey<'a> = (&'a TenantId, &'a ClientId);
