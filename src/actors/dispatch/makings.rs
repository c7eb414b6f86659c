//! What a dispatcher is made of.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::desk::Desk;
use super::sending::Sending;
use super::watch::Watch;
use crate::store::StoredMessage;
use crate::traffic::Plan;

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
