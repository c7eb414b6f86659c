//! Bodies of requests: whole, in time, and not too many bytes of them at once.
//!
//! ```text
//!  chunks ─▶ pace     a least rate, and a limit for the whole
//!         └▶ room     so many bytes in all: the longest under way gives way
//!                └▶ Whole ─▶ belongs to its tenants, each with a share ─▶ Held until durable
//! ```

mod pace;
mod room;

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::StreamExt as _;
use tokio_util::sync::CancellationToken;

use self::pace::{GRACE, Pace};
use self::room::{Full, Room};
use crate::config::Http;
use crate::telemetry::record;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

pub use self::room::{Filled, Held, ShareTaken};

/// What is asked of a client who comes while there is no room, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Takes bodies in; shared by all routes that do.
#[derive(Clone)]
pub struct Bodies {
    room: Arc<Room>,
    patience: Duration,
    grace: Duration,
    stop: CancellationToken,
}

/// A whole body.
#[derive(Debug)]
pub struct Whole {
    pub bytes: Bytes,
    /// Its part of the room.
    pub filled: Filled,
}

/// Why a request is not read any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoBody {
    /// It is larger than so many bytes.
    TooLarge(usize),
    /// It did not come in time, or more slowly than a body may.
    TooSlow,
    NoRoom,
    /// The daemon stops, and it was not there.
    Stopping,
    /// The client broke off.
    Broken,
}

impl Bodies {
    /// Room as configured; halves of bodies are dropped at `stop`.
    pub fn new(http: &Http, stop: CancellationToken) -> Self {
        let room = Room::new(http.bodies_max);
        Self { room, patience: http.body_timeout, grace: GRACE, stop }
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
        let (arrival, mut pace) = (self.room.arrival(), Pace::begin(self.grace));
        loop {
            let chunk = tokio::select! {
                biased;
                chunk = chunks.next() => chunk,
                () = arrival.lost() => return Err(NoBody::NoRoom),
                () = pace.lost() => return Err(NoBody::TooSlow),
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(|_| NoBody::Broken)?;
            if chunk.len() > limit - gathered.len() {
                return Err(NoBody::TooLarge(limit));
            }
            arrival.grow(chunk.len())?;
            pace.came(chunk.len());
            gathered.extend_from_slice(&chunk);
        }
        // What it grew by in advance is not held.
        let bytes = Bytes::from(gathered.into_boxed_slice());
        Ok(Whole { bytes, filled: arrival.filled()? })
    }
}

impl From<Full> for NoBody {
    fn from(_: Full) -> Self {
        NoBody::NoRoom
    }
}

impl From<NoBody> for Problem {
    fn from(why: NoBody) -> Self {
        match why {
            NoBody::TooLarge(limit) => {
                Problem::of(Refusal::TooLarge, format!("larger than {limit} bytes"))
            }
            NoBody::TooSlow => Problem::of(
                Refusal::TooSlow,
                format!(
                    "the body did not come in time, or slower than {} bytes a second; nothing \
                     was taken",
                    pace::BYTES_PER_SECOND
                ),
            ),
            NoBody::NoRoom => Problem::of(
                Refusal::TooBusy,
                "too many bytes of bodies in flight ([http] bodies_max); send it again",
            )
            .again_after(RETRY_AFTER_SECONDS),
            NoBody::Stopping => {
                Problem::of(Refusal::Unavailable, "the daemon is stopping; send it again")
                    .again_after(RETRY_AFTER_SECONDS)
            }
            NoBody::Broken => {
                Problem::of(Refusal::UnreadableBody, "the body broke off; nothing was taken")
            }
        }
    }
}

impl From<ShareTaken> for Problem {
    fn from(ShareTaken { tenant, share }: ShareTaken) -> Self {
        record::http_dropped("tenant_bodies_full");
        let detail = format!(
            "bodies of tenant {tenant} in flight take {share} bytes or more (a quarter of [http] \
             bodies_max); send it again"
        );
        Problem::of(Refusal::TenantBusy, detail).again_after(RETRY_AFTER_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;

    use super::*;
    use crate::clock;

    fn bodies(room: usize) -> Bodies {
        Bodies {
            room: Room::new(room),
            patience: Duration::from_millis(50),
            grace: GRACE,
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
        assert_eq!((&whole.bytes[..], bodies.room.free()), (&b"123456"[..], 4));
        for (body, why) in [
            (Body::from("1234567"), NoBody::TooLarge(6)),
            (chunked(&[Some(b"1234"), Some(b"567")]), NoBody::TooLarge(6)),
            (chunked(&[Some(b"1"), None]), NoBody::TooSlow),
            (chunked(&[Some(b"1234"), Some(b"5")]), NoBody::NoRoom),
        ] {
            assert_eq!(bodies.whole(body, 6).await.err(), Some(why));
            assert_eq!(bodies.room.free(), 4, "{why:?}");
        }
        drop(whole);
        assert_eq!(bodies.room.free(), 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_dawdles_ends_long_before_its_time() {
        let bodies = Bodies { patience: Duration::from_secs(600), ..bodies(1 << 20) };
        let began = clock::instant();
        let dawdles = stream::iter(0..).then(|_| async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Ok::<_, Infallible>(Bytes::from_static(b" "))
        });
        let ended = bodies.whole(Body::from_stream(dawdles), 1 << 20).await;
        assert_eq!(ended.err(), Some(NoBody::TooSlow));
        assert!(clock::since(began) < 2 * GRACE);
    }

    #[tokio::test]
    async fn a_half_makes_room_for_what_is_whole() {
        let bodies = Bodies { patience: Duration::from_secs(600), ..bodies(6) };
        let half = bodies.whole(chunked(&[Some(b"12345"), None]), 6);
        let (ended, whole) = tokio::join!(half, bodies.whole(Body::from("123"), 6));
        assert_eq!(ended.err(), Some(NoBody::NoRoom));
        assert_eq!(&whole.unwrap().bytes[..], b"123");
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
