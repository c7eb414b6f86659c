//! What a dispatcher is made of, and what is under way when it is.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::desk::Desk;
use super::sending::Sending;
use super::strand::Strand;
use super::watch::Watch;
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::store::StoredMessage;
use crate::traffic::{Plan, Trip};

/// See the module.
pub struct Makings {
    pub desk: Arc<Desk>,
    pub sending: Arc<Sending>,
    pub plan: Plan,
    pub watch: Watch,
    /// Messages that an earlier run, or dispatcher, left in doubt.
    pub doubtful: Vec<StoredMessage>,
    pub generation: u64,
    pub gone: oneshot::Sender<()>,
}

/// A message under way, as whoever follows the dispatcher must know it.
#[derive(Debug, Clone)]
pub struct UnderWay {
    pub message: MessageId,
    /// The lane whose slot it has, if it has one.
    pub slot: Option<Lane>,
    /// Where it is, until it comes back.
    pub trip: Option<Trip>,
    /// What waits for it.
    pub strand: Option<Strand>,
}
