//! What a dispatcher is told, and asked.

use std::time::Duration;

use actix::Message;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::standing::Standing;
use super::strand::Strand;
use super::turn::Turn;
use super::view::{Prospect, Sought, View};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::egress::Made;
use crate::traffic::{Set, Trip};

/// A place that is not free now is asked for again after this.
pub const ASK_AGAIN: Duration = Duration::from_millis(100);

/// One thing to be told or asked.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub enum Order {
    /// Messages come in.
    Hand(Vec<Turn>),
    /// An attempt came back; without whom to tell what becomes of the message where that is clear.
    CameBack(CameBack, Option<oneshot::Sender<Step>>),
    /// A message leaves its place at a provider for a while.
    Rests(Trip),
    /// It wants it again: nothing if it has it, else how long to wait.
    Resumes(Trip, oneshot::Sender<Option<Duration>>),
    /// A message that was not taken goes on: its slot is free.
    GoesOn(Box<Turn>),
    /// What became of a message is durable.
    Done(Done),
    /// Messages arrived.
    Arrived(Vec<Arrived>),
    /// A message was replaced by something newer.
    Superseded(MessageId),
    /// A client was erased.
    Forgotten(TenantId, ClientId),
    /// The wall clock was set.
    Shifted(SignedDuration),
    /// Operators' limits are other ones.
    Limited,
    /// Something may be due.
    Wake,
    /// Nothing more is to leave: what waits is given out.
    Close(oneshot::Sender<Vec<Turn>>),
    /// How do things stand?
    Look(oneshot::Sender<Standing>),
    /// Where is this message?
    Find(Sought, oneshot::Sender<View>),
    /// What is expected of those that wait?
    Foresee(oneshot::Sender<Prospect>),
}

/// An attempt that came back.
#[derive(Debug)]
pub struct CameBack {
    /// Whose dispatcher it was.
    pub generation: u64,
    /// Where it went.
    pub trip: Trip,
    /// Whether it had left its place there.
    pub is_resting: bool,
    /// Where the message cannot go, or was refused just now.
    pub barred: Set,
    /// What came of it; nothing if no provider was asked, or it was cut off.
    pub made: Option<Made>,
    /// How long after it left.
    pub took: Duration,
}

/// A message that arrived, as its provider says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrived {
    /// The provider's name in the configuration.
    pub provider: String,
    /// How long after it took the message.
    pub took: Duration,
}

/// What becomes of a message whose attempt came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It goes on, by any provider but these.
    GoesOn(Set),
    /// What came of it is written down.
    Ends,
}

/// A message whose outcome is durable.
#[derive(Debug)]
pub struct Done {
    pub message: MessageId,
    /// The slot that it had.
    pub lane: Option<Lane>,
    /// What waits for it.
    pub strand: Option<Strand>,
    /// What others wait for.
    pub doubt: Doubted,
}

/// Whether a message may have arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubted {
    /// It may, and is tried again then.
    Until(Timestamp),
    /// It did, or will not, or not yet.
    No,
    /// As before: it was not tried.
    AsBefore,
}
