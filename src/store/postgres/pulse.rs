//! Single statements that wait for nobody else: signs of life, and what leaves.

use sqlx::Postgres as Pg;
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::query::Query;

use super::pen::Writer;
use crate::store::both::backend::Writing as _;
use crate::store::error::StoreError;

/// Connections of their own.
#[derive(Debug, Clone)]
pub struct Pulse {
    pool: PgPool,
    is_prepared: bool,
}

impl Pulse {
    /// Over these connections. Unless statements are prepared there, a pooler may put another
    /// session behind a connection between the parsing of a statement and its execution, where it
    /// is not known, or another's is in its place; so each is a transaction.
    pub fn over(pool: PgPool, is_prepared: bool) -> Self {
        Self { pool, is_prepared }
    }

    /// The rows of an answer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn rows(
        &self,
        statement: Query<'_, Pg, PgArguments>,
    ) -> Result<Vec<PgRow>, StoreError> {
        if self.is_prepared {
            return Ok(statement.fetch_all(&self.pool).await?);
        }
        let mut writer = self.begin().await?;
        let rows = writer.all(statement).await;
        writer.end(rows).await
    }

    /// Does something; how many rows it touched.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn run(&self, statement: Query<'_, Pg, PgArguments>) -> Result<u64, StoreError> {
        if self.is_prepared {
            return Ok(statement.execute(&self.pool).await?.rows_affected());
        }
        let mut writer = self.begin().await?;
        let touched = Writer::run(&mut writer, statement).await;
        writer.end(touched).await
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin(&self) -> Result<Writer, StoreError> {
        let begun = Writer::beginning(&self.pool, self.is_prepared, "BEGIN".to_owned()).await;
        begun.map(|(writer, _)| writer)
    }
}
