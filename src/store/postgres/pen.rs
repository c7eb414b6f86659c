//! A transaction that writes.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgPool, PgRow};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Executor as _, Postgres as Pg};

use super::query::asked;
use crate::store::both::backend::Writing;
use crate::store::both::question::Question;
use crate::store::error::StoreError;

/// A connection in a transaction. If it is dropped before the end of that, it is closed: nobody
/// meets what was left open.
#[derive(Debug)]
pub struct Writer {
    connection: PoolConnection<Pg>,
    is_open: bool,
    /// Whether statements are prepared by name, for the connection's next transaction.
    is_prepared: bool,
}

impl Writer {
    /// Begins with a text of several statements, of which the first is `BEGIN` and nothing comes
    /// from outside; and says how many rows it found.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`], whatever it is: nothing was asked yet that could be refused.
    pub async fn beginning(
        pool: &PgPool,
        is_prepared: bool,
        begin: String,
    ) -> Result<(Self, usize), StoreError> {
        let unavailable = |error: sqlx::Error| StoreError::Unavailable(error.to_string());
        let connection = pool.acquire().await.map_err(unavailable)?;
        let mut writer = Self { connection, is_open: true, is_prepared };
        let begun = sqlx::raw_sql(AssertSqlSafe(begin)).fetch_all(&mut *writer.connection).await;
        Ok((writer, begun.map_err(unavailable)?.len()))
    }

    /// Does something; how many rows it touched.
    pub async fn run(&mut self, statement: Query<'_, Pg, PgArguments>) -> Result<u64, StoreError> {
        let statement = statement.persistent(self.is_prepared);
        Ok(statement.execute(&mut *self.connection).await?.rows_affected())
    }

    /// The only row of an answer.
    pub async fn row(
        &mut self,
        statement: Query<'_, Pg, PgArguments>,
    ) -> Result<PgRow, StoreError> {
        Ok(statement.persistent(self.is_prepared).fetch_one(&mut *self.connection).await?)
    }

    /// All rows of an answer.
    pub async fn all(
        &mut self,
        statement: Query<'_, Pg, PgArguments>,
    ) -> Result<Vec<PgRow>, StoreError> {
        Ok(statement.persistent(self.is_prepared).fetch_all(&mut *self.connection).await?)
    }

    /// Makes it so.
    ///
    /// # Errors
    /// Whether it is so may not be known.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        self.connection.execute("COMMIT").await?;
        self.is_open = false;
        Ok(())
    }

    /// It never was.
    pub async fn roll_back(mut self) {
        self.is_open = self.connection.execute("ROLLBACK").await.is_err();
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if self.is_open {
            self.connection.close_on_drop();
        }
    }
}

impl Writing for Writer {
    type Row = PgRow;

    async fn rows(&mut self, question: Question) -> Result<Vec<PgRow>, StoreError> {
        self.all(asked(question)).await
    }

    async fn run(&mut self, question: Question) -> Result<u64, StoreError> {
        Writer::run(self, asked(question)).await
    }

    async fn end<T: Send>(self, written: Result<T, StoreError>) -> Result<T, StoreError> {
        match written {
            Ok(written) => self.commit().await.map(|()| written),
            Err(error) => {
                self.roll_back().await;
                Err(error)
            }
        }
    }
}
