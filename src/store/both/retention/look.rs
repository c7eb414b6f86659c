//! Finding what is old, in the order of the keys.

use std::collections::HashSet;

use uuid::{Builder, Uuid};

use crate::domain::partition::Part;
use crate::store::both::backend::{Backend, Db};
use crate::store::both::fields::{Field, Fields};
use crate::store::both::question::Question;
use crate::store::both::rows::{SEQ_MAX, place};
use crate::store::error::StoreError;
use crate::store::record::from_json;
use crate::store::retention::{Candidate, Key, Page, Search, What};
use crate::store::view::ChannelVerdict;

/// Since when a message that has ended is only kept: since then, or since what was last reported of
/// it.
macro_rules! since {
    () => {
        "CASE WHEN arrived_ms > coalesce(settled_ms, due_ms) THEN arrived_ms \
         ELSE coalesce(settled_ms, due_ms) END"
    };
}
pub(super) use since;

/// Messages behind `$1` that were decided before `$2`, their ids say when, at most `$3`. One is in
/// use until it has ended, until nothing more was reported of it, while an event tells of it, and
/// while a replay that has not ended is to come to it.
const MESSAGES: &str = concat!(
    "SELECT message, CASE WHEN status IN ('ready', 'sending') \
        OR EXISTS (SELECT 1 FROM event_pages WHERE last_place BETWEEN told_from AND told_to) \
        OR EXISTS (SELECT 1 FROM job_letters AS l \
            WHERE l.job IN (SELECT job FROM jobs WHERE state IN ('running', 'paused')) \
            AND l.message = messages.message AND l.outcome IS NULL) \
        THEN NULL ELSE ",
    since!(),
    " END FROM messages WHERE message > $1 AND message < $2 ORDER BY message LIMIT $3"
);

/// Tellings behind `$1`, at most `$2`, but never the last of all, from which the next may be
/// counted.
const TELLINGS: &str = "SELECT seq, at_ms, \
        (SELECT older.seq FROM tellings AS older WHERE older.seq = tellings.prev) AS behind, \
        CAST(channels AS text) \
    FROM tellings WHERE seq > $1 AND seq < (SELECT max(seq) FROM tellings) \
    ORDER BY seq LIMIT $2";

/// Pages of events in a partition, behind `$1` and up to `$2`, at most `$3`.
const EVENTS: &str = "SELECT last_place, at_ms FROM event_pages \
    WHERE last_place > $1 AND last_place <= $2 ORDER BY last_place LIMIT $3";

const INBOX: &str = "SELECT tenant, command, at_ms FROM inbox WHERE (tenant, command) > ($1, $2) \
    ORDER BY tenant, command LIMIT $3";
const MAILBOX: &str = "SELECT seq, at_ms FROM mailbox_items WHERE seq > $1 ORDER BY seq LIMIT $2";
const AUDIT: &str = "SELECT seq, at_ms FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
const LAID_ASIDE: &str =
    "SELECT command, at_ms FROM laid_aside WHERE command > $1 ORDER BY command LIMIT $2";
