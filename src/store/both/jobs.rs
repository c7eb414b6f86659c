//! Jobs that try dead letters again, and the audit of what operators did.

use serde_json::Value;

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::letters::{FOUND, found, matching};
use super::question::Question;
use crate::domain::letter::JobId;
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::letters::{
    AUDIT_MAX, AuditView, Deed, FoundLetter, JOBS_MAX, JOBS_OPEN_MAX, JobState, JobView,
    LETTERS_MAX, LetterFilter, NewJob,
};
use crate::store::record::{from_json, to_json};

/// What became of a job's letters is looked up now: one that was sent again may be given up again.
const JOBS: [&str; 2] = [
    "SELECT job, state, rate, filter, who, why, at_ms, matched, (SELECT count(*) FROM job_letters AS l ",
    " messages AS m ON m.message = l.message \
        WHERE l.job = jobs.job AND l.outcome = 'again' \
        AND m.status NOT IN ('dead', 'unknown', 'expired', 'unreadable', 'discarded')), \
    (SELECT count(*) FROM job_letters AS l WHERE l.job = jobs.job AND l.outcome = 'skipped'), \
    (SELECT count(*) FROM job_letters AS l WHERE l.job = jobs.job AND l.outcome IS NOT NULL) \
    FROM jobs ",
];

/// The oldest that have ended, beyond those that are remembered.
const OLD_JOBS: &str = "SELECT job FROM jobs WHERE state IN ('done', 'cancelled') \
    ORDER BY job DESC LIMIT 1000000 OFFSET ";

