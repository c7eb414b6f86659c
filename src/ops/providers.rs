//! How the providers stand, over HTTP.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::actors::Outbound;
use crate::web::problem::Problem;

/// The routes; they need the token where one is configured.
pub fn routes(outbound: Arc<Outbound>) -> Router {
    Router::new().route("/v1/providers", get(list)).with_state(outbound)
}

/// `GET /v1/providers`: each provider by channel, in the order of the configuration. All of them or
/// none: one that were left out would look like one that is gone.
async fn list(State(outbound): State<Arc<Outbound>>) -> Result<Response, Problem> {
    let providers = outbound.providers().await.map_err(|channel| {
        let detail = format!("the dispatcher of {} does not say how it is", channel.as_str());
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Problem::new(status, "unavailable", detail).again_after(1)
    })?;
    Ok(Json(providers).into_response())
}
