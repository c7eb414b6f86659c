//! Reading: events, messages, and why.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;

use super::story::booking_story;
use crate::actors::Tenants;
use crate::clock;
use crate::domain::id::{BookingId, TenantId};
use crate::store::{PAGE_MAX, Store, StoreError};
use crate::telemetry::spell::Told;
use crate::web::problem::Problem;
use crate::web::query::Query;

/// Events returned where the reader names no number.
const EVENTS_DEFAULT: u32 = 100;

/// What readers are answered from.
struct Shelf {
    store: Store,
    /// How it is told that it cannot be read: readers come often.
    trouble: Told,
}

impl Shelf {
    fn read<T>(&self, read: Result<T, StoreError>) -> Result<T, Problem> {
        match read {
            Ok(found) => {
                self.trouble.worked(clock::instant());
                Ok(found)
            }
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                let detail = "the store cannot be read now";
                Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail))
            }
        }
    }
}

/// The routes; they need the token where one is configured.
pub fn routes(store: Store) -> Router {
    let trouble = Told::new("readers are turned away", "readers are answered again");
    Router::new()
        .route("/v1/events", get(events))
        .route("/v1/tenants/{tenant}/messages/{message}", get(message))
        .route("/v1/tenants/{tenant}/bookings/{booking}/explain", get(explain))
        .with_state(Arc::new(Shelf { store, trouble }))
}

/// What an operator does to a running daemon; it needs the token as well.
pub fn controls(tenants: Arc<Tenants>) -> Router {
    Router::new()
        .route("/v1/tenants/{tenant}/unpark", post(unpark))
        .route("/v1/parked", get(parked))
        .with_state(tenants)
}

/// `POST /v1/tenants/{tenant}/unpark`: a tenant that was set aside because its actor kept
/// crashing may try again at once.
async fn unpark(
    State(tenants): State<Arc<Tenants>>,
    tenant: Ids<String>,
) -> Result<Response, Problem> {
    let tenant = tenant.ok().and_then(|Path(tenant)| TenantId::parse(&tenant).ok());
    match tenant.filter(|tenant| tenants.unpark(tenant)) {
        Some(tenant) => Ok(Json(json!({ "unparked": tenant })).into_response()),
        None => Err(missing("parked tenant")),
    }
}

/// `GET /v1/parked`: the tenants that are set aside now.
async fn parked(State(tenants): State<Arc<Tenants>>) -> Response {
    Json(json!({ "parked": tenants.parked() })).into_response()
}

/// `GET /v1/events?after=<seq>&limit=<n>`: a CloudEvents batch, in order. The last event's
/// `sequence` is where to go on.
async fn events(
    State(shelf): State<Arc<Shelf>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &["after", "limit"])?;
    let after = query.number("after", 0..=i64::MAX)?.unwrap_or(0);
    let limit = query.number("limit", 1..=u32::MAX)?.unwrap_or(EVENTS_DEFAULT).min(PAGE_MAX);
    let stored = shelf.read(shelf.store.events_after(after, limit).await)?;
    let events: Vec<&str> = stored.iter().map(|event| &*event.body).collect();
    let content_type = [(header::CONTENT_TYPE, "application/cloudevents-batch+json")];
    Ok((content_type, format!("[{}]", events.join(","))).into_response())
}

/// The ids in a path, of which some are not even text.
type Ids<T> = Result<Path<T>, PathRejection>;

async fn message(
    State(shelf): State<Arc<Shelf>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, message)) = ids.map_err(|_| missing("message"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let found = shelf.read(shelf.store.messages(&tenant, &[message]).await)?;
    let view = found.into_iter().next().ok_or_else(|| missing("message"))?;
    Ok(Json(view).into_response())
}

/// `GET /v1/tenants/{tenant}/bookings/{booking}/explain`: everything that was decided about a
/// booking, message by message, with what became of each.
async fn explain(
    State(shelf): State<Arc<Shelf>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, booking)) = ids.map_err(|_| missing("booking"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let booking = BookingId::parse(&booking).map_err(|_| missing("booking"))?;
    let told = shelf.read(booking_story(&shelf.store, &tenant, &booking).await)?;
    let is_known =
        !told.is_empty() || shelf.read(shelf.store.knows_booking(&tenant, &booking).await)?;
    if !is_known {
        return Err(missing("booking"));
    }
    Ok(Json(json!({ "tenant": tenant, "booking": booking, "told": told })).into_response())
}

fn missing(what: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_found", format!("no such {what}"))
}
