//! What clients are told.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::decision::{Forgotten, ItemRead, Verdict};
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::letter::{LetterChange, LetterFate};
use crate::domain::message::{Message, MessageId, MessageStatus};
use crate::domain::outcome::{OnDevice, Tried};
use crate::domain::partition::Partitions;
use crate::domain::policy::SkipReason;
use crate::domain::receipt::{Arrival, ReceiptChange, Suppression};
use crate::store::error::StoreError;
use crate::store::mailbox::{Mailbox, NewItem};
use crate::store::record::{SHAPE, emptied, to_json, verdicts};
use crate::store::unit::{Incarnation, Settled, Unit};

/// What there is to tell.
pub struct Tellings {
    /// `[tenant, cause, kind, client, booking, channels, at, before]` of each, `before` the place
    /// in this list of the one of its tenant before it, if that is here.
    pub told: String,
    /// `[tenant, place]` of the last of each tenant.
    pub last: String,
}

impl Tellings {
    pub fn of(units: &[&Unit]) -> Result<Self, StoreError> {
        let (mut told, mut last) = (Vec::new(), BTreeMap::new());
        for unit in units {
            for telling in &unit.decision.tellings {
                let before = last.insert(unit.tenant.as_str(), told.len());
                told.push((
                    unit.tenant.as_str(),
                    unit.cause.as_str(),
                    telling.kind.as_str(),
                    telling.client.as_str(),
                    telling.booking().map(BookingId::as_str),
                    verdicts(telling)?,
                    unit.at.as_millisecond(),
                    before,
                ));
            }
        }
        Ok(Self { told: to_json(&told)?, last: to_json(&last.into_iter().collect::<Vec<_>>())? })
    }
}

/// Each message: `sending` those that the dispatcher has room for, the rest `ready`.
pub fn messages(units: &[&Unit], lease: Incarnation) -> Result<String, StoreError> {
    let lease = lease.to_string();
    let mut erased = Coming::of(units);
    let mut rows = Vec::new();
    for unit in units {
        for (place, message) in unit.decision.messages.iter().enumerate() {
            debug_assert!(is_told(unit, message), "what nobody told of is never found again");
            let leased = unit.leased.get(place).is_some_and(|leased| *leased);
            let status = if leased { MessageStatus::Sending } else { MessageStatus::Ready };
            let is_erased = erased.covers(&unit.tenant, &message.client);
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
                if is_erased { emptied()? } else { to_json(&message.facts)? },
                message.due.as_millisecond(),
                message.deadline.map(Timestamp::as_millisecond),
                leased.then_some(lease.as_str()),
                topic,
                (
                    u8::from(message.facts.is_secret()),
                    u8::from(is_erased),
                    message.segments,
                    message.kind.lane().as_str(),
                    message.fallback_of,
                    message.link_code.as_deref(),
                    unit.decision.trace,
                ),
            ));
        }
        erased.pass(unit);
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
struct Coming<'a>(Vec<(&'a TenantId, &'a ClientId)>);

impl<'a> Coming<'a> {
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

/// Of whom what was told is forgotten.
pub struct Erased {
    /// `[tenant, client, at]` of each client who is erased.
    pub clients: String,
    /// `[tenant, booking]` of each of their bookings of which it is forgotten later.
    pub later: String,
    /// `[tenant, client, at, booking]` of each booking of which it is forgotten now.
    pub bookings: String,
}

impl Erased {
    pub fn of(units: &[&Unit]) -> Result<Self, StoreError> {
        let (mut clients, mut later, mut bookings) = (Vec::new(), Vec::new(), Vec::new());
        for unit in units {
            let (tenant, at) = (unit.tenant.as_str(), unit.at.as_millisecond());
            if let Some((_, client)) = unit.erases() {
                clients.push((tenant, client.as_str(), at));
                later.extend(unit.erases_later().map(|booking| (tenant, booking.as_str())));
            }
            if let Some(Forgotten { client, bookings: told }) = &unit.decision.forgotten {
                let told =
                    told.iter().map(|booking| (tenant, client.as_str(), at, booking.as_str()));
                bookings.extend(told);
            }
        }
        let [clients, bookings] = [to_json(&clients)?, to_json(&bookings)?];
        Ok(Self { clients, later: to_json(&later)?, bookings })
    }
}

/// `[tenant, message, at]` of each message that must not leave any more.
pub fn superseded(units: &[&Unit]) -> Result<String, StoreError> {
    let rows: Vec<(&str, MessageId, i64)> = units
        .iter()
        .flat_map(|unit| {
            let (tenant, at) = (unit.tenant.as_str(), unit.at.as_millisecond());
            let messages = unit.decision.superseded.iter();
            messages.map(move |gone| (tenant, gone.message, at))
        })
        .collect();
    to_json(&rows)
}

/// What became of each message, and whose partition it is.
pub fn settled(
    settled: &[&Settled],
    lease: Incarnation,
    partitions: &Partitions,
) -> Result<String, StoreError> {
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
                partitions.of(&settled.tenant).number(),
                settled.reason,
                settled.sent_to.as_deref(),
            )
        })
        .collect();
    to_json(&rows)
}

