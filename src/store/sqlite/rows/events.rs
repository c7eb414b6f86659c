//! What upstream is told.

use crate::store::error::StoreError;
use crate::store::record::to_json;
use crate::store::unit::{Batch, Incarnation, Trigger};
use crate::wire::event;

/// `[tenant, id, type, cause, data, at, message, lease]` of each event; the last two for an event
/// about a message, which is only true where the lease holds.
///
/// An event's id derives from what caused it. A command is taken once, and a timer fires once, so
/// that its id and the event's place are enough; a command can be refused, and a message tried or
/// returned, any number of times.
pub fn events(batch: &Batch<'_>, lease: Incarnation) -> Result<String, StoreError> {
    let lease = lease.to_string();
    let mut rows = Vec::new();
    for unit in &batch.units {
        let once = match unit.claim.as_ref().map(|claim| &claim.trigger) {
            Some(Trigger::Command(_) | Trigger::Timer(_)) => true,
            Some(Trigger::Outcome) | None => false,
        };
        let again = (!once).then(|| format!("/{}", unit.at.as_nanosecond()));
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
