//! What was given up.

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::stored::stored_message;
use crate::domain::id::TenantId;
use crate::domain::letter::Letter;
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::letters::{FoundLetter, LetterFilter, LetterView};
use crate::store::view::AttemptView;

const VIEWS: &str = "SELECT message, tenant, client, kind, channel, status, \
    CASE WHEN status = 'unreadable' THEN 'unreadable' ELSE reason END, provider, reply, attempts, \
    coalesce(settled_ms, due_ms), fallback_of FROM messages ";

/// A letter, and whether another message took its place, and has left or is to leave.
pub(super) const FOUND: &str = "SELECT messages.message, messages.tenant, messages.kind, \
    messages.channel, messages.client, messages.cause, messages.shape, messages.facts, \
    messages.due_ms, messages.deadline_ms, messages.superseded, messages.attempts, \
    messages.doubts, messages.crashes, messages.first_due_ms, messages.segments, \
    messages.fallback_of, messages.link_code, messages.traceparent, messages.status, messages.told_from, EXISTS (SELECT 1 FROM messages AS spare \
    WHERE spare.fallback_of = messages.message \
    AND spare.status IN ('ready', 'sending', 'sent', 'unknown', 'unreadable')) AS replaced";

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::dead_letters`].
    pub async fn dead_letters(
        &self,
        filter: &LetterFilter,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<LetterView>, StoreError> {
        let mut query = Question::new(VIEWS);
        matching::<B>(&mut query, filter);
        if let Some(after) = after {
            query.push(" AND message < ").push_bind(after);
        }
        query.push(" ORDER BY message DESC LIMIT ").push_bind(limit);
        let rows = query.all(&self.db).await?;
        let mut views: Vec<_> = rows.iter().map(view).collect::<Result<_, _>>()?;
        views.extend(self.laid_aside(filter, after, limit).await?);
        views.sort_by(|one, other| other.message.cmp(&one.message));
        views.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(views)
    }

    /// See [`crate::store::Store::dead_letter`].
    pub async fn dead_letter(
        &self,
        message: MessageId,
    ) -> Result<Option<(LetterView, Vec<AttemptView>)>, StoreError> {
        let only = LetterFilter { messages: vec![message], ..LetterFilter::default() };
        let Some(view) = self.dead_letters(&only, None, 1).await?.pop() else { return Ok(None) };
        let mut attempts = self.attempts(std::slice::from_ref(&view.message)).await?;
        let attempts = attempts.remove(&view.message).unwrap_or_default();
        Ok(Some((view, attempts)))
    }

    /// See [`crate::store::Store::letters`].
    pub async fn letters(
        &self,
        filter: &LetterFilter,
        after: Option<&FoundLetter>,
        limit: u32,
    ) -> Result<Vec<FoundLetter>, StoreError> {
        let mut query = Question::new(FOUND);
        query.push(" FROM messages ");
        matching::<B>(&mut query, filter);
        if let Some(FoundLetter { tenant, message, .. }) = after {
            query.push(" AND (tenant, message) > (").push_bind(tenant);
            query.push(", ").push_bind(*message).push(")");
        }
        query.push(" ORDER BY tenant, message LIMIT ").push_bind(limit);
        let rows = query.all(&self.db).await?;
        rows.iter().map(found).collect()
    }
}

/// The condition under which a message is a dead letter that is meant. The first part is the
/// index's own.
pub(super) fn matching<B: Backend>(query: &mut Question, filter: &LetterFilter) {
    let LetterFilter { tenant, kind, channel, provider, reason, since, status, messages } = filter;
    query.push("WHERE status IN ('dead', 'unknown', 'unreadable')");
    let equal = [
        (" AND tenant = ", tenant.as_ref().map(ToString::to_string)),
        (" AND kind = ", kind.map(|kind| kind.as_str().to_owned())),
        (" AND channel = ", channel.map(|channel| channel.as_str().to_owned())),
        (" AND provider = ", provider.clone()),
        (
            " AND CASE WHEN status = 'unreadable' THEN 'unreadable' ELSE reason END = ",
            reason.clone(),
        ),
    ];
    for (condition, value) in equal {
        if let Some(value) = value {
            query.push(condition).push_bind(value);
        }
    }
    if let Some(status) = status {
        // Not by the status of the index's own part.
        query.push(" AND ").push(B::DIALECT.past_index).push("status = ");
        query.push_bind(status.as_str());
    }
    if let Some(since) = since {
        query.push(" AND coalesce(settled_ms, due_ms) >= ").push_bind(*since);
    }
    if !messages.is_empty() {
        query.push(" AND message").push_among::<B>(&messages[..]);
    }
}

fn view(row: &impl Fields) -> Result<LetterView, StoreError> {
    Ok(LetterView {
        message: row.get(0)?,
        tenant: row.get(1)?,
        client: row.get(2)?,
        kind: row.get(3)?,
        channel: row.get(4)?,
        status: row.get(5)?,
        reason: row.get(6)?,
        provider: row.get::<Option<String>>(7)?.filter(|name| !name.is_empty()),
        reply: row.get(8)?,
        attempts: row.get(9)?,
        at: row.get(10)?,
        fallback_of: row.get(11)?,
        detail: None,
        bytes: None,
    })
}

/// A letter out of its row.
pub(super) fn found(row: &impl Fields) -> Result<FoundLetter, StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { what: "dead letter", why };
    let tenant: String = row.get("tenant")?;
    let tenant = TenantId::parse(&tenant).map_err(|error| corrupt(error.to_string()))?;
    let id: String = row.get("message")?;
    let message = MessageId(id.parse().map_err(|_| corrupt(id.clone()))?);
    let (status, told_from): (String, Option<i64>) = (row.get("status")?, row.get("told_from")?);
    let replaced = row.get("replaced")?;
    let readable = (status != "unreadable").then(|| stored_message(row));
    let letter = readable.and_then(Result::ok).map(|stored| Letter {
        in_doubt: stored.doubts > 0 || status == "unknown",
        forgotten: told_from == Some(-1),
        replaced,
        message: stored.message,
        trace: stored.trace,
    });
    Ok(FoundLetter { tenant, message, letter })
}
