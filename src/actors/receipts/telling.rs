//! One receipt.

use std::collections::HashSet;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Receipts;
use crate::actors::intake::Untold;
use crate::actors::work::Work;
use crate::clock;
use crate::domain::part::OfWhole;
use crate::domain::receipt::{Report, Standing};
use crate::store::{DueReceipt, Found, StoreError};
use crate::telemetry::record;

/// How long the name that a provider gave a message may still become known, or a message be with
/// its provider, after a receipt for it came.
const PATIENCE: SignedDuration = SignedDuration::from_mins(15);
/// How long a receipt waits for a tenant that takes nothing.
const PATIENCE_WITH_TENANT: SignedDuration = SignedDuration::from_hours(72);
/// The first and the longest pause before a receipt is looked at again.
const PAUSE: SignedDuration = SignedDuration::from_millis(100);
const PAUSE_MAX: SignedDuration = SignedDuration::from_secs(30);
/// The pause where its tenant takes nothing at present.
const TENANT_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// As a metric label, beside the reports: it is of no message of ours…
const UNKNOWN: &str = "unknown";
/// …or known already.
const REPEATED: &str = "repeated";
/// It is of a part of a message whose other parts are waited for.
const PART: &str = "part";
/// Its tenant could not be told.
const UNTOLD: &str = "untold";

/// The daemon stops; the next run goes on.
pub(super) struct Closed;

/// Of several receipts of a message the first: how far the message has come by then decides on the
/// next.
pub fn one_of_each_message(due: Vec<DueReceipt>) -> Vec<DueReceipt> {
    let mut seen = HashSet::new();
    let is_first = |due: &DueReceipt| match &due.found {
        Some(found) => seen.insert(found.reported.message),
        None => true,
    };
    due.into_iter().filter(is_first).collect()
}

impl Receipts {
    /// Tells the tenant, or puts it off, or drops it.
    pub(super) async fn tells(&self, due: DueReceipt) -> Result<Result<(), Closed>, StoreError> {
        let now = clock::now();
        let age = now.duration_since(due.at);
        let found = match &due.found {
            None if due.by_our_name || age > PATIENCE => {
                record::receipt(&due.provider, UNKNOWN);
                return self.store.drop_receipt(due.receipt).await.map(Ok);
            }
            None => return self.puts_off(&due, now, pause(due.tries)).await.map(Ok),
            Some(found) => found,
        };
        let is_leaving = found.reported.standing == Standing::Leaving;
        if is_leaving && age <= PATIENCE {
            return self.puts_off(&due, now, pause(due.tries)).await.map(Ok);
        }
        if !self.is_of_whole(&due, found).await? {
            return Ok(Ok(()));
        }
        let work = Work::Reported(found.reported.clone());
        match self.intake.came_of_a_message(&found.tenant, work).await {
            Ok(()) => {
                count(found);
                Ok(Ok(()))
            }
            Err(Untold::Closed) => Ok(Err(Closed)),
            Err(Untold::SetAside) if age > PATIENCE_WITH_TENANT => {
                record::receipt(&due.provider, UNTOLD);
                self.store.drop_receipt(due.receipt).await.map(Ok)
            }
            Err(Untold::SetAside) => self.puts_off(&due, now, TENANT_PAUSE).await.map(Ok),
        }
    }

    /// Whether it says something of the whole message; else it is done with.
    async fn is_of_whole(&self, due: &DueReceipt, found: &Found) -> Result<bool, StoreError> {
        let Some(part) = due.part else { return Ok(true) };
        match part.tells(found.reported.report) {
            OfWhole::Same => Ok(true),
            OfWhole::Nothing => {
                record::receipt(&due.provider, REPEATED);
                self.store.drop_receipt(due.receipt).await?;
                Ok(false)
            }
            OfWhole::Waits => {
                let message = found.reported.message;
                let all = self.store.part_arrived(due.receipt, message, part.number).await?;
                if !all {
                    record::receipt(&due.provider, PART);
                }
                Ok(all)
            }
        }
    }

    async fn puts_off(
        &self,
        due: &DueReceipt,
        now: Timestamp,
        pause: SignedDuration,
    ) -> Result<(), StoreError> {
        let until = now.checked_add(pause).unwrap_or(now);
        self.store.defer_receipt(due.receipt, until).await
    }
}

fn pause(tries: u32) -> SignedDuration {
    let pause = PAUSE.checked_mul(1 << tries.min(16)).unwrap_or(PAUSE_MAX);
    pause.min(PAUSE_MAX)
}

fn count(found: &Found) {
    let reported = &found.reported;
    if reported.news().is_none() {
        return record::receipt(&reported.provider, REPEATED);
    }
    record::receipt(&reported.provider, reported.report.as_str());
    if reported.report == Report::Delivered
        && let Some(taken_at) = found.taken_at
    {
        let took = Duration::try_from(reported.at.duration_since(taken_at));
        record::observe_receipt(&reported.provider, took.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        assert_eq!(pause(0), PAUSE);
        assert_eq!(pause(3), SignedDuration::from_millis(800));
        assert_eq!((pause(9), pause(u32::MAX)), (PAUSE_MAX, PAUSE_MAX));
    }
}
