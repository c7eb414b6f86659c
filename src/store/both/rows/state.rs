//! What is known of tenants.

use std::collections::{BTreeMap, HashMap};

use crate::domain::id::TenantId;
use crate::store::error::StoreError;
use crate::store::fence::{Revisions, Timers};
use crate::store::record::{RowKey, SHAPE, to_json, to_row};
use crate::store::unit::{Trigger, Unit};

/// `[tenant, from, to]` of each tenant's revision.
pub fn revisions(steps: &BTreeMap<&TenantId, Revisions>) -> Result<String, StoreError> {
    let rows: Vec<_> =
        steps.iter().map(|(tenant, step)| (tenant.as_str(), step.from, step.to)).collect();
    to_json(&rows)
}

/// `[tenant, command, body hash, rejection, detail, at]` of each command.
pub fn inbox(units: &[&Unit]) -> Result<String, StoreError> {
    let commands = units.iter().filter_map(|unit| match &unit.claim.as_ref()?.trigger {
        Trigger::Command(entry) => Some((*unit, entry)),
        Trigger::Timer(_) | Trigger::GivenUp(_) | Trigger::Outcome => None,
    });
    let rows: Vec<_> = commands
        .map(|(unit, entry)| {
            let rejection = entry.rejection.as_ref();
            (
                unit.tenant.as_str(),
                unit.cause.as_str(),
                hex(entry.body_hash.as_bytes()),
                rejection.map(|rejection| rejection.reason.as_str()),
                rejection.map(|rejection| rejection.detail.as_str()),
                unit.at.as_millisecond(),
            )
        })
        .collect();
    to_json(&rows)
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The state rows of a batch; of several versions of one row only the last.
pub struct State {
    /// `[tenant, kind, id, shape, body]` of each row that is written.
    pub written: String,
    /// `[tenant, kind, id]` of each row that is removed.
    pub removed: String,
}

impl State {
    pub fn of(units: &[&Unit]) -> Result<Self, StoreError> {
        let mut last: HashMap<(&str, RowKey), Option<String>> = HashMap::new();
        for unit in units {
            let tenant = unit.tenant.as_str();
            for change in &unit.decision.changes {
                let (key, body) = to_row(change)?;
                last.insert((tenant, key), body);
            }
        }
        let (mut written, mut removed) = (Vec::with_capacity(last.len()), Vec::new());
        for ((tenant, RowKey { kind, id }), body) in last {
            match body {
                Some(body) => written.push((tenant, kind, id, SHAPE, body)),
                None => removed.push((tenant, kind, id)),
            }
        }
        Ok(Self { written: to_json(&written)?, removed: to_json(&removed)? })
    }
}

/// `[tenant, key, due]` of each timer that fired.
pub fn fired(timers: &Timers<'_>) -> Result<String, StoreError> {
    let rows: Vec<_> =
        timers.fired.iter().map(|(tenant, key, due)| (tenant.as_str(), key, due)).collect();
    to_json(&rows)
}

/// `[tenant, key, due, traceparent]` of each timer that is set, and without a due of each that is
/// gone.
pub fn timers(timers: &Timers<'_>) -> Result<String, StoreError> {
    let rows: Vec<_> = timers
        .changes
        .iter()
        .map(|((tenant, key), set)| {
            let due = set.map(|(due, _)| due);
            (tenant.as_str(), key, due, set.and_then(|(_, trace)| trace))
        })
        .collect();
    to_json(&rows)
}

/// `[day, change]` of the segments of each day of UTC on which they change.
pub fn sms_days(units: &[&Unit]) -> Result<String, StoreError> {
    let mut days: BTreeMap<i64, i64> = BTreeMap::new();
    for unit in units {
        for (day, change) in unit.decision.spent.by_day(unit.at) {
            *days.entry(day).or_default() += change;
        }
    }
    to_json(&days.into_iter().collect::<Vec<_>>())
}
