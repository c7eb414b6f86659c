//! What was given up.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _};

use super::Sqlite;
use super::claim::stored_message;
use crate::domain::id::TenantId;
use crate::domain::letter::Letter;
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::letters::{FoundLetter, LetterFilter, LetterView};
use crate::store::record::{instant, to_json};
use crate::store::view::AttemptView;

const VIEWS: &str = "SELECT message, tenant, client, kind, channel, status, \
    iif(status = 'unreadable', 'unreadable', reason), provider, reply, attempts, \
    coalesce(settled_ms, due_ms), fallback_of FROM messages ";

/// Whether another message took a letter's place, and has left or is to leave.
pub(super) const REPLACED: &str = "EXISTS (SELECT 1 FROM messages AS spare \
    WHERE spare.fallback_of = messages.message \
    AND spare.status IN ('ready', 'sending', 'sent', 'unknown', 'unreadable')) AS replaced";

impl Sqlite {
    /// See [`crate::store::Store::dead_letters`].
    pub async fn dead_letters(
        &self,
        filter: &LetterFilter,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<LetterView>, StoreError> {
        let mut query = QueryBuilder::new(VIEWS);
        matching(&mut query, filter)?;
        if let Some(after) = after {
            query.push(" AND message < ").push_bind(after.to_string());
        }
        query.push(" ORDER BY message DESC LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
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
        let mut query = QueryBuilder::new("SELECT *, ");
        query.push(REPLACED).push(" FROM messages ");
        matching(&mut query, filter)?;
        if let Some(FoundLetter { tenant, message, .. }) = after {
            query.push(" AND (tenant, message) > (").push_bind(tenant.as_str().to_owned());
            query.push(", ").push_bind(message.to_string()).push(")");
        }
        query.push(" ORDER BY tenant, message LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(found).collect()
    }
}

/// The condition under which a message is a dead letter that is meant. The first part is the
/// index's own.
pub(super) fn matching(
    query: &mut QueryBuilder<sqlx::Sqlite>,
    filter: &LetterFilter,
) -> Result<(), StoreError> {
    let LetterFilter { tenant, kind, channel, provider, reason, since, status, messages } = filter;
    query.push("WHERE status IN ('dead', 'unknown', 'unreadable')");
    let equal = [
        (" AND tenant = ", tenant.as_ref().map(ToString::to_string)),
        (" AND kind = ", kind.map(|kind| kind.as_str().to_owned())),
        (" AND channel = ", channel.map(|channel| channel.as_str().to_owned())),
        (" AND provider = ", provider.clone()),
        (" AND iif(status = 'unreadable', 'unreadable', reason) = ", reason.clone()),
        // Not by the status of the index's own part.
        (" AND +status = ", status.map(|status| status.as_str().to_owned())),
    ];
    for (condition, value) in equal {
        if let Some(value) = value {
            query.push(condition).push_bind(value);
        }
    }
    if let Some(since) = since {
        query.push(" AND coalesce(settled_ms, due_ms) >= ").push_bind(since.as_millisecond());
    }
    if !messages.is_empty() {
        query.push(" AND message IN (SELECT value FROM json_each(");
        query.push_bind(to_json(messages)?).push("))");
    }
    Ok(())
}

fn view(row: &SqliteRow) -> Result<LetterView, StoreError> {
    Ok(LetterView {
        message: row.try_get(0)?,
        tenant: row.try_get(1)?,
        client: row.try_get(2)?,
        kind: row.try_get(3)?,
        channel: row.try_get(4)?,
        status: row.try_get(5)?,
        reason: row.try_get(6)?,
        provider: row.try_get::<Option<String>, _>(7)?.filter(|name| !name.is_empty()),
        reply: row.try_get(8)?,
        attempts: row.try_get(9)?,
        at: instant(row.try_get(10)?)?,
        fallback_of: row.try_get(11)?,
        detail: None,
        bytes: None,
    })
}

/// A letter out of its row.
pub(super) fn found(row: &SqliteRow) -> Result<FoundLetter, StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { what: "dead letter", why };
    let tenant: String = row.try_get("tenant")?;
    let tenant = TenantId::parse(&tenant).map_err(|error| corrupt(error.to_string()))?;
    let id: String = row.try_get("message")?;
    let message = MessageId(id.parse().map_err(|_| corrupt(id.clone()))?);
    let (status, told_from): (String, Option<i64>) =
        (row.try_get("status")?, row.try_get("told_from")?);
    let replaced = row.try_get::<i64, _>("replaced")? != 0;
    let readable = Some(row).filter(|_| status != "unreadable").map(stored_message);
    let letter = readable.and_then(Result::ok).map(|stored| Letter {
        in_doubt: stored.doubts > 0 || status == "unknown",
        forgotten: told_from == Some(-1),
        replaced,
        message: stored.message,
    });
    Ok(FoundLetter { tenant, message, letter })
}
