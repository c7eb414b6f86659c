//! What changed: bookings, sessions, places in queues, payments, clients.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::booking::BookingState;
use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId, SessionId};
use crate::domain::payment::PaymentState;
use crate::domain::receipt::Suppression;
use crate::domain::session::EntryState;
use crate::wire::scalar::Parsed;

/// A booking's state or time changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct BookingChanged<'a> {
    /// Which booking.
    #[schemars(with = "Parsed<BookingId>")]
    pub booking: &'a str,
    /// Its state now.
    #[schemars(with = "Parsed<BookingState>")]
    pub state: &'static str,
    /// Its start now (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    pub starts_at: Timestamp,
    /// `confirmed` once the client said that they will come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attendance: Option<&'static str>,
}

/// A session's time, size or state changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct SessionChanged<'a> {
    /// Which session.
    #[schemars(with = "Parsed<SessionId>")]
    pub session: &'a str,
    /// Its state now.
    pub state: SessionState,
    /// Its start now (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    pub starts_at: Timestamp,
    /// Its seats now.
    pub capacity: u32,
}

/// Whether a session takes place.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum SessionState {
    /// It takes place.
    Scheduled,
    /// It was called off.
    Cancelled,
}

/// A place in a session's queue changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct QueueChanged<'a> {
    /// Which place.
    #[schemars(with = "Parsed<EntryId>")]
    pub entry: &'a str,
    /// Of which session.
    #[schemars(with = "Parsed<SessionId>")]
    pub session: &'a str,
    /// Whose.
    #[schemars(with = "Parsed<ClientId>")]
    pub client: &'a str,
    /// Where it stands now.
    pub state: QueueState,
    /// Until when the offer stands (UTC); only while the seat is offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Parsed<Timestamp>")]
    pub until: Option<Timestamp>,
}

/// Where a place in a queue stands.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum QueueState {
    /// Waits for a seat.
    Waiting,
    /// Has been offered a seat.
    Offered,
    /// Took the seat.
    Accepted,
    /// Left the seat to the next.
    Declined,
    /// Did not answer in time.
    Expired,
    /// Left the queue.
    Left,
    /// The session began or was called off.
    Closed,
}

impl From<EntryState> for QueueState {
    fn from(state: EntryState) -> Self {
        match state {
            EntryState::Waiting => QueueState::Waiting,
            EntryState::Offered { .. } => QueueState::Offered,
            EntryState::Accepted => QueueState::Accepted,
            EntryState::Declined => QueueState::Declined,
            EntryState::Expired => QueueState::Expired,
            EntryState::Left => QueueState::Left,
            EntryState::Closed => QueueState::Closed,
        }
    }
}

/// A payment changed.
#[derive(Serialize, JsonSchema)]
pub(super) struct PaymentChanged<'a> {
    /// Which payment.
    #[schemars(with = "Parsed<PaymentId>")]
    pub payment: &'a str,
    /// Where it stands now.
    #[schemars(with = "Parsed<PaymentState>")]
    pub state: &'static str,
}

/// A client wrote back.
#[derive(Serialize, JsonSchema)]
pub(super) struct ClientReplied<'a> {
    /// Who.
    #[schemars(with = "Parsed<ClientId>")]
    pub client: &'a str,
    /// On which channel.
    #[schemars(with = "Parsed<Channel>")]
    pub channel: &'static str,
    /// The type of the command that it became; null where it was no word that means one, or
    /// nothing that it answers.
    pub matched: Option<&'static str>,
}

/// A client has read an item of their mailbox in the app: told once, until it is marked as unread.
#[derive(Serialize, JsonSchema)]
pub(super) struct InboxRead<'a> {
    /// Who.
    #[schemars(with = "Parsed<ClientId>")]
    pub client: &'a str,
    /// The message that brought it.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub message: Uuid,
}

/// Nothing goes to this address of a client any more: it bounced, or its owner complained.
#[derive(Serialize, JsonSchema)]
pub(super) struct ClientSuppressed<'a> {
    /// Who.
    #[schemars(with = "Parsed<ClientId>")]
    pub client: &'a str,
    /// On which channel.
    #[schemars(with = "Parsed<Channel>")]
    pub channel: &'static str,
    /// SHA-256 of the address as it was registered, or of the token of a device that is gone, in
    /// hexadecimal; absent where all devices of a client are meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_hash: Option<&'a str>,
    /// Why.
    #[schemars(with = "Parsed<Suppression>")]
    pub reason: &'static str,
    /// Since when (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    pub since: Timestamp,
}
