//! Who may ask.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::clock;
use crate::telemetry::record;
use crate::telemetry::seldom::Seldom;
use crate::web::problem::Problem;

/// Failed logins leave at most one line in this span; all are counted.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The other end of a connection, as the request's extension.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub SocketAddr);

struct Guard {
    token: SecretString,
    told: Seldom,
}

/// Asks for the bearer token (RFC 6750) on every one of these routes, where one is configured.
pub fn guard(routes: Router, token: Option<SecretString>) -> Router {
    match token {
        Some(token) => {
            let guard = Guard { token, told: Seldom::every(TOLD_EVERY) };
            routes.layer(from_fn_with_state(Arc::new(guard), authorize))
        }
        None => routes,
    }
}

async fn authorize(State(guard): State<Arc<Guard>>, request: Request, next: Next) -> Response {
    // Digests are compared, so that the time taken tells nothing about the token.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    let known = digest(guard.token.expose_secret());
    match bearer(request.headers()) {
        Some(given) if digest(given) == known => next.run(request).await,
        Some(_) => guard.refuse("wrong_token", &request),
        None => guard.refuse("no_token", &request),
    }
}

/// The one token that is given. The scheme has no case (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

impl Guard {
    fn refuse(&self, reason: &'static str, request: &Request) -> Response {
        record::login_refused(reason);
        if let Some(unsaid) = self.told.due(clock::instant()) {
            let peer = request.extensions().get::<Peer>().map(|Peer(peer)| peer.ip().to_string());
            tracing::warn!(reason, peer, unsaid, "a request over HTTP was refused");
        }
        let (challenge, detail) = match reason {
            "wrong_token" => (
                "Bearer realm=\"bellhop\", error=\"invalid_token\"",
                "the bearer token is not the configured one",
            ),
            _ => ("Bearer realm=\"bellhop\"", "a bearer token is required"),
        };
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "unauthorized", detail);
        ([(header::WWW_AUTHENTICATE, challenge)], problem).into_response()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_scheme_has_no_case_and_there_is_one_token() {
        let of = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            bearer(&headers).map(str::to_owned)
        };
        for good in ["Bearer t0ken", "bearer t0ken", "BEARER   t0ken "] {
            assert_eq!(of(&[good]).as_deref(), Some("t0ken"), "{good}");
        }
        for bad in [&[][..], &["Bearer"], &["Basic t0ken"], &["t0ken"], &["Bearer a", "Bearer a"]] {
            assert_eq!(of(bad), None, "{bad:?}");
        }
    }
}
