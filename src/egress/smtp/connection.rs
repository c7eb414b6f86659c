//! One connection: bytes out in flights, replies in one by one, each within its time.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tracing::debug;

use super::capabilities::Capabilities;
use super::failure::Failure;
use super::progress::Progress;
use super::reply::{Malformed, Reply};
use super::stage::{Cause, Stage};
use super::stream::Stream;

/// How much is read at once, at least, in bytes.
const READ_BYTES: usize = 2048;
/// A flight buffer that grew larger than this for one message is not kept, in bytes.
const FLIGHT_KEEP_MAX_BYTES: usize = 256 * 1024;
/// QUIT is a courtesy and gets little time.
const QUIT_TIMEOUT: Duration = Duration::from_secs(1);

/// The right to have one connection open; shared where a second one is tried for the first.
pub(super) type Seat = Arc<OwnedSemaphorePermit>;

/// A connection to the server, past its greeting once it is open.
///
/// Whoever uses it owns it: a future that is dropped half way takes the connection with it, so
/// that no later message can read an earlier one's reply.
pub(super) struct Connection {
    pub(super) stream: Stream,
    /// Read, and not yet taken as a reply.
    pub(super) unread: Vec<u8>,
    /// The flight being written.
    pub(super) flight: Vec<u8>,
    pub(super) offers: Capabilities,
    /// Messages that it has carried or refused.
    pub(super) served: u32,
    /// Whether the envelope of whoever uses it next is on its way.
    pub(super) ahead: bool,
    _seat: Seat,
    _presence: Presence,
}

impl Connection {
    pub fn over(stream: Stream, provider: &Arc<str>, seat: Seat) -> Self {
        Self {
            stream,
            unread: Vec::new(),
            flight: Vec::new(),
            offers: Capabilities::default(),
            served: 0,
            ahead: false,
            _seat: seat,
            _presence: Presence::begin(provider),
        }
    }

    /// Sends one command and waits for its reply.
    pub async fn command(
        &mut self,
        stage: Stage,
        command: &[u8],
        limit: Duration,
    ) -> Result<Reply, Failure> {
        self.flight.clear();
        self.flight.extend_from_slice(command);
        self.flight.extend_from_slice(b"\r\n");
        self.send(stage, limit).await?;
        self.reply(stage, limit).await
    }

    /// Sends what is in `flight`, whole.
    pub async fn send(&mut self, stage: Stage, limit: Duration) -> Result<(), Failure> {
        let progress = Progress::default();
        within(stage, limit, hand_over(&mut self.stream, &self.flight, &progress)).await
    }

    /// The next reply.
    pub async fn reply(&mut self, stage: Stage, limit: Duration) -> Result<Reply, Failure> {
        let next = next_reply(&mut self.stream, &mut self.unread);
        match timeout(limit, next).await {
            Ok(reply) => reply.map_err(|cause| Failure::new(stage, cause)),
            Err(_) => Err(Failure::new(stage, Cause::TimedOut)),
        }
    }

    /// That it is our turn to speak: nothing was said that nobody asked for. What was would be
    /// taken for the reply to what comes next.
    pub fn expect_silence(&self, stage: Stage) -> Result<(), Failure> {
        let cause = match self.stream.has_words() {
            Ok(false) if self.unread.is_empty() => return Ok(()),
            Ok(_) => Cause::Malformed(Malformed("a reply that nobody asked for")),
            Err(error) => Cause::Lost(error),
        };
        Err(Failure::new(stage, cause))
    }

    /// Whether what stands behind the verdict just taken contradicts it. A second consent does not,
    /// nor does a farewell.
    pub fn is_contradicted(&self) -> bool {
        let lines = self.unread.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        lines.into_iter().any(|line| !line.starts_with(b"2") && !line.starts_with(b"421"))
    }

    /// Sends what is in `flight`, a message of which the final dot ends at `end`, and waits for
    /// the verdict.
    ///
    /// A failure's stage tells whether the server can have seen the final dot: it cannot while
    /// the kernel does not have its last byte. `progress` tells it even when this future is
    /// dropped.
    pub async fn send_data(
        &mut self,
        end: usize,
        progress: &Progress,
        limit: Duration,
    ) -> Result<Reply, Failure> {
        progress.begin(end);
        let exchange = async {
            let handed = hand_over(&mut self.stream, &self.flight, progress).await;
            handed.map_err(Cause::Lost)?;
            next_reply(&mut self.stream, &mut self.unread).await
        };
        let ended = timeout(limit, exchange).await.unwrap_or(Err(Cause::TimedOut));
        let stage = if progress.may_have_arrived() { Stage::Final } else { Stage::Body };
        if self.flight.capacity() > FLIGHT_KEEP_MAX_BYTES {
            self.flight = Vec::new();
        }
        ended.map_err(|cause| Failure::new(stage, cause))
    }

    /// Takes leave (RFC 5321 §4.1.1.10) without waiting for the answer, and closes.
    pub async fn quit(mut self) {
        let goodbye =
            async { hand_over(&mut self.stream, b"QUIT\r\n", &Progress::default()).await };
        // The connection is at its end whether the server hears of it or not.
        let _ = timeout(QUIT_TIMEOUT, goodbye).await;
    }
}

/// Waits for `work` no longer than the stage may take.
pub(super) async fn within<T>(
    stage: Stage,
    limit: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T, Failure> {
    match timeout(limit, work).await {
        Ok(done) => done.map_err(|error| Failure::new(stage, Cause::Lost(error))),
        Err(_) => Err(Failure::new(stage, Cause::TimedOut)),
    }
}

/// Hands the bytes to the kernel.
async fn hand_over(stream: &mut Stream, bytes: &[u8], progress: &Progress) -> io::Result<()> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = stream.write(rest).await?;
        progress.handed(count);
        rest = &rest[count..];
    }
    stream.flush().await
}

async fn next_reply(stream: &mut Stream, unread: &mut Vec<u8>) -> Result<Reply, Cause> {
    loop {
        if let Some((reply, length)) = Reply::parse(unread).map_err(Cause::Malformed)? {
            unread.drain(..length);
            return Ok(reply);
        }
        unread.reserve(READ_BYTES);
        stream.read(unread).await.map_err(Cause::Lost)?;
    }
}

/// Says when a connection begins and ends, however it ends.
struct Presence(Arc<str>);

impl Presence {
    fn begin(provider: &Arc<str>) -> Self {
        debug!(%provider, "smtp connection opened");
        Self(Arc::clone(provider))
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        debug!(provider = %self.0, "smtp connection closed");
    }
}
