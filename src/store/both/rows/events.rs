//! What upstream is told.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::domain::event::{Event, MessageEvent};
use crate::domain::id::TenantId;
use crate::domain::partition::{Part, Partitions};
use crate::domain::trace::TraceContext;
use crate::store::error::StoreError;
use crate::store::event::StoredEvent;
use crate::store::record::{from_json, to_json};
use crate::store::unit::{Settled, Trigger, Unit};
use crate::wire::{EventEnvelope, encode};

/// The most events on one page.
const PAGE: usize = 500;

/// A place's bits for the number of the event; those above are its partition's.
pub const SEQ_BITS: u32 = 48;
/// The last number that an event can have.
pub const SEQ_MAX: i64 = (1 << SEQ_BITS) - 1;

/// Where an event is among those of all partitions: what orders the pages.
pub fn place(part: Part, seq: i64) -> i64 {
    i64::from(part.number()) << SEQ_BITS | seq
}

/// Whose events are there, and the number of the one that is.
pub fn at_place(place: i64) -> (Part, i64) {
    (Part::new(u16::try_from(place >> SEQ_BITS).unwrap_or(0)), place & SEQ_MAX)
}

/// The last event of each partition.
pub type Written = BTreeMap<Part, i64>;

/// The events of a batch, in order, each behind what was `written` in its partition; of the
/// outcomes those that are told, without what the provider said where it is to be forgotten.
///
/// An event's id derives from what caused it. A command is taken once, and a timer fires once, so
/// that its id and the event's place are enough; a command can be refused, and a message tried or
/// returned, any number of times.
pub fn events(
    units: &[&Unit],
    settled: &[(&Settled, bool)],
    written: &Written,
    partitions: &Partitions,
) -> Result<Vec<StoredEvent>, StoreError> {
    let mut written = Events { last: written.clone(), partitions, events: Vec::new() };
    for unit in units {
        let once = match unit.claim.as_ref().map(|claim| &claim.trigger) {
            Some(Trigger::Command(_) | Trigger::Timer(_)) => true,
            Some(Trigger::GivenUp(_) | Trigger::Outcome) | None => false,
        };
        let again = (!once).then(|| format!("/{}", unit.at.as_nanosecond()));
        let (tenant, cause) = (&unit.tenant, unit.cause.as_str());
        let again = again.as_deref().unwrap_or_default();
        for (place, event) in unit.decision.events.iter().enumerate() {
            let id = format!("{tenant}/{cause}{again}/{place}");
            written.push(event, id, (tenant, cause), unit.at, unit.decision.trace)?;
        }
    }
    for (settled, forgotten) in settled {
        let Some(event) = &settled.event else { continue };
        let event = if *forgotten { &without_reply(event) } else { event };
        let (tenant, at) = (&settled.tenant, settled.at.as_nanosecond());
        let id = format!("{tenant}/{}/{at}/{}", settled.message, event.type_name());
        let trace = settled.trace.map(|trace| trace.telling(settled.message));
        written.push(event, id, (tenant, settled.cause.as_str()), settled.at, trace)?;
    }
    Ok(written.events)
}

fn without_reply(event: &Event) -> Event {
    match event {
        Event::Message(event) => {
            Event::Message(MessageEvent { reply: String::new(), reference: None, ..event.clone() })
        }
        other => other.clone(),
    }
}

struct Events<'a> {
    last: Written,
    partitions: &'a Partitions,
    events: Vec<StoredEvent>,
}

impl Events<'_> {
    fn push(
        &mut self,
        event: &Event,
        id: String,
        (tenant, cause): (&TenantId, &str),
        at: Timestamp,
        trace: Option<TraceContext>,
    ) -> Result<(), StoreError> {
        let type_name = event.type_name();
        let part = self.partitions.of(tenant);
        let last = self.last.entry(part).or_default();
        *last += 1;
        let (seq, tenant) = (*last, tenant.as_str());
        let envelope = EventEnvelope {
            seq,
            partition: (self.partitions.count() > 1).then(|| part.number()),
            id: &id,
            type_name,
            // As exact as the store.
            time: Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at),
            tenant,
            causation: Some(cause),
            trace,
            data: encode(event),
        };
        let body = to_json(&envelope)?.into_boxed_str();
        let (tenant, type_name) = (tenant.to_owned(), type_name.to_owned());
        self.events.push(StoredEvent { part, seq, id, tenant, type_name, body });
        Ok(())
    }
}

/// The row of a page: the place of its last event, and its events.
pub type Page = (i64, String);

/// Events as rows.
pub fn pages(events: &[StoredEvent]) -> Result<Vec<Page>, StoreError> {
    let mut parts: BTreeMap<Part, Vec<&StoredEvent>> = BTreeMap::new();
    for event in events {
        parts.entry(event.part).or_default().push(event);
    }
    let chunks = parts.values().flat_map(|events| events.chunks(PAGE));
    chunks.filter_map(|chunk| Some(page(chunk, chunk.last()?))).collect()
}

/// `[part, last, first place, last place]` of what is written of each partition.
pub fn spans(events: &[StoredEvent]) -> Result<String, StoreError> {
    let mut spans: BTreeMap<Part, (i64, i64)> = BTreeMap::new();
    for StoredEvent { part, seq, .. } in events {
        spans.entry(*part).or_insert((*seq, *seq)).1 = *seq;
    }
    let row = |(part, (first, last)): (Part, (i64, i64))| {
        (part.number(), last, place(part, first), place(part, last))
    };
    to_json(&spans.into_iter().map(row).collect::<Vec<_>>())
}

fn page(events: &[&StoredEvent], last: &StoredEvent) -> Result<Page, StoreError> {
    let last = place(last.part, last.seq);
    let mut text = String::with_capacity(events.iter().map(|event| 2 * event.body.len()).sum());
    for event in events {
        text.push(if text.is_empty() { '[' } else { ',' });
        let mut names = to_json(&(&event.id, &event.tenant, &event.type_name))?;
        names.pop();
        text.push_str(&names);
        text.push(',');
        text.push_str(&event.body);
        text.push(']');
    }
    text.push(']');
    Ok((last, text))
}

/// The events of a row.
///
/// # Errors
/// If the row is not a page of events.
pub fn read_page((last, text): &Page) -> Result<Vec<StoredEvent>, StoreError> {
    type Row = (String, String, String, Box<RawValue>);
    let rows: Vec<Row> = from_json("page of events", text)?;
    let (part, last) = at_place(*last);
    let before = last - i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let events = (before + 1..).zip(rows);
    let event = |(seq, (id, tenant, type_name, body)): (i64, Row)| StoredEvent {
        part,
        seq,
        id,
        tenant,
        type_name,
        body: body.into(),
    };
    Ok(events.map(event).collect())
}
