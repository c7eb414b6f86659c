//! Reading events in order, and remembering how far.

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::rows::{Page, SEQ_MAX, place, read_page};
use crate::domain::partition::Part;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::event::{Cursor, StoredEvent};

impl<B: Backend> Db<B> {
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
        let events = i64::try_from(events).unwrap_or(i64::MAX);
        let pages = Question::new(
            "SELECT last_place, events FROM event_pages \
             WHERE last_place > $1 AND last_place <= $3 ORDER BY last_place \
             LIMIT 1 + (SELECT count(*) FROM event_pages \
             WHERE last_place > $1 AND last_place < $2)",
        )
        .bind(place(part, read))
        .bind(place(part, read).saturating_add(events).min(place(part, until)))
        .bind(place(part, until))
        .all(&self.db)
        .await?;
        pages.iter().map(|page| Ok((page.get(0)?, page.get(1)?))).collect()
    }

    /// See [`crate::store::Store::cursor`].
    pub async fn cursor(&self, name: &str) -> Result<Cursor, StoreError> {
        let rows = Question::new("SELECT part, seq FROM cursors WHERE name = $1").bind(name);
        let mut cursor = Cursor::default();
        for row in rows.all(&self.db).await? {
            cursor.pass(Part::new(row.get(0)?), row.get(1)?);
        }
        Ok(cursor)
    }

    /// See [`crate::store::Store::set_cursor`].
    pub async fn set_cursor(&self, name: &str, read: &Cursor) -> Result<(), StoreError> {
        let mut set = Question::new("INSERT INTO cursors (name, part, seq) VALUES ");
        for (part, seq) in (0u16..).zip(read.parts()) {
            set.push(if part == 0 { "(" } else { ", (" }).push_bind(name).push(", ");
            set.push_bind(part).push(", ").push_bind(*seq).push(")");
        }
        if read.parts().is_empty() {
            return Ok(());
        }
        set.push(
            " ON CONFLICT (name, part) DO UPDATE SET seq = excluded.seq \
             WHERE cursors.seq <> excluded.seq",
        );
        self.write(set).await.map(|_| ())
    }
}
