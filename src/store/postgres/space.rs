//! How large the tables are, and clearing them up.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use super::link::Link;
use super::{Postgres, migrate};
use crate::store::both::fields::Fields as _;
use crate::store::both::question::Question;
use crate::store::error::StoreError;
use crate::store::retention::{Shed, Sizes, TableSize};

/// The store's tables, as they are written, with their indexes and all that belongs to them.
const TABLES: &str = "SELECT CAST(quote_ident(c.relname) AS text), pg_total_relation_size(c.oid) \
    FROM pg_class AS c WHERE c.relkind = 'r' \
    AND c.relnamespace = CAST(current_schema() AS regnamespace) \
    AND has_table_privilege(c.oid, 'SELECT') ORDER BY 2 DESC, 1";

/// The same, in one row, as far as the user may clear them up, and whether that is all of them.
const OWN: &str = "SELECT string_agg(quote_ident(c.relname), ', ') \
        FILTER (WHERE pg_has_role(c.relowner, 'USAGE')), \
    coalesce(bool_and(pg_has_role(c.relowner, 'USAGE')), false), \
    CAST(coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bigint) \
    FROM pg_class AS c WHERE c.relkind = 'r' \
    AND c.relnamespace = CAST(current_schema() AS regnamespace) \
    AND has_table_privilege(c.oid, 'SELECT')";

impl Postgres {
    /// See [`crate::store::Store::sizes`].
    pub async fn sizes(&self) -> Result<Sizes, StoreError> {
        let mut tables = Vec::new();
        for of in &Question::new(TABLES).all(&self.db).await? {
            let (table, bytes): (String, u64) = (of.get(0)?, of.get(1)?);
            let count = Question::new(format!("SELECT count(*) FROM {table}"));
            let rows = count.one(&self.db).await?.get(0)?;
            tables.push(TableSize { table, rows, bytes });
        }
        Ok(Sizes { tables, file: None })
    }

    /// See [`crate::store::Store::shrink`]. Autovacuum does it.
    pub async fn shrink(&self, _: u32) -> Result<Shed, StoreError> {
        Ok(Shed::default())
    }

    /// See [`crate::store::Store::vacuum_postgres`].
    pub async fn vacuum(url: &str) -> Result<[u64; 2], StoreError> {
        let link = Link::parse(url)?;
        migrate::find(&link).await?;
        let mut connection = PgConnection::connect_with(&link.options).await?;
        let cleared = vacuum(&mut connection).await;
        let _ = connection.close().await;
        cleared
    }
}

async fn vacuum(connection: &mut PgConnection) -> Result<[u64; 2], StoreError> {
    let row = sqlx::raw_sql(OWN).fetch_one(&mut *connection).await?;
    let (tables, is_all): (Option<String>, bool) = (row.get(0)?, row.get(1)?);
    let Some(tables) = tables.filter(|_| is_all) else {
        let why = "only the owner of the tables may clear them up".to_owned();
        return Err(StoreError::Refused(why));
    };
    let vacuum = format!("VACUUM (ANALYZE) {tables}");
    sqlx::raw_sql(AssertSqlSafe(vacuum)).execute(&mut *connection).await?;
    let after = sqlx::raw_sql(OWN).fetch_one(&mut *connection).await?;
    Ok([row.get(2)?, after.get(2)?])
}
