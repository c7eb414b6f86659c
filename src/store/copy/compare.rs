//! Whether a table holds the same rows in both stores, as they are read back from them.

use std::cmp::Ordering;

use super::cell::{Cell, Row, shown};
use super::error::{CopyError, Difference, Unlike};
use super::pages::Pages;
use super::tables::Table;
use crate::store::both::backend::Backend;

/// Goes through both at once, row by row; returns how many rows are the same.
///
/// # Errors
/// [`CopyError::Differs`] names the first row that is not.
pub async fn compare<A: Backend, B: Backend>(
    source: &A,
    target: &B,
    table: &'static Table,
) -> Result<u64, CopyError> {
    let mut here = Pages::behind(source, table, None);
    let mut there = Pages::behind(target, table, None);
    let mut rows = 0;
    loop {
        match (here.next_row().await?, there.next_row().await?) {
            (None, None) => return Ok(rows),
            (one, other) => same(table, one.as_ref(), other.as_ref())?,
        }
        rows += 1;
    }
}

/// Whether the next rows of both are one.
fn same(table: &'static Table, one: Option<&Row>, other: Option<&Row>) -> Result<(), CopyError> {
    let differs = |key: &[Cell], what| {
        Err(CopyError::Differs(Difference { table: table.name, key: shown(key), what }))
    };
    let (one, other) = match (one, other) {
        (Some(one), Some(other)) => (one, other),
        (Some(one), None) => return differs(one.key(table), Unlike::Missing),
        (None, Some(other)) => return differs(other.key(table), Unlike::Added),
        (None, None) => return Ok(()),
    };
    let (here, there) = (one.key(table), other.key(table));
    match order(here, there) {
        Ordering::Less => differs(here, Unlike::Missing),
        Ordering::Greater => differs(there, Unlike::Added),
        Ordering::Equal => match one.differs_in(other, table) {
            Some(column) => differs(here, Unlike::Column(column)),
            None => Ok(()),
        },
    }
}

/// Which key comes first, as both databases order them: byte by byte.
fn order(one: &[Cell], other: &[Cell]) -> Ordering {
    let cells = one.iter().zip(other).map(|(one, other)| match (one, other) {
        (Cell::Int(one), Cell::Int(other)) => one.cmp(other),
        (Cell::Text(one), Cell::Text(other)) => one.as_bytes().cmp(other.as_bytes()),
        (Cell::Id(one), Cell::Id(other)) => one.cmp(other),
        _ => Ordering::Equal,
    });
    cells.fold(Ordering::Equal, Ordering::then)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::copy::tables::TABLES;

    fn row(name: &str, number: i64) -> Row {
        Row(vec![Cell::Text(name.to_owned()), Cell::Int(number)])
    }

    #[test]
    fn the_first_row_that_is_not_the_same_is_named() {
        let table = TABLES.iter().find(|table| table.name == "notes").unwrap();
        let (a, b) = (row("a", 1), row("b", 1));
        let said = |one: Option<&Row>, other: Option<&Row>| match same(table, one, other) {
            Ok(()) => String::new(),
            Err(error) => error.to_string(),
        };
        assert_eq!(said(Some(&a), Some(&a)), "");
        assert_eq!(said(Some(&a), Some(&row("a", 2))), "notes, a: differs in number");
        assert_eq!(said(Some(&a), Some(&b)), "notes, a: is missing in the target");
        assert_eq!(said(Some(&b), Some(&a)), "notes, a: is in the target only");
        assert_eq!(said(Some(&b), None), "notes, b: is missing in the target");
        assert_eq!(said(None, Some(&b)), "notes, b: is in the target only");
    }
}
