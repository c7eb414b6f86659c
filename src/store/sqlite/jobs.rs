//! Jobs that try dead letters again, and the audit of what operators did.

use serde_json::Value;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{QueryBuilder, Row as _};

use super::Sqlite;
use super::letters::{REPLACED, found, matching};
use crate::domain::letter::JobId;
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::letters::{
    AUDIT_MAX, AuditView, Deed, FoundLetter, JOBS_MAX, JOBS_OPEN_MAX, JobState, JobView,
    LETTERS_MAX, LetterFilter, NewJob,
};
use crate::store::record::{from_json, instant, to_json};

/// What became of a job's letters is looked up now: one that was sent again may be given up again.
const JOBS: &str = "SELECT job, state, rate, filter, who, why, at_ms, matched, \
    (SELECT count(*) FROM job_letters AS l CROSS JOIN messages AS m ON m.message = l.message \
        WHERE l.job = jobs.job AND l.outcome = 'again' \
        AND m.status NOT IN ('dead', 'unknown', 'expired', 'unreadable', 'discarded')), \
    (SELECT count(*) FROM job_letters AS l WHERE l.job = jobs.job AND l.outcome = 'skipped'), \
    (SELECT count(*) FROM job_letters AS l WHERE l.job = jobs.job AND l.outcome IS NOT NULL) \
    FROM jobs ";

/// The oldest that have ended, beyond those that are remembered.
const OLD_JOBS: &str = "SELECT job FROM jobs WHERE state IN ('done', 'cancelled') \
    ORDER BY job DESC LIMIT -1 OFFSET ";

impl Sqlite {
    /// See [`crate::store::Store::begin_job`].
    pub async fn begin_job(
        &self,
        job: &NewJob,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let begun = begin(writer.connection()?, job, deed).await;
        if writer.end(begun).await? { self.job(job.id).await } else { Ok(None) }
    }

    /// See [`crate::store::Store::job`].
    pub async fn job(&self, id: JobId) -> Result<Option<JobView>, StoreError> {
        let mut query = QueryBuilder::new(JOBS);
        query.push("WHERE job = ").push_bind(id.to_string());
        query.build().fetch_optional(&self.readers).await?.as_ref().map(view).transpose()
    }

