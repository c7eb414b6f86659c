//! Dead letters, jobs and the audit.

use crate::domain::letter::JobId;
use crate::domain::message::MessageId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::letters::{
    AuditView, Deed, FoundLetter, JobState, JobView, LaidAside, LetterFilter, LetterView, NewJob,
};
use crate::store::view::AttemptView;

impl Store {
    /// Dead letters, and commands that were laid aside, those decided last first, behind this one,
    /// at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn dead_letters(
        &self,
        filter: &LetterFilter,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<LetterView>, StoreError> {
        forward!(self.dead_letters(filter, after, limit))
    }

    /// A dead letter, and what every provider said that was asked.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn dead_letter(
        &self,
        message: MessageId,
    ) -> Result<Option<(LetterView, Vec<AttemptView>)>, StoreError> {
        forward!(self.dead_letter(message))
    }

    /// Commands were laid aside; the latest [`LAID_ASIDE_MAX`](crate::store::LAID_ASIDE_MAX) are
    /// remembered.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn note_laid_aside(&self, commands: &[LaidAside]) -> Result<(), StoreError> {
        forward!(self.note_laid_aside(commands))
    }

    /// Commands that were laid aside are not remembered any more; says how many were.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn forget_laid_aside(&self, commands: &[MessageId]) -> Result<u64, StoreError> {
        forward!(self.forget_laid_aside(commands))
    }

    /// Dead letters to be decided, in the order of their tenants, behind this one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn letters(
        &self,
        filter: &LetterFilter,
        after: Option<&FoundLetter>,
        limit: u32,
    ) -> Result<Vec<FoundLetter>, StoreError> {
        forward!(self.letters(filter, after, limit))
    }

    /// Begins a job with the letters that match now, of too many the first
    /// [`LETTERS_MAX`](crate::store::LETTERS_MAX). `None` if too many jobs have not ended.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn begin_job(
        &self,
        job: &NewJob,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        forward!(self.begin_job(job, deed))
    }

    /// A job.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn job(&self, id: JobId) -> Result<Option<JobView>, StoreError> {
        forward!(self.job(id))
    }

    /// The jobs behind this one, the latest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<JobView>, StoreError> {
        forward!(self.jobs(after, limit))
    }

    /// The jobs that run, and how many letters a second each may try.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn running_jobs(&self) -> Result<Vec<(JobId, f64)>, StoreError> {
        forward!(self.running_jobs())
    }

    /// An operator moves a job; one that has ended stays so. Returns how it stands.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn move_job(
        &self,
        id: JobId,
        to: JobState,
        deed: &Deed,
    ) -> Result<Option<JobView>, StoreError> {
        forward!(self.move_job(id, to, deed))
    }

    /// The next letters of a job behind this one, at most `limit`; `None` if it does not run.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_letters(
        &self,
        id: JobId,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Option<Vec<FoundLetter>>, StoreError> {
        forward!(self.next_letters(id, after, limit))
    }

    /// A job's letter could not be decided, or was no dead letter any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn letter_failed(
        &self,
        id: JobId,
        message: MessageId,
        reason: &'static str,
    ) -> Result<(), StoreError> {
        forward!(self.letter_failed(id, message, reason))
    }

    /// A job has no letter left.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn job_done(&self, id: JobId) -> Result<(), StoreError> {
        forward!(self.job_done(id))
    }

    /// Writes down what an operator did with letters.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn note_deed(
        &self,
        deed: &Deed,
        what: &'static str,
        filter: &LetterFilter,
        messages: u64,
    ) -> Result<(), StoreError> {
        forward!(self.note_deed(deed, what, filter, messages))
    }

    /// The lines of the audit before this place, the latest first, at most `limit`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn audit(
        &self,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<AuditView>, StoreError> {
        forward!(self.audit(before, limit))
    }
}
