//! A question as a query of SQLite's.

use sqlx::AssertSqlSafe;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use crate::store::both::question::{Question, Value};
use crate::store::error::StoreError;
use crate::store::record::to_json;

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