/// `[message, place, at, provider, outcome, reply, reference, devices]` of each attempt, the place
/// counted from one; of whoever is forgotten nothing that a provider said.
pub fn attempts(settled: &[(&Settled, bool)]) -> Result<String, StoreError> {
    let mut rows = Vec::new();
    for (settled, is_forgotten) in settled {
        for (place, Tried { at, attempt }) in (1u32..).zip(&settled.tried) {
            rows.push((
                settled.message,
                place,
                at.as_millisecond(),
                attempt.provider.as_str(),
                attempt.outcome.class(),
                if *is_forgotten { "" } else { attempt.reply.as_str() },
                attempt.reference.as_deref().filter(|_| !is_forgotten),
                if *is_forgotten { None } else { devices(&attempt.devices)? },
            ));
        }
    }
    to_json(&rows)
}

/// `[device, outcome, reply]` of each device, if it went to devices.
fn devices(devices: &[OnDevice]) -> Result<Option<String>, StoreError> {
    let rows = devices.iter().map(|OnDevice { device, outcome, reply }| (device, outcome, reply));
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| to_json(&rows)).transpose()
}

/// `[message, part, parts, provider, reference]` of each part that a provider named, of the last
/// attempt that named any; of whoever is forgotten nothing.
pub fn parts(settled: &[(&Settled, bool)]) -> Result<String, StoreError> {
    let mut rows = Vec::new();
    for (settled, _) in settled.iter().filter(|(_, is_forgotten)| !is_forgotten) {
        let attempts = settled.tried.iter().rev().map(|tried| &tried.attempt);
        let last = attempts.filter(|attempt| !attempt.parts.is_empty()).take(1);
        for attempt in last {
            let named = (0u32..).zip(&attempt.parts);
            rows.extend(named.filter_map(|(part, reference)| {
                let (parts, provider) = (attempt.parts.len(), attempt.provider.as_str());
                Some((settled.message, part, parts, provider, reference.as_deref()?))
            }));
        }
    }
    to_json(&rows)
}

/// `[tenant, message, mailbox, post, title, body, at]` of each item that a message puts into a
/// mailbox, which is a board's where its client is forgotten.
pub fn items(settled: &[(&Settled, bool)]) -> Result<String, StoreError> {
    let rows = settled.iter().filter_map(|(settled, is_forgotten)| {
        let NewItem { mailbox, post, title, body } = settled.item.as_ref()?;
        (!is_forgotten || *mailbox == Mailbox::Board).then_some((
            settled.tenant.as_str(),
            settled.message,
            mailbox.name(),
            post.name(),
            title.as_str(),
            body.as_str(),
            settled.at.as_millisecond(),
        ))
    });
    to_json(&rows.collect::<Vec<_>>())
}

/// `[tenant, message, job, status, due, lane, reason, at, outcome]` of each letter; what is due is
/// a message again.
pub fn letters(units: &[&Unit]) -> Result<String, StoreError> {
    let mut rows = Vec::new();
    for unit in units {
        for LetterChange { message, job, fate } in &unit.decision.letters {
            let (status, due, lane, reason) = match fate {
                LetterFate::Again { due, unsent, .. } => {
                    let lane = unsent.kind.lane().as_str();
                    (MessageStatus::Ready, Some(due.as_millisecond()), Some(lane), None)
                }
                LetterFate::Ends { status, reason } => {
                    (*status, None, None, reason.map(SkipReason::as_str))
                }
            };
            rows.push((
                unit.tenant.as_str(),
                message,
                job,
                status.as_str(),
                due,
                lane,
                reason,
                unit.at.as_millisecond(),
                if due.is_some() { "again" } else { "skipped" },
            ));
        }
    }
    to_json(&rows)
}

/// `[tenant, message, receipt, arrival, at, partition, condemned]` of each receipt that is done
/// with.
pub fn receipts(units: &[&Unit], partitions: &Partitions) -> Result<String, StoreError> {
    let mut rows = Vec::new();
    for unit in units {
        for change in &unit.decision.receipts {
            let ReceiptChange { receipt, message, arrival, condemned, at, .. } = change;
            rows.push((
                unit.tenant.as_str(),
                message,
                receipt.0,
                arrival.map(Arrival::as_str),
                at.as_millisecond(),
                partitions.of(&unit.tenant).number(),
                condemned.map(Suppression::as_str),
            ));
        }
    }
    to_json(&rows)
}

/// `[tenant, client, message, at]` of each item of a mailbox that was read.
pub fn items_read(units: &[&Unit]) -> Result<String, StoreError> {
    let read = units.iter().filter_map(|unit| Some((unit, unit.decision.read.as_ref()?)));
    let rows: Vec<(&str, &str, MessageId, i64)> = read
        .map(|(unit, ItemRead { client, message })| {
            (unit.tenant.as_str(), client.as_str(), *message, unit.at.as_millisecond())
        })
        .collect();
    to_json(&rows)
}
