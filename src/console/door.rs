//! Signing in and out.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::desk::Console;
use super::form::Form;
use super::origin::{is_ours, is_secure};
use super::sessions::LIFETIME;
use super::sheet::door_page;
use super::urls::pairs;
use super::visitor::{COOKIE, session_id};
use crate::telemetry::record;
use crate::web::access::Role;

/// The longest form of a token, in bytes.
const FORM_MAX: usize = 16 << 10;
/// Where whoever names no page begins.
const HOME: &str = "/console";

/// `GET /console/sign-in`.
pub async fn ask(State(console): State<Arc<Console>>, RawQuery(query): RawQuery) -> Response {
    let pairs = pairs(&query.unwrap_or_default());
    let to = pairs.iter().find(|(name, _)| name == "to").map(|(_, to)| to.as_str());
    door_page(&console, StatusCode::OK, page_of_ours(to), None)
}

/// `POST /console/sign-in`, with `token`: a session, where somebody has it who may read.
pub async fn sign_in(
    State(console): State<Arc<Console>>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let refused = |status, to: &str, why| door_page(&console, status, to, Some(why));
    if !is_ours(&headers) {
        return refused(StatusCode::FORBIDDEN, HOME, "The form was not sent from this page.");
    }
    let Ok(body) = to_bytes(body, FORM_MAX).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, HOME, "No token is so long.");
    };
    let form = Form::read(&body);
    let to = page_of_ours(form.get("to"));
    let Some(caller) = form.get("token").and_then(|token| console.keys.caller(token)) else {
        record::login_refused("wrong_token");
        return refused(StatusCode::UNAUTHORIZED, to, "This is none of the configured tokens.");
    };
    if !caller.role.is_enough_for(Role::Read) {
        record::login_refused("small_role");
        let why = "This token hands in commands, and may look at nothing.";
        return refused(StatusCode::FORBIDDEN, to, why);
    }
    let Some(id) = console.sessions.begin(caller) else {
        let why = "No session can be begun now; try again.";
        return refused(StatusCode::SERVICE_UNAVAILABLE, to, why);
    };
    let secure = if is_secure(&headers) { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={id}; Path=/console; Max-Age={}; HttpOnly; SameSite=Strict{secure}",
        LIFETIME.as_secs()
    );
    ([(header::SET_COOKIE, cookie)], Redirect::to(to)).into_response()
}

/// `POST /console/sign-out`.
pub async fn sign_out(State(console): State<Arc<Console>>, headers: HeaderMap) -> Response {
    if is_ours(&headers) {
        session_id(&headers).into_iter().for_each(|id| console.sessions.end(id));
    }
    let cookie = format!("{COOKIE}=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict");
    ([(header::SET_COOKIE, cookie)], Redirect::to("/console/sign-in")).into_response()
}

/// The page that somebody wanted, if it is one of ours: nobody is led elsewhere by signing in.
fn page_of_ours(to: Option<&str>) -> &str {
    let is_ours = |to: &&str| {
        let rest = to.strip_prefix(HOME);
        let begins = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']));
        begins && to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    to.filter(is_ours).unwrap_or(HOME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for ours in ["/console", "/console/audit", "/console/messages?tenant=a&kind=b%20c"] {
            assert_eq!(page_of_ours(Some(ours)), ours);
        }
        for other in [
            "//evil.example",
            "https://evil.example",
            "/consoles",
            "/console/\\x",
            "/console/ a",
            "",
        ] {
            assert_eq!(page_of_ours(Some(other)), HOME, "{other}");
        }
    }
}
