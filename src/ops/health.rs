//! `/healthz`, `/readyz` and `/metrics`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use crate::telemetry::metrics::Metrics;
use crate::web::problem::Problem;

/// One thing that must work, and whether it does.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    pub name: &'static str,
    /// Whether it works.
    pub ok: bool,
    /// What to look at if it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<Cow<'static, str>>,
}

/// Asked at each `/readyz`.
pub type Readiness = Arc<dyn Fn() -> Vec<Check> + Send + Sync>;

#[derive(Clone)]
struct Health {
    readiness: Readiness,
    metrics: Metrics,
}

/// The routes; they need no token.
pub fn routes(readiness: Readiness, metrics: Metrics) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "alive\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(exposition))
        .with_state(Health { readiness, metrics })
}

async fn readyz(State(health): State<Health>) -> Response {
    let checks = (health.readiness)();
    let failed: Vec<&str> =
        checks.iter().filter(|check| !check.ok).map(|check| check.name).collect();
    if failed.is_empty() {
        return Json(serde_json::json!({ "ready": true, "checks": checks })).into_response();
    }
    let detail = format!("not ready: {}", failed.join(", "));
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", detail)
        .with("ready", Some(false))
        .with("checks", Some(checks))
        .into_response()
}

/// The text format of Prometheus, version 0.0.4.
async fn exposition(State(health): State<Health>) -> Response {
    let headers = [(axum::http::header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (headers, health.metrics.render()).into_response()
}
