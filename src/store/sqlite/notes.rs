//! Numbers that outlive the daemon.

use super::Sqlite;
use crate::store::error::StoreError;

impl Sqlite {
    /// See [`crate::store::Store::noted`].
    pub async fn noted(&self, name: &str) -> Result<i64, StoreError> {
        let number = sqlx::query_scalar("SELECT number FROM notes WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.readers)
            .await?;
        Ok(number.unwrap_or(0))
    }

    /// See [`crate::store::Store::note`].
    pub async fn note(&self, name: &str, number: i64) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "INSERT INTO notes (name, number) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET number = excluded.number",
        )
        .bind(name)
        .bind(number)
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(())
    }
}
