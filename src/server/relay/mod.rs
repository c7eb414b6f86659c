//! Answering by asking another daemon.
//!
//! ```text
//!  request ─▶ body (whole, in time, within the room) ─▶ without what neighbours say ─▶ active one
//!  answer  ◀────────────── likewise ◀───────────────────────────────────────────────────┘
//! ```
//!
//! A client must not be able to tell whom it asked. So the path arrives as it was sent, or not at
//! all; what the active one refuses is refused in its words; and where it is gone the client is
//! told to come again. A request is handed on once at most.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio_util::sync::CancellationToken;

use crate::config::Http;
use crate::ingress::body::Bodies;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// The most bytes of an answer that is handed on.
const ANSWER_MAX_BYTES: usize = 64 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Connections that are kept without a request: each takes a seat from the active one's clients.
const IDLE_MAX: usize = 8;
/// How long those who wait for an answer have once this daemon stands by no longer.
const PARTING: Duration = Duration::from_millis(300);
/// Says that a request was handed on once, which is enough: who gets it is not active any more.
const HANDED_ON: HeaderName = HeaderName::from_static("bellhop-handed-on");
/// Whom the client asked: pages that act look whether they were asked for from there.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
/// What is between two neighbours only (RFC 9110 §7.6.1), or said anew.
const NOT_HANDED_ON: [HeaderName; 12] = [
    header::CONNECTION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::TE,
    header::TRAILER,
    header::EXPECT,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
];

/// Hands requests on to whoever can answer.
pub struct Relay {
    client: Client,
    bodies: Bodies,
    body_max: usize,
    /// Where to, at this moment.
    address: Box<dyn Fn() -> String + Send + Sync>,
    stop: CancellationToken,
}

impl Relay {
    /// Within the limits that requests have here, until told to stop.
    ///
    /// # Errors
    /// If no client can be made.
    pub fn to(
        http: &Http,
        stop: CancellationToken,
        address: impl Fn() -> String + Send + Sync + 'static,
    ) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(Policy::none())
            // Whatever the environment says: what clients send is for nobody in between.
            .no_proxy()
            // It speaks no TLS: a machine without a list of authorities will do.
            .tls_certs_only([])
            .http1_only()
            .connect_timeout(CONNECT_TIMEOUT)
            // What the active one says of a request that takes too long is heard.
            .timeout(http.request_timeout + CONNECT_TIMEOUT)
            // Long before the active one closes it.
            .pool_idle_timeout(http.header_timeout / 2)
            .pool_max_idle_per_host(IDLE_MAX)
            .build()?;
        let bodies = Bodies::new(http, stop.clone());
        let (body_max, address) = (http.body_max, Box::new(address));
        Ok(Self { client, bodies, body_max, address, stop })
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
        let path = path(&head.uri).ok_or_else(nowhere)?;
        let body = self.bodies.whole(body, self.body_max).await.map_err(Problem::from)?;
        let url = format!("{}{path}", (self.address)());
        let mut headers = kept(&head.headers);
        headers.insert(HANDED_ON, HeaderValue::from_static("1"));
        if let Some(host) = head.headers.get(header::HOST) {
            headers.entry(FORWARDED_HOST).or_insert_with(|| host.clone());
        }
        let asked = self.client.request(head.method.clone(), url).headers(headers);
        let answered = hand_back(asked.body(body.bytes).send(), &head.method);
        let answer = tokio::select! {
            biased;
            answer = answered => answer,
            () = self.gave_up() => return Err(nobody("this daemon stands by no longer")),
        };
        // Its part of the room was needed until now.
        drop(body.filled);
        answer.map_err(|error| {
            tracing::debug!(error = %error.without_url(), "the active daemon does not answer");
            nobody("the daemon that has the store does not answer")
        })
    }

    /// Whoever waits for one that is gone does not hold up what comes next here.
    async fn gave_up(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(PARTING).await;
    }
}

async fn hand_back(
    asked: impl Future<Output = Result<reqwest::Response, reqwest::Error>>,
    method: &Method,
) -> Result<Response, reqwest::Error> {
    let mut heard = asked.await?;
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
    // How long it would be: there is no body to tell.
    if let Some(length) =
        heard.headers().get(header::CONTENT_LENGTH).filter(|_| *method == Method::HEAD)
    {
        answer.headers_mut().insert(header::CONTENT_LENGTH, length.clone());
    }
    Ok(answer)
}

/// Path and query, unless another daemon would be asked for something else: a URL is tidied up by
/// whoever reads it (<https://url.spec.whatwg.org/#path-state>), and `/a/../b` becomes `/b`.
fn path(uri: &Uri) -> Option<&str> {
    let whole = uri.path_and_query()?.as_str();
    let is_dots = |segment: &str| {
        let segment = segment.to_ascii_lowercase().replace("%2e", ".");
        segment == "." || segment == ".."
    };
    let is_plain =
        whole.starts_with('/') && !uri.path().contains('\\') && !uri.path().split('/').any(is_dots);
    is_plain.then_some(whole)
}

/// Without what is between neighbours, and what they themselves name so.
fn kept(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for named in headers.get_all(header::CONNECTION) {
        for name in named.as_bytes().split(|byte| *byte == b',') {
            if let Ok(name) = HeaderName::from_bytes(name.trim_ascii()) {
                kept.remove(name);
            }
        }
    }
    for name in &NOT_HANDED_ON {
        kept.remove(name);
    }
    kept
}

fn nowhere() -> Problem {
    Problem::of(Refusal::NotFound, "nothing is at this path")
}

fn nobody(why: &str) -> Problem {
    Problem::of(Refusal::Unavailable, why).again_after(1)
}
