//! Tells upstream: publishes the stored events, in order, each at least once.
//!
//! The order is the store's, of each partition for itself, and the cursor has a place in each,
//! behind the last event before which the broker has confirmed every one. It moves with each
//! confirmation and is stored several times a second; after a lost connection what lies behind it
//! is published again, under the same ids, after a crash what lies behind the stored one. A
//! connection on which nothing is confirmed is given up in the end, see [`confirms`]. Nothing more
//! is published while the cursor cannot be stored. What a commit has just written need not be
//! read again: it waits in memory, as long as there is room and no gap.

mod announced;
mod confirms;
pub(super) mod script;
mod upstream;

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::patience::Patience;
use crate::broker::BrokerError;
use crate::clock;
use crate::domain::partition::Part;
use crate::store::{Cursor, Store, StoreError, StoredEvent};
use crate::telemetry::spell::{Say, Spell};
use confirms::Confirms;
use upstream::{Confirmed, Line};

pub use announced::Announced;
pub use upstream::Upstream;

/// The cursor's name in the store.
pub const CURSOR: &str = "amqp";
/// The first pause after a lost connection, or a store that refuses.
const RECONNECT_FIRST: Duration = Duration::from_millis(100);
/// At the latest after this the store is asked for new events.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Without a confirm for so many heartbeats, events are said not to be confirmed.
const UNCONFIRMED_HEARTBEATS: u32 = 2;
/// The cursor is stored at most so often; what lies between is published again after a crash.
const CURSOR_EVERY: Duration = Duration::from_millis(100);

/// Publishes events until told to stop.
pub struct Announcer {
    /// Where events are.
    pub store: Store,
    /// Who hears of them.
    pub upstream: Upstream,
    /// The most events published and not yet confirmed.
    pub page: u32,
    /// Rung by the committer.
    pub announced: Arc<Announced>,
    /// What is told of the store.
    pub store_spell: Spell,
}

/// How far the events are published.
#[derive(Debug)]
struct Progress {
    /// Behind the last ones before which all are confirmed.
    at: Cursor,
    stored: Cursor,
    stored_at: Instant,
}

impl Progress {
    fn is_stored(&mut self) {
        self.stored.clone_from(&self.at);
        self.stored_at = clock::instant();
    }
}

