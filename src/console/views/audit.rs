//! What operators did.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::with_query;
use crate::console::visitor::Visitor;

/// `GET /console/audit?after=&limit=`.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = sheet(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

async fn sheet(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    let api = with_query("/v1/audit", visitor.asks_of(&["after", "limit"]));
    let page = console.get(visitor, &api).await?;
    Ok(Sheet {
        template: "audit",
        title: "Audit".to_owned(),
        area: "audit",
        parts: json!({ "page": page }),
        cli: String::new(),
        api,
        is_live: false,
    })
}
