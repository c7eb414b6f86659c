//! Asking the API, inside the process: the same routes as over HTTP, with the visitor as the
//! caller.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use tower_service::Service as _;

use super::desk::Console;
use super::fault::{Fault, may_only_read};
use super::visitor::Visitor;
use crate::web::access::Role;
use crate::web::refusal::Refusal;

/// The longest answer that a page is made of, in bytes.
const ANSWER_MAX: usize = 16 << 20;
/// By this the audit knows that it was done here.
const USER: &str = "x-bellhop-user";

impl Console {
    /// What the API answers to a GET.
    ///
    /// # Errors
    /// What it refuses with.
    pub async fn get(&self, visitor: &Visitor, path: &str) -> Result<Value, Fault> {
        self.ask(visitor, Method::GET, path, Body::empty()).await
    }

    /// What the API answers to a POST of an operator's.
    ///
    /// # Errors
    /// What it refuses with, and where the visitor may only read.
    pub async fn post(&self, visitor: &Visitor, path: &str, body: Value) -> Result<Value, Fault> {
        self.ask(visitor, Method::POST, path, Body::from(body.to_string())).await
    }

    /// The same, with a body that is no JSON.
    ///
    /// # Errors
    /// As [`Console::post`].
    pub async fn post_text(
        &self,
        visitor: &Visitor,
        path: &str,
        body: String,
    ) -> Result<Value, Fault> {
        self.ask(visitor, Method::POST, path, Body::from(body)).await
    }

    /// What the API answers to a DELETE of an operator's.
    ///
    /// # Errors
    /// As [`Console::post`].
    pub async fn delete(&self, visitor: &Visitor, path: &str, body: Value) -> Result<Value, Fault> {
        self.ask(visitor, Method::DELETE, path, Body::from(body.to_string())).await
    }

    async fn ask(
        &self,
        visitor: &Visitor,
        method: Method,
        path: &str,
        body: Body,
    ) -> Result<Value, Fault> {
        let needed = if method == Method::GET { Role::Read } else { Role::Operate };
        if !visitor.caller.role.is_enough_for(needed) {
            return Err(may_only_read());
        }
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .header(USER, "console")
            .extension(visitor.caller.clone())
            .body(body)
            .map_err(|_| no_address())?;
        answered(self.api.clone(), request).await
    }
}

async fn answered(mut api: Router, request: Request<Body>) -> Result<Value, Fault> {
    let response = match api.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    let status = response.status();
    let unanswered = || Fault::of(StatusCode::BAD_GATEWAY, &json!({}));
    let body = to_bytes(response.into_body(), ANSWER_MAX).await.map_err(|_| unanswered())?;
    let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
    if status.is_success() { Ok(answer) } else { Err(Fault::of(status, &answer)) }
}

fn no_address() -> Fault {
    Fault::new(Refusal::NotFound, "nothing can have this address")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Extension;
    use axum::routing::{get, post};

    use super::*;
    use crate::console::sessions::Sessions;
    use crate::web::access::Caller;
    use crate::web::keys::Keys;

    fn console() -> Console {
        let who = async |Extension(caller): Extension<Caller>| caller.name.to_string();
        let said = async |Extension(caller): Extension<Caller>| {
            axum::Json(json!({ "who": &*caller.name }))
        };
        let api = Router::new();
        let api = [("/v1/said", get(said)), ("/v1/done", post(said)), ("/v1/text", get(who))]
            .into_iter()
            .fold(api, |api, (path, handler)| api.route(path, handler));
        let templates = minijinja::Environment::new();
        Console { api, keys: Keys::default(), sessions: Sessions::default(), templates }
    }

    fn visitor(role: Role) -> Visitor {
        Visitor::of(Caller { name: Arc::from("anna"), role })
    }

    #[tokio::test]
    async fn each_role_may_what_it_may_over_http() {
        let (console, said) = (console(), json!({ "who": "anna" }));
        for (role, reads, acts) in
            [(Role::Read, true, false), (Role::Operate, true, true), (Role::Publish, false, false)]
        {
            let visitor = visitor(role);
            let read = console.get(&visitor, "/v1/said").await;
            assert_eq!(read, if reads { Ok(said.clone()) } else { Err(may_only_read()) });
            let done = console.post(&visitor, "/v1/done", json!({})).await;
            assert_eq!(done, if acts { Ok(said.clone()) } else { Err(may_only_read()) });
        }
    }

    #[tokio::test]
    async fn what_is_not_there_is_a_fault() {
        let fault = console().get(&visitor(Role::Read), "/v1/none").await.unwrap_err();
        assert_eq!((fault.status, &*fault.reason), (StatusCode::NOT_FOUND, "failed"));
    }
}
