//! How a question is put to whichever database answers.

use super::backend::{Backend, Writing};
use super::question::{Question, Value};
use crate::store::error::StoreError;

impl Question {
    /// Goes on with the condition that something is one of these.
    pub fn push_among<B: Backend>(&mut self, values: impl Into<Value>) -> &mut Self {
        let [before, behind] = B::DIALECT.among;
        self.push(before).push_bind(values).push(behind)
    }

    /// The same, of a statement that ends so.
    #[must_use]
    pub fn among<B: Backend>(mut self, values: impl Into<Value>) -> Self {
        self.push_among::<B>(values);
        self
    }

    /// All rows of the answer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn all<B: Backend>(self, db: &B) -> Result<Vec<B::Row>, StoreError> {
        db.rows(self).await
    }

    /// The first row of the answer, if it has one.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn optional<B: Backend>(self, db: &B) -> Result<Option<B::Row>, StoreError> {
        Ok(db.rows(self).await?.into_iter().next())
    }

    /// The only row of the answer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn one<B: Backend>(self, db: &B) -> Result<B::Row, StoreError> {
        only(db.rows(self).await?)
    }

    /// All rows of the answer, within a transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn all_in<W: Writing>(self, writer: &mut W) -> Result<Vec<W::Row>, StoreError> {
        writer.rows(self).await
    }

    /// The only row of the answer, within a transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn one_in<W: Writing>(self, writer: &mut W) -> Result<W::Row, StoreError> {
        only(writer.rows(self).await?)
    }

    /// Does it, and says with how many rows.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn run<W: Writing>(self, writer: &mut W) -> Result<u64, StoreError> {
        writer.run(self).await
    }
}

fn only<R>(rows: Vec<R>) -> Result<R, StoreError> {
    let none = || StoreError::Corrupt { what: "answer", why: "it has no row".to_owned() };
    rows.into_iter().next().ok_or_else(none)
}
