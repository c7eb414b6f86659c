//! Reading a message and everything told about a booking: what became of each, and where it stands
//! that has not ended.

use std::slice::from_ref;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{Ids, Shelf, missing};
use super::story::{ChannelStory, booking_story, message_story};
use crate::actors::{Lookout, Whereabouts};
use crate::domain::id::{BookingId, TenantId};
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::MessageView;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::Table;

/// Of so many messages of one answer it is looked up where they stand, the latest of them.
const LOOKED_UP_MAX: usize = 16;

/// Where readers are answered from.
pub struct ReadingDesk {
    /// Where messages are read.
    pub shelf: Arc<Shelf>,
    /// Who looks ahead for those that have not ended.
    pub lookout: Arc<Lookout>,
}

/// A message, and where it stands.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Message")]
struct Shown {
    #[serde(flatten)]
    view: MessageView,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Whereabouts>,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<ReadingDesk>> {
    let message = Operation::new("A message, who was asked to carry it, and where it stands.");
    let explain = Operation::new("Everything that was decided about a booking.");
    let decided = Operation::new("What was decided together with a message, on every channel.");
    Table::default()
        .get("/v1/tenants/{tenant}/messages/{message}", self::message, message.answers::<Shown>())
        .get(
            "/v1/tenants/{tenant}/messages/{message}/explain",
            message_explained,
            decided.answers::<MessageStory>(),
        )
        .get(
            "/v1/tenants/{tenant}/bookings/{booking}/explain",
            self::explain,
            explain.answers::<BookingStory>(),
        )
}

/// What was told of a booking.
#[derive(Serialize, JsonSchema)]
struct BookingStory {
    #[schemars(with = "String")]
    tenant: TenantId,
    #[schemars(with = "String")]
    booking: BookingId,
    /// Whether the booking is still kept.
    kept: bool,
    /// The earliest first.
    told: Vec<ChannelStory>,
    /// What was decided until then is perhaps no longer among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_kept_until: Option<Timestamp>,
}

/// What was decided together with a message.
#[derive(Serialize, JsonSchema)]
struct MessageStory {
    #[schemars(with = "String")]
    tenant: TenantId,
    message: String,
    /// By channel, with what became of each; empty where it is no longer kept.
    told: Vec<ChannelStory>,
}

/// `GET /v1/tenants/{tenant}/messages/{message}`: what became of it, and while it has not ended
/// where it stands, what it waits for and when its turn is expected.
async fn message(
    State(desk): State<Arc<ReadingDesk>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, message)) = ids.map_err(|_| missing("message"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let found = desk.shelf.read(desk.shelf.store.messages(&tenant, &[message]).await)?;
    let view = found.into_iter().next().ok_or_else(|| missing("message"))?;
    let queue = desk.queue(&tenant, &view).await?;
    Ok(Json(Shown { view, queue }).into_response())
}

/// `GET /v1/tenants/{tenant}/messages/{message}/explain`: what caused it, and what else was decided
/// then: why it went on this channel, and why not on others.
async fn message_explained(
    State(desk): State<Arc<ReadingDesk>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, message)) = ids.map_err(|_| missing("message"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let id = message.parse().map(MessageId).map_err(|_| missing("message"))?;
    let store = &desk.shelf.store;
    let told = desk.shelf.read(message_story(store, &tenant, id).await)?;
    let message = id.0.to_string();
    let is_there = !told.is_empty()
        || !desk.shelf.read(store.messages(&tenant, from_ref(&message)).await)?.is_empty();
    if !is_there {
        return Err(missing("message"));
    }
    Ok(Json(MessageStory { tenant, message, told }).into_response())
}

/// `GET /v1/tenants/{tenant}/bookings/{booking}/explain`: everything that was decided about a
/// booking, message by message, with what became of each; also of one that is no longer kept.
async fn explain(
    State(desk): State<Arc<ReadingDesk>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, booking)) = ids.map_err(|_| missing("booking"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let booking = BookingId::parse(&booking).map_err(|_| missing("booking"))?;
    let (shelf, store) = (&desk.shelf, &desk.shelf.store);
    let mut told = shelf.read(booking_story(store, &tenant, &booking).await)?;
    let is_kept = shelf.read(store.knows_booking(&tenant, &booking).await)?;
    if !is_kept && told.is_empty() {
        return Err(missing("booking"));
    }
    let open = told.iter_mut().rev().filter(|line| line.message.as_ref().is_some_and(is_open));
    for ChannelStory { message, queue, .. } in open.take(LOOKED_UP_MAX) {
        if let Some(message) = message {
            *queue = desk.queue(&tenant, message).await?;
        }
    }
    let not_kept_until = shelf.read(store.tellings_shed().await)?;
    Ok(Json(BookingStory { tenant, booking, kept: is_kept, told, not_kept_until }).into_response())
}

/// Whether it has not ended.
fn is_open(message: &MessageView) -> bool {
    [MessageStatus::Ready, MessageStatus::Sending]
        .map(MessageStatus::as_str)
        .contains(&&*message.status)
}

impl ReadingDesk {
    /// Where a message stands, if it has not ended.
    async fn queue(
        &self,
        tenant: &TenantId,
        message: &MessageView,
    ) -> Result<Option<Whereabouts>, Problem> {
        let id = message.message.parse().ok().map(MessageId);
        let Some(id) = id.filter(|_| is_open(message)) else { return Ok(None) };
        self.shelf.read(self.lookout.whereabouts(tenant, id).await)
    }
}
