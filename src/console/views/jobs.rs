//! What was tried again, and how far it is.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::json;

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::gate::Wish;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::{segment, with_query, word};
use crate::console::visitor::Visitor;

/// `GET /console/jobs`.
pub async fn list(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = listed(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

async fn listed(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    let api = with_query("/v1/jobs", visitor.asks_of(&["after", "limit"]));
    let page = console.get(visitor, &api).await?;
    Ok(Sheet {
        template: "jobs",
        title: "Replays".to_owned(),
        area: "letters",
        parts: json!({ "page": page }),
        cli: "bellhop jobs".to_owned(),
        api,
        is_live: true,
    })
}

/// `GET /console/jobs/{job}`.
pub async fn one(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(job): Path<String>,
) -> Response {
    let sheet = shown(&console, &visitor, &job).await;
    answer(&console, &visitor, sheet)
}

async fn shown(console: &Console, visitor: &Visitor, id: &str) -> Result<Sheet, Fault> {
    let api = format!("/v1/jobs/{}", segment(id));
    let job = console.get(visitor, &api).await?;
    Ok(Sheet {
        template: "job",
        title: "Replay".to_owned(),
        area: "letters",
        is_live: matches!(job["state"].as_str(), Some("running" | "paused")),
        parts: json!({ "job": job }),
        cli: format!("bellhop jobs show {}", word(id)),
        api,
    })
}

/// `POST /console/jobs/{job}/{step}`.
pub async fn step(
    State(console): State<Arc<Console>>,
    Path((job, step)): Path<(String, String)>,
    wish: Wish,
) -> Response {
    let path = format!("/v1/jobs/{}/{}", segment(&job), segment(&step));
    let body = wish.form.get("why").map_or_else(|| json!({}), |why| json!({ "reason": why }));
    match console.post(&wish.visitor, &path, body).await {
        Ok(_) => Redirect::to(&format!("/console/jobs/{}", segment(&job))).into_response(),
        Err(fault) => answer(&console, &wish.visitor, Err(fault)),
    }
}
