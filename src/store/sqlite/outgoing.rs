//! The statements of a commit about what goes out: messages, what became of them, events.

use std::collections::HashSet;

use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::write::run;
use crate::domain::message::{Message, MessageStatus};
use crate::store::error::CommitError;
use crate::store::record::{SHAPE, to_json};
use crate::store::unit::{Batch, Incarnation, Settled, Unit};
use crate::wire::event;

struct MessageRow<'a> {
    unit: &'a Unit,
    message: &'a Message,
    facts: String,
    leased: bool,
}

/// Inserts the messages: `sending` those that the dispatcher has room for, the rest `ready`.
pub async fn messages(
    connection: &mut SqliteConnection,
    units: &[&Unit],
    lease: Incarnation,
) -> Result<(), CommitError> {
    let mut rows = Vec::new();
    for unit in units {
        for (place, message) in unit.decision.messages.iter().enumerate() {
            let facts = to_json(&message.facts)?;
            rows.push(MessageRow { unit, message, facts, leased: place < unit.leased });
        }
    }
    let lease = lease.to_string();
    run(
        connection,
        &rows,
        13,
        |values| {
            format!(
                "INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, \
                 status, shape, facts, due_ms, deadline_ms, lease) VALUES {values}"
            )
        },
        |query, row| {
            let message = row.message;
            let status = if row.leased { MessageStatus::Sending } else { MessageStatus::Ready };
            query
                .bind(row.unit.tenant.as_str())
                .bind(message.id.to_string())
                .bind(message.kind.as_str())
                .bind(message.channel.as_str())
                .bind(message.client.as_str())
                .bind(message.booking().map(|booking| booking.as_str()))
                .bind(row.unit.cause.as_str())
                .bind(status.as_str())
                .bind(SHAPE)
                .bind(row.facts.as_str())
                .bind(message.due.as_millisecond())
                .bind(message.deadline.map(|deadline| deadline.as_millisecond()))
                .bind(row.leased.then_some(lease.as_str()))
        },
    )
    .await?;
    Ok(())
}

/// Marks messages that must not leave any more and makes them due, for the dispatcher to settle.
pub async fn superseded(
    connection: &mut SqliteConnection,
    units: &[&Unit],
) -> Result<(), CommitError> {
    let rows: Vec<(&str, String, i64)> = units
        .iter()
        .flat_map(|unit| {
            let (tenant, at) = (unit.tenant.as_str(), unit.at.as_millisecond());
            let messages = unit.decision.superseded.iter();
            messages.map(move |(_, message)| (tenant, message.to_string(), at))
        })
        .collect();
    run(
        connection,
        &rows,
        3,
        |values| {
            format!(
                "WITH old (tenant, message, at) AS (VALUES {values}) \
                 UPDATE messages SET superseded = 1, due_ms = min(due_ms, old.at) FROM old \
                 WHERE messages.tenant = old.tenant AND messages.message = old.message \
                 AND messages.status IN ('ready', 'sending')"
            )
        },
        |query, row| query.bind(row.0).bind(row.1.as_str()).bind(row.2),
    )
    .await?;
    Ok(())
}

/// Writes outcomes where the lease still holds; returns the places of those.
pub async fn settled(
    connection: &mut SqliteConnection,
    settled: &[&Settled],
    lease: Incarnation,
) -> Result<Vec<usize>, CommitError> {
    let lease = lease.to_string();
    let held = run(
        connection,
        settled,
        10,
        |values| {
            format!(
                "WITH v (tenant, message, lease, status, due, attempts, doubts, provider, reply, \
                 at) AS (VALUES {values}) \
                 UPDATE messages SET status = v.status, lease = NULL, attempts = v.attempts, \
                 doubts = v.doubts, provider = v.provider, reply = v.reply, \
                 due_ms = CASE WHEN superseded = 1 THEN min(v.due, v.at) ELSE v.due END, \
                 settled_ms = CASE WHEN v.status = 'ready' THEN NULL ELSE v.at END \
                 FROM v WHERE messages.tenant = v.tenant AND messages.message = v.message \
                 AND messages.status = 'sending' AND messages.lease = v.lease \
                 RETURNING message"
            )
        },
        |query, settled| {
            query
                .bind(settled.tenant.as_str())
                .bind(settled.message.to_string())
                .bind(lease.as_str())
                .bind(settled.status.as_str())
                .bind(settled.due.as_millisecond())
                .bind(i64::from(settled.attempts))
                .bind(i64::from(settled.doubts))
                .bind(settled.provider.as_str())
                .bind(settled.reply.as_str())
                .bind(settled.at.as_millisecond())
        },
    )
    .await?;
    let held: HashSet<String> =
        held.iter().map(|row| row.try_get(0)).collect::<Result<_, sqlx::Error>>()?;
    let places = settled.iter().enumerate();
    Ok(places
        .filter(|(_, settled)| held.contains(&settled.message.to_string()))
        .map(|(place, _)| place)
        .collect())
}

struct EventRow<'a> {
    tenant: &'a str,
    id: String,
    type_name: &'static str,
    cause: &'a str,
    data: String,
    at: i64,
}

/// Appends what upstream is told.
///
/// An event's id derives from what caused it. A command is taken once, so that its id and the
/// event's place are enough; it can be refused, and a message tried, any number of times.
pub async fn events(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    held: &[usize],
) -> Result<(), CommitError> {
    let mut rows = Vec::new();
    for unit in &batch.units {
        let again = unit.claim.is_none().then(|| format!("/{}", unit.at.as_nanosecond()));
        let cause = format!("{}/{}{}", unit.tenant, unit.cause, again.unwrap_or_default());
        for (place, event) in unit.decision.events.iter().enumerate() {
            rows.push(EventRow {
                tenant: unit.tenant.as_str(),
                id: format!("{cause}/{place}"),
                type_name: event.type_name(),
                cause: unit.cause.as_str(),
                data: to_json(&event::encode(event))?,
                at: unit.at.as_millisecond(),
            });
        }
    }
    for settled in held.iter().filter_map(|place| batch.settled.get(*place)) {
        let Some(event) = &settled.event else { continue };
        let at = settled.at.as_nanosecond();
        rows.push(EventRow {
            tenant: settled.tenant.as_str(),
            id: format!("{}/{}/{at}/{}", settled.tenant, settled.message, event.type_name()),
            type_name: event.type_name(),
            cause: settled.cause.as_str(),
            data: to_json(&event::encode(event))?,
            at: settled.at.as_millisecond(),
        });
    }
    run(
        connection,
        &rows,
        6,
        |values| {
            format!("INSERT INTO events (tenant, id, type, cause, data, at_ms) VALUES {values}")
        },
        |query, row| {
            query
                .bind(row.tenant)
                .bind(row.id.as_str())
                .bind(row.type_name)
                .bind(row.cause)
                .bind(row.data.as_str())
                .bind(row.at)
        },
    )
    .await?;
    Ok(())
}
