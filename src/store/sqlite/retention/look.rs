//! Finding what is old, in the order of the keys.

use std::collections::HashSet;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;
use uuid::{Builder, Uuid};

use crate::domain::partition::Part;
use crate::store::error::StoreError;
use crate::store::record::{from_json, instant, to_json};
use crate::store::retention::{Ageing, Candidate, Key, Page, Search, What};
use crate::store::sqlite::Sqlite;
use crate::store::sqlite::rows::{SEQ_MAX, place};
use crate::store::view::ChannelVerdict;

/// The oldest of these rows, and how many are older than `$1`.
macro_rules! ages {
    ($age:literal, $rows:literal) => {
        concat!(
            "SELECT min(age), coalesce(sum(CASE WHEN age < $1 THEN 1 ELSE 0 END), 0) \
             FROM (SELECT ",
            $age,
            " AS age FROM ",
            $rows,
            ") AS ages"
        )
    };
}

/// Messages behind `$1` that were decided before `$2`, their ids say when, at most `$3`. One is in
/// use until it has ended, until nothing more was reported of it, while an event tells of it, and
/// while a replay that has not ended is to come to it.
const MESSAGES: &str = "SELECT message, CASE WHEN status IN ('ready', 'sending') \
        OR EXISTS (SELECT 1 FROM event_pages WHERE last_place BETWEEN told_from AND told_to) \
        OR EXISTS (SELECT 1 FROM job_letters AS l \
            WHERE l.job IN (SELECT job FROM jobs WHERE state IN ('running', 'paused')) \
            AND l.message = messages.message AND l.outcome IS NULL) \
        THEN NULL ELSE max(coalesce(settled_ms, due_ms), coalesce(arrived_ms, 0)) END \
    FROM messages WHERE message > $1 AND message < $2 ORDER BY message LIMIT $3";

/// Tellings behind `$1`, at most `$2`, but never the last of all, from which the next are counted.
const TELLINGS: &str = "SELECT seq, at_ms, \
        (SELECT before.seq FROM tellings AS before WHERE before.seq = tellings.prev), channels \
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

impl Sqlite {
    /// See [`crate::store::Store::old_rows`].
    pub async fn old_rows(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        match search.what {
            What::Messages => self.old_messages(search, most).await,
            What::Tellings => self.old_tellings(search, most).await,
            What::Events => self.old_events(search, most).await,
            What::Inbox => self.old_commands(search, most).await,
            What::Mailbox => self.by_number(MAILBOX, search, most).await,
            What::Audit => self.by_number(AUDIT, search, most).await,
            What::LaidAside => self.by_text(LAID_ASIDE, search, most).await,
            What::Jobs => self.by_text(JOBS, search, most).await,
        }
    }

    async fn old_messages(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let rows = sqlx::query(MESSAGES)
            .bind(text(search.behind))
            .bind(first_of(search.cut_ms).to_string())
            .bind(most)
            .fetch_all(&self.readers)
            .await?;
        page(&rows, most, |row| Ok(plain(Key::Text(row.try_get(0)?), row.try_get(1)?)))
    }

    async fn old_tellings(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let rows = sqlx::query(TELLINGS).bind(number(search.behind)).bind(most);
        let rows = rows.fetch_all(&self.readers).await?;
        let mut told = Vec::with_capacity(rows.len());
        for row in &rows {
            let at_ms: i64 = row.try_get(1)?;
            // Of what is young it does not matter; nor of what nobody can read.
            let channels: Vec<ChannelVerdict> = match at_ms < search.cut_ms {
                true => from_json("telling", row.try_get(3)?).unwrap_or_default(),
                false => Vec::new(),
            };
            let of: Vec<String> = channels.into_iter().filter_map(|of| of.message).collect();
            told.push((row, at_ms, of));
        }
        let ids: Vec<&String> = told.iter().flat_map(|(_, _, of)| of).collect();
        let there = sqlx::query_scalar::<_, String>(
            "SELECT message FROM messages WHERE message IN (SELECT value FROM json_each($1))",
        );
        let there: HashSet<String> =
            there.bind(to_json(&ids)?).fetch_all(&self.readers).await?.into_iter().collect();
        page(&told, most, |(row, at_ms, of)| {
            let in_use = of.iter().any(|message| there.contains(message));
            let since_ms = (!in_use).then_some(*at_ms);
            Ok(Candidate { key: Key::Number(row.try_get(0)?), since_ms, behind: row.try_get(2)? })
        })
    }