const JOBS: &str = "SELECT job, at_ms FROM jobs \
    WHERE state IN ('done', 'cancelled') AND job > $1 ORDER BY job LIMIT $2";

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::old_rows`].
    pub async fn old_rows(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        match search.what {
            What::Messages => self.old_messages(search, most).await,
            What::Tellings => self.old_tellings(search, most).await,
            What::Events => self.old_events(search, most).await,
            What::Inbox => self.old_commands(search, most).await,
            What::Mailbox => self.by_number(MAILBOX, search, most).await,
            What::Audit => self.by_number(AUDIT, search, most).await,
            What::LaidAside => self.by_id(LAID_ASIDE, search, most).await,
            What::Jobs => self.by_id(JOBS, search, most).await,
        }
    }

    async fn old_messages(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let rows = Question::new(MESSAGES).bind(id(search.behind));
        let rows = rows.bind(first_of(search.cut_ms)).bind(most).all(&self.db).await?;
        page(&rows, most, |row| plain(row, Key::Id))
    }

    async fn old_tellings(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let rows = Question::new(TELLINGS).bind(number(search.behind)).bind(most);
        let rows = rows.all(&self.db).await?;
        let mut told = Vec::with_capacity(rows.len());
        for row in &rows {
            let at_ms: i64 = row.get(1)?;
            // Of what is young it does not matter; nor of what nobody can read.
            let channels: Vec<ChannelVerdict> = match at_ms < search.cut_ms {
                true => from_json("telling", &row.get::<String>(3)?).unwrap_or_default(),
                false => Vec::new(),
            };
            let messages = channels.into_iter().filter_map(|of| of.message);
            let messages: Vec<Uuid> = messages.filter_map(|id| id.parse().ok()).collect();
            told.push((row, at_ms, messages));
        }
        let ids: Vec<Uuid> = told.iter().flat_map(|(_, _, of)| of).copied().collect();
        let there = Question::new("SELECT message FROM messages WHERE message").among::<B>(ids);
        let there = there.all(&self.db).await?;
        let there: HashSet<Uuid> = there.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        page(&told, most, |(row, at_ms, of)| {
            let in_use = of.iter().any(|message| there.contains(message));
            let since_ms = (!in_use).then_some(*at_ms);
            Ok(Candidate { key: Key::Number(row.get(0)?), since_ms, behind: row.get(2)? })
        })
    }

    /// Of one partition, the first that has any.
    async fn old_events(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let behind = number(search.behind);
        let parts =
            Question::new("SELECT part FROM partitions ORDER BY part").all(&self.db).await?;
        for part in &parts {
            let part = Part::new(part.get(0)?);
            let published = search.published.map_or(SEQ_MAX, |published| published.of(part));
            let (first, last) = (place(part, 0), place(part, published));
            if last <= behind {
                continue;
            }
            let rows = Question::new(EVENTS).bind(behind.max(first)).bind(last).bind(most);
            let rows = rows.all(&self.db).await?;
            if rows.is_empty() {
                continue;
            }
            let page = page(&rows, most, |row| plain(row, Key::Number))?;
            let others = Some(Key::Number(place(part, SEQ_MAX)));
            return Ok(Page { next: page.next.or_else(|| others.clone()), others, ..page });
        }
        Ok(Page::default())
    }

    async fn old_commands(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let (tenant, command) = match search.behind {
            Some(Key::Pair(tenant, command)) => (tenant.as_str(), command.as_str()),
            _ => ("", ""),
        };
        let rows = Question::new(INBOX).bind(tenant).bind(command).bind(most).all(&self.db).await?;
        page(&rows, most, |row| {
            let key = Key::Pair(row.get(0)?, row.get(1)?);
            Ok(Candidate { key, since_ms: row.get(2)?, behind: None })
        })
    }

    async fn by_number(
        &self,
        query: &'static str,
        search: &Search<'_>,
        most: u32,
    ) -> Result<Page, StoreError> {
        let rows = Question::new(query).bind(number(search.behind)).bind(most);
        page(&rows.all(&self.db).await?, most, |row| plain(row, Key::Number))
    }

    async fn by_id(
        &self,
        query: &'static str,
        search: &Search<'_>,
        most: u32,
    ) -> Result<Page, StoreError> {
        let rows = Question::new(query).bind(id(search.behind)).bind(most);
        page(&rows.all(&self.db).await?, most, |row| plain(row, Key::Id))
    }
}

/// The first id that a message can have that is decided at this instant, or later.
fn first_of(at_ms: i64) -> Uuid {
    let millis = u64::try_from(at_ms).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid()
}

fn number(key: Option<&Key>) -> i64 {
    match key {
        Some(Key::Number(number)) => *number,
        _ => 0,
    }
}

fn id(key: Option<&Key>) -> Uuid {
    match key {
        Some(Key::Id(id)) => *id,
        _ => Uuid::nil(),
    }
}

/// A key, and since when its row is only kept.
fn plain<T: Field>(row: &impl Fields, key: impl Fn(T) -> Key) -> Result<Candidate, StoreError> {
    Ok(Candidate { key: key(row.get(0)?), since_ms: row.get(1)?, behind: None })
}

/// There may be more behind a page that is full.
fn page<T>(
    rows: &[T],
    most: u32,
    read: impl Fn(&T) -> Result<Candidate, StoreError>,
) -> Result<Page, StoreError> {
    let candidates = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let is_full = candidates.len() >= most as usize;
    let next = candidates.last().filter(|_| is_full).map(|last| last.key.clone());
    Ok(Page { candidates, next, others: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Holder;
    use crate::store::sqlite::Sqlite;

    #[test]
    fn an_id_tells_when_its_message_was_decided() {
        let of = |millis| Builder::from_unix_timestamp_millis(millis, &[0xff; 10]).into_uuid();
        let cut = first_of(1_800_000_000_000);
        assert!(of(1_799_999_999_999) < cut && of(1_799_999_999_999).to_string() < cut.to_string());
        assert!(of(1_800_000_000_000) > cut && of(1_800_000_000_000).to_string() > cut.to_string());
    }

    /// However large the tables are: nothing is sorted, and nothing looked through but the jobs, of
    /// which there are few.
    #[tokio::test]
    async fn what_is_old_is_found_in_the_order_of_the_keys() {
        let folder = tempfile::tempdir().unwrap();
        let holder = Holder::new(Uuid::nil(), 1);
        let store = Sqlite::open(&folder.path().join("b.db"), 1, &holder).await.unwrap();
        for query in [MESSAGES, TELLINGS, EVENTS, INBOX, MAILBOX, AUDIT, LAID_ASIDE, JOBS] {
            let plan = Question::new(format!("EXPLAIN QUERY PLAN {query}"));
            let plan = plan.all(&store.db).await.unwrap();
            assert!(!plan.is_empty());
            for step in plan.iter().map(|row| row.get::<String>("detail").unwrap()) {
                let slow = step.contains("TEMP B-TREE")
                    || (step.starts_with("SCAN") && !step.starts_with("SCAN jobs"));
                assert!(!slow, "{step}: {query}");
            }
        }
        store.close().await;
    }
}
