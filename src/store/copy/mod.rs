//! A store of one node becomes the store of a cluster: SQLite to PostgreSQL, row by row.
//!
//! ```text
//!  Source   the file, locked as a daemon locks it; of this version, and left in order
//!    │  a page of rows behind a key ── Cell: what stands in a column, whichever database has it
//!    ▼
//!  Target   one transaction a page; marked until all is there and the same
//!    │
//!  compare  both read back, row by row, after each table
//! ```
//!
//! An interrupted copy goes on behind the last key of each table, as long as no daemon ran on the
//! source since ([`Source::mark`]). What is carried over is listed in [`tables`].

mod cell;
mod compare;
mod error;
mod pages;
mod source;
mod tables;
mod target;

use std::path::Path;

use self::compare::compare;
use self::pages::Pages;
use self::source::Source;
use self::tables::{Numbered, TABLES, Table};
use self::target::Target;

pub use error::{CopyError, Difference};
#[cfg(test)]
pub use tables::{TABLES as COPIED, Table as Copied};

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// One that was interrupted goes on.
    Resumed,
    /// A table's turn, with so many rows in the source.
    Table { name: &'static str, rows: u64 },
    /// So many of them are in the target.
    Written(u64),
}

/// What was found of a table: how many rows are the same, or the first that is not.
#[derive(Debug)]
pub struct Compared {
    pub table: &'static str,
    pub rows: Result<u64, Difference>,
}

/// Copies a SQLite store into an empty PostgreSQL database, and compares each table once it is
/// there. Returns the tables with their rows.
///
/// # Errors
/// See [`CopyError`]. Once it is begun no daemon starts on the target until a copy ended well.
pub async fn copy(
    source: &Path,
    target: &str,
    mut tell: impl FnMut(Progress),
) -> Result<Vec<(&'static str, u64)>, CopyError> {
    let source = Source::open(source).await?;
    let target = Target::open(target).await?;
    if target.is_half() {
        tell(Progress::Resumed);
    }
    target.begin(&source.mark().await?).await?;
    let mut copied = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        tell(Progress::Table { name: table.name, rows: source.count(table).await? });
        fill(&source, &target, table, &mut tell).await?;
        copied.push((table.name, compare(source.db(), target.db(), table).await?));
    }
    let mut numbers = Vec::new();
    for table in TABLES.iter().filter(|table| table.numbered != Numbered::No) {
        numbers.push((table, source.last_number(table).await?));
    }
    target.finish(&numbers, source.last_alive().await?).await?;
    target.close().await;
    source.close().await;
    Ok(copied)
}

async fn fill(
    source: &Source,
    target: &Target,
    table: &'static Table,
    tell: &mut impl FnMut(Progress),
) -> Result<(), CopyError> {
    let (behind, mut written) = target.reached(table).await?;
    let mut pages = Pages::behind(source.db(), table, behind);
    loop {
        let page = pages.next_page().await?;
        if page.is_empty() {
            return Ok(());
        }
        target.write(table, &page).await?;
        written += page.len() as u64;
        tell(Progress::Written(written));
    }
}

/// Compares a SQLite store with its copy, and writes to neither.
///
/// # Errors
/// If one of them cannot be read; a difference is no error.
pub async fn check(
    source: &Path,
    target: &str,
    mut tell: impl FnMut(Progress),
) -> Result<Vec<Compared>, CopyError> {
    let source = Source::open(source).await?;
    let target = Target::open_to_look(target).await?;
    let mut found = Vec::with_capacity(TABLES.len());
    for table in TABLES {
        tell(Progress::Table { name: table.name, rows: source.count(table).await? });
        let rows = match compare(source.db(), target.db(), table).await {
            Err(CopyError::Differs(difference)) => Err(difference),
            rows => Ok(rows?),
        };
        found.push(Compared { table: table.name, rows });
    }
    target.close().await;
    source.close().await;
    Ok(found)
}
