//! Why a client got what they got: decisions and fates put together.

use std::collections::HashMap;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::actors::Whereabouts;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::{MessageView, Store, StoreError, TellingView};

/// The outcome of a message that ended long ago and is no longer kept.
pub const NOT_KEPT: &str = "not_kept";

/// One channel of one thing told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChannelStory {
    /// When it was decided.
    pub at: Timestamp,
    /// The command that caused it.
    pub cause: String,
    pub kind: String,
    pub client: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking: Option<String>,
    /// How it would go.
    pub channel: String,
    /// The message's status; `skipped` where there was none, `not_kept` where it is no longer kept.
    pub outcome: String,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The message that was given up on another channel, if this takes its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MessageView>,
    /// Where it stands, if it has not ended and somebody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Whereabouts>,
}

/// Everything told about a booking, oldest first.
///
/// # Errors
/// If the store cannot be read.
pub async fn booking_story(
    store: &Store,
    tenant: &TenantId,
    booking: &BookingId,
) -> Result<Vec<ChannelStory>, StoreError> {
    let tellings = store.tellings_of_booking(tenant, booking).await?;
    lines(store, tenant, tellings).await
}

/// Everything told to a client, oldest first; of more than a page the latest.
///
/// # Errors
/// If the store cannot be read.
pub async fn client_story(
    store: &Store,
    tenant: &TenantId,
    client: &ClientId,
) -> Result<Vec<ChannelStory>, StoreError> {
    let tellings = store.tellings_of_client(tenant, client).await?;
    lines(store, tenant, tellings).await
}

/// What was decided together with a message: the same on every channel.
///
/// # Errors
/// If the store cannot be read.
pub async fn message_story(
    store: &Store,
    tenant: &TenantId,
    message: MessageId,
) -> Result<Vec<ChannelStory>, StoreError> {
    let telling = store.telling_of_message(tenant, message).await?;
    lines(store, tenant, telling.into_iter().collect()).await
}

/// Everything told to a tenant's clients, oldest first, at most a page.
///
/// # Errors
/// If the store cannot be read.
pub async fn tenant_story(
    store: &Store,
    tenant: &TenantId,
) -> Result<Vec<ChannelStory>, StoreError> {
    let tellings = store.tellings(tenant).await?;
    lines(store, tenant, tellings).await
}

async fn lines(
    store: &Store,
    tenant: &TenantId,
    tellings: Vec<TellingView>,
) -> Result<Vec<ChannelStory>, StoreError> {
    let verdicts = tellings.iter().flat_map(|telling| &telling.channels);
    let ids: Vec<String> = verdicts.filter_map(|verdict| verdict.message.clone()).collect();
    let found = store.messages(tenant, &ids).await?;
    let mut messages: HashMap<String, MessageView> =
        found.into_iter().map(|view| (view.message.clone(), view)).collect();
    let mut lines = Vec::new();
    for telling in tellings {
        for verdict in telling.channels {
            let otherwise = if verdict.message.is_some() { NOT_KEPT } else { "skipped" };
            let message = verdict.message.and_then(|id| messages.remove(&id));
            let outcome = message.as_ref().map_or(otherwise, |view| view.status.as_str());
            lines.push(ChannelStory {
                at: telling.at,
                cause: telling.cause.clone(),
                kind: telling.kind.clone(),
                client: telling.client.clone(),
                booking: telling.booking.clone(),
                channel: verdict.channel,
                outcome: outcome.to_owned(),
                reason: verdict.reason,
                fallback_of: verdict.fallback_of,
                message,
                queue: None,
            });
        }
    }
    Ok(lines)
}
