//! Receipts that are due, one page after the other.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use tokio::time::{sleep, timeout};

use super::Receipts;
use super::telling::{Closed, Told, one_of_each_message};
use crate::actors::dispatch::Arrived;
use crate::clock;
use crate::domain::channel::Channel;
use crate::store::StoreError;

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

impl Receipts {
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
            let tellings = one_of_each_message(due).into_iter();
            let mut told =
                stream::iter(tellings.map(|due| self.tells(due))).buffer_unordered(AT_ONCE);
            let (mut put_off, mut is_closed) = (Vec::new(), false);
            let mut arrived = HashMap::<Channel, Vec<Arrived>>::new();
            while let Some(told) = told.next().await {
                match told {
                    Ok(Told::PutOff(rest)) => put_off.push(rest),
                    Ok(Told::Heard(Some((channel, one)))) => {
                        arrived.entry(channel).or_default().push(one);
                    }
                    Ok(Told::Heard(None)) => {}
                    Err(Closed) => is_closed = true,
                }
            }
            for (channel, arrived) in arrived {
                self.outbound.arrived(channel, arrived);
            }
            self.store.put_receipts_off(&put_off).await?;
            if is_closed {
                return Ok(Err(Closed));
            }
        }
        let next = self.store.next_receipt().await?;
        let rest = next.map(|next| next.duration_since(clock::now()));
        let rest = rest.map_or(REST_MAX, |rest| Duration::try_from(rest).unwrap_or_default());
        Ok(Ok(rest.clamp(REST_MIN, REST_MAX)))
    }
}
