//! What providers report of messages after they took them.
//!
//! ```text
//!   take    durable as it came: it may come before the answer to the request itself
//!   run     each goes the line of its tenant, who decides what follows: how far the message has
//!           come, an event, nothing more to a dead address; in one transaction the receipt is gone
//!           put off   while the message is with its provider, or nobody knows its name yet
//!           dropped   once nobody ever will
//! ```
//!
//! A receipt is told once, however often and early it comes.

mod telling;

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::intake::Intake;
use crate::clock;
use crate::store::{NewReceipt, Store, StoreError, Taken};
use crate::telemetry::spell::Told;

/// Receipts that are read at once.
const PAGE: u32 = 256;
/// Receipts that are with their tenants at once.
const AT_ONCE: usize = 64;
/// How long nothing is looked for where nothing is due.
const REST_MAX: Duration = Duration::from_secs(60);
/// …and at least, where something is that has to wait.
const REST_MIN: Duration = Duration::from_millis(20);
/// How long a store is left alone that cannot be read or written.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// See the module.
pub struct Receipts {
    store: Store,
    intake: Arc<Intake>,
    /// One came.
    wake: Notify,
    trouble: Told,
}

/// The daemon stops; the next run goes on.
struct Closed;

impl Receipts {
    /// Nothing is told yet: see [`Receipts::run`].
    pub fn new(store: Store, intake: Arc<Intake>) -> Arc<Self> {
        let trouble = Told::new("receipts wait for the store", "receipts are told again");
        Arc::new(Self { store, intake, wake: Notify::new(), trouble })
    }

    /// Keeps a report; once this returns it is told, however the daemon ends.
    ///
    /// # Errors
    /// See [`StoreError`]; it is not kept.
    pub async fn take(&self, receipt: &NewReceipt) -> Result<Taken, StoreError> {
        let taken = self.store.take_receipt(receipt).await?;
        self.wake.notify_one();
        Ok(taken)
    }

    /// Tells what was taken, by an earlier run of the daemon too; ends once nothing more is
    /// decided.
    pub async fn run(self: Arc<Self>) {
        loop {
            match self.page().await {
                Ok(Ok(rest)) => {
                    self.trouble.worked(clock::instant());
                    // Whichever it is, it is looked again.
                    let _ = timeout(rest, self.wake.notified()).await;
                }
                Ok(Err(Closed)) => return,
                Err(error) => {
                    self.trouble.failed(clock::instant(), &error);
                    sleep(STORE_PAUSE).await;
                }
            }
        }
    }

    /// Whatever is due; returns how long nothing will be.
    async fn page(&self) -> Result<Result<Duration, Closed>, StoreError> {
        loop {
            let due = self.store.due_receipts(clock::now(), PAGE).await?;
            if due.is_empty() {
                break;
            }
            let tellings = telling::one_of_each_message(due).into_iter();
            let mut told =
                stream::iter(tellings.map(|due| self.tells(due))).buffer_unordered(AT_ONCE);
            while let Some(told) = told.next().await {
                if told?.is_err() {
                    return Ok(Err(Closed));
                }
            }
        }
        let next = self.store.next_receipt().await?;
        let rest = next.map(|next| next.duration_since(clock::now()));
        let rest = rest.map_or(REST_MAX, |rest| Duration::try_from(rest).unwrap_or_default());
        Ok(Ok(rest.clamp(REST_MIN, REST_MAX)))
    }
}
