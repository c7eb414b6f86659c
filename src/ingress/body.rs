//! Bodies of requests: whole, in time, and not too many bytes of them at once.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::StatusCode;
use futures_util::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::config::Http;
use crate::telemetry::record;
use crate::web::problem::Problem;

/// What is asked of a client who comes while there is no room, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Takes bodies in; shared by all routes that do.
#[derive(Clone)]
pub struct Bodies {
    room: Arc<Semaphore>,
    patience: Duration,
    stop: CancellationToken,
}

/// A whole body.
pub struct Whole {
    /// What it says.
    pub bytes: Bytes,
    /// Its share of the room.
    pub held: Held,
}

/// A share of the room, given back when the last clone is dropped: whatever was made of the body
/// holds it as long as it is in memory.
#[derive(Debug, Clone, Default)]
pub struct Held(#[allow(dead_code)] Option<Arc<OwnedSemaphorePermit>>);

/// Why there is no body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBody {
    /// It is larger than so many bytes.
    TooLarge(usize),
    /// It did not come in time.
    TooSlow,
    /// There is no room for it now.
    NoRoom,
    /// The daemon stops, and it was not there.
    Stopping,
    /// The client broke off.
    Broken,
}

impl Bodies {
    /// Room as configured; halves of bodies are dropped at `stop`.
    pub fn new(http: &Http, stop: CancellationToken) -> Self {
        let room = http.bodies_max.min(Semaphore::MAX_PERMITS);
        Self { room: Arc::new(Semaphore::new(room)), patience: http.body_timeout, stop }
    }

    /// A whole body of at most `limit` bytes.
    ///
    /// # Errors
    /// [`NoBody`]: nothing of it is kept.
    pub async fn whole(&self, body: Body, limit: usize) -> Result<Whole, NoBody> {
        // What its length says beforehand need not be read.
        if body.size_hint().lower() > limit as u64 {
            return Err(NoBody::TooLarge(limit));
        }
        let gathered = tokio::time::timeout(self.patience, self.gather(body, limit));
        let whole = tokio::select! {
            biased;
            gathered = gathered => gathered.unwrap_or(Err(NoBody::TooSlow)),
            () = self.stop.cancelled() => Err(NoBody::Stopping),
        };
        match whole {
            Err(NoBody::TooSlow) => record::http_dropped("slow_body"),
            Err(NoBody::NoRoom) => record::http_dropped("bodies_full"),
            _ => {}
        }
        whole
    }

    /// Room is taken by what has come, not by what is announced: an announcement costs nothing.
    async fn gather(&self, body: Body, limit: usize) -> Result<Whole, NoBody> {
        let mut chunks = body.into_data_stream();
        let mut gathered = Vec::new();
        let mut held: Option<OwnedSemaphorePermit> = None;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|_| NoBody::Broken)?;
            if chunk.len() > limit - gathered.len() {
                return Err(NoBody::TooLarge(limit));
            }
            let size = u32::try_from(chunk.len()).map_err(|_| NoBody::TooLarge(limit))?;
            let room = self.room.clone().try_acquire_many_owned(size);
            let room = room.map_err(|_| NoBody::NoRoom)?;
            match &mut held {
                Some(held) => held.merge(room),
                None => held = Some(room),
            }
            gathered.extend_from_slice(&chunk);
        }
        Ok(Whole { bytes: gathered.into(), held: Held(held.map(Arc::new)) })
    }
}

impl From<NoBody> for Problem {
    fn from(why: NoBody) -> Self {
        match why {
            NoBody::TooLarge(limit) => Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "too_large",
                format!("larger than {limit} bytes"),
            ),
            NoBody::TooSlow => Problem::new(
                StatusCode::REQUEST_TIMEOUT,
                "too_slow",
                "the body did not come in time; nothing was taken",
            ),
            NoBody::NoRoom => Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too_busy",
                "too many bytes of bodies in flight; send it again",
            )
            .again_after(RETRY_AFTER_SECONDS),
            NoBody::Stopping => Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "the daemon is stopping; send it again",
            )
            .again_after(RETRY_AFTER_SECONDS),
            NoBody::Broken => Problem::new(
                StatusCode::BAD_REQUEST,
                "unreadable_body",
                "the body broke off; nothing was taken",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use std::convert::Infallible;

    fn bodies(room: usize) -> Bodies {
        Bodies {
            room: Arc::new(Semaphore::new(room)),
            patience: Duration::from_millis(50),
            stop: CancellationToken::new(),
        }
    }

    /// A body of unknown length; `None` at its end leaves it open.
    fn chunked(chunks: &[Option<&'static [u8]>]) -> Body {
        let chunks: Vec<_> = chunks.iter().copied().map(Ok::<_, Infallible>).collect();
        let stream = stream::iter(chunks).then(|chunk| async move {
            match chunk {
                Ok(Some(bytes)) => Ok(Bytes::from_static(bytes)),
                Ok(None) => std::future::pending().await,
                Err(never) => Err(never),
            }
        });
        Body::from_stream(stream)
    }

    #[tokio::test]
    async fn a_body_is_whole_or_nothing_of_it_is_kept() {
        let bodies = bodies(10);
        let whole = bodies.whole(chunked(&[Some(b"1234"), Some(b"56")]), 6).await.unwrap();
        assert_eq!((&whole.bytes[..], bodies.room.available_permits()), (&b"123456"[..], 4));
        for (body, why) in [
            (Body::from("1234567"), NoBody::TooLarge(6)),
            (chunked(&[Some(b"1234"), Some(b"567")]), NoBody::TooLarge(6)),
            (chunked(&[Some(b"1"), None]), NoBody::TooSlow),
            (chunked(&[Some(b"1234"), Some(b"5")]), NoBody::NoRoom),
        ] {
            assert_eq!(bodies.whole(body, 6).await.err(), Some(why));
            assert_eq!(bodies.room.available_permits(), 4, "{why:?}");
        }
        let made_of_it = whole.held.clone();
        drop(whole);
        assert_eq!(bodies.room.available_permits(), 4);
        drop(made_of_it);
        assert_eq!(bodies.room.available_permits(), 10);
    }

    #[tokio::test]
    async fn a_stop_does_not_wait_for_the_rest_of_a_body() {
        let bodies = Bodies { patience: Duration::from_secs(600), ..bodies(10) };
        bodies.stop.cancel();
        assert!(bodies.whole(Body::from("12"), 6).await.is_ok(), "it is there");
        let half = chunked(&[Some(b"1"), None]);
        assert_eq!(bodies.whole(half, 6).await.err(), Some(NoBody::Stopping));
    }
}
