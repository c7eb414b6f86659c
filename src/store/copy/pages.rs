//! A table read page by page, each behind the key where the one before it ended.

use std::collections::VecDeque;

use super::cell::{Cell, Row, shown};
use super::error::CopyError;
use super::tables::{Kind, Table};
use crate::store::both::backend::Backend;
use crate::store::both::fields::Fields;
use crate::store::both::question::Question;
use crate::store::error::StoreError;

/// The rows of a table, in the order of its key.
pub struct Pages<'a, B> {
    db: &'a B,
    table: &'static Table,
    /// The key of the last row that was read.
    behind: Option<Vec<Cell>>,
    waiting: VecDeque<Row>,
    at_end: bool,
}

impl<'a, B: Backend> Pages<'a, B> {
    /// From behind a key on, or from the beginning.
    pub fn behind(db: &'a B, table: &'static Table, behind: Option<Vec<Cell>>) -> Self {
        Self { db, table, behind, waiting: VecDeque::new(), at_end: false }
    }

    /// The next page; nothing where there is none.
    ///
    /// # Errors
    /// If the table cannot be read, or a row of it: which names that.
    pub async fn next_page(&mut self) -> Result<Vec<Row>, CopyError> {
        if self.at_end {
            return Ok(Vec::new());
        }
        let found = page(self.table, self.behind.as_deref()).all(self.db).await?;
        self.at_end = found.len() < self.table.page;
        let mut rows = Vec::with_capacity(found.len());
        for row in &found {
            rows.push(self.row(row)?);
        }
        Ok(rows)
    }

    /// The next row, if there is one.
    ///
    /// # Errors
    /// As [`Pages::next_page`].
    pub async fn next_row(&mut self) -> Result<Option<Row>, CopyError> {
        if self.waiting.is_empty() {
            self.waiting = self.next_page().await?.into();
        }
        Ok(self.waiting.pop_front())
    }

    fn row(&mut self, found: &B::Row) -> Result<Row, CopyError> {
        let mut row = Row(Vec::with_capacity(self.table.columns.len()));
        for (place, column) in self.table.columns.iter().enumerate() {
            let cell = Cell::read(found, place, column.kind);
            let cell = cell.and_then(|cell| checked(cell, column.kind));
            row.0.push(cell.map_err(|why| self.unreadable(&row, column.name, &why))?);
        }
        self.behind = Some(row.key(self.table).to_vec());
        Ok(row)
    }

    /// Of which only so much could be read.
    fn unreadable(&self, row: &Row, column: &str, why: &StoreError) -> CopyError {
        let key = match (row.0.len() < self.table.key, &self.behind) {
            (false, _) => shown(row.key(self.table)),
            (true, Some(key)) => format!("the row behind {}", shown(key)),
            (true, None) => "the first row".to_owned(),
        };
        CopyError::Row { table: self.table.name, key, why: format!("{column}: {why}") }
    }
}

/// A column of JSON holds nothing else.
fn checked(cell: Cell, kind: Kind) -> Result<Cell, StoreError> {
    if let (Cell::Json(text), Kind::Json) = (&cell, kind)
        && let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text)
    {
        return Err(StoreError::Corrupt { what: "JSON", why: error.to_string() });
    }
    Ok(cell)
}

/// One page, behind a key.
fn page(table: &Table, behind: Option<&[Cell]>) -> Question {
    let columns = table.columns.iter().map(|column| match column.kind {
        Kind::Json => format!("CAST({} AS text)", column.name),
        _ => column.name.to_owned(),
    });
    let columns = columns.collect::<Vec<_>>().join(", ");
    let mut page = Question::new(format!("SELECT {columns} FROM {}", table.name));
    for (place, cell) in behind.into_iter().flatten().enumerate() {
        match place {
            0 => page.push(&format!(" WHERE ({}) > (", key(table, ""))),
            _ => page.push(", "),
        };
        page.push_bind(cell.as_value());
    }
    page.push(if behind.is_some() { ")" } else { "" });
    page.push(&format!(" ORDER BY {} LIMIT ", key(table, ""))).push_bind(table.page);
    page
}

/// The columns of the key, each with this behind it.
fn key(table: &Table, behind: &str) -> String {
    let key = table.columns.iter().take(table.key);
    key.map(|column| format!("{}{behind}", column.name)).collect::<Vec<_>>().join(", ")
}

/// The last key that a table has.
///
/// # Errors
/// As [`Pages::next_page`].
pub async fn last_key<B: Backend>(
    db: &B,
    table: &'static Table,
) -> Result<Option<Vec<Cell>>, CopyError> {
    let (columns, order) = (key(table, ""), key(table, " DESC"));
    let last = format!("SELECT {columns} FROM {} ORDER BY {order} LIMIT 1", table.name);
    let Some(row) = Question::new(last).optional(db).await? else { return Ok(None) };
    let key = table.columns.iter().take(table.key).enumerate();
    let cells = key.map(|(place, column)| Cell::read(&row, place, column.kind));
    Ok(Some(cells.collect::<Result<_, _>>()?))
}

/// How many rows a table has.
///
/// # Errors
/// If it cannot be read.
pub async fn count<B: Backend>(db: &B, table: &Table) -> Result<u64, StoreError> {
    let count = format!("SELECT count(*) FROM {}", table.name);
    Question::new(count).one(db).await?.get(0)
}
