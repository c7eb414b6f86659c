//! Commands that were laid aside.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row as _};

use super::Sqlite;
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::letters::{LAID_ASIDE_MAX, LaidAside, LetterFilter, LetterStatus, LetterView};
use crate::store::record::{instant, to_json};

impl Sqlite {
    /// See [`crate::store::Store::note_laid_aside`].
    pub async fn note_laid_aside(&self, commands: &[LaidAside]) -> Result<(), StoreError> {
        if commands.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO laid_aside (command, at_ms, tenant, reason, detail, bytes) ",
        );
        query.push_values(commands, |mut row, of| {
            let tenant = of.tenant.as_ref().map(ToString::to_string);
            row.push_bind(of.id.to_string()).push_bind(of.at.as_millisecond()).push_bind(tenant);
            row.push_bind(of.reason).push_bind(of.detail.clone());
            row.push_bind(i64::try_from(of.bytes).unwrap_or(i64::MAX));
        });
        query.push(" ON CONFLICT (command) DO NOTHING");
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let noted = async {
            let connection = writer.connection()?;
            query.build().execute(&mut *connection).await?;
            sqlx::query(
                "DELETE FROM laid_aside WHERE command <= \
                 (SELECT command FROM laid_aside ORDER BY command DESC LIMIT 1 OFFSET $1)",
            )
            .bind(LAID_ASIDE_MAX)
            .execute(connection)
            .await?;
            Ok(())
        };
        let noted = noted.await;
        writer.end(noted).await
    }

    /// See [`crate::store::Store::forget_laid_aside`].
    pub async fn forget_laid_aside(&self, commands: &[MessageId]) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        let forgotten = sqlx::query(
            "DELETE FROM laid_aside WHERE command IN (SELECT value FROM json_each($1))",
        )
        .bind(to_json(&commands)?)
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(forgotten.rows_affected())
    }

    /// Those that are meant; a filter for what only messages have means none of them.
    pub(super) async fn laid_aside(
        &self,
        filter: &LetterFilter,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<LetterView>, StoreError> {
        let LetterFilter { tenant, kind, channel, provider, reason, since, status, messages } =
            filter;
        let others = kind.is_some() || channel.is_some() || provider.is_some();
        if others || status.is_some_and(|status| status != LetterStatus::Unreadable) {
            return Ok(Vec::new());
        }
        let mut query = QueryBuilder::new(
            "SELECT command, at_ms, tenant, reason, detail, bytes FROM laid_aside WHERE true",
        );
        let tenant = tenant.as_ref().map(ToString::to_string);
        let after = after.map(|after| after.to_string());
        for (condition, value) in [
            (" AND tenant = ", tenant),
            (" AND reason = ", reason.clone()),
            (" AND command < ", after),
        ] {
            if let Some(value) = value {
                query.push(condition).push_bind(value);
            }
        }
        if let Some(since) = since {
            query.push(" AND at_ms >= ").push_bind(since.as_millisecond());
        }
        if !messages.is_empty() {
            query.push(" AND command IN (SELECT value FROM json_each(");
            query.push_bind(to_json(messages)?).push("))");
        }
        query.push(" ORDER BY command DESC LIMIT ").push_bind(limit);
        query.build().fetch_all(&self.readers).await?.iter().map(view).collect()
    }
}

fn view(row: &SqliteRow) -> Result<LetterView, StoreError> {
    let bytes: i64 = row.try_get(5)?;
    Ok(LetterView {
        message: row.try_get(0)?,
        at: instant(row.try_get(1)?)?,
        tenant: row.try_get(2)?,
        client: None,
        kind: None,
        channel: None,
        status: LetterStatus::Unreadable.as_str().to_owned(),
        reason: row.try_get(3)?,
        provider: None,
        reply: None,
        attempts: 0,
        detail: row.try_get(4)?,
        bytes: Some(bytes.unsigned_abs()),
        fallback_of: None,
    })
}
