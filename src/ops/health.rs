//! `/healthz`, `/readyz` and `/metrics`.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use crate::telemetry::metrics::Metrics;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// The text format of Prometheus.
const EXPOSITION: &str = "text/plain; version=0.0.4";

/// One thing that must work, and whether it does.
#[derive(Debug, Clone, Serialize, JsonSchema)]
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

/// Where it is answered from.
#[derive(Clone)]
pub struct Health {
    /// Asked at each `/readyz`.
    pub readiness: Readiness,
    /// What is measured.
    pub metrics: Metrics,
}

/// Everything works.
#[derive(Serialize, JsonSchema)]
struct Ready {
    ready: bool,
    checks: Vec<Check>,
}

/// The routes; they need no token.
pub fn table() -> Table<Health> {
    let words = |operation: Operation, media| {
        operation.open().answers_as(200, media, |generator| generator.subschema_for::<String>())
    };
    let healthz = words(Operation::new("The process runs."), "text/plain; charset=utf-8");
    let readyz = Operation::new("It can do its work; 503 names what does not work.");
    let metrics = words(Operation::new("Metrics for Prometheus."), EXPOSITION);
    Table::default()
        .get("/healthz", async || "alive\n", healthz)
        .get("/readyz", self::readyz, readyz.open().answers::<Ready>())
        .get("/metrics", exposition, metrics)
}

async fn readyz(State(health): State<Health>) -> Response {
    let checks = (health.readiness)();
    let failed: Vec<&str> =
        checks.iter().filter(|check| !check.ok).map(|check| check.name).collect();
    if failed.is_empty() {
        return Json(Ready { ready: true, checks }).into_response();
    }
    let detail = format!("not ready: {}", failed.join(", "));
    Problem::of(Refusal::NotReady, detail)
        .with("ready", Some(false))
        .with("checks", Some(checks))
        .into_response()
}

/// The text format of Prometheus, version 0.0.4.
async fn exposition(State(health): State<Health>) -> Response {
    let headers = [(axum::http::header::CONTENT_TYPE, EXPOSITION)];
    (headers, health.metrics.render()).into_response()
}
