//! How a question is put to SQLite.

use std::path::PathBuf;

use sqlx::AssertSqlSafe;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};

use super::Base;
use super::dialect::DIALECT;
use super::pen::Writer;
use crate::store::both::backend::{Backend, Dialect};
use crate::store::both::partitions::Held;
use crate::store::both::question::{Question, Value};
use crate::store::error::StoreError;
use crate::store::record::to_json;

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

/// The question as SQLite takes it: ids are text, lists are JSON.
pub fn asked(
    question: Question,
) -> Result<Query<'static, sqlx::Sqlite, SqliteArguments>, StoreError> {
    let Question { text, values } = question;
    let mut query = sqlx::query(AssertSqlSafe(text.into_owned()));
    for value in values {
        query = match value {
            Value::Int(number) => query.bind(number),
            Value::Real(number) => query.bind(number),
            Value::Text(text) => query.bind(text),
            Value::Id(id) => query.bind(id.map(|id| id.to_string())),
            Value::Texts(texts) => query.bind(to_json(&texts)?),
            Value::Ids(ids) => query.bind(to_json(&ids)?),
            Value::Ints(numbers) => query.bind(to_json(&numbers)?),
        };
    }
    Ok(query)
}
