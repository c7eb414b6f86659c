//! A page as it is answered: HTML by its template, or what it is made of as JSON.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};
use minijinja::value::Serde;
use minijinja::{Value as Said, context};
use serde_json::{Value, json};

use super::desk::Console;
use super::fault::Fault;
use super::looks::addresses;
use super::masking::masked;
use super::urls::with_query;
use super::visitor::Visitor;
use crate::clock;

/// What there is to show.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    /// Its template, without the ending.
    pub template: &'static str,
    pub title: String,
    /// Which entry of the menu it belongs to.
    pub area: &'static str,
    /// What the API said, by name.
    pub parts: Value,
    /// The command line that does the same.
    pub cli: String,
    /// What was asked of the API: a path, or a method before it where that is not GET.
    pub api: String,
    /// Whether it is fetched again while somebody looks.
    pub is_live: bool,
}

/// Answers with the page, or with why there is none.
pub fn answer(console: &Console, visitor: &Visitor, sheet: Result<Sheet, Fault>) -> Response {
    match sheet {
        Ok(sheet) => show(console, visitor, StatusCode::OK, sheet),
        Err(fault) => fault_page(console, visitor, &fault),
    }
}

/// Why there is no page.
pub fn fault_page(console: &Console, visitor: &Visitor, fault: &Fault) -> Response {
    let Fault { status, reason, detail } = fault;
    let title = match *status {
        StatusCode::NOT_FOUND => "Nothing here",
        StatusCode::FORBIDDEN => "Not allowed",
        StatusCode::SERVICE_UNAVAILABLE => "Not now",
        _ => "That did not work",
    };
    let parts = json!({ "status": status.as_u16(), "reason": reason, "detail": detail });
    let title = title.to_owned();
    let sheet = Sheet { template: "fault", title, parts, ..Sheet::default() };
    show(console, visitor, *status, sheet)
}

fn show(console: &Console, visitor: &Visitor, status: StatusCode, sheet: Sheet) -> Response {
    let Sheet { template, title, area, parts, cli, api, is_live } = sheet;
    let parts = if visitor.may_act() { parts } else { masked(parts) };
    if visitor.wants_json {
        return (status, Json(parts)).into_response();
    }
    let twin = visitor.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let twin = with_query(&visitor.path, twin.chain([("format", "json")]));
    let page = context! {
        title,
        area,
        cli,
        api,
        twin,
        live => is_live,
        it => Serde(&parts),
        asked => &visitor.query,
        q => visitor.query.iter().cloned().collect::<BTreeMap<_, _>>(),
        who => &*visitor.caller.name,
        role => visitor.caller.role.as_str(),
        may_act => visitor.may_act(),
        at => clock::now().to_string(),
    };
    written(console, status, template, page)
}

/// The page that asks for a token, and says what was wrong with the one before.
pub fn door_page(console: &Console, status: StatusCode, to: &str, wrong: Option<&str>) -> Response {
    written(console, status, "sign-in", context! { title => "Sign in", to, wrong })
}

/// Comes again by itself, from here, so that the browser sends its cookie.
pub fn knock_page(console: &Console, address: &str) -> Response {
    written(console, StatusCode::OK, "knock", context! { title => "One moment", address })
}

fn written(console: &Console, status: StatusCode, template: &str, page: Said) -> Response {
    let [style, script, icon] = addresses();
    let page = context! { style, script, icon, ..page };
    let name = format!("{template}.html");
    let html = console.templates.get_template(&name).and_then(|of| of.render(page));
    match html {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, template, "a page of the console cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
