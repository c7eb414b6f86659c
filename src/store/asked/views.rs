//! What people and upstream apps look at.

use jiff::Timestamp;

use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::kind::Lane;
use crate::domain::message::{MessageId, Topic};
use crate::store::error::StoreError;
use crate::store::view::{
    Backlog, Concern, Correspondents, Late, Linked, MessageView, Numbered, Spoken, TellingView,
    Unread,
};
use crate::store::{Claimed, Store};

impl Store {
    /// SMS segments that were counted on a day of UTC, counted from 1970-01-01, and not given back.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn segments_of_day(&self, day: i64) -> Result<u32, StoreError> {
        forward!(self.segments_of_day(day))
    }

    /// The message with the short link of this code; nothing where there is none, or two.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn linked(&self, code: &str) -> Result<Option<Linked>, StoreError> {
        forward!(self.linked(code))
    }

    /// The tenants whose text messages go out under this number, given by its digits, at most
    /// `limit`; where nobody's do, the only tenant there is, or else those that have keywords and
    /// no number of their own.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tenants_of_number(
        &self,
        digits: &str,
        limit: u32,
    ) -> Result<Vec<Numbered>, StoreError> {
        forward!(self.tenants_of_number(digits, limit))
    }

    /// How many messages are neither sent nor given up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_open(&self) -> Result<u64, StoreError> {
        forward!(self.count_open())
    }

    /// What waits at this instant, and what was given up.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn backlog(&self, now: Timestamp) -> Result<Backlog, StoreError> {
        forward!(self.backlog(now))
    }

    /// The tenants of whom something in this lane has been due since this instant or longer, at
    /// most `limit`, those who wait longest first. Looks at everything that waits.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn late(
        &self,
        lane: Lane,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<Late>, StoreError> {
        forward!(self.late(lane, since, limit))
    }

    /// The events that the reader of that name has not come to.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn unread_events(&self, reader: &str) -> Result<Unread, StoreError> {
        forward!(self.unread_events(reader))
    }

    /// Everything decided about a booking, oldest first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tellings_of_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<Vec<TellingView>, StoreError> {
        forward!(self.tellings_of_booking(tenant, booking))
    }

    /// Which of these messages there are, and those that took their places.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn spoken(
        &self,
        tenant: &TenantId,
        messages: &[MessageId],
    ) -> Result<Vec<Spoken>, StoreError> {
        forward!(self.spoken(tenant, messages))
    }

    /// A tenant and one of its clients, without all the rest of the tenant's state; `None` where
    /// there is no such tenant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn correspondents(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Option<Correspondents>, StoreError> {
        forward!(self.correspondents(tenant, client))
    }

    /// A booking or a place in a queue, with the tenant, the client and the session, without the
    /// rest of the tenant's state; `None` where there is no such tenant.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn concern(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        about: &Topic,
    ) -> Result<Option<Concern>, StoreError> {
        forward!(self.concern(tenant, client, about))
    }

    /// Everything decided about a client, oldest first; of more than
    /// [`PAGE_MAX`](crate::store::PAGE_MAX) the latest.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tellings_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Vec<TellingView>, StoreError> {
        forward!(self.tellings_of_client(tenant, client))
    }

    /// What was decided together with a message.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn telling_of_message(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<TellingView>, StoreError> {
        forward!(self.telling_of_message(tenant, message))
    }

    /// A message with what its text needs, whatever became of it; `None` where there is none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn enclosed(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<Claimed>, StoreError> {
        forward!(self.enclosed(tenant, message))
    }

    /// A client's messages, oldest first; of more than [`PAGE_MAX`](crate::store::PAGE_MAX) the
    /// latest.
    ///
    /// # Errors
    /// See [`StoreError`].
    #[cfg(test)]
    pub async fn messages_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Vec<MessageView>, StoreError> {
        forward!(self.messages_of_client(tenant, client))
    }

    /// Whether the tenant has such a booking.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn knows_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<bool, StoreError> {
        forward!(self.knows_booking(tenant, booking))
    }

    /// A tenant's tellings, oldest first, at most [`PAGE_MAX`](crate::store::PAGE_MAX).
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tellings(&self, tenant: &TenantId) -> Result<Vec<TellingView>, StoreError> {
        forward!(self.tellings(tenant))
    }

    /// Which of these messages were sent to clients who have been erased since: nothing is left of
    /// what was said to them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forgotten(&self, messages: &[&str]) -> Result<Vec<String>, StoreError> {
        forward!(self.forgotten(messages))
    }

    /// How many tenants are known.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn count_tenants(&self) -> Result<u64, StoreError> {
        forward!(self.count_tenants())
    }

    /// Messages by id.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn messages(
        &self,
        tenant: &TenantId,
        ids: &[String],
    ) -> Result<Vec<MessageView>, StoreError> {
        forward!(self.messages(tenant, ids))
    }
}
