//! What providers report of messages after they took them.
//!
//! ```text
//!   take    durable as it came, many in one transaction: it may come before the answer to the
//!           request itself
//!   run     each goes the line of its tenant, who decides what follows: how far the message has
//!           come, an event, nothing more to a dead address; in one transaction the receipt is gone
//!           of a part of a text   nothing follows until all of its parts have arrived
//!           put off   while the message is with its provider, or nobody knows its name yet
//!           dropped   once nobody ever will
//! ```
//!
//! A receipt is told once, however often and early it comes.

mod run;
mod taking;
mod telling;

use std::sync::Arc;

use tokio::sync::Notify;

use self::taking::Taking;
use super::dispatch::{Outbound, Ways};
use super::intake::Intake;
use crate::domain::part::Named;
use crate::store::{NewReceipt, Store, StoreError, Taken};
use crate::telemetry::spell::Told;

/// See the module.
pub struct Receipts {
    store: Store,
    taking: Arc<Taking>,
    intake: Arc<Intake>,
    ways: Arc<Ways>,
    outbound: Arc<Outbound>,
    wake: Notify,
    trouble: Told,
}

impl Receipts {
    /// Nothing is told yet: see [`Receipts::run`].
    pub fn new(
        store: Store,
        intake: Arc<Intake>,
        ways: Arc<Ways>,
        outbound: Arc<Outbound>,
    ) -> Arc<Self> {
        let trouble = Told::new("receipts wait for the store", "receipts are told again");
        let taking = Taking::new(store.clone());
        Arc::new(Self { store, taking, intake, ways, outbound, wake: Notify::new(), trouble })
    }

    /// Keeps reports; once this returns they are told, however the daemon ends. All of them, or
    /// none.
    ///
    /// # Errors
    /// See [`StoreError`]; they are not kept.
    pub async fn take(&self, receipts: Vec<NewReceipt>) -> Result<Taken, StoreError> {
        let taken = self.taking.take(receipts).await?;
        self.wake.notify_one();
        Ok(taken)
    }

    /// A provider has named a part of a message after nobody waited for that any more: receipts
    /// find the message by it.
    ///
    /// # Errors
    /// See [`StoreError`]; it is not kept.
    pub async fn name(&self, provider: &str, named: &Named) -> Result<(), StoreError> {
        self.store.name_part(provider, named).await
    }
}
