//! What would be told: commands that somebody pastes, played in virtual time.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::gate::Wish;
use crate::console::sheet::{Sheet, answer};
use crate::console::visitor::Visitor;

const API: &str = "/v1/rehearse";
/// What stands there for whoever has nothing to paste.
const EXAMPLE: &str = include_str!("../pages/rehearse.jsonl");

/// `GET /console/rehearse`.
pub async fn ask(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = sheet(json!({ "commands": EXAMPLE }));
    answer(&console, &visitor, Ok(sheet))
}

/// `POST /console/rehearse`, with `commands`.
pub async fn play(State(console): State<Arc<Console>>, wish: Wish) -> Response {
    let sheet = played(&console, &wish).await;
    answer(&console, &wish.visitor, Ok(sheet))
}

async fn played(console: &Console, wish: &Wish) -> Sheet {
    let commands = wish.form.get("commands").unwrap_or_default();
    match console.post_text(&wish.visitor, API, commands.to_owned()).await {
        Ok(played) => sheet(json!({ "commands": commands, "played": played })),
        Err(Fault { detail, .. }) => sheet(json!({ "commands": commands, "wrong": detail })),
    }
}

fn sheet(parts: serde_json::Value) -> Sheet {
    Sheet {
        template: "rehearse",
        title: "Rehearse".to_owned(),
        area: "rehearse",
        parts,
        cli: "bellhop rehearse --all commands.jsonl".to_owned(),
        api: format!("POST {API}"),
        is_live: false,
    }
}
