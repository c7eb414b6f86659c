//! Reading events in order, and remembering how far.

use super::Sqlite;
use super::rows::{Page, SEQ_MAX, place, read_page};
use crate::domain::partition::Part;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::event::{Cursor, StoredEvent};
use crate::store::record::to_json;

impl Sqlite {
    /// See [`crate::store::Store::partitions_ever`].
    pub fn partitions_ever(&self) -> u16 {
        self.held.as_ref().map_or(1, |held| held.ever)
    }

    /// See [`crate::store::Store::is_behind_changes`].
    pub fn is_behind_changes(&self, read: &Cursor) -> bool {
        let last = self.held.as_ref().and_then(|held| held.ends.last());
        last.is_none_or(|end| read.covers(end))
    }

    /// See [`crate::store::Store::events_after`].
    pub async fn events_after(
        &self,
        read: &Cursor,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let limit = limit.min(PAGE_MAX) as usize;
        let ends = self.held.iter().flat_map(|held| &held.ends);
        for end in ends.filter(|end| !read.covers(end)) {
            let events = self.events_of_all(read, Some(end), limit).await?;
            if !events.is_empty() {
                return Ok(events);
            }
        }
        self.events_of_all(read, None, limit).await
    }

    /// A page of events, of which each partition has its share. Another begins each time, so that
    /// one that has always more does not keep a page with little room for itself.
    async fn events_of_all(
        &self,
        read: &Cursor,
        until: Option<&Cursor>,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let all = self.partitions_ever();
        let first = u16::try_from(read.total() % i64::from(all)).unwrap_or(0);
        let mut events = Vec::new();
        for turn in 0..all {
            let part = Part::new((first + turn) % all);
            let share = (limit - events.len()).div_ceil(usize::from(all - turn));
            let until = until.map_or(SEQ_MAX, |until| until.of(part));
            events.extend(self.events_of(part, read.of(part), until, share).await?);
        }
        Ok(events)
    }

    async fn events_of(
        &self,
        part: Part,
        after: i64,
        until: i64,
        limit: usize,
    ) -> Result<Vec<StoredEvent>, StoreError> {
        let mut events: Vec<StoredEvent> = Vec::new();
        while events.len() < limit {
            let read = events.last().map_or(after, |last| last.seq);
            let pages = self.event_pages(part, read, until, limit - events.len()).await?;
            if pages.is_empty() {
                break;
            }
            for page in &pages {
                events.extend(read_page(page)?.into_iter().filter(|event| event.seq > read));
            }
        }
        events.truncate(limit);
        Ok(events)
    }

    /// The pages that so many events behind this one are on, if none is missing; else some of
    /// them.
    async fn event_pages(
        &self,
        part: Part,
        read: i64,
        until: i64,
        events: usize,
    ) -> Result<Vec<Page>, StoreError> {
        if read >= until {
            return Ok(Vec::new());
        }
        let pages = sqlx::query_as(
            "SELECT last_place, events FROM event_pages \
             WHERE last_place > $1 AND last_place <= $3 ORDER BY last_place \
             LIMIT 1 + (SELECT count(*) FROM event_pages \
             WHERE last_place > $1 AND last_place < min($1 + $2, $3))",
        )
        .bind(place(part, read))
        .bind(i64::try_from(events).unwrap_or(i64::MAX))
        .bind(place(part, until))
        .fetch_all(&self.readers)
        .await?;
        Ok(pages)
    }

    /// See [`crate::store::Store::cursor`].
    pub async fn cursor(&self, name: &str) -> Result<Cursor, StoreError> {
        let rows: Vec<(u16, i64)> = sqlx::query_as("SELECT part, seq FROM cursors WHERE name = $1")
            .bind(name)
            .fetch_all(&self.readers)
            .await?;
        let mut cursor = Cursor::default();
        for (part, seq) in rows {
            cursor.pass(Part::new(part), seq);
        }
        Ok(cursor)
    }

    /// See [`crate::store::Store::set_cursor`].
    pub async fn set_cursor(&self, name: &str, read: &Cursor) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "INSERT INTO cursors (name, part, seq) SELECT $1, key, value FROM json_each($2) \
             WHERE true ON CONFLICT (name, part) DO UPDATE SET seq = excluded.seq \
             WHERE cursors.seq <> excluded.seq",
        )
        .bind(name)
        .bind(to_json(read.parts())?)
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(())
    }
}
