//! What clients are told.

use jiff::Timestamp;

use crate::domain::decision::Verdict;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::message::{Message, MessageId, MessageStatus};
use crate::store::error::StoreError;
use crate::store::record::{SHAPE, emptied, to_json, verdicts};
use crate::store::unit::{Incarnation, Settled, Unit};

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
                telling.booking().map(BookingId::as_str),
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
    let mut forgotten = Forgotten::of(units);
    let mut rows = Vec::new();
    for unit in units {
        for (place, message) in unit.decision.messages.iter().enumerate() {
            debug_assert!(is_told(unit, message), "what nobody told of is never found again");
            let leased = place < unit.leased;
            let status = if leased { MessageStatus::Sending } else { MessageStatus::Ready };
            let erased = forgotten.covers(&unit.tenant, &message.client);
            let topic = message.facts.topic().as_ref().map(to_json).transpose()?;
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
                if erased { emptied()? } else { to_json(&message.facts)? },
                message.due.as_millisecond(),
                message.deadline.map(Timestamp::as_millisecond),
                leased.then_some(lease.as_str()),
                topic,
                (u8::from(message.facts.is_secret()), u8::from(erased), message.segments),
            ));
        }
        forgotten.pass(unit);
    }
    to_json(&rows)
}

/// A client's messages are found by what was decided of them.
fn is_told(unit: &Unit, message: &Message) -> bool {
    unit.decision.tellings.iter().any(|telling| {
        telling.client == message.client
            && telling.channels.iter().any(|(_, verdict)| *verdict == Verdict::Goes(message.id))
    })
}

/// Who is erased by a unit that is still to come, so that what is written of them before is
/// nothing to begin with.
struct Forgotten<'a>(Vec<(&'a TenantId, &'a ClientId)>);

impl<'a> Forgotten<'a> {
    fn of(units: &[&'a Unit]) -> Self {
        Self(units.iter().filter_map(|unit| unit.erases()).collect())
    }

    fn covers(&self, tenant: &TenantId, client: &ClientId) -> bool {
        self.0.contains(&(tenant, client))
    }

    fn pass(&mut self, unit: &Unit) {
        if unit.erases().is_some() {
            self.0.remove(0);
        }
    }
}

/// `[tenant, client, at]` of each client who is to be forgotten.
pub fn erased(units: &[&Unit]) -> Result<String, StoreError> {
    let rows: Vec<_> = units
        .iter()
        .filter_map(|unit| unit.erases().map(|party| (party, unit.at.as_millisecond())))
        .map(|((tenant, client), at)| (tenant.as_str(), client.as_str(), at))
        .collect();
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
                u8::from(settled.event.is_some()),
            )
        })
        .collect();
    to_json(&rows)
}
