//! The HTTP server around the routes.
//!
//! ```text
//!  listener ─▶ Crowd        a seat, or a short no
//!                └▶ connection   head in time, answers taken in time, HTTP/1.1 only
//!                     └▶ host ─▶ guard ─▶ routes
//! ```
//!
//! Every wait for a client has an end: for the head of a request and for whoever does not read its
//! answer here, for the body where it is read. Errors are problems ([`crate::web::problem`]).

mod connection;
mod crowd;
mod guard;
mod host;
mod patient;
mod relay;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, map_response};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::connection::Site;
use self::crowd::Crowd;
use crate::clock;
use crate::config::Http;
use crate::telemetry::record;
use crate::telemetry::seldom::Seldom;
use crate::web::problem::{Problem, named};
use crate::web::refusal::Refusal;

pub use guard::{guard, keys_of};
pub use relay::Relay;

/// The pause after the system would not give us a connection: it has no descriptors left, say.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// Such failures leave at most one line in this span.
const ACCEPT_TOLD_EVERY: Duration = Duration::from_secs(60);
/// Newcomers that are being told that there is no room; more are not even told.
const TURNED_AWAY_MAX: usize = 64;
/// How long that may take.
const TURN_AWAY_TIMEOUT: Duration = Duration::from_secs(1);

/// Serves until told to stop. Then requests that are there are answered, and halves of requests
/// are dropped.
pub async fn serve(listener: TcpListener, router: Router, http: &Http, stop: CancellationToken) {
    let router = router.layer(from_fn(host::one_host)).layer(map_response(named));
    let site = Arc::new(Site {
        router: TowerToHyperService::new(router),
        header_timeout: http.header_timeout,
        body_timeout: http.body_timeout,
        stop: stop.clone(),
    });
    let crowd = Crowd::new(http.connections_max);
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
    let told = Seldom::every(ACCEPT_TOLD_EVERY);
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                missed(&error, &crowd, &told).await;
                continue;
            }
        };
        match crowd.admit() {
            Some(seat) => {
                connections.spawn(connection::serve(stream, peer, seat, site.clone()));
            }
            None => turn_away(stream, &turned_away),
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

/// A connection could not be accepted.
async fn missed(error: &io::Error, crowd: &Crowd, told: &Seldom) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    if let Some(unsaid) = told.due(clock::instant()) {
        tracing::warn!(%error, unsaid, "a connection over HTTP could not be accepted");
    }
    // One that waits has a descriptor to give.
    crowd.thin_out();
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

fn turn_away(mut stream: TcpStream, turned_away: &Arc<Semaphore>) {
    record::http_dropped("full");
    let Ok(permit) = turned_away.clone().try_acquire_owned() else { return };
    tokio::spawn(async move {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let problem = Problem::new(status, Refusal::TooBusy, "too many connections").again_after(1);
        let told = async {
            stream.write_all(&problem.last_words()).await?;
            stream.shutdown().await?;
            // What it still sends would make the system throw away what it has not read.
            while stream.read(&mut [0; 1024]).await? > 0 {}
            io::Result::Ok(())
        };
        // It is gone in either case.
        let _ = timeout(TURN_AWAY_TIMEOUT, told).await;
        drop(permit);
    });
}
