//! A stored message and a stored record, out of their rows.

use uuid::Uuid;

use super::fields::Fields;
use crate::domain::channel::Channel;
use crate::domain::decision::Record;
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{Message, MessageId};
use crate::domain::trace::TraceContext;
use crate::store::error::StoreError;
use crate::store::record::{facts, from_row};
use crate::store::unit::StoredMessage;

/// The columns of a [`stored_message`], by name: a statement that says `*` is not prepared for a
/// column that a newer version adds.
pub const MESSAGE_COLUMNS: &str = "message, tenant, kind, channel, client, cause, shape, facts, \
    due_ms, deadline_ms, superseded, attempts, doubts, crashes, first_due_ms, segments, \
    fallback_of, link_code, traceparent";

/// A message, without what its text needs.
///
/// # Errors
/// If this version cannot read it.
pub fn stored_message(row: &impl Fields) -> Result<StoredMessage, StoreError> {
    let text = |column: &str| row.get::<String>(column);
    let fallback_of: Option<String> = row.get("fallback_of")?;
    let message = Message {
        id: MessageId(id(&text("message")?)?),
        kind: Kind::parse(&text("kind")?).ok_or_else(|| corrupt("kind"))?,
        channel: Channel::parse(&text("channel")?).ok_or_else(|| corrupt("channel"))?,
        client: ClientId::parse(&text("client")?).map_err(corrupt)?,
        due: row.get("due_ms")?,
        deadline: row.get("deadline_ms")?,
        facts: facts(row.get("shape")?, &text("facts")?)?,
        segments: row.get("segments")?,
        fallback_of: fallback_of.map(|of| id(&of)).transpose()?.map(MessageId),
        link_code: row.get("link_code")?,
    };
    let first_due: Option<_> = row.get("first_due_ms")?;
    let traceparent: Option<String> = row.get("traceparent")?;
    Ok(StoredMessage {
        tenant: TenantId::parse(&text("tenant")?).map_err(corrupt)?,
        first_due: first_due.unwrap_or(message.due),
        message,
        cause: CauseId::parse(&text("cause")?).map_err(corrupt)?,
        attempts: row.get("attempts")?,
        doubts: row.get("doubts")?,
        crashes: row.get("crashes")?,
        superseded: row.get("superseded")?,
        trace: traceparent.as_deref().and_then(TraceContext::parse),
    })
}

/// A record of a tenant's state, out of `kind`, `shape` and `body` in this order.
///
/// # Errors
/// If this version cannot read it.
pub fn record(row: &impl Fields) -> Result<Record, StoreError> {
    record_at(row, 0)
}

/// The same, from this place on.
///
/// # Errors
/// If this version cannot read it.
pub fn record_at(row: &impl Fields, place: usize) -> Result<Record, StoreError> {
    let (kind, body): (String, String) = (row.get(place)?, row.get(place + 2)?);
    from_row(&kind, row.get(place + 1)?, &body)
}

/// An id out of text.
///
/// # Errors
/// If it is none.
pub fn id(text: &str) -> Result<Uuid, StoreError> {
    text.parse().map_err(|_| corrupt("id"))
}

fn corrupt(why: impl ToString) -> StoreError {
    StoreError::Corrupt { what: "message", why: why.to_string() }
}
