//! How a question is put to PostgreSQL.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sqlx::postgres::PgRow;

use super::dialect::DIALECT;
use super::pen::Writer;
use super::query::asked;
use super::server::Server;
use crate::domain::partition::Part;
use crate::store::both::backend::{Backend, Dialect, Writing as _, read_only};
use crate::store::both::held::Held;
use crate::store::both::question::Question;
use crate::store::departures::{Departed, Departures};
use crate::store::error::StoreError;
use crate::store::hold::Hold;
use crate::store::unit::Incarnation;

/// A transaction of one that stands still, or whose machine is gone without a word, ends after so
/// long on the server: whoever takes over waits for what it holds.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5s'";
/// So that all it reads is of one instant.
const BEGIN_READING: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

impl Backend for Server {
    type Row = PgRow;
    type Writer<'a> = Writer;
    const DIALECT: &'static Dialect = &DIALECT;

    async fn rows(&self, question: Question) -> Result<Vec<PgRow>, StoreError> {
        if self.is_prepared {
            return Ok(asked(question).fetch_all(&self.readers).await?);
        }
        // Between parsing and executing, a pooler may put another connection behind this one.
        let [rows] = self.rows_at_once([question]).await?;
        Ok(rows)
    }

    async fn rows_at_once<const N: usize>(
        &self,
        questions: [Question; N],
    ) -> Result<[Vec<PgRow>; N], StoreError> {
        let begin = BEGIN_READING.to_owned();
        let (mut reader, _) = Writer::beginning(&self.readers, self.is_prepared, begin).await?;
        let mut answers = std::array::from_fn(|_| Vec::new());
        for (answer, question) in answers.iter_mut().zip(questions) {
            *answer = match reader.rows(question).await {
                Ok(rows) => rows,
                Err(error) => return reader.end(Err(error)).await,
            };
        }
        reader.end(Ok(answers)).await
    }

    async fn begin(&self) -> Result<Writer, StoreError> {
        self.begin_with(BEGIN.to_owned()).await.map(|(writer, _)| writer)
    }

    async fn begin_as_owner(&self, held: Option<&Held>) -> Result<Writer, StoreError> {
        let run = held.ok_or_else(read_only)?.run;
        // Whoever takes over waits until this has ended; others that lease or commit do not.
        let begin = format!(
            "{BEGIN}; SELECT 1 FROM partitions WHERE part = 0 AND owner = '{run}' FOR KEY SHARE"
        );
        match self.begin_with(begin).await? {
            (writer, 1) => Ok(writer),
            (writer, _) => {
                writer.roll_back().await;
                self.loses();
                Err(StoreError::InUse(self.name.clone()))
            }
        }
    }

    /// The server sees to its log itself.
    fn wrote(&self, _: usize) {}

    fn slots_file(&self) -> PathBuf {
        self.slots.clone()
    }

    fn hold(&self) -> Option<Hold> {
        Some(self.hold.clone())
    }

    async fn departed(&self) -> Result<Departed, StoreError> {
        self.read_departed().await
    }

    async fn departures(&self, run: Incarnation) -> Result<Option<Departures>, StoreError> {
        self.begin_departures(run).await.map(Some)
    }
}

impl Server {
    /// Begins a transaction that writes for tenants of these partitions: it holds them.
    pub async fn begin_writing(&self, parts: &BTreeSet<Part>) -> Result<Writer, StoreError> {
        let parts: Vec<String> = parts.iter().map(|part| part.number().to_string()).collect();
        let mut begin = BEGIN.to_owned();
        if !parts.is_empty() {
            begin = format!(
                "{BEGIN}; SELECT 1 FROM partitions WHERE part IN ({}) ORDER BY part \
                 FOR NO KEY UPDATE",
                parts.join(", ")
            );
        }
        self.begin_with(begin).await.map(|(writer, _)| writer)
    }

    async fn begin_with(&self, begin: String) -> Result<(Writer, usize), StoreError> {
        if self.only_looks {
            return Err(read_only());
        }
        Writer::beginning(&self.writers, self.is_prepared, begin).await
    }
}