impl Announcer {
    /// Runs until `stop`; then publishes what is left, as long as the broker takes it.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let mut patience = self.patience();
        let mut progress = None;
        let late = self.upstream.heartbeat().saturating_mul(UNCONFIRMED_HEARTBEATS);
        let mut confirms = Confirms::new(self.announced.clone(), late);
        while !stop.is_cancelled() {
            let started = clock::instant();
            let publishing = self.publish_all(&mut confirms, &stop, &mut progress);
            let ended = AssertUnwindSafe(publishing).catch_unwind().await;
            *self.announced.link() = None;
            match ended.unwrap_or_else(|_| Err(BrokerError::panicked())) {
                Ok(()) => return,
                Err(error) => self.upstream.lost(&error),
            }
            if let Some(progress) = &mut progress
                && let Err(error) = self.store_cursor(progress).await
            {
                tracing::debug!(%error, "how far the events are published cannot be stored");
            }
            // Connecting alone is no success.
            if clock::since(started) > self.upstream.reconnect_max() {
                patience.reset();
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(patience.pause()) => {}
            }
        }
    }

    async fn publish_all(
        &self,
        confirms: &mut Confirms,
        stop: &CancellationToken,
        known: &mut Option<Progress>,
    ) -> Result<(), BrokerError> {
        let line = self.upstream.open().await?;
        let Some(progress) = self.progress(known, stop).await else { return Ok(()) };
        self.announced.fresh().clear();
        *self.announced.link() = Some(line.standing());
        self.upstream.works();
        // What is in memory came after this was set; what came before is in the store.
        let mut look = true;
        loop {
            let Some(events) = self.next_page(&progress.at, look, stop).await else { break };
            look = false;
            let mut pending = publish(&line, &events).await?;
            while let Some((part, seq, confirmed)) = pending.pop_front() {
                match confirms.wait(confirmed, &line.standing(), stop).await {
                    Ok(true) => progress.at.pass(part, seq),
                    Ok(false) => {
                        self.leave(line, progress).await;
                        return Ok(());
                    }
                    Err(error) => {
                        // It may be up.
                        line.close().await;
                        return Err(error);
                    }
                }
            }
            let idle = events.is_empty();
            if (idle || clock::since(progress.stored_at) >= CURSOR_EVERY)
                && !self.store_patiently(progress, stop).await
            {
                break;
            }
            let full = events.len() >= self.page as usize;
            if full || (stop.is_cancelled() && !idle) {
                look = true;
                continue;
            }
            if stop.is_cancelled() {
                break;
            }
            if !line.standing().is_up() {
                return Err(BrokerError::Lost("the connection was closed".to_owned()));
            }
            tokio::select! {
                () = stop.cancelled() => look = true,
                () = self.announced.gathered() => {}
                () = tokio::time::sleep(LOOK_EVERY) => look = true,
            }
        }
        self.leave(line, progress).await;
        Ok(())
    }

    /// Remembers how far it came: the next start goes on there.
    async fn leave(&self, line: Line, progress: &mut Progress) {
        if let Err(error) = self.store_cursor(progress).await {
            tracing::debug!(%error, "how far the events are published cannot be stored");
        }
        line.close().await;
    }

    /// The cursor, read once; `None` if told to stop while the store cannot be read.
    async fn progress<'a>(
        &self,
        known: &'a mut Option<Progress>,
        stop: &CancellationToken,
    ) -> Option<&'a mut Progress> {
        if known.is_none() {
            let stored = self.patiently(stop, || self.store.cursor(CURSOR)).await?;
            let gone = self.patiently(stop, || self.store.events_shed()).await?;
            let mut at = stored.clone();
            at.skip(&gone);
            *known = Some(Progress { at, stored, stored_at: clock::instant() });
        }
        known.as_mut()
    }

    /// The next events, from memory or the store; `None` if told to stop while it cannot be read.
    ///
    /// What the store held when the number of partitions changed comes before what is in memory,
    /// though it may be of another partition.
    async fn next_page(
        &self,
        after: &Cursor,
        look: bool,
        stop: &CancellationToken,
    ) -> Option<Vec<StoredEvent>> {
        if self.store.is_behind_changes(after)
            && let Some(fresh) = self.announced.after(after, self.page as usize)
            && (!fresh.is_empty() || !look)
        {
            return Some(fresh);
        }
        self.patiently(stop, || self.store.events_after(after, self.page)).await
    }

    async fn store_cursor(&self, progress: &mut Progress) -> Result<(), StoreError> {
        if progress.at != progress.stored {
            self.store.set_cursor(CURSOR, &progress.at).await?;
        }
        progress.is_stored();
        Ok(())
    }

    /// Stores the cursor, however long that takes: what is published while it cannot be stored
    /// would be published again after a crash. False if told to stop meanwhile.
    async fn store_patiently(&self, progress: &mut Progress, stop: &CancellationToken) -> bool {
        if progress.at != progress.stored {
            let at = &progress.at;
            if self.patiently(stop, || self.store.set_cursor(CURSOR, at)).await.is_none() {
                return false;
            }
        }
        progress.is_stored();
        true
    }

    /// Asks the store until it answers; `None` if told to stop meanwhile.
    async fn patiently<T, F: Future<Output = Result<T, StoreError>>>(
        &self,
        stop: &CancellationToken,
        ask: impl Fn() -> F,
    ) -> Option<T> {
        let mut patience = self.patience();
        loop {
            match ask().await {
                Ok(answer) => {
                    if let Some(Say::Over { .. }) = self.store_spell.worked(clock::instant()) {
                        tracing::info!("events no longer wait for the store");
                    }
                    return Some(answer);
                }
                Err(error) => {
                    if self.store_spell.failed(clock::instant()).is_some() {
                        tracing::warn!(%error, "events wait for the store");
                    }
                }
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = tokio::time::sleep(patience.pause()) => {}
            }
        }
    }

    /// The pauses after a lost connection, or a store that refuses.
    fn patience(&self) -> Patience {
        Patience::new(RECONNECT_FIRST, self.upstream.reconnect_max())
    }
}

/// Publishes events together; each is to be confirmed, in order.
async fn publish(
    line: &Line,
    events: &[StoredEvent],
) -> Result<VecDeque<(Part, i64, Confirmed)>, BrokerError> {
    let mut pending = VecDeque::with_capacity(events.len());
    for event in events {
        pending.push_back((event.part, event.seq, line.publish(event).await?));
    }
    Ok(pending)
}
