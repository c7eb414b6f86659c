//! Tells upstream: publishes the stored events, in order, each at least once.
//!
//! There is one source, the store, and one cursor. Events of a page are published together and
//! the cursor moves when the broker has confirmed them all; after a crash or a lost connection
//! the page is published again, under the same ids.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::patience::Patience;
use crate::broker::{BrokerError, Link, Pending, Publisher};
use crate::config::Amqp;
use crate::store::{Store, StoreError, StoredEvent};

/// The cursor's name in the store.
const CURSOR: &str = "amqp";
/// The first pause after a lost connection.
const RECONNECT_FIRST: Duration = Duration::from_millis(100);
/// At the latest after this the store is asked for new events.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a page gathers.
const GATHER: Duration = Duration::from_millis(10);
/// The cursor is written at most so often; what lies between is published again after a crash.
const CURSOR_EVERY: Duration = Duration::from_millis(500);

/// Rung when new events are in the store.
#[derive(Debug, Default)]
pub struct Announced {
    bell: Notify,
    up: AtomicBool,
}

impl Announced {
    /// There may be new events.
    pub fn ring(&self) {
        self.bell.notify_one();
    }

    /// Resolves a little after the bell, so that a page holds the events of several commits.
    async fn gathered(&self) {
        self.bell.notified().await;
        tokio::time::sleep(GATHER).await;
    }

    /// Whether events are being published.
    pub fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }
}

/// Publishes events until told to stop.
pub struct Announcer {
    /// Where events are.
    pub store: Store,
    /// Where they go.
    pub amqp: Amqp,
    /// The most events published and not yet confirmed.
    pub page: u32,
    /// Rung by the committer.
    pub announced: Arc<Announced>,
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Broker(#[from] BrokerError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Announcer {
    /// Runs until `stop`; then publishes what is left, as long as the broker takes it.
    pub async fn run(self, stop: CancellationToken) {
        let mut patience = Patience::new(RECONNECT_FIRST, self.amqp.reconnect_max);
        while !stop.is_cancelled() {
            let publishing = AssertUnwindSafe(self.publish_all(&stop, &mut patience));
            let ended = publishing.catch_unwind().await;
            let ended = ended.unwrap_or_else(|_| Err(BrokerError::panicked().into()));
            self.announced.up.store(false, Ordering::Relaxed);
            match ended {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, "events cannot be published"),
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(patience.pause()) => {}
            }
        }
    }

    async fn publish_all(
        &self,
        stop: &CancellationToken,
        patience: &mut Patience,
    ) -> Result<(), Trouble> {
        let link = Link::open(&self.amqp, "bellhop events").await?;
        let publisher = link.publisher().await?;
        let mut cursor = self.store.cursor(CURSOR).await?;
        let mut written = cursor;
        let mut last_write = crate::clock::instant();
        self.announced.up.store(true, Ordering::Relaxed);
        patience.reset();
        loop {
            let events = self.store.events_after(cursor, self.page).await?;
            if let Some(last) = events.last() {
                publish_page(&publisher, &events).await?;
                cursor = last.seq;
            }
            let idle = events.is_empty();
            if cursor != written && (idle || last_write.elapsed() >= CURSOR_EVERY) {
                self.store.set_cursor(CURSOR, cursor).await?;
                written = cursor;
                last_write = crate::clock::instant();
            }
            let full = events.len() >= self.page as usize;
            if full || (stop.is_cancelled() && !idle) {
                continue;
            }
            if stop.is_cancelled() {
                link.close().await;
                return Ok(());
            }
            if !link.is_up() {
                return Err(BrokerError::Lost("the connection was closed".to_owned()).into());
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.announced.gathered() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
    }
}

async fn publish_page(publisher: &Publisher, events: &[StoredEvent]) -> Result<(), Trouble> {
    // Written out first: publishing without pause wakes the connection's thread less often.
    let bodies = events.iter().map(written).collect::<Result<Vec<_>, _>>()?;
    let mut pending: Vec<Pending> = Vec::with_capacity(events.len());
    for (event, body) in events.iter().zip(&bodies) {
        pending
            .push(publisher.publish_event(&event.tenant, &event.type_name, &event.id, body).await?);
    }
    for confirmation in pending {
        confirmation.confirmed().await?;
    }
    Ok(())
}

fn written(event: &StoredEvent) -> Result<Vec<u8>, StoreError> {
    let corrupt =
        |error: serde_json::Error| StoreError::Corrupt { what: "event", why: error.to_string() };
    serde_json::to_vec(&event.envelope()?).map_err(corrupt)
}
