//! Where a dispatcher finds a message that it is asked for.

use crate::domain::id::TenantId;
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::traffic::{Outlook, Position};

/// A message that is asked for.
#[derive(Debug, Clone)]
pub struct Sought {
    pub tenant: TenantId,
    pub lane: Lane,
    pub message: MessageId,
}

/// What the dispatcher sees of it.
#[derive(Debug)]
pub struct View {
    pub spot: Spot,
    /// How the channel stands.
    pub outlook: Outlook<TenantId>,
    /// Whether the store can be written: nothing leaves while it cannot.
    pub store_works: bool,
}

/// Whether a message waits, and behind whom.
#[derive(Debug, Clone)]
pub enum Spot {
    /// It waits its turn.
    Waits(Position<TenantId>),
    /// Earlier ones about the same thing, to the same client, are to leave first: so many.
    Behind(usize),
    /// It is being sent, or its end is written down.
    UnderWay,
    /// It is not in memory.
    Elsewhere,
}

/// What is expected of all that wait.
#[derive(Debug)]
pub struct Prospect {
    pub outlook: Outlook<TenantId>,
    /// Messages in memory whose turn is expected when it will be too late for them.
    pub will_miss: usize,
}
