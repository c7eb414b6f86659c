//! What clients were told and what not; and one message, from its command to its receipts.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

use super::timeline::timeline;
use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::{segment, with_query, word};
use crate::console::visitor::Visitor;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::ops::told::statuses;

/// What the page can be asked for, beside the tenant.
const FILTERS: [&str; 8] =
    ["client", "booking", "kind", "channel", "status", "reason", "after", "limit"];
/// Tenants that are offered where none is named.
const TENANTS_OFFERED: &str = "/v1/tenants?limit=200";

/// `GET /console/messages?tenant=&…`.
pub async fn list(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = listed(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

async fn listed(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    let mut parts = json!({
        "kinds": Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>(),
        "channels": Channel::ALL.map(Channel::as_str),
        "statuses": statuses(),
    });
    let (mut api, mut cli) = (TENANTS_OFFERED.to_owned(), "bellhop tenants".to_owned());
    match visitor.asks("tenant") {
        Some(tenant) => {
            let path = format!("/v1/tenants/{}/messages", segment(tenant));
            api = with_query(&path, visitor.asks_of(&FILTERS));
            cli = format!("bellhop messages --tenant {}{}", word(tenant), flags(visitor));
            parts["page"] = console.get(visitor, &api).await?;
        }
        None => parts["tenants"] = console.get(visitor, &api).await?["items"].take(),
    }
    let (template, title, area) = ("messages", "Messages".to_owned(), "messages");
    let is_live = visitor.asks("tenant").is_some() && visitor.asks("after").is_none();
    Ok(Sheet { template, title, area, parts, cli, api, is_live })
}

/// The same filters for the command line.
fn flags(visitor: &Visitor) -> String {
    let flag = |(name, value): (&str, &str)| format!(" --{name} {}", word(value));
    visitor.asks_of(&FILTERS).map(flag).collect()
}

/// `GET /console/tenants/{tenant}/messages/{message}`.
pub async fn one(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path((tenant, message)): Path<(String, String)>,
) -> Response {
    let sheet = shown(&console, &visitor, &tenant, &message).await;
    answer(&console, &visitor, sheet)
}

async fn shown(
    console: &Console,
    visitor: &Visitor,
    tenant: &str,
    message: &str,
) -> Result<Sheet, Fault> {
    let api = format!("/v1/tenants/{}/messages/{}", segment(tenant), segment(message));
    let view = console.get(visitor, &api).await?;
    let mut story = console.get(visitor, &format!("{api}/explain")).await?;
    let told: Vec<Value> = match story["told"].take() {
        Value::Array(told) => told,
        _ => Vec::new(),
    };
    let steps = timeline(&view, told.first());
    let text = console.get(visitor, &format!("{api}/text")).await;
    let text = text.unwrap_or_else(|fault| json!({ "none": fault.detail }));
    let kind = view["kind"].as_str().unwrap_or("message").to_owned();
    Ok(Sheet {
        template: "message",
        title: kind,
        area: "messages",
        cli: format!("bellhop explain --tenant {} --message {}", word(tenant), word(message)),
        is_live: matches!(view["status"].as_str(), Some("ready" | "sending")),
        parts: json!({ "tenant": tenant, "message": view, "told": told, "steps": steps, "text": text }),
        api,
    })
}
