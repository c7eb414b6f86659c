//! Numbers that outlive the daemon.

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use crate::store::error::StoreError;

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::noted`].
    pub async fn noted(&self, name: &str) -> Result<i64, StoreError> {
        let number = Question::new("SELECT number FROM notes WHERE name = $1")
            .bind(name)
            .optional(&self.db)
            .await?;
        number.map_or(Ok(0), |row| row.get(0))
    }

    /// See [`crate::store::Store::note`].
    pub async fn note(&self, name: &str, number: i64) -> Result<(), StoreError> {
        let note = Question::new(
            "INSERT INTO notes (name, number) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET number = excluded.number",
        );
        self.write(note.bind(name).bind(number)).await.map(|_| ())
    }

    /// See [`crate::store::Store::hooks_key`].
    pub async fn hooks_key(&self) -> Result<Vec<u8>, StoreError> {
        let key = Question::new("SELECT key FROM own_keys WHERE name = 'hooks'");
        key.one(&self.db).await?.get(0)
    }
}
