//! The tenants: how each stands, and what an operator does to one.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde_json::{Value, json};

use crate::console::desk::Console;
use crate::console::fault::Fault;
use crate::console::form::Form;
use crate::console::gate::Wish;
use crate::console::sheet::{Sheet, answer};
use crate::console::urls::{segment, with_query, word};
use crate::console::visitor::Visitor;
use crate::domain::channel::Channel;
use crate::web::refusal::Refusal;

/// How long a limit stands where the form says nothing.
const LIMIT_FOR: &str = "PT2H";

/// `GET /console/tenants`.
pub async fn list(State(console): State<Arc<Console>>, visitor: Visitor) -> Response {
    let sheet = listed(&console, &visitor).await;
    answer(&console, &visitor, sheet)
}

async fn listed(console: &Console, visitor: &Visitor) -> Result<Sheet, Fault> {
    let api = with_query("/v1/tenants", visitor.asks_of(&["after", "limit"]));
    let page = console.get(visitor, &api).await?;
    Ok(Sheet {
        template: "tenants",
        title: "Tenants".to_owned(),
        area: "tenants",
        parts: json!({ "page": page }),
        cli: "bellhop tenants".to_owned(),
        api,
        is_live: false,
    })
}

/// `GET /console/tenants/{tenant}`.
pub async fn one(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(tenant): Path<String>,
) -> Response {
    let sheet = shown(&console, &visitor, &tenant).await;
    answer(&console, &visitor, sheet)
}

async fn shown(console: &Console, visitor: &Visitor, tenant: &str) -> Result<Sheet, Fault> {
    let api = format!("/v1/tenants/{}", segment(tenant));
    let view = console.get(visitor, &api).await?;
    let mut limits = console.get(visitor, &format!("{api}/limits")).await?;
    let after = visitor.asks_of(&["after"]);
    let suppressions =
        console.get(visitor, &with_query(&format!("{api}/suppressions"), after)).await?;
    let (of_tenant, channels) = (word(tenant), Channel::ALL.map(Channel::as_str));
    Ok(Sheet {
        template: "tenant",
        title: format!("Tenant {tenant}"),
        area: "tenants",
        parts: json!({
            "tenant": tenant, "view": view, "limits": limits["items"].take(),
            "suppressions": suppressions, "channels": channels,
        }),
        cli: format!("bellhop suppressions {of_tenant}"),
        api,
        is_live: false,
    })
}

/// `POST /console/tenants/{tenant}/do/{deed}`: `park`, `unpark`, `slow`, `lift`, `unsuppress`, each
/// with a reason.
pub async fn act(
    State(console): State<Arc<Console>>,
    Path((tenant, deed)): Path<(String, String)>,
    wish: Wish,
) -> Response {
    let done = acted(&console, &wish, &tenant, &deed).await;
    match done {
        Ok(_) => Redirect::to(&format!("/console/tenants/{}", segment(&tenant))).into_response(),
        Err(fault) => answer(&console, &wish.visitor, Err(fault)),
    }
}

async fn acted(console: &Console, wish: &Wish, tenant: &str, deed: &str) -> Result<Value, Fault> {
    let Wish { visitor, form } = wish;
    let why = form.get("why").ok_or_else(|| unsaid("why: it is kept in the audit"))?;
    let path = format!("/v1/tenants/{}", segment(tenant));
    match deed {
        "park" | "unpark" => {
            console.post(visitor, &format!("{path}/{deed}"), json!({ "reason": why })).await
        }
        "slow" => console.post(visitor, &format!("{path}/limits"), limit(form, why)?).await,
        "lift" => {
            let channel = form.get("channel").ok_or_else(|| unsaid("on which channel"))?;
            let path = format!("{path}/limits/{}", segment(channel));
            console.delete(visitor, &path, json!({ "reason": why })).await
        }
        "unsuppress" => {
            let mut body = json!({ "client": form.get("client"), "reason": why });
            if let Some(channel) = form.get("channel") {
                body["channel"] = json!(channel);
            }
            console.post(visitor, &format!("{path}/unsuppress"), body).await
        }
        _ => Err(Fault::new(Refusal::NotFound, "nothing of that name is done")),
    }
}

fn limit(form: &Form, why: &str) -> Result<Value, Fault> {
    let rate = form.get("rate").and_then(|rate| rate.parse::<f64>().ok());
    let rate = rate.ok_or_else(|| unsaid("how many messages a second"))?;
    Ok(json!({
        "channel": form.get("channel"), "rate": rate,
        "for": form.get("for").unwrap_or(LIMIT_FOR), "reason": why,
    }))
}

fn unsaid(what: &str) -> Fault {
    Fault::new(Refusal::InvalidForm, format!("say {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_ends_by_itself_though_nobody_says_when() {
        let form = Form::read(b"channel=sms&rate=0.5");
        let wanted = json!({ "channel": "sms", "rate": 0.5, "for": "PT2H", "reason": "x" });
        assert_eq!(limit(&form, "x"), Ok(wanted));
        assert!(limit(&Form::read(b"channel=sms&rate=fast"), "x").is_err());
    }
}
