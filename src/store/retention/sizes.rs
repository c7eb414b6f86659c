//! How large a store is, and what of it is old.

use jiff::Timestamp;
use serde::Serialize;

/// A store's tables and its file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sizes {
    /// Largest first.
    pub tables: Vec<TableSize>,
    /// Of SQLite; what a server does with its files is its own affair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileSize>,
}

/// A table with its indexes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableSize {
    pub table: String,
    pub rows: u64,
    pub bytes: u64,
}

/// The file of a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FileSize {
    pub bytes: u64,
    /// Of its write-ahead log.
    pub wal_bytes: u64,
    /// Of it, what nothing stands on.
    pub free_bytes: u64,
    /// Whether what is free is given back while the daemon runs.
    pub shrinks: bool,
}

/// How old the rows are of something that is kept for a while.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ageing {
    /// Since when the oldest is only kept.
    pub oldest: Option<Timestamp>,
    /// Rows that have been kept long enough.
    pub old: u64,
}