    /// Of one partition, the first that has any.
    async fn old_events(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        let behind = number(search.behind);
        let parts: Vec<u16> = sqlx::query_scalar("SELECT part FROM partitions ORDER BY part")
            .fetch_all(&self.readers)
            .await?;
        for part in parts.into_iter().map(Part::new) {
            let published = search.published.map_or(SEQ_MAX, |published| published.of(part));
            let (first, last) = (place(part, 0), place(part, published));
            if last <= behind {
                continue;
            }
            let rows = sqlx::query(EVENTS).bind(behind.max(first)).bind(last).bind(most);
            let rows = rows.fetch_all(&self.readers).await?;
            if rows.is_empty() {
                continue;
            }
            let page = page(&rows, most, |row: &SqliteRow| {
                Ok(plain(Key::Number(row.try_get(0)?), row.try_get(1)?))
            })?;
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
        let rows = sqlx::query(INBOX).bind(tenant).bind(command).bind(most);
        let rows = rows.fetch_all(&self.readers).await?;
        page(&rows, most, |row| {
            Ok(plain(Key::Pair(row.try_get(0)?, row.try_get(1)?), row.try_get(2)?))
        })
    }

    async fn by_number(
        &self,
        query: &'static str,
        search: &Search<'_>,
        most: u32,
    ) -> Result<Page, StoreError> {
        let rows = sqlx::query(query).bind(number(search.behind)).bind(most);
        let rows = rows.fetch_all(&self.readers).await?;
        page(&rows, most, |row| Ok(plain(Key::Number(row.try_get(0)?), row.try_get(1)?)))
    }

    async fn by_text(
        &self,
        query: &'static str,
        search: &Search<'_>,
        most: u32,
    ) -> Result<Page, StoreError> {
        let rows = sqlx::query(query).bind(text(search.behind)).bind(most);
        let rows = rows.fetch_all(&self.readers).await?;
        page(&rows, most, |row| Ok(plain(Key::Text(row.try_get(0)?), row.try_get(1)?)))
    }

    /// See [`crate::store::Store::ageing`].
    pub async fn ageing(&self, what: What, cut_ms: i64) -> Result<Ageing, StoreError> {
        let query = match what {
            What::Jobs => ages!("at_ms", "jobs WHERE state IN ('done', 'cancelled')"),
            What::Events => ages!("at_ms", "event_pages"),
            What::Messages => ages!(
                "max(coalesce(settled_ms, due_ms), coalesce(arrived_ms, 0))",
                "messages WHERE status NOT IN ('ready', 'sending')"
            ),
            What::LaidAside => ages!("at_ms", "laid_aside"),
            What::Tellings => ages!("at_ms", "tellings"),
            What::Mailbox => ages!("at_ms", "mailbox_items"),
            What::Audit => ages!("at_ms", "audit"),
            What::Inbox => ages!("at_ms", "inbox"),
        };
        let row = sqlx::query(query).bind(cut_ms).fetch_one(&self.readers).await?;
        let oldest: Option<i64> = row.try_get(0)?;
        let oldest: Option<Timestamp> = oldest.map(instant).transpose()?;
        Ok(Ageing { oldest, old: row.try_get::<i64, _>(1)?.unsigned_abs() })
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

fn text(key: Option<&Key>) -> &str {
    match key {
        Some(Key::Text(text)) => text,
        _ => "",
    }
}

fn plain(key: Key, since_ms: Option<i64>) -> Candidate {
    Candidate { key, since_ms, behind: None }
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
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::store::Holder;

    #[test]
    fn an_id_tells_when_its_message_was_decided() {
        let of = |millis| Builder::from_unix_timestamp_millis(millis, &[0xff; 10]).into_uuid();
        let cut = first_of(1_800_000_000_000).to_string();
        assert!(of(1_799_999_999_999).to_string() < cut);
        assert!(of(1_800_000_000_000).to_string() > cut);
    }

    /// However large the tables are: nothing is sorted, and nothing looked through but the jobs, of
    /// which there are few.
    #[tokio::test]
    async fn what_is_old_is_found_in_the_order_of_the_keys() {
        let folder = tempfile::tempdir().unwrap();
        let holder = Holder::new(Uuid::nil(), 1);
        let store = Sqlite::open(&folder.path().join("b.db"), 1, &holder).await.unwrap();
        for query in [MESSAGES, TELLINGS, EVENTS, INBOX, MAILBOX, AUDIT, LAID_ASIDE, JOBS] {
            let plan = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {query}")));
            let plan = plan.fetch_all(&store.readers).await.unwrap();
            assert!(!plan.is_empty());
            for step in plan.iter().map(|row| row.get::<String, _>("detail")) {
                let slow = step.contains("TEMP B-TREE")
                    || (step.starts_with("SCAN") && !step.starts_with("SCAN jobs"));
                assert!(!slow, "{step}: {query}");
            }
        }
        store.close().await;
    }
}
