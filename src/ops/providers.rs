//! How the providers stand, over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::actors::{Outbound, ProviderStanding};
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::Table;

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<Outbound>> {
    let listed = Operation::new("How each provider stands, by channel.");
    Table::default().get("/v1/providers", list, listed.answers::<Vec<ProviderStanding>>())
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
