//! What became of messages.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use crate::domain::channel::Channel;
use crate::domain::event::MessageEvent;
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId};
use crate::domain::policy::SkipReason;
use crate::domain::receipt::Failure;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::names::AnyKind;

/// A message will not be sent.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessageSkipped<'a> {
    /// What it would have been about.
    #[schemars(with = "Parsed<AnyKind>")]
    pub kind: &'static str,
    /// How it would have gone.
    #[schemars(with = "Parsed<Channel>")]
    pub channel: &'static str,
    /// To whom.
    #[schemars(with = "Parsed<ClientId>")]
    pub client: &'a str,
    /// About which booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Parsed<BookingId>")]
    pub booking: Option<&'a str>,
    /// About which place in a queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Parsed<EntryId>")]
    pub entry: Option<&'a str>,
    /// About which payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Parsed<PaymentId>")]
    pub payment: Option<&'a str>,
    /// Why not.
    #[schemars(with = "Parsed<SkipReason>")]
    pub reason: &'static str,
    /// The message that was given up on another channel, if this one would have taken its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub fallback_of: Option<Uuid>,
}

/// What became of a message.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessageFate<'a> {
    /// The message's id, the same on every attempt.
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub message: Uuid,
    /// What it is about.
    #[schemars(with = "Parsed<AnyKind>")]
    pub kind: &'static str,
    /// How it goes.
    #[schemars(with = "Parsed<Channel>")]
    pub channel: &'static str,
    /// To whom.
    #[schemars(with = "Parsed<ClientId>")]
    pub client: &'a str,
    /// How often it was tried.
    pub attempt: u32,
    /// Who was asked to deliver it, by the name in the configuration; empty if nobody was.
    pub provider: &'a str,
    /// What they said.
    pub reply: &'a str,
    /// What they call the message, if they say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<&'a str>,
    /// The message that was given up on another channel, if this one takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", extend("format" = "uuid"))]
    pub fallback_of: Option<Uuid>,
}

/// What became of a message that will be tried again.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessageRetrying<'a> {
    #[serde(flatten)]
    pub fate: MessageFate<'a>,
    /// When it is tried next (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    pub next_attempt_at: Timestamp,
}

/// A provider reported that a message did not arrive which it had taken.
#[derive(Serialize, JsonSchema)]
pub(super) struct MessageUndelivered<'a> {
    #[serde(flatten)]
    pub fate: MessageFate<'a>,
    /// `failed`, or `bad_address` where nothing will ever arrive there.
    #[schemars(with = "Parsed<Failure>")]
    pub reason: &'static str,
}

impl<'a> From<&'a MessageEvent> for MessageFate<'a> {
    fn from(event: &'a MessageEvent) -> Self {
        Self {
            message: event.message.0,
            kind: event.kind.as_str(),
            channel: event.channel.as_str(),
            client: event.client.as_str(),
            attempt: event.attempt,
            provider: &event.provider,
            reply: &event.reply,
            reference: event.reference.as_deref(),
            fallback_of: event.fallback_of.map(|message| message.0),
        }
    }
}
