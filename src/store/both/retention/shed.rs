//! What is old goes, one transaction at a time.
//!
//! Whatever may have changed since it was found old is asked again. What somebody else is writing
//! just then is left for another time, so that nobody waits in a circle.

use uuid::Uuid;

use crate::clock;
use crate::store::both::backend::{Backend, Db, Writing};
use crate::store::both::fields::{Field, Fields as _};
use crate::store::both::question::{Question, Value};
use crate::store::both::rows::at_place;
use crate::store::error::StoreError;
use crate::store::record::to_json;
use crate::store::retention::{Key, SHED, SHED_TELLINGS, Shed, What};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::shed`].
    pub async fn shed(
        &self,
        what: What,
        keys: &[Key],
        cut_ms: i64,
        most: u32,
    ) -> Result<Shed, StoreError> {
        let came = clock::instant();
        let mut writer = self.db.begin_as_owner(self.held.as_deref()).await?;
        let waited = clock::since(came);
        let began = clock::instant();
        let gone = match what {
            What::Messages => messages::<B>(&mut writer, keys, cut_ms).await,
            What::Tellings => tellings::<B>(&mut writer, keys, cut_ms).await,
            What::Events => events::<B>(&mut writer, keys).await,
            What::Jobs => jobs::<B>(&mut writer, keys, cut_ms, most).await,
            What::Inbox => commands::<B>(&mut writer, keys, cut_ms).await,
            What::Mailbox => rows::<B>(&mut writer, MAILBOX, numbers(keys), cut_ms).await,
            What::Audit => rows::<B>(&mut writer, AUDIT, numbers(keys), cut_ms).await,
            What::LaidAside => rows::<B>(&mut writer, LAID_ASIDE, ids(keys), cut_ms).await,
        };
        let gone = writer.end(gone).await?;
        let took = clock::since(began);
        self.db.wrote(usize::try_from(gone).unwrap_or(usize::MAX));
        Ok(Shed { gone, waited, took })
    }
}

const MAILBOX: &str = "DELETE FROM mailbox_items WHERE seq IN \
    (SELECT seq FROM mailbox_items WHERE at_ms < $1 AND seq";
const AUDIT: &str =
    "DELETE FROM audit WHERE seq IN (SELECT seq FROM audit WHERE at_ms < $1 AND seq";
const LAID_ASIDE: &str = "DELETE FROM laid_aside WHERE command IN \
    (SELECT command FROM laid_aside WHERE at_ms < $1 AND command";

/// Rows on which nothing rests.
async fn rows<B: Backend>(
    writer: &mut impl Writing,
    text: &'static str,
    keys: impl Into<Value>,
    cut_ms: i64,
) -> Result<u64, StoreError> {
    let mut gone = Question::new(text).bind(cut_ms).among::<B>(keys);
    gone.push(B::DIALECT.unless_held).push(")");
    gone.run(writer).await
}

/// Messages with their attempts, and what providers call their parts. Whoever writes what belongs
/// to a message has the message first.
async fn messages<B: Backend>(
    writer: &mut impl Writing,
    keys: &[Key],
    cut_ms: i64,
) -> Result<u64, StoreError> {
    let old = Question::new(
        "SELECT message FROM messages WHERE status NOT IN ('ready', 'sending') \
         AND coalesce(settled_ms, due_ms) < $1 AND coalesce(arrived_ms, 0) < $1 AND message",
    );
    let gone: Vec<Uuid> = held::<B, _>(writer, old.bind(cut_ms).among::<B>(ids(keys))).await?;
    if gone.is_empty() {
        return Ok(0);
    }
    for of in [
        "DELETE FROM attempts WHERE message",
        "DELETE FROM parts WHERE message",
        "DELETE FROM messages WHERE message",
    ] {
        Question::new(of).among::<B>(gone.clone()).run(writer).await?;
    }
    Ok(count(&gone))
}

/// It is noted up to when what was decided is perhaps not all there any more. Nobody else writes
/// what was once decided.
async fn tellings<B: Backend>(
    writer: &mut impl Writing,
    keys: &[Key],
    cut_ms: i64,
) -> Result<u64, StoreError> {
    let last = Question::new("SELECT max(at_ms) FROM tellings WHERE at_ms < $1 AND seq");
    let last = last.bind(cut_ms).among::<B>(numbers(keys)).one_in(writer).await?;
    let Some(last): Option<i64> = last.get(0)? else { return Ok(0) };
    let note = Question::new(
        "INSERT INTO notes (name, number) VALUES ($1, $2) ON CONFLICT (name) \
         DO UPDATE SET number = excluded.number WHERE notes.number < excluded.number",
    );
    note.bind(SHED_TELLINGS).bind(last).run(writer).await?;
    let gone = Question::new("DELETE FROM tellings WHERE at_ms < $1 AND seq");
    gone.bind(cut_ms).among::<B>(numbers(keys)).run(writer).await
}

/// All of one partition, and none while one before it stays. It is noted how far they are gone.
async fn events<B: Backend>(writer: &mut impl Writing, keys: &[Key]) -> Result<u64, StoreError> {
    let asked = numbers(keys);
    let pages = Question::new("SELECT last_place FROM event_pages WHERE last_place");
    let mut held: Vec<i64> = held::<B, _>(writer, pages.among::<B>(asked.clone())).await?;
    held.sort_unstable();
    let pairs = asked.iter().zip(&held).take_while(|(asked, held)| asked == held);
    let gone: Vec<i64> = pairs.map(|(place, _)| *place).collect();
    let Some((part, last)) = gone.last().map(|last| at_place(*last)) else { return Ok(0) };
    let note = Question::new(
        "INSERT INTO cursors (name, part, seq) VALUES ($1, $2, $3) ON CONFLICT (name, part) \
         DO UPDATE SET seq = excluded.seq WHERE cursors.seq < excluded.seq",
    );
    note.bind(SHED).bind(part.number()).bind(last).run(writer).await?;
    let pages = Question::new("DELETE FROM event_pages WHERE last_place");
    pages.among::<B>(gone).run(writer).await
}

/// At most so many letters, and each job of which none is left.
async fn jobs<B: Backend>(
    writer: &mut impl Writing,
    keys: &[Key],
    cut_ms: i64,
    most: u32,
) -> Result<u64, StoreError> {
    let old = Question::new(
        "SELECT job FROM jobs WHERE state IN ('done', 'cancelled') AND at_ms < $1 AND job",
    );
    let old: Vec<Uuid> = held::<B, _>(writer, old.bind(cut_ms).among::<B>(ids(keys))).await?;
    let mut letters = Question::new(
        "DELETE FROM job_letters WHERE (job, message) IN \
         (SELECT l.job, l.message FROM job_letters AS l WHERE l.job",
    );
    letters.push_among::<B>(old.clone()).push(" LIMIT ").push_bind(most).push(")");
    let letters = letters.run(writer).await?;
    let mut jobs = Question::new("DELETE FROM jobs WHERE job").among::<B>(old);
    jobs.push(" AND NOT EXISTS (SELECT 1 FROM job_letters AS l WHERE l.job = jobs.job)");
    Ok(letters + jobs.run(writer).await?)
}

async fn commands<B: Backend>(
    writer: &mut impl Writing,
    keys: &[Key],
    cut_ms: i64,
) -> Result<u64, StoreError> {
    let pair = |key: &Key| match key {
        Key::Pair(tenant, command) => Some([tenant.clone(), command.clone()]),
        Key::Number(_) | Key::Id(_) => None,
    };
    let pairs = to_json(&keys.iter().filter_map(pair).collect::<Vec<_>>())?;
    let [before, behind] = B::DIALECT.among_pairs;
    let mut gone = Question::new("DELETE FROM inbox WHERE at_ms < $1 AND (tenant, command)");
    gone = gone.bind(cut_ms);
    gone.push(before).push_bind(pairs).push(behind);
    gone.run(writer).await
}

/// The rows that are asked for and that nobody else is writing; nobody else will until the end.
async fn held<B: Backend, T: Field>(
    writer: &mut impl Writing,
    mut asked: Question,
) -> Result<Vec<T>, StoreError> {
    asked.push(B::DIALECT.unless_held);
    let rows = asked.all_in(writer).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

fn ids(keys: &[Key]) -> Vec<Uuid> {
    let id = |key: &Key| match key {
        Key::Id(id) => Some(*id),
        Key::Number(_) | Key::Pair(..) => None,
    };
    keys.iter().filter_map(id).collect()
}

fn numbers(keys: &[Key]) -> Vec<i64> {
    let number = |key: &Key| match key {
        Key::Number(number) => Some(*number),
        Key::Id(_) | Key::Pair(..) => None,
    };
    keys.iter().filter_map(number).collect()
}

fn count<T>(rows: &[T]) -> u64 {
    u64::try_from(rows.len()).unwrap_or(u64::MAX)
}
