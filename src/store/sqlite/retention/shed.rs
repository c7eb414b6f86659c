//! What is old goes, one transaction at a time.
//!
//! Each is one text, for the writer is nobody else's between its first statement and its last.
//! Whatever may have changed since it was found old is asked again. `secure_delete` sees to it that
//! nothing of it stays in free pages.

use sqlx::Row as _;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use crate::clock;
use crate::store::error::StoreError;
use crate::store::record::to_json;
use crate::store::retention::{Key, SHED, SHED_TELLINGS, Shed, What};
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::rows::{SEQ_BITS, SEQ_MAX};

/// The messages of `$1` that have ended and were kept since before `$2`.
macro_rules! old_messages {
    () => {
        "message IN (SELECT value FROM json_each($1)) \
         AND status NOT IN ('ready', 'sending') \
         AND coalesce(settled_ms, due_ms) < $2 AND coalesce(arrived_ms, 0) < $2"
    };
}

const MESSAGES: &str = concat!(
    "BEGIN IMMEDIATE; \
     DELETE FROM attempts WHERE message IN (SELECT message FROM messages WHERE ",
    old_messages!(),
    "); DELETE FROM messages WHERE ",
    old_messages!(),
    "; SELECT changes(); COMMIT;"
);

/// It is noted up to when what was decided is perhaps not all there any more: `$3` is the name.
const TELLINGS: &str = "BEGIN IMMEDIATE; \
    INSERT INTO notes (name, number) SELECT $3, max(at_ms) FROM tellings \
        WHERE seq IN (SELECT value FROM json_each($1)) AND at_ms < $2 \
        GROUP BY 1 HAVING max(at_ms) IS NOT NULL \
        ON CONFLICT (name) DO UPDATE SET number = max(number, excluded.number); \
    DELETE FROM tellings WHERE seq IN (SELECT value FROM json_each($1)) AND at_ms < $2; \
    SELECT changes(); COMMIT;";

/// All of one partition. It is noted how far they are gone, under the name `$3`; `$4` are the bits
/// of an event's number in its place, `$5` the largest.
const EVENTS: &str = "BEGIN IMMEDIATE; \
    INSERT INTO cursors (name, part, seq) \
        SELECT $3, last_place >> $4, max(last_place) & $5 FROM event_pages \
        WHERE last_place IN (SELECT value FROM json_each($1)) GROUP BY last_place >> $4 \
        ON CONFLICT (name, part) DO UPDATE SET seq = max(seq, excluded.seq); \
    DELETE FROM event_pages WHERE last_place IN (SELECT value FROM json_each($1)); \
    SELECT changes(); COMMIT;";

/// At most `$3` letters, and each job of which none is left.
const JOBS: &str = "BEGIN IMMEDIATE; \
    DELETE FROM job_letters WHERE (job, message) IN (SELECT l.job, l.message \
        FROM json_each($1) AS old JOIN jobs ON jobs.job = old.value \
        JOIN job_letters AS l ON l.job = jobs.job \
        WHERE jobs.state IN ('done', 'cancelled') AND jobs.at_ms < $2 LIMIT $3); \
    SELECT changes(); \
    DELETE FROM jobs WHERE job IN (SELECT value FROM json_each($1)) \
        AND state IN ('done', 'cancelled') AND at_ms < $2 \
        AND NOT EXISTS (SELECT 1 FROM job_letters AS l WHERE l.job = jobs.job); \
    SELECT changes(); COMMIT;";

const INBOX: &str = "BEGIN IMMEDIATE; \
    DELETE FROM inbox WHERE (tenant, command) IN ( \
        SELECT value->>0, value->>1 FROM json_each($1)) AND at_ms < $2; \
    SELECT changes(); COMMIT;";
const MAILBOX: &str = "BEGIN IMMEDIATE; \
    DELETE FROM mailbox_items WHERE seq IN (SELECT value FROM json_each($1)) AND at_ms < $2; \
    SELECT changes(); COMMIT;";
const AUDIT: &str = "BEGIN IMMEDIATE; \
    DELETE FROM audit WHERE seq IN (SELECT value FROM json_each($1)) AND at_ms < $2; \
    SELECT changes(); COMMIT;";
const LAID_ASIDE: &str = "BEGIN IMMEDIATE; \
    DELETE FROM laid_aside WHERE command IN (SELECT value FROM json_each($1)) AND at_ms < $2; \
    SELECT changes(); COMMIT;";

impl Sqlite {
    /// See [`crate::store::Store::shed`].
    pub async fn shed(
        &self,
        what: What,
        keys: &[Key],
        cut_ms: i64,
        most: u32,
    ) -> Result<Shed, StoreError> {
        self.held()?;
        let query = statement(what, listed(keys)?, cut_ms, most);
        let came = clock::instant();
        let mut writer = self.writer().await?;
        let waited = clock::since(came);
        let began = clock::instant();
        // What fails half way is rolled back by whoever writes next.
        let counts = query.fetch_all(writer.connection()?).await?;
        writer.finished();
        let took = clock::since(began);
        let mut gone = 0;
        for count in &counts {
            gone += count.try_get::<i64, _>(0)?.unsigned_abs();
        }
        self.folder.wrote(usize::try_from(gone).unwrap_or(usize::MAX), &self.writer);
        Ok(Shed { gone, waited, took })
    }
}

fn statement(
    what: What,
    keys: String,
    cut_ms: i64,
    most: u32,
) -> Query<'static, sqlx::Sqlite, SqliteArguments> {
    let of = |text: &'static str| sqlx::query(text).bind(keys).bind(cut_ms);
    match what {
        What::Messages => of(MESSAGES),
        What::Tellings => of(TELLINGS).bind(SHED_TELLINGS),
        What::Events => of(EVENTS).bind(SHED).bind(SEQ_BITS).bind(SEQ_MAX),
        What::Jobs => of(JOBS).bind(most),
        What::Inbox => of(INBOX),
        What::Mailbox => of(MAILBOX),
        What::Audit => of(AUDIT),
        What::LaidAside => of(LAID_ASIDE),
    }
}

/// The keys as a list of JSON.
fn listed(keys: &[Key]) -> Result<String, StoreError> {
    let value = |key: &Key| match key {
        Key::Number(number) => serde_json::json!(number),
        Key::Text(text) => serde_json::json!(text),
        Key::Pair(tenant, id) => serde_json::json!([tenant, id]),
    };
    to_json(&keys.iter().map(value).collect::<Vec<_>>())
}
