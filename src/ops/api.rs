//! Reading: events, messages, and why.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::story::booking_story;
use crate::actors::Guardian;
use crate::domain::id::{BookingId, TenantId};
use crate::store::{PAGE_MAX, Store, StoreError};

/// Events returned where the reader names no number.
const EVENTS_DEFAULT: u32 = 100;

/// The routes; they need the token where one is configured.
pub fn routes(store: Store) -> Router {
    Router::new()
        .route("/v1/events", get(events))
        .route("/v1/tenants/{tenant}/messages/{message}", get(message))
        .route("/v1/tenants/{tenant}/bookings/{booking}/explain", get(explain))
        .with_state(store)
}

/// What an operator does to a running daemon; it needs the token as well.
pub fn controls(guardian: Arc<Guardian>) -> Router {
    Router::new()
        .route("/v1/tenants/{tenant}/unpark", post(unpark))
        .route("/v1/parked", get(parked))
        .with_state(guardian)
}

/// `POST /v1/tenants/{tenant}/unpark`: a tenant that was set aside because its actor kept
/// crashing may try again at once.
async fn unpark(State(guardian): State<Arc<Guardian>>, Path(tenant): Path<String>) -> Response {
    match TenantId::parse(&tenant) {
        Ok(tenant) if guardian.unpark(&tenant) => {
            Json(json!({ "unparked": tenant })).into_response()
        }
        _ => missing("parked tenant"),
    }
}

/// `GET /v1/parked`: the tenants that are set aside now.
async fn parked(State(guardian): State<Arc<Guardian>>) -> Response {
    Json(json!({ "parked": guardian.parked() })).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

/// `GET /v1/events?after=<seq>&limit=<n>`: a CloudEvents batch, in order. The last event's
/// `sequence` is where to go on.
async fn events(State(store): State<Store>, Query(page): Query<Page>) -> Response {
    let limit = page.limit.unwrap_or(EVENTS_DEFAULT).clamp(1, PAGE_MAX);
    let stored = match store.events_after(page.after, limit).await {
        Ok(stored) => stored,
        Err(error) => return failed(&error),
    };
    let events: Vec<&str> = stored.iter().map(|event| &*event.body).collect();
    let content_type = [(header::CONTENT_TYPE, "application/cloudevents-batch+json")];
    (content_type, format!("[{}]", events.join(","))).into_response()
}

async fn message(
    State(store): State<Store>,
    Path((tenant, message)): Path<(String, String)>,
) -> Response {
    let Ok(tenant) = TenantId::parse(&tenant) else { return missing("tenant") };
    match store.messages(&tenant, &[message]).await {
        Ok(found) => match found.into_iter().next() {
            Some(view) => Json(view).into_response(),
            None => missing("message"),
        },
        Err(error) => failed(&error),
    }
}

/// `GET /v1/tenants/{tenant}/bookings/{booking}/explain`: everything that was decided about a
/// booking, message by message, with what became of each.
async fn explain(
    State(store): State<Store>,
    Path((tenant, booking)): Path<(String, String)>,
) -> Response {
    let Ok(tenant) = TenantId::parse(&tenant) else { return missing("tenant") };
    let Ok(booking) = BookingId::parse(&booking) else { return missing("booking") };
    match booking_story(&store, &tenant, &booking).await {
        Ok(story) if story.is_empty() => missing("booking"),
        Ok(story) => {
            Json(json!({ "tenant": tenant, "booking": booking, "told": story })).into_response()
        }
        Err(error) => failed(&error),
    }
}

fn missing(what: &str) -> Response {
    let body = json!({ "reason": "not_found", "detail": format!("no such {what}") });
    (StatusCode::NOT_FOUND, Json(body)).into_response()
}

fn failed(error: &StoreError) -> Response {
    tracing::warn!(%error, "a reader was turned away");
    let body = json!({ "reason": "unavailable", "detail": "the store cannot be read now" });
    (StatusCode::SERVICE_UNAVAILABLE, Json(body)).into_response()
}
