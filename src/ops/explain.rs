//! Reading a message and everything told about a booking: what became of each, and where it stands
//! that has not ended.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use serde_json::json;

use super::api::{Ids, Shelf, missing};
use super::story::{ChannelStory, booking_story};
use crate::actors::{Lookout, Whereabouts};
use crate::domain::id::{BookingId, TenantId};
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::MessageView;
use crate::web::problem::Problem;

/// Of so many messages of one answer it is looked up where they stand, the latest of them.
const LOOKED_UP_MAX: usize = 16;

/// Where readers are answered from.
struct Desk {
    shelf: Arc<Shelf>,
    lookout: Arc<Lookout>,
}

/// A message, and where it stands.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    view: MessageView,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<Whereabouts>,
}

/// The routes; they need the token where one is configured.
pub fn routes(shelf: Arc<Shelf>, lookout: Arc<Lookout>) -> Router {
    Router::new()
        .route("/v1/tenants/{tenant}/messages/{message}", get(message))
        .route("/v1/tenants/{tenant}/bookings/{booking}/explain", get(explain))
        .with_state(Arc::new(Desk { shelf, lookout }))
}

/// `GET /v1/tenants/{tenant}/messages/{message}`: what became of it, and while it has not ended
/// where it stands, what it waits for and when its turn is expected.
async fn message(
    State(desk): State<Arc<Desk>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, message)) = ids.map_err(|_| missing("message"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let found = desk.shelf.read(desk.shelf.store.messages(&tenant, &[message]).await)?;
    let view = found.into_iter().next().ok_or_else(|| missing("message"))?;
    let queue = desk.queue(&tenant, &view).await?;
    Ok(Json(Shown { view, queue }).into_response())
}

/// `GET /v1/tenants/{tenant}/bookings/{booking}/explain`: everything that was decided about a
/// booking, message by message, with what became of each; also of one that is no longer kept.
async fn explain(
    State(desk): State<Arc<Desk>>,
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
    let story = json!({ "tenant": tenant, "booking": booking, "kept": is_kept, "told": told });
    Ok(Json(story).into_response())
}

/// Whether it has not ended.
fn is_open(message: &MessageView) -> bool {
    [MessageStatus::Ready, MessageStatus::Sending]
        .map(MessageStatus::as_str)
        .contains(&&*message.status)
}

impl Desk {
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
