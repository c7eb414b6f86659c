//! The pages for operators, at `/console`, where there is a token to sign in with.
//!
//! ```text
//!  browser ─▶ origin   a POST comes from a page of ours, or not at all
//!          ─▶ gate     who it is, by the session that signing in began; else: sign in
//!          ─▶ views    what the page is made of: asked of the API's own routes, inside
//!          ─▶ masking  addresses, for whoever only reads
//!          ─▶ sheet    HTML by a template, or the same as JSON
//! ```
//!
//! A page is another face of an answer of the API and never a second query: [`asking`] calls the
//! routes of `/v1` as the visitor, whose role says what they may, and the audit who it was. Every
//! page works without scripts; the one script there is fetches a page again while it is looked at.

mod asking;
mod desk;
mod door;
mod fault;
mod form;
mod gate;
mod looks;
mod masking;
mod origin;
mod sessions;
mod sheet;
mod spark;
mod templates;
mod urls;
mod views;
mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::map_response;
use axum::response::Response;

use self::desk::Console;
use self::sessions::Sessions;
use crate::web::keys::Keys;
use crate::web::operation::Operation;
use crate::web::table::{Routes, Table};

/// Nothing from elsewhere, nothing written into the page, and the page in no other's frame.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The pages over these routes of the API; none where there is no token to sign in with.
///
/// # Errors
/// If a template cannot be read: a test reads all.
pub fn routes(api: Router, keys: Keys) -> Result<Option<Routes>, minijinja::Error> {
    if keys.is_empty() {
        return Ok(None);
    }
    let (sessions, templates) = (Sessions::default(), templates::all()?);
    let console = Arc::new(Console { api, keys, sessions, templates });
    let page = |summary| Operation::new(summary).open();
    let table: Table<Arc<Console>> = Table::default()
        .get("/console/sign-in", door::ask, page("Asks for a token."))
        .post("/console/sign-in", door::sign_in, page("Begins a session."))
        .post("/console/sign-out", door::sign_out, page("Ends a session."))
        .get("/console/looks/{file}", looks::file, page("What pages look like."));
    let table = views::routes(table);
    let guarded = |router: Router| router.layer(map_response(kept_apart));
    Ok(Some(table.with_state(console).behind(guarded)))
}

/// What every answer here says to the browser.
async fn kept_apart(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Without one a browser says of a form that it is from nowhere (Fetch, "append a request
        // `Origin` header"), and it is to be known whence it is.
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let kept = headers.entry(header::CACHE_CONTROL);
    kept.or_insert(HeaderValue::from_static("no-store"));
    response
}
