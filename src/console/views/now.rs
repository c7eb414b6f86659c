//! How everything stands.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{Redirect, Response};

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::sheet::{Sheet, answer};
use crate::console::visitor::Visitor;

const API: &str = "/v1/now";

/// `GET /console`.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = sheet(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

/// `GET /console/`: whoever types it means the page.
pub async fn elsewhere() -> Redirect {
    Redirect::permanent("/console")
}

async fn sheet(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    Ok(Sheet {
        template: "now",
        title: "Now".to_owned(),
        area: "now",
        parts: console.get(visitor, API).await?,
        cli: "bellhop top".to_owned(),
        api: API.to_owned(),
        is_live: true,
    })
}
