//! A batch as rows: one JSON array per table, which the statements take apart with `jsonb_each`
//! (<https://www.sqlite.org/json1.html#jeach>).

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::fence::Revisions;
use crate::domain::id::{BookingId, TenantId};
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::error::StoreError;
use crate::store::record::{SHAPE, to_json, to_row, verdicts};
use crate::store::unit::{Batch, Incarnation, Settled, Unit};
use crate::wire::event;

/// `[tenant, from, to]` of each tenant's revision.
pub fn revisions(steps: &BTreeMap<&TenantId, Revisions>) -> Result<String, StoreError> {
    let rows: Vec<_> =
        steps.iter().map(|(tenant, step)| (tenant.as_str(), step.from, step.to)).collect();
    to_json(&rows)
}

/// `[tenant, command, body hash, rejection, detail, at]` of each command.
pub fn inbox(units: &[&Unit]) -> Result<String, StoreError> {
    let claims = units.iter().filter_map(|unit| Some((*unit, unit.claim.as_ref()?)));
    let rows: Vec<_> = claims
        .map(|(unit, claim)| {
            let rejection = claim.entry.rejection.as_ref();
            (
                unit.tenant.as_str(),
                unit.cause.as_str(),
                hex(claim.entry.body_hash.as_bytes()),
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

/// `[tenant, kind, id, shape, body]` of each state row; of several versions of one row in the
/// batch only the last.
pub fn records(units: &[&Unit]) -> Result<String, StoreError> {
    let mut last = HashMap::new();
    for unit in units {
        for record in &unit.decision.records {
            let row = to_row(record)?;
            last.insert((unit.tenant.as_str(), row.kind, row.id), row.body);
        }
    }
    let rows: Vec<_> = last
        .into_iter()
        .map(|((tenant, kind, id), body)| (tenant, kind, id, SHAPE, body))
        .collect();
    to_json(&rows)
}

/// `[tenant, cause, kind, client, booking, channels, at]` of each thing to tell.
pub fn tellings(units: &[&Unit]) -> Result<String, StoreError> {
    let mut rows = Vec::new();
    for unit in units {
        for telling in &unit.decision.tellings {
            rows.push((
                unit.tenant.as_str(),
                unit.cause.as_str(),
                telling.kind.as_str(),
                telling.client.as_str(),
                telling.booking.as_ref().map(BookingId::as_str),
                verdicts(telling)?,
                unit.at.as_millisecond(),
            ));
        }
    }
    to_json(&rows)
}

/// Each message: `sending` those that the dispatcher has room for, the rest `ready`.
pub fn messages(units: &[&Unit], lease: Incarnation) -> Result<String, StoreError> {
    let lease = lease.to_string();
    let mut rows = Vec::new();
    for unit in units {
        for (place, message) in unit.decision.messages.iter().enumerate() {
            let leased = place < unit.leased;
            let status = if leased { MessageStatus::Sending } else { MessageStatus::Ready };
            rows.push((
                unit.tenant.as_str(),
                message.id,
                message.kind,
                message.channel,
                message.client.as_str(),
                message.booking().map(BookingId::as_str),
                unit.cause.as_str(),
                status.as_str(),
                SHAPE,
                to_json(&message.facts)?,
                message.due.as_millisecond(),
                message.deadline.map(Timestamp::as_millisecond),
                leased.then_some(lease.as_str()),
            ));
        }
    }
    to_json(&rows)
}

/// `[tenant, message, at]` of each message that must not leave any more.
pub fn superseded(units: &[&Unit]) -> Result<String, StoreError> {
    let rows: Vec<(&str, MessageId, i64)> = units
        .iter()
        .flat_map(|unit| {
            let (tenant, at) = (unit.tenant.as_str(), unit.at.as_millisecond());
            let messages = unit.decision.superseded.iter();
            messages.map(move |(_, message)| (tenant, *message, at))
        })
        .collect();
    to_json(&rows)
}

/// What became of each message.
pub fn settled(settled: &[&Settled], lease: Incarnation) -> Result<String, StoreError> {
    let lease = lease.to_string();
    let rows: Vec<_> = settled
        .iter()
        .map(|settled| {
            (
                settled.tenant.as_str(),
                settled.message,
                lease.as_str(),
                settled.status.as_str(),
                settled.due.as_millisecond(),
                settled.attempts,
                settled.doubts,
                settled.provider.as_str(),
                settled.reply.as_str(),
                settled.at.as_millisecond(),
            )
        })
        .collect();
    to_json(&rows)
}

/// `[tenant, id, type, cause, data, at, message, lease]` of each event; the last two for an event
/// about a message, which is only true where the lease holds.
///
/// An event's id derives from what caused it. A command is taken once, so that its id and the
/// event's place are enough; it can be refused, and a message tried, any number of times.
pub fn events(batch: &Batch<'_>, lease: Incarnation) -> Result<String, StoreError> {
    let lease = lease.to_string();
    let mut rows = Vec::new();
    for unit in &batch.units {
        let again = unit.claim.is_none().then(|| format!("/{}", unit.at.as_nanosecond()));
        let cause = format!("{}/{}{}", unit.tenant, unit.cause, again.unwrap_or_default());
        for (place, event) in unit.decision.events.iter().enumerate() {
            rows.push((
                unit.tenant.as_str(),
                format!("{cause}/{place}"),
                event.type_name(),
                unit.cause.as_str(),
                to_json(&event::encode(event))?,
                unit.at.as_millisecond(),
                None,
                None,
            ));
        }
    }
    for settled in &batch.settled {
        let Some(event) = &settled.event else { continue };
        let at = settled.at.as_nanosecond();
        rows.push((
            settled.tenant.as_str(),
            format!("{}/{}/{at}/{}", settled.tenant, settled.message, event.type_name()),
            event.type_name(),
            settled.cause.as_str(),
            to_json(&event::encode(event))?,
            settled.at.as_millisecond(),
            Some(settled.message),
            Some(lease.as_str()),
        ));
    }
    to_json(&rows)
}
