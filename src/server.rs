//! The HTTP server around the routes, and the daemon's own clockwork.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use crate::actors::{Guardian, Outbound};
use crate::clock;
use crate::domain::kind::Lane;
use crate::ops::notify;
use crate::store::Store;
use crate::telemetry::metrics::{Metrics, UPKEEP_EVERY};
use crate::telemetry::record;

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

/// Folds metrics, reports what lives, and tells systemd that the process makes progress.
pub async fn upkeep(
    metrics: Metrics,
    guardian: Arc<Guardian>,
    outbound: Arc<Outbound>,
    store: Store,
) {
    let reporting = tokio::spawn(report_backlog(store));
    let _reporting = AbortOnDropHandle::new(reporting);
    let watchdog = notify::watchdog_interval();
    let every = watchdog.unwrap_or(UPKEEP_EVERY).min(UPKEEP_EVERY).max(Duration::from_millis(100));
    let mut ticks = tokio::time::interval(every);
    loop {
        ticks.tick().await;
        metrics.upkeep();
        record::set_tenants_live(guardian.live());
        outbound.report_depth();
        if watchdog.is_some() {
            notify::watchdog();
        }
    }
}

/// Reports what waits in the store, what is to happen, and what was given up. A task of its own: a slow store must
/// not keep the watchdog waiting.
async fn report_backlog(store: Store) {
    let mut ticks = tokio::time::interval(UPKEEP_EVERY);
    loop {
        ticks.tick().await;
        let Ok(backlog) = store.backlog().await else { continue };
        if let Ok(timers) = store.count_timers().await {
            record::set_timers_pending(usize::try_from(timers).unwrap_or(usize::MAX));
        }
        record::set_dead_letters("dead", usize::try_from(backlog.dead).unwrap_or(usize::MAX));
        let unknown = usize::try_from(backlog.unknown).unwrap_or(usize::MAX);
        record::set_dead_letters("unknown", unknown);
        let now = clock::now();
        for lane in Lane::ALL {
            let of_lane = backlog.oldest_due.iter().filter(|(kind, _)| kind.lane() == lane);
            let oldest = of_lane.map(|(_, due)| now.duration_since(*due)).max();
            let age = oldest.and_then(|age| Duration::try_from(age).ok()).unwrap_or_default();
            record::set_oldest_due(lane.as_str(), age);
        }
    }
}
