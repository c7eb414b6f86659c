//! What is kept for a while.

use std::path::Path;

use jiff::Timestamp;

use crate::store::error::StoreError;
use crate::store::event::Cursor;
use crate::store::retention::{Ageing, Key, Page, SHED, SHED_TELLINGS, Search, Shed, Sizes, What};
use crate::store::{Postgres, Sqlite, Store};

impl Store {
    /// Rows that may be old enough to go, in the order of their keys, about so many.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn old_rows(&self, search: &Search<'_>, most: u32) -> Result<Page, StoreError> {
        forward!(self.old_rows(search, most))
    }

    /// These rows are kept no more, if they still may go: all of them in one transaction, but of
    /// what belongs to one of them at most so many. Nothing of them is left in free pages.
    ///
    /// # Errors
    /// See [`StoreError`]; none of them is gone.
    pub async fn shed(
        &self,
        what: What,
        keys: &[Key],
        cut_ms: i64,
        most: u32,
    ) -> Result<Shed, StoreError> {
        forward!(self.shed(what, keys, cut_ms, most))
    }

    /// Gives back at most so many pages of what nothing stands on, but for what will be written on
    /// again soon; none where there is nothing to give, or no way.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn shrink(&self, pages: u32) -> Result<Shed, StoreError> {
        forward!(self.shrink(pages))
    }

    /// How far events are no longer kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn events_shed(&self) -> Result<Cursor, StoreError> {
        self.cursor(SHED).await
    }

    /// What was decided until then is perhaps no longer kept; `None` where everything is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn tellings_shed(&self) -> Result<Option<Timestamp>, StoreError> {
        let at = self.noted(SHED_TELLINGS).await?;
        Ok(Timestamp::from_millisecond(at).ok().filter(|_| at > 0))
    }

    /// How large it is. All of it is read.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sizes(&self) -> Result<Sizes, StoreError> {
        forward!(self.sizes())
    }

    /// How old these rows are; `cut_ms` is as in [`Search`]. All of them are read.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn ageing(&self, what: What, cut_ms: i64) -> Result<Ageing, StoreError> {
        forward!(self.ageing(what, cut_ms))
    }

    /// Writes a SQLite file anew, without what is free, so that it can shrink from then on. Needs
    /// as much room again in its folder.
    ///
    /// # Errors
    /// [`StoreError::InUse`] where a daemon has it; then, and after any other, it is as it was.
    pub async fn compact_sqlite(path: &Path) -> Result<(), StoreError> {
        Sqlite::compact(path).await
    }

    /// Makes the room free that rows of a PostgreSQL database had which have gone, for others, and
    /// lets the server know what is there; a daemon may be using it. Says how many bytes it had
    /// before and has now. Autovacuum does the same, when it comes.
    ///
    /// # Errors
    /// [`StoreError::Refused`] where the tables are not the user's.
    pub async fn vacuum_postgres(url: &str) -> Result<[u64; 2], StoreError> {
        Postgres::vacuum(url).await
    }
}
