//! What the dispatcher let go, as long as its outcome is not durable.

use super::strand::Strand;
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::traffic::Trip;

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
