//! Why a store was not copied.

use std::fmt;

use crate::store::error::StoreError;

/// Why a store was not copied, or is not the same as its copy.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// It is not begun like this: says what to do. Nothing was written.
    #[error("{0}")]
    Refused(String),
    /// A row cannot be carried over.
    #[error("{table}, {key}: {why}")]
    Row {
        table: &'static str,
        /// By what it is found.
        key: String,
        why: String,
    },
    /// What was read back is not what was to be there.
    #[error("{0}")]
    Differs(Difference),
    /// See [`StoreError`].
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The first row of a table that is not the same in both stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    /// By what it is found.
    pub key: String,
    pub what: Unlike,
}

/// How a row is not the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlike {
    /// The source alone has it.
    Missing,
    /// The target alone has it.
    Added,
    /// Both have it, with something else in this column.
    Column(&'static str),
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, key, what } = self;
        match what {
            Unlike::Missing => write!(f, "{table}, {key}: is missing in the target"),
            Unlike::Added => write!(f, "{table}, {key}: is in the target only"),
            Unlike::Column(column) => write!(f, "{table}, {key}: differs in {column}"),
        }
    }
}
