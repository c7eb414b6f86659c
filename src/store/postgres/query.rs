//! A question as a query of PostgreSQL's.

use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Postgres as Pg};

use crate::store::both::question::{Question, Value};

/// The question as PostgreSQL takes it: ids are ids, lists are arrays.
pub fn asked(question: Question) -> Query<'static, Pg, PgArguments> {
    let Question { text, values } = question;
    let query = sqlx::query(AssertSqlSafe(text.into_owned()));
    values.into_iter().fold(query, |query, value| match value {
        Value::Int(number) => query.bind(number),
        Value::Real(number) => query.bind(number),
        Value::Text(text) => query.bind(text.map(|text| text.replace('\0', "\u{fffd}"))),
        Value::Id(id) => query.bind(id),
        Value::Texts(texts) => query.bind(texts),
        Value::Ids(ids) => query.bind(ids),
        Value::Ints(numbers) => query.bind(numbers),
    })
}
