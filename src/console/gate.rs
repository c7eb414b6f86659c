//! Who may come in: to look, with a session; to act, with a form of a page of ours and the role for
//! it as well.

use std::sync::Arc;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::desk::Console;
use super::fault::{Fault, may_only_read, not_ours};
use super::form::Form;
use super::origin::{is_from_elsewhere, is_ours};
use super::sheet::{fault_page, knock_page};
use super::urls::{pairs, with_query};
use super::visitor::{Visitor, session_id};
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// The longest form, in bytes: a thousand ids, or commands to rehearse.
const FORM_MAX: usize = 512 << 10;

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(
        parts: &mut Parts,
        console: &Arc<Console>,
    ) -> Result<Self, Response> {
        let address = parts.uri.path_and_query().map_or("/console", |of| of.as_str()).to_owned();
        let mut query = pairs(parts.uri.query().unwrap_or_default());
        let asked = query.extract_if(.., |(name, _)| name == "format").next();
        let accepted = parts.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let wants_json = asked.is_some_and(|(_, format)| format == "json")
            || accepted.is_some_and(|of| of.trim().starts_with("application/json"));
        let path = parts.uri.path().to_owned();
        match session_id(&parts.headers).and_then(|id| console.sessions.caller(id)) {
            Some(caller) => Ok(Self { caller, path, query, wants_json }),
            None if wants_json => Err(unknown().into_response()),
            // The cookie does not come with a link from elsewhere, but with the next request.
            None if is_from_elsewhere(&parts.headers) && parts.method == Method::GET => {
                Err(knock_page(console, &address))
            }
            None => {
                let back = if parts.method == Method::GET { address.as_str() } else { "/console" };
                let to = with_query("/console/sign-in", [("to", back)]);
                Err(Redirect::to(&to).into_response())
            }
        }
    }
}

fn unknown() -> Problem {
    let detail = "there is no session: sign in at /console/sign-in";
    Problem::of(Refusal::Unauthorized, detail)
}

/// A button that somebody pressed who may: a form of a page of ours.
#[derive(Debug)]
pub struct Wish {
    pub visitor: Visitor,
    pub form: Form,
}

impl FromRequest<Arc<Console>> for Wish {
    type Rejection = Response;

    async fn from_request(request: Request, console: &Arc<Console>) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut parts, console).await?;
        if !is_ours(&parts.headers) {
            return Err(fault_page(console, &visitor, &not_ours()));
        }
        if !visitor.may_act() {
            return Err(fault_page(console, &visitor, &may_only_read()));
        }
        match to_bytes(body, FORM_MAX).await {
            Ok(body) => Ok(Self { visitor, form: Form::read(&body) }),
            Err(_) => Err(fault_page(console, &visitor, &too_long())),
        }
    }
}

fn too_long() -> Fault {
    let detail = format!("a form has at most {FORM_MAX} bytes");
    Fault::new(Refusal::TooLarge, detail)
}
