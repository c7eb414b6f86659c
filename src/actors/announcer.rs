//! Tells upstream: publishes the stored events, in order, each at least once.
//!
//! There is one order, the store's, and one cursor. Events of a page are published together and
//! the cursor moves when the broker has confirmed them all; after a crash or a lost connection
//! the page is published again, under the same ids. What a commit has just written need not be
//! read again: it waits in memory, as long as there is room and no gap.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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

/// The most events that wait in memory; beyond it they are read from the store.
const FRESH_MAX: usize = 4096;

/// Rung when new events are in the store.
#[derive(Debug, Default)]
pub struct Announced {
    bell: Notify,
    up: AtomicBool,
    /// The latest events, if they are to be published: without a gap, in order.
    fresh: Mutex<VecDeque<StoredEvent>>,
}

impl Announced {
    /// These events are in the store.
    pub fn ring(&self, events: Vec<StoredEvent>) {
        if self.is_up() {
            let mut fresh = self.fresh();
            if fresh.len() + events.len() > FRESH_MAX {
                fresh.clear();
            } else {
                fresh.extend(events);
            }
        }
        self.bell.notify_one();
    }

    /// The next events behind this one, as far as they wait here; `None` if there is a gap.
    fn after(&self, seq: i64, limit: usize) -> Option<Vec<StoredEvent>> {
        let mut fresh = self.fresh();
        while fresh.front().is_some_and(|event| event.seq <= seq) {
            fresh.pop_front();
        }
        match fresh.front() {
            Some(next) if next.seq > seq + 1 => None,
            _ => {
                let count = limit.min(fresh.len());
                Some(fresh.drain(..count).collect())
            }
        }
    }

    fn fresh(&self) -> MutexGuard<'_, VecDeque<StoredEvent>> {
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner)
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
        self.announced.fresh().clear();
        self.announced.up.store(true, Ordering::Relaxed);
        patience.reset();
        // What is in memory came after this was set; what came before is in the store.
        let mut look = true;
        loop {
            let events = match self.announced.after(cursor, self.page as usize) {
                Some(fresh) if !fresh.is_empty() || !look => fresh,
                _ => self.store.events_after(cursor, self.page).await?,
            };
            look = false;
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
                look = true;
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
                () = stop.cancelled() => look = true,
                () = self.announced.gathered() => {}
                () = tokio::time::sleep(LOOK_EVERY) => look = true,
            }
        }
    }
}

async fn publish_page(publisher: &Publisher, events: &[StoredEvent]) -> Result<(), Trouble> {
    let mut pending: Vec<Pending> = Vec::with_capacity(events.len());
    for StoredEvent { tenant, type_name, id, body, .. } in events {
        pending.push(publisher.publish_event(tenant, type_name, id, body.as_bytes()).await?);
    }
    for confirmation in pending {
        confirmation.confirmed().await?;
    }
    Ok(())
}
