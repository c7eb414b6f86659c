//! Who may ask.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Router};
use secrecy::ExposeSecret as _;

use crate::clock;
use crate::config::Token;
use crate::telemetry::record;
use crate::telemetry::seldom::Seldom;
use crate::web::access::{Caller, Role, needed};
use crate::web::keys::Keys;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// Failed logins leave at most one line in this span; all are counted.
const TOLD_EVERY: Duration = Duration::from_secs(60);

/// The other end of a connection, as the request's extension.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub SocketAddr);

struct Guard {
    keys: Keys,
    told: Seldom,
}

/// Asks for a bearer token (RFC 6750) on every one of these routes, where any is configured, and
/// for one whose role is enough. Says in each request's extensions who asks: [`Caller`].
pub fn guard(routes: Router, tokens: &[Token]) -> Router {
    if tokens.is_empty() {
        return routes.layer(Extension(Caller::anonymous()));
    }
    let guard = Guard { keys: keys_of(tokens), told: Seldom::every(TOLD_EVERY) };
    routes.layer(from_fn_with_state(Arc::new(guard), authorize))
}

async fn authorize(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    let Some(given) = bearer(request.headers()) else {
        return guard.refuse("no_token", &request);
    };
    let Some(caller) = guard.keys.caller(given) else {
        return guard.refuse("wrong_token", &request);
    };
    let path = request.extensions().get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let needed = needed(request.method(), path);
    if !caller.role.is_enough_for(needed) {
        return guard.forbid(&caller, needed);
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// The tokens of a configuration, and whose each is.
pub fn keys_of(tokens: &[Token]) -> Keys {
    Keys::of(tokens.iter().map(|token| (token.token.expose_secret(), token.caller())))
}

/// The one token that is given. The scheme has no case (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

impl Guard {
    fn forbid(&self, caller: &Caller, needed: Role) -> Response {
        record::login_refused("small_role");
        if let Some(unsaid) = self.told.due(clock::instant()) {
            let (token, role) = (&*caller.name, caller.role.as_str());
            tracing::warn!(token, role, unsaid, "a request over HTTP is beyond its token's role");
        }
        let (name, has, needed) = (&caller.name, caller.role.as_str(), needed.as_str());
        let detail = format!("the token {name} has the role {has}, and this needs {needed}");
        let challenge = "Bearer realm=\"bellhop\", error=\"insufficient_scope\"";
        let problem = Problem::of(Refusal::Forbidden, detail);
        ([(header::WWW_AUTHENTICATE, challenge)], problem).into_response()
    }

    fn refuse(&self, reason: &'static str, request: &Request) -> Response {
        record::login_refused(reason);
        if let Some(unsaid) = self.told.due(clock::instant()) {
            let peer = request.extensions().get::<Peer>().map(|Peer(peer)| peer.ip().to_string());
            tracing::warn!(reason, peer, unsaid, "a request over HTTP was refused");
        }
        let (challenge, detail) = match reason {
            "wrong_token" => (
                "Bearer realm=\"bellhop\", error=\"invalid_token\"",
                "the bearer token is none of the configured ones",
            ),
            _ => ("Bearer realm=\"bellhop\"", "a bearer token is required"),
        };
        let problem = Problem::of(Refusal::Unauthorized, detail);
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