/// Begins a question about jobs.
fn asking<B: Backend>() -> Question {
    let mut question = Question::new(JOBS[0]);
    question.push(B::DIALECT.pinned_join).push(JOBS[1]);
    question
}

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::begin_job`].
    pub async fn begin_job(
        &self,
        job: &NewJob,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        let mut writer = self.db.begin().await?;
        let begun = begin::<B>(&mut writer, job, deed).await;
        if writer.end(begun).await? { self.job(job.id).await } else { Ok(None) }
    }

    /// See [`crate::store::Store::job`].
    pub async fn job(&self, id: JobId) -> Result<Option<JobView>, StoreError> {
        let mut query = asking::<B>();
        query.push("WHERE job = ").push_bind(id.0);
        query.optional(&self.db).await?.as_ref().map(view).transpose()
    }

    /// See [`crate::store::Store::jobs`].
    pub async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        let mut query = asking::<B>();
        if let Some(after) = after {
            query.push("WHERE job < ").push_bind(after.0);
        }
        query.push(" ORDER BY job DESC LIMIT ").push_bind(limit);
        query.all(&self.db).await?.iter().map(view).collect()
    }

    /// See [`crate::store::Store::running_jobs`].
    pub async fn running_jobs(&self) -> Result<Vec<(JobId, f64)>, StoreError> {
        let rows = Question::new("SELECT job, rate FROM jobs WHERE state = 'running' ORDER BY job");
        let rows = rows.all(&self.db).await?;
        rows.iter().map(|row| Ok((job_id(row.get(0)?)?, row.get(1)?))).collect()
    }

    /// See [`crate::store::Store::move_job`].
    pub async fn move_job(
        &self,
        id: JobId,
        to: JobState,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        let mut writer = self.db.begin().await?;
        let moved = shift(&mut writer, id, to, deed).await;
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
        let runs = Question::new("SELECT state FROM jobs WHERE job = $1").bind(id.0);
        let runs: Option<String> =
            runs.optional(&self.db).await?.map(|row| row.get(0)).transpose()?;
        if runs.as_deref() != Some(JobState::Running.as_str()) {
            return Ok(None);
        }
        let mut query = Question::new(FOUND);
        query.push(" FROM job_letters AS l ").push(B::DIALECT.pinned_join);
        query
            .push(" messages ON messages.message = l.message WHERE l.outcome IS NULL AND l.job = ");
        query.push_bind(id.0).push(" AND l.message > ");
        query.push_bind(after.map(|after| after.0).unwrap_or_default());
        query.push(" ORDER BY l.message LIMIT ").push_bind(limit);
        let rows = query.all(&self.db).await?;
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
        let failed = Question::new(
            "UPDATE job_letters SET outcome = $4, reason = $3 \
             WHERE job = $1 AND message = $2 AND outcome IS NULL",
        );
        let failed = failed.bind(id.0).bind(message).bind(reason).bind(outcome);
        self.write(failed).await.map(|_| ())
    }

    /// See [`crate::store::Store::job_done`].
    pub async fn job_done(&self, id: JobId) -> Result<(), StoreError> {
        let done = "UPDATE jobs SET state = 'done' WHERE job = $1 AND state = 'running'";
        self.write(Question::new(done).bind(id.0)).await.map(|_| ())
    }

    /// See [`crate::store::Store::note_deed`].
    pub async fn note_deed(
        &self,
        deed: &Deed,
        what: &'static str,
        filter: &LetterFilter,
        messages: u64,
    ) -> Result<(), StoreError> {
        let subject = to_json(filter)?;
        let mut writer = self.db.begin().await?;
        let noted = note(&mut writer, deed, what, &subject, messages).await;
        writer.end(noted).await
    }

    /// See [`crate::store::Store::audit`].
    pub async fn audit(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditView>, StoreError> {
        let rows = Question::new(
            "SELECT seq, at_ms, who, what, why, subject, messages FROM audit WHERE seq < $1 \
             ORDER BY seq DESC LIMIT $2",
        )
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .all(&self.db)
        .await?;
        rows.iter().map(line).collect()
    }
}

/// What a letter is named that this version cannot read.
pub const UNREADABLE: &str = "unreadable";

/// Says whether there was room for it.
async fn begin<B: Backend>(
    writer: &mut impl Writing,
    job: &NewJob,
    deed: &Deed,
) -> Result<bool, StoreError> {
    let open = "SELECT count(*) FROM jobs WHERE state IN ('running', 'paused')";
    let open: u32 = Question::new(open).one_in(writer).await?.get(0)?;
    if open >= JOBS_OPEN_MAX {
        return Ok(false);
    }
    let id = job.id.0;
    let mut letters = Question::new("INSERT INTO job_letters (job, message) SELECT ");
    letters.push_bind(id).push(", message FROM messages ");
    matching::<B>(&mut letters, &job.filter);
    letters.push(" ORDER BY message LIMIT ").push_bind(LETTERS_MAX);
    let matched = letters.run(writer).await?;
    let subject = to_json(&job.filter)?;
    let begun = Question::new(
        "INSERT INTO jobs (job, state, rate, filter, who, why, at_ms, matched) \
         VALUES ($1, 'running', $2, $3, $4, $5, $6, $7)",
    );
    let begun = begun.bind(id).bind(job.rate).bind(&subject).bind(&deed.who).bind(&deed.why);
    let begun = begun.bind(deed.at).bind(i64::try_from(matched).unwrap_or(i64::MAX));
    begun.run(writer).await?;
    for of in ["DELETE FROM job_letters WHERE job IN (", "DELETE FROM jobs WHERE job IN ("] {
        let mut old = Question::new(of);
        old.push(OLD_JOBS).push_bind(JOBS_MAX).push(")");
        old.run(writer).await?;
    }
    note(writer, deed, "replay", &subject, matched).await?;
    Ok(true)
}

async fn shift(
    writer: &mut impl Writing,
    id: JobId,
    to: JobState,
    deed: &Deed,
) -> Result<(), StoreError> {
    let moved = Question::new(
        "UPDATE jobs SET state = $2 WHERE job = $1 AND state IN ('running', 'paused') \
         AND state <> $2",
    );
    if moved.bind(id.0).bind(to.as_str()).run(writer).await? == 0 {
        return Ok(());
    }
    let what = match to {
        JobState::Running => "resume",
        JobState::Paused => "pause",
        JobState::Cancelled | JobState::Done => "cancel",
    };
    let left = "SELECT count(*) FROM job_letters WHERE job = $1 AND outcome IS NULL";
    let left: u64 = Question::new(left).bind(id.0).one_in(writer).await?.get(0)?;
    let subject = to_json(&serde_json::json!({ "job": id }))?;
    note(writer, deed, what, &subject, left).await
}

/// Adds a line to the audit.
pub(super) async fn note(
    writer: &mut impl Writing,
    deed: &Deed,
    what: &str,
    subject: &str,
    messages: u64,
) -> Result<(), StoreError> {
    let line = Question::new(
        "INSERT INTO audit (at_ms, who, what, why, subject, messages) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    );
    let line = line.bind(deed.at).bind(&deed.who).bind(what).bind(&deed.why).bind(subject);
    line.bind(i64::try_from(messages).unwrap_or(i64::MAX)).run(writer).await?;
    let old = "DELETE FROM audit WHERE seq <= (SELECT max(seq) FROM audit) - $1";
    Question::new(old).bind(AUDIT_MAX).run(writer).await?;
    Ok(())
}

fn job_id(text: String) -> Result<JobId, StoreError> {
    let id = text.parse().map_err(|_| StoreError::Corrupt { what: "job", why: text })?;
    Ok(JobId(id))
}

fn view(row: &impl Fields) -> Result<JobView, StoreError> {
    let (sent, skipped, decided): (u64, u64, u64) = (row.get(8)?, row.get(9)?, row.get(10)?);
    Ok(JobView {
        id: row.get(0)?,
        state: row.get(1)?,
        matched: row.get(7)?,
        sent,
        skipped,
        failed: decided.saturating_sub(sent + skipped),
        rate: row.get(2)?,
        filter: from_json::<Value>("filter", &row.get::<String>(3)?)?,
        who: row.get(4)?,
        reason: row.get(5)?,
        at: row.get(6)?,
    })
}

fn line(row: &impl Fields) -> Result<AuditView, StoreError> {
    Ok(AuditView {
        seq: row.get(0)?,
        at: row.get(1)?,
        who: row.get(2)?,
        what: row.get(3)?,
        reason: row.get(4)?,
        subject: from_json::<Value>("subject", &row.get::<String>(5)?)?,
        messages: row.get(6)?,
    })
}
