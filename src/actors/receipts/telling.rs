//! One receipt.

use std::collections::HashSet;
use std::time::Duration;

use jiff::SignedDuration;

use super::Receipts;
use crate::actors::dispatch::Arrived;
use crate::actors::intake::Untold;
use crate::actors::work::Work;
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::part::OfWhole;
use crate::domain::receipt::{Arrival, Astray, Report, Standing};
use crate::store::{DueReceipt, Found, PutOff, StoreError};
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

/// What came of a receipt.
pub(super) enum Told {
    /// Its tenant knows; and on which channel something arrived, where it says so.
    Heard(Option<(Channel, Arrived)>),
    /// It waits, or is dropped.
    PutOff(PutOff),
}

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
    /// Tells the tenant; else says when it is looked at again, if ever.
    pub(super) async fn tells(&self, due: DueReceipt) -> Result<Told, Closed> {
        let now = clock::now();
        let age = now.duration_since(due.at);
        let later = |pause| {
            let until = now.checked_add(pause).unwrap_or(now);
            Ok(Told::PutOff(PutOff { receipt: due.receipt, until: Some(until) }))
        };
        let dropped = |why| {
            record::receipt(&due.provider, why);
            Ok(Told::PutOff(PutOff { receipt: due.receipt, until: None }))
        };
        let found = match &due.found {
            None if due.by_our_name || age > PATIENCE => return dropped(UNKNOWN),
            None => return later(pause(due.tries)),
            Some(found) => found,
        };
        let is_leaving = found.reported.standing == Standing::Leaving;
        if is_leaving && age <= PATIENCE {
            return later(pause(due.tries));
        }
        match due.part.map(|part| part.tells(found.reported.report)) {
            None | Some(OfWhole::Same) => {}
            Some(OfWhole::Nothing) => return dropped(REPEATED),
            Some(OfWhole::Waits) => match self.part_arrived(&due, found).await {
                Ok(true) => {}
                Ok(false) => return dropped(PART),
                Err(error) => {
                    tracing::warn!(%error, "that a part of a message arrived is noted later");
                    return later(pause(due.tries));
                }
            },
        }
        match self.tells_of(found).await {
            Ok(()) => {
                Ok(Told::Heard(count(found).map(|arrived| (found.reported.channel, arrived))))
            }
            Err(Untold::Closed) => Err(Closed),
            Err(Untold::SetAside) if age > PATIENCE_WITH_TENANT => dropped(UNTOLD),
            Err(Untold::SetAside) => later(TENANT_PAUSE),
        }
    }

    /// Tells the tenant, and of a message that did not arrive what it takes to say it another way.
    async fn tells_of(&self, Found { stored, reported, .. }: &Found) -> Result<(), Untold> {
        let mut reported = reported.clone();
        let is_lost = reported.news() == Some(Arrival::Undelivered);
        let _turn = if is_lost { Some(self.ways.turn(stored).await) } else { None };
        if is_lost && let Some(said_on) = self.ways.said_on(stored).await? {
            let (message, cause) = (stored.message.clone(), stored.cause.clone());
            reported.astray = Some(Box::new(Astray { message, cause, said_on }));
        }
        self.intake.came_of_a_message(&stored.tenant, Work::Reported(reported)).await
    }

    /// Notes that a part has arrived; whether all of them have by now.
    async fn part_arrived(&self, due: &DueReceipt, found: &Found) -> Result<bool, StoreError> {
        let Some(part) = due.part else { return Ok(true) };
        self.store.part_arrived(due.receipt, found.reported.message, part.number).await
    }
}

fn pause(tries: u32) -> SignedDuration {
    let pause = PAUSE.checked_mul(1 << tries.min(16)).unwrap_or(PAUSE_MAX);
    pause.min(PAUSE_MAX)
}

/// Says what arrived by it, if anything did that a provider is known to have taken.
fn count(found: &Found) -> Option<Arrived> {
    let reported = &found.reported;
    if reported.news().is_none() {
        record::receipt(&reported.provider, REPEATED);
        return None;
    }
    record::receipt(&reported.provider, reported.report.as_str());
    let taken_at = found.taken_at.filter(|_| reported.report == Report::Delivered)?;
    let took = Duration::try_from(reported.at.duration_since(taken_at)).unwrap_or_default();
    record::observe_receipt(&reported.provider, took);
    Some(Arrived { provider: reported.provider.clone(), took })
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
