//! The HTTP server around the routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Serves until told to stop; requests under way are finished.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let stopped = async move { stop.cancelled().await };
    if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
        tracing::error!(%error, "the HTTP server ended");
    }
}

/// Asks for the bearer token (RFC 6750) on every one of these routes, where one is configured.
pub fn guard(routes: Router, token: Option<SecretString>) -> Router {
    match token {
        Some(token) => routes.layer(from_fn_with_state(Arc::new(token), authorize)),
        None => routes,
    }
}

async fn authorize(
    State(token): State<Arc<SecretString>>,
    request: Request,
    next: Next,
) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    // Digests are compared, so that the time taken tells nothing about the token.
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    if given.is_some_and(|given| digest(given) == digest(token.expose_secret())) {
        return next.run(request).await;
    }
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"bellhop\"")];
    (StatusCode::UNAUTHORIZED, challenge, "a bearer token is required\n").into_response()
}
