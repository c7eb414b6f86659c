//! What a batch writes, and whether it may.

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::Timestamp;
use serde_json::json;

use super::backend::Writing;
use super::held::Held;
use super::jobs::note;
use super::rows;
use crate::domain::deed::Unsuppressed;
use crate::domain::id::TenantId;
use crate::domain::message::MessageStatus;
use crate::domain::partition::{Part, Partitions};
use crate::store::error::StoreError;
use crate::store::event::StoredEvent;
use crate::store::fence::Claims;
use crate::store::record::to_json;
use crate::store::unit::{Batch, ClientKey, Incarnation, Settled, Trigger, Unit};

/// An empty list, as it is written.
pub const NO_ROWS: &str = "[]";

/// What is written of what became of messages.
pub struct Came {
    pub outcomes: String,
    pub attempts: String,
    pub items: String,
    pub parts: String,
    /// Whether each was the end of its message, of which no more attempts come.
    pub is_over: bool,
}

impl Came {
    /// As rows, of the outcomes whose lease holds, and whether their client was erased.
    ///
    /// # Errors
    /// If they cannot be written as JSON.
    pub fn of(outcomes: String, settled: &[(&Settled, bool)]) -> Result<Self, StoreError> {
        let is_over = settled.iter().all(|(settled, _)| settled.status != MessageStatus::Ready);
        Ok(Self {
            outcomes,
            attempts: rows::attempts(settled)?,
            items: rows::items(settled)?,
            parts: rows::parts(settled)?,
            is_over,
        })
    }
}

/// What is written whatever is found.
pub struct Rows {
    pub at: Option<i64>,
    pub state: rows::State,
    pub erased: rows::Erased,
    pub tellings: rows::Tellings,
    pub messages: String,
    pub superseded: String,
    pub timers: String,
    pub letters: String,
    pub receipts: String,
    pub sms_days: String,
    pub items_read: String,
}

impl Rows {
    /// As rows.
    ///
    /// # Errors
    /// If they cannot be written as JSON.
    pub fn of(
        batch: &Batch<'_>,
        claims: &Claims<'_>,
        lease: Incarnation,
        partitions: &Partitions,
    ) -> Result<Self, StoreError> {
        let units = &batch.units;
        Ok(Self {
            at: batch.at().map(Timestamp::as_millisecond),
            state: rows::State::of(units)?,
            erased: rows::Erased::of(units)?,
            tellings: rows::Tellings::of(units)?,
            messages: rows::messages(units, lease)?,
            superseded: rows::superseded(units)?,
            timers: rows::timers(&claims.timers)?,
            letters: rows::letters(units)?,
            receipts: rows::receipts(units, partitions)?,
            sms_days: rows::sms_days(units)?,
            items_read: rows::items_read(units)?,
        })
    }
}

/// What was found in the database.
#[derive(Debug, Default)]
pub struct Found {
    /// Whether the batch had been written.
    pub before: bool,
    /// The partitions that are still this run's, with their last events.
    pub partitions: Vec<(u16, i64)>,
    /// Tenants whose revision is another, whose command was taken before, or whose timer does not
    /// stand.
    pub stale: Vec<String>,
    /// The messages that are leased as the outcomes say, and whether their client was erased.
    pub sending: Vec<(String, bool)>,
}

/// What it means.
pub enum Taken {
    /// The batch had been written.
    Before,
    /// The partitions that are another's by now.
    Fenced(Vec<Part>),
    /// The tenants whose units are not to be written.
    Stale(Vec<TenantId>),
    /// All of it may be written.
    Now(Leave),
}

/// Leave to write a batch.
pub struct Leave {
    /// The outcomes whose lease holds, by their place in the batch.
    pub leased: Vec<usize>,
    /// Those of them whose client was erased.
    forgotten: HashSet<usize>,
    /// The last event of each partition.
    last: rows::Written,
}

impl Found {
    /// Whether the batch may be written.
    ///
    /// # Errors
    /// If what was found cannot be read.
    pub fn means(
        self,
        batch: &Batch<'_>,
        claims: &Claims<'_>,
        held: &Held,
    ) -> Result<Taken, StoreError> {
        let Self { before, partitions, stale: found, sending } = self;
        if before {
            return Ok(Taken::Before);
        }
        let written = held.written(batch);
        let last: rows::Written =
            partitions.into_iter().map(|(part, last)| (Part::new(part), last)).collect();
        if last.len() < written.len() {
            let lost = written.into_iter().filter(|part| !last.contains_key(part));
            return Ok(Taken::Fenced(lost.collect()));
        }
        let mut stale: BTreeSet<TenantId> = claims.broken.clone();
        for tenant in found {
            let tenant = TenantId::parse(&tenant);
            stale.insert(tenant.map_err(|error| StoreError::Refused(error.to_string()))?);
        }
        let sending: HashMap<String, bool> = sending.into_iter().collect();
        stale.extend(answered(&batch.units, &sending));
        if !stale.is_empty() {
            return Ok(Taken::Stale(stale.into_iter().collect()));
        }
        // Who is erased in this very batch is erased before it.
        let erased: HashSet<ClientKey<'_>> =
            batch.units.iter().filter_map(|unit| unit.erases()).collect();
        let (mut leased, mut forgotten) = (Vec::new(), HashSet::new());
        for (place, settled) in batch.settled.iter().enumerate() {
            let Some(is_erased) = sending.get(&settled.message.to_string()) else { continue };
            leased.push(place);
            let of_erased = settled.client_key().is_some_and(|client| erased.contains(&client));
            if *is_erased || of_erased {
                forgotten.insert(place);
            }
        }
        Ok(Taken::Now(Leave { leased, forgotten, last }))
    }
}

impl Leave {
    /// The outcomes whose lease holds, and whether their client was erased.
    pub fn settled<'a>(&self, batch: &Batch<'a>) -> Vec<(&'a Settled, bool)> {
        let leased = self.leased.iter();
        leased.map(|place| (batch.settled[*place], self.forgotten.contains(place))).collect()
    }

    /// What upstream is told of the batch.
    ///
    /// # Errors
    /// If an event cannot be written as JSON.
    pub fn events(
        &self,
        batch: &Batch<'_>,
        partitions: &Partitions,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        rows::events(&batch.units, &self.settled(batch), &self.last, partitions)
    }
}

/// Adds lines to the audit, as seldom as operators have a hand in it.
///
/// # Errors
/// See [`StoreError`].
pub async fn note_deeds(writer: &mut impl Writing, units: &[&Unit]) -> Result<(), StoreError> {
    for unit in units {
        let Some(Unsuppressed { deed, client, channel }) = &unit.decision.unsuppressed else {
            continue;
        };
        let subject = json!({ "tenant": unit.tenant, "client": client, "channel": channel });
        note(writer, deed, "unsuppress", &to_json(&subject)?, 0).await?;
    }
    Ok(())
}

/// The tenants of units about messages that are not leased any more.
fn answered(units: &[&Unit], sending: &HashMap<String, bool>) -> impl Iterator<Item = TenantId> {
    let given_up = units.iter().filter_map(|unit| match unit.claim.as_ref()?.trigger {
        Trigger::GivenUp(message) => Some((&unit.tenant, message)),
        _ => None,
    });
    let late = given_up.filter(|(_, message)| !sending.contains_key(&message.to_string()));
    late.map(|(tenant, _)| tenant.clone())
}
