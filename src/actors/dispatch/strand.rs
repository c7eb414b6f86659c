//! What leaves one behind the other.

use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::{Facts, Topic};
use crate::store::StoredMessage;

/// What one reader hears about one thing on one channel: it leaves in the order in which it was
/// decided, so that the last word that arrives is the last that was said.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Strand {
    pub tenant: TenantId,
    pub client: ClientId,
    topic: Topic,
    channel: Channel,
    /// Of the staff, where it is an alert.
    staff: Option<EmailAddress>,
}

impl Strand {
    /// `None` where the message is about nothing that could change.
    pub fn of(stored: &StoredMessage) -> Option<Self> {
        let message = &stored.message;
        let (facts, staff) = match &message.facts {
            Facts::Staff(alert) => (&*alert.of, Some(alert.to.clone())),
            facts => (facts, None),
        };
        let booking = || facts.booking().cloned().map(Topic::Booking);
        Some(Self {
            tenant: stored.tenant.clone(),
            client: message.client.clone(),
            topic: facts.topic().or_else(booking)?,
            channel: message.channel,
            staff,
        })
    }
}
