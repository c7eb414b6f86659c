//! The memory in which SQLite keeps pages of the file.
//!
//! Each connection keeps what it read or wrote up to its limit, and gives none of it back by
//! itself. While there is much to do that is well spent.

use sqlx::sqlite::{SqliteConnection, SqlitePool};

/// <https://www.sqlite.org/pragma.html#pragma_shrink_memory>
const SHRINK: &str = "PRAGMA shrink_memory";

/// Gives back what the writer keeps, and the readers that nobody uses now.
pub async fn shrink(writer: &mut SqliteConnection, readers: &SqlitePool) {
    // All before the first is given back, so that none is met twice.
    let mut idle: Vec<_> = std::iter::from_fn(|| readers.try_acquire()).collect();
    let connections = idle.iter_mut().map(|reader| &mut **reader);
    for connection in std::iter::once(writer).chain(connections) {
        // One that fails is seen to by whoever uses it next.
        let _ = sqlx::query(SHRINK).execute(connection).await;
    }
}