    /// See [`crate::store::Store::jobs`].
    pub async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        let mut query = QueryBuilder::new(JOBS);
        if let Some(after) = after {
            query.push("WHERE job < ").push_bind(after.to_string());
        }
        query.push(" ORDER BY job DESC LIMIT ").push_bind(limit);
        query.build().fetch_all(&self.readers).await?.iter().map(view).collect()
    }

    /// See [`crate::store::Store::running_jobs`].
    pub async fn running_jobs(&self) -> Result<Vec<(JobId, f64)>, StoreError> {
        let rows = sqlx::query("SELECT job, rate FROM jobs WHERE state = 'running' ORDER BY job");
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok((job_id(row.try_get(0)?)?, row.try_get(1)?))).collect()
    }

    /// See [`crate::store::Store::move_job`].
    pub async fn move_job(
        &self,
        id: JobId,
        to: JobState,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let moved = shift(writer.connection()?, id, to, deed).await;
        writer.end(moved).await?;
        self.job(id).await
    }

    /// See [`crate::store::Store::next_letters`].
    pub async fn next_letters(
        &self,
        id: JobId,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Option<Vec<FoundLetter>>, StoreError> {
        let runs: Option<String> = sqlx::query_scalar("SELECT state FROM jobs WHERE job = $1")
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await?;
        if runs.as_deref() != Some(JobState::Running.as_str()) {
            return Ok(None);
        }
        let mut query = QueryBuilder::new("SELECT messages.*, ");
        query.push(REPLACED).push(
            " FROM job_letters AS l CROSS JOIN messages ON messages.message = l.message \
             WHERE l.outcome IS NULL AND l.job = ",
        );
        query.push_bind(id.to_string()).push(" AND l.message > ");
        query.push_bind(after.map(|after| after.to_string()).unwrap_or_default());
        query.push(" ORDER BY l.message LIMIT ").push_bind(limit);
        let rows = query.build().fetch_all(&self.readers).await?;
        rows.iter().map(found).collect::<Result<_, _>>().map(Some)
    }

    /// See [`crate::store::Store::letter_failed`].
    pub async fn letter_failed(
        &self,
        id: JobId,
        message: MessageId,
        reason: &'static str,
    ) -> Result<(), StoreError> {
        let outcome = if reason == UNREADABLE { "skipped" } else { "failed" };
        let mut writer = self.writer().await?;
        sqlx::query(
            "UPDATE job_letters SET outcome = $4, reason = $3 \
             WHERE job = $1 AND message = $2 AND outcome IS NULL",
        )
        .bind(id.to_string())
        .bind(message.to_string())
        .bind(reason)
        .bind(outcome)
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(())
    }

    /// See [`crate::store::Store::job_done`].
    pub async fn job_done(&self, id: JobId) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query("UPDATE jobs SET state = 'done' WHERE job = $1 AND state = 'running'")
            .bind(id.to_string())
            .execute(writer.connection()?)
            .await?;
        writer.finished();
        Ok(())
    }

    /// See [`crate::store::Store::note_deed`].
    pub async fn note_deed(
        &self,
        deed: &Deed,
        what: &'static str,
        filter: &LetterFilter,
        messages: u64,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let subject = to_json(filter)?;
        let noted = note(writer.connection()?, deed, what, &subject, messages).await;
        writer.end(noted).await
    }

    /// See [`crate::store::Store::audit`].
    pub async fn audit(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditView>, StoreError> {
        let rows = sqlx::query(
            "SELECT seq, at_ms, who, what, why, subject, messages FROM audit WHERE seq < $1 \
             ORDER BY seq DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(line).collect()
    }
}

/// What a letter is named that this version cannot read.
pub const UNREADABLE: &str = "unreadable";

/// Says whether there was room for it.
async fn begin(
    connection: &mut SqliteConnection,
    job: &NewJob,
    deed: &Deed,
) -> Result<bool, StoreError> {
    let open: u32 =
        sqlx::query_scalar("SELECT count(*) FROM jobs WHERE state IN ('running', 'paused')")
            .fetch_one(&mut *connection)
            .await?;
    if open >= JOBS_OPEN_MAX {
        return Ok(false);
    }
    let id = job.id.to_string();
    let mut query = QueryBuilder::new("INSERT INTO job_letters (job, message) SELECT ");
    query.push_bind(id.clone()).push(", message FROM messages ");
    matching(&mut query, &job.filter)?;
    query.push(" ORDER BY message LIMIT ").push_bind(LETTERS_MAX);
    let matched = query.build().execute(&mut *connection).await?.rows_affected();
    let subject = to_json(&job.filter)?;
    sqlx::query(
        "INSERT INTO jobs (job, state, rate, filter, who, why, at_ms, matched) \
         VALUES ($1, 'running', $2, $3, $4, $5, $6, $7)",
    )
    .bind(&id)
    .bind(job.rate)
    .bind(&subject)
    .bind(&deed.who)
    .bind(&deed.why)
    .bind(deed.at.as_millisecond())
    .bind(i64::try_from(matched).unwrap_or(i64::MAX))
    .execute(&mut *connection)
    .await?;
    for of in ["DELETE FROM job_letters WHERE job IN (", "DELETE FROM jobs WHERE job IN ("] {
        let mut old = QueryBuilder::new(of);
        old.push(OLD_JOBS).push_bind(JOBS_MAX).push(")");
        old.build().execute(&mut *connection).await?;
    }
    note(connection, deed, "replay", &subject, matched).await?;
    Ok(true)
}

async fn shift(
    connection: &mut SqliteConnection,
    id: JobId,
    to: JobState,
    deed: &Deed,
) -> Result<(), StoreError> {
    let moved = sqlx::query(
        "UPDATE jobs SET state = $2 WHERE job = $1 AND state IN ('running', 'paused') \
         AND state <> $2",
    )
    .bind(id.to_string())
    .bind(to.as_str())
    .execute(&mut *connection)
    .await?;
    if moved.rows_affected() == 0 {
        return Ok(());
    }
    let what = match to {
        JobState::Running => "resume",
        JobState::Paused => "pause",
        JobState::Cancelled | JobState::Done => "cancel",
    };
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM job_letters WHERE job = $1 AND outcome IS NULL")
            .bind(id.to_string())
            .fetch_one(&mut *connection)
            .await?;
    let subject = to_json(&serde_json::json!({ "job": id }))?;
    note(connection, deed, what, &subject, left.unsigned_abs()).await
}

/// Adds a line to the audit.
pub(super) async fn note(
    connection: &mut SqliteConnection,
    deed: &Deed,
    what: &str,
    subject: &str,
    messages: u64,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO audit (at_ms, who, what, why, subject, messages) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(deed.at.as_millisecond())
    .bind(&deed.who)
    .bind(what)
    .bind(&deed.why)
    .bind(subject)
    .bind(i64::try_from(messages).unwrap_or(i64::MAX))
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM audit WHERE seq <= (SELECT max(seq) FROM audit) - $1")
        .bind(AUDIT_MAX)
        .execute(&mut *connection)
        .await?;
    Ok(())
}

fn job_id(text: String) -> Result<JobId, StoreError> {
    let id = text.parse().map_err(|_| StoreError::Corrupt { what: "job", why: text })?;
    Ok(JobId(id))
}

fn view(row: &SqliteRow) -> Result<JobView, StoreError> {
    let count = |place: usize| row.try_get::<i64, _>(place).map(i64::unsigned_abs);
    let (sent, skipped, decided) = (count(8)?, count(9)?, count(10)?);
    Ok(JobView {
        id: row.try_get(0)?,
        state: row.try_get(1)?,
        matched: count(7)?,
        sent,
        skipped,
        failed: decided.saturating_sub(sent + skipped),
        rate: row.try_get(2)?,
        filter: from_json::<Value>("filter", row.try_get(3)?)?,
        who: row.try_get(4)?,
        reason: row.try_get(5)?,
        at: instant(row.try_get(6)?)?,
    })
}

fn line(row: &SqliteRow) -> Result<AuditView, StoreError> {
    Ok(AuditView {
        seq: row.try_get(0)?,
        at: instant(row.try_get(1)?)?,
        who: row.try_get(2)?,
        what: row.try_get(3)?,
        reason: row.try_get(4)?,
        subject: from_json::<Value>("subject", row.try_get(5)?)?,
        messages: row.try_get::<i64, _>(6)?.unsigned_abs(),
    })
}
