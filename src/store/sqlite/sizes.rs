//! How large the tables are.

use std::collections::BTreeMap;

use sqlx::Row as _;

use crate::store::error::StoreError;
use crate::store::retention::{Sizes, TableSize};
use crate::store::sqlite::Sqlite;

/// The pages of each table and each of its indexes (<https://www.sqlite.org/dbstat.html>). Rows of
/// a table are the cells of its leaves; without rowids, those of all its pages.
const TABLES: &str = "SELECT s.tbl_name, sum(pages.pgsize), \
        sum(CASE WHEN s.type = 'table' AND (pages.pagetype = 'leaf' OR t.wr = 1) \
            THEN pages.ncell ELSE 0 END) \
    FROM dbstat AS pages \
    JOIN sqlite_schema AS s ON s.name = pages.name \
    JOIN pragma_table_list AS t ON t.name = s.tbl_name AND t.schema = 'main' \
    GROUP BY s.tbl_name";

impl Sqlite {
    /// See [`crate::store::Store::sizes`].
    pub async fn sizes(&self) -> Result<Sizes, StoreError> {
        let rows = sqlx::query(TABLES).fetch_all(&self.db.readers).await?;
        let mut tables = BTreeMap::new();
        for row in &rows {
            let [bytes, rows] = [row.try_get::<i64, _>(1)?, row.try_get(2)?].map(i64::unsigned_abs);
            let table: String = row.try_get(0)?;
            tables.insert(table.clone(), TableSize { table, rows, bytes });
        }
        let mut tables: Vec<TableSize> = tables.into_values().collect();
        tables.sort_by_key(|of| std::cmp::Reverse(of.bytes));
        Ok(Sizes { tables, file: Some(self.file_size().await?) })
    }
}
