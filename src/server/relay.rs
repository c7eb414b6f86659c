//! Answering by asking another daemon.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use reqwest::redirect::Policy;

use crate::config::Http;
use crate::web::problem::Problem;

/// The most bytes of an answer that is handed on.
const ANSWER_MAX_BYTES: usize = 64 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Says that a request was handed on once, which is enough: who gets it is not active any more.
const HANDED_ON: HeaderName = HeaderName::from_static("bellhop-handed-on");
/// What is between two neighbours only (RFC 9110 §7.6.1), or said anew.
const NOT_HANDED_ON: [HeaderName; 9] = [
    header::CONNECTION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    HeaderName::from_static("keep-alive"),
];

/// Hands requests on to whoever can answer.
pub struct Relay {
    client: Client,
    body_max: usize,
    body_timeout: Duration,
    /// Where to, at this moment.
    address: Box<dyn Fn() -> String + Send + Sync>,
}

impl Relay {
    /// Within the limits that requests have here.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn to(
        http: &Http,
        address: impl Fn() -> String + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(http.request_timeout)
            .build()?;
        let (body_max, body_timeout) = (http.body_max, http.body_timeout);
        Ok(Self { client, body_max, body_timeout, address: Box::new(address) })
    }

    /// Whatever this router does not answer.
    pub fn behind(self, router: Router) -> Router {
        let asked = async |State(relay): State<Arc<Self>>, request: Request| {
            relay.answer(request).await.unwrap_or_else(IntoResponse::into_response)
        };
        router.fallback_service(Router::new().fallback(asked).with_state(Arc::new(self)))
    }

    async fn answer(&self, request: Request) -> Result<Response, Problem> {
        let (head, body) = request.into_parts();
        if head.headers.contains_key(&HANDED_ON) {
            return Err(nobody("this daemon stands by"));
        }
        let body = tokio::time::timeout(self.body_timeout, to_bytes(body, self.body_max)).await;
        let refused = |status, reason, why: &str| Problem::new(status, reason, why);
        let body = body
            .map_err(|_| {
                refused(StatusCode::REQUEST_TIMEOUT, "too_slow", "the body did not come in time")
            })?
            .map_err(|_| {
                refused(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "the body is beyond the limit")
            })?;
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        let url = format!("{}{path}", (self.address)());
        let mut headers = kept(&head.headers);
        headers.insert(HANDED_ON, HeaderValue::from_static("1"));
        let asked = self.client.request(head.method, url).headers(headers).body(body).send().await;
        hand_back(asked).await.map_err(|error| {
            tracing::debug!(error = %error.without_url(), "the active daemon does not answer");
            nobody("the daemon that has the store does not answer")
        })
    }
}

async fn hand_back(
    asked: Result<reqwest::Response, reqwest::Error>,
) -> Result<Response, reqwest::Error> {
    let mut heard = asked?;
    let mut body = Vec::new();
    while let Some(chunk) = heard.chunk().await? {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Ok(nobody("the answer is too large to be handed on").into_response());
        }
        body.extend_from_slice(&chunk);
    }
    let mut answer = Response::new(Body::from(body));
    *answer.status_mut() = heard.status();
    *answer.headers_mut() = kept(heard.headers());
    Ok(answer)
}

fn kept(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in &NOT_HANDED_ON {
        kept.remove(name);
    }
    kept
}

fn nobody(why: &str) -> Problem {
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why).again_after(1)
}
