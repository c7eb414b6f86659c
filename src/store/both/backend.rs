//! What a database must offer so that all else can be asked of it in the same words.

use std::sync::Arc;

use super::fields::Fields;
use super::held::Held;
use super::question::Question;
use crate::store::departures::{Departed, Departures};
use crate::store::error::StoreError;
use crate::store::hold::Hold;
use crate::store::unit::Incarnation;

/// What each database says in its own words.
#[derive(Debug)]
pub struct Dialect {
    /// Around a list, that something is one of it.
    pub among: [&'static str; 2],
    /// Around a list of pairs in JSON, that a pair is one of it.
    pub among_pairs: [&'static str; 2],
    /// Behind a question within a transaction: what is found is nobody else's until the end, and
    /// what somebody else is writing is not found. Nothing where nobody else can write.
    pub unless_held: &'static str,
    /// A join in the order in which it is written, where the planner would choose another.
    pub pinned_join: &'static str,
    /// Before a column, where its index is not to be used.
    pub past_index: &'static str,
    /// Takes the rows of all partitions for a takeover. Nothing where nobody else can write.
    pub lock_partitions: Option<&'static str>,
    /// Name and address of a living daemon that has the partitions, other than the one called `$1`.
    /// Nothing where no two meet.
    pub rival: Option<&'static str>,
    /// Takes a message's row, so that whoever changes it meanwhile waits. Nothing where nobody else
    /// can write.
    pub lock_message: Option<&'static str>,
    /// The inbox lines of the pairs `[tenant, command]` in the list `$1`.
    pub lookup: &'static str,
    /// The records of the triples `[tenant, kind, id]` in the list `$1`.
    pub records: &'static str,
    /// Leases the messages `$2` to `$1`, as far as they are ready, and returns them, without
    /// [`MESSAGE_COLUMNS`](super::stored::MESSAGE_COLUMNS), which are behind it.
    pub lease: &'static str,
    /// Of messages `$1`, at most `$2` that must go before one of them.
    pub before: &'static str,
    /// Of each tenant of the list `$3` what is due in lane `$2` of channel `$1` by `$4`, the
    /// longest first and at most `$5`: a list for each, in their order.
    pub first_of_tenants: &'static str,
    /// `[message, doubts, crashes, due]` of each orphan from now on, in the list `$1`.
    pub free_orphans: &'static str,
    /// What was decided together with the message `$2` of the tenant `$1`.
    pub telling_of_message: &'static str,
    /// At most `$3` messages of a tenant's client, the latest first, without their columns, which
    /// are put in for `{}`.
    #[cfg(test)]
    pub messages_of_client: [&'static str; 2],
    /// At most `$1` tenants by the digits `$2` of their number, with their keywords.
    pub tenants_of_number: &'static str,
    /// The only two tenants, likewise.
    pub only_tenants: &'static str,
    /// At most `$1` tenants that have keywords and no number, likewise.
    pub tenants_of_keywords: &'static str,
    /// A page of tenants behind `$1`, at most `$2`, with what is theirs, of each sort at most `$3`.
    pub tenants: &'static str,
    /// Clients of the tenant `$1` behind `$2` to whom something does not go, at most `$3`.
    pub suppressed: &'static str,
    /// In one row, timers due by `$1` behind `$2`, `$3`, `$4`, at most `$5`: `[due, tenant, key]`.
    pub timers_due: &'static str,
    /// In one row, timers of the tenant `$1` behind the key `$2`, at most `$3`, likewise.
    pub timers_of: &'static str,
    /// Keeps the receipts `[provider, message, reference, report, said, at]` in the list `$1`.
    pub take_receipts: &'static str,
    /// Looks at the receipts `[receipt, when]` in the list `$1` again then.
    pub put_receipts_off: &'static str,
    /// Marks the timers `[due, tenant, key]` in the list `$1`.
    pub set_timers_aside: &'static str,
}

/// A database.
pub trait Backend: Send + Sync {
    /// A row of an answer.
    type Row: Fields + Send + Sync;
    /// A transaction that writes.
    type Writer<'a>: Writing<Row = Self::Row>
    where
        Self: 'a;
    /// What it says in its own words.
    const DIALECT: &'static Dialect;

    /// The answer to a question that changes nothing.
    fn rows(
        &self,
        question: Question,
    ) -> impl Future<Output = Result<Vec<Self::Row>, StoreError>> + Send;

    /// The answers to several, as of one instant.
    fn rows_at_once<const N: usize>(
        &self,
        questions: [Question; N],
    ) -> impl Future<Output = Result<[Vec<Self::Row>; N], StoreError>> + Send;

    /// Begins a transaction.
    fn begin(&self) -> impl Future<Output = Result<Self::Writer<'_>, StoreError>> + Send;

    /// Begins one in which nobody else takes over: who was taken over gets none, and neither leases
    /// messages nor says that he lives.
    fn begin_as_owner(
        &self,
        held: Option<&Held>,
    ) -> impl Future<Output = Result<Self::Writer<'_>, StoreError>> + Send;

    /// So many rows were written outside of a batch.
    fn wrote(&self, rows: usize);

    /// Where each slot notes what it has in hand.
    fn slots_file(&self) -> std::path::PathBuf;

    /// How long it is certain that nobody else has taken over. Nothing where nobody can.
    fn hold(&self) -> Option<Hold>;

    /// What runs that are over let go without hearing of it, as far as others than they themselves
    /// know.
    fn departed(&self) -> impl Future<Output = Result<Departed, StoreError>> + Send;

    /// Where the slots of a run note, for others, what leaves. Nothing where nobody else comes.
    fn departures(
        &self,
        run: Incarnation,
    ) -> impl Future<Output = Result<Option<Departures>, StoreError>> + Send;
}

/// A transaction. Dropped before its end it is rolled back.
pub trait Writing: Send {
    /// A row of an answer.
    type Row: Fields + Send + Sync;

    /// The answer to a question.
    fn rows(
        &mut self,
        question: Question,
    ) -> impl Future<Output = Result<Vec<Self::Row>, StoreError>> + Send;

    /// Does something, and says with how many rows.
    fn run(&mut self, question: Question) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Commits what succeeded and rolls back what did not.
    fn end<T: Send>(
        self,
        written: Result<T, StoreError>,
    ) -> impl Future<Output = Result<T, StoreError>> + Send;
}

/// A database, and what this run holds of it.
#[derive(Debug, Clone)]
pub struct Db<B> {
    pub db: B,
    /// Nothing, where it was opened to look.
    pub held: Option<Arc<Held>>,
}

impl<B> Db<B> {
    /// See [`crate::store::Store::run`].
    pub fn run(&self) -> Incarnation {
        self.held.as_ref().map_or(Incarnation::nil(), |held| held.run)
    }

    /// What this run holds.
    ///
    /// # Errors
    /// If it only looks.
    pub fn held(&self) -> Result<&Held, StoreError> {
        self.held.as_deref().ok_or_else(read_only)
    }
}

impl<B: Backend> Db<B> {
    /// Does one thing in a transaction of its own, and says with how many rows.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn write(&self, question: Question) -> Result<u64, StoreError> {
        let mut writer = self.db.begin().await?;
        let done = writer.run(question).await;
        writer.end(done).await
    }
}

/// Nobody can write.
pub fn read_only() -> StoreError {
    StoreError::Unavailable("the store is closed or read-only".to_owned())
}
