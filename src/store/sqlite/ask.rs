//! How a question is put to SQLite.

use std::path::PathBuf;

use sqlx::sqlite::SqliteRow;

use super::Base;
use super::dialect::DIALECT;
use super::pen::Writer;
use super::query::asked;
use crate::store::both::backend::{Backend, Dialect};
use crate::store::both::held::Held;
use crate::store::both::question::Question;
use crate::store::departures::{Departed, Departures};
use crate::store::error::StoreError;
use crate::store::hold::Hold;
use crate::store::unit::Incarnation;

impl Backend for Base {
    type Row = SqliteRow;
    type Writer<'a> = Writer<'a>;
    const DIALECT: &'static Dialect = &DIALECT;

    async fn rows(&self, question: Question) -> Result<Vec<SqliteRow>, StoreError> {
        Ok(asked(question)?.fetch_all(&self.readers).await?)
    }

    async fn rows_at_once<const N: usize>(
        &self,
        questions: [Question; N],
    ) -> Result<[Vec<SqliteRow>; N], StoreError> {
        let mut snapshot = self.readers.begin().await?;
        let mut answers = std::array::from_fn(|_| Vec::new());
        for (answer, question) in answers.iter_mut().zip(questions) {
            *answer = asked(question)?.fetch_all(&mut *snapshot).await?;
        }
        snapshot.rollback().await?;
        Ok(answers)
    }

    async fn begin(&self) -> Result<Writer<'_>, StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        Ok(writer)
    }

    /// Nobody takes a file over while another has it.
    async fn begin_as_owner(&self, _: Option<&Held>) -> Result<Writer<'_>, StoreError> {
        self.begin().await
    }

    fn hold(&self) -> Option<Hold> {
        None
    }

    async fn departed(&self) -> Result<Departed, StoreError> {
        Ok(Departed::new())
    }

    async fn departures(&self, _: Incarnation) -> Result<Option<Departures>, StoreError> {
        Ok(None)
    }

    /// So that the log is folded in time.
    fn wrote(&self, rows: usize) {
        self.folder.wrote(rows, &self.writer);
    }

    /// `bellhop.db-slots`, as SQLite names its own.
    fn slots_file(&self) -> PathBuf {
        let mut path = self.path.as_os_str().to_owned();
        path.push("-slots");
        path.into()
    }
}
