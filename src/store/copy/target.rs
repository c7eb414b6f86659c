//! The store that is filled: a PostgreSQL database in which nothing is yet.
//!
//! While it is half filled a mark stands among its migrations, with which no daemon starts, and its
//! partitions are missing, without which none takes it over. Each page is one transaction, and
//! pages follow each other in the order of their keys: so what is there says by itself how far it
//! is.

use super::cell::{Cell, Row, shown};
use super::error::CopyError;
use super::pages::{count, last_key};
use super::tables::{Kind, Numbered, TABLES, Table};
use crate::store::both::backend::{Backend as _, Writing};
use crate::store::both::fields::Fields as _;
use crate::store::both::question::Question;
use crate::store::error::StoreError;
use crate::store::migrate::HALF_COPIED;
use crate::store::postgres::{Postgres, Server};
use crate::store::record::to_json;

/// Two that begin at once wait for each other, and so does whoever migrates.
const ALONE: &str = "LOCK TABLE _sqlx_migrations IN SHARE ROW EXCLUSIVE MODE";
/// What stands in an empty store, and in its place what the source has.
const OWN: [&str; 3] = ["own_keys", "layouts", "partitions"];
const MARK: &str = "INSERT INTO _sqlx_migrations \
    (version, description, success, checksum, execution_time) \
    VALUES ($1, 'half of a copy', true, convert_to($2, 'UTF8'), 0)";
const UNMARK: &str = "DELETE FROM _sqlx_migrations WHERE version = $1";
const MARKED: &str = "SELECT EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = $1)";
/// Of another machine's start, so that what lies between then and the next start is an outage.
const LIVED: &str = "INSERT INTO signs_of_life (one, wall_ms, boot, boot_ms) VALUES (1, $1, '', 0)";

/// A database, and what was found in it.
pub struct Target {
    store: Postgres,
    /// Of which store's copy half is here.
    half: Option<String>,
}

impl Target {
    /// Connects; an empty database is brought up to date.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let (store, half) = Postgres::for_copy(url, true).await?;
        Ok(Self { store, half })
    }

    /// Connects, and changes nothing.
    ///
    /// # Errors
    /// If it has no tables to look at.
    pub async fn open_to_look(url: &str) -> Result<Self, StoreError> {
        let (store, half) = Postgres::for_copy(url, false).await?;
        Ok(Self { store, half })
    }

    /// Where its tables are read.
    pub fn db(&self) -> &Server {
        &self.store.db
    }

    /// Whether a copy was begun here, and not ended.
    pub fn is_half(&self) -> bool {
        self.half.is_some()
    }

    /// Sees to it that this is half of the store with this mark, and no other's.
    ///
    /// # Errors
    /// [`CopyError::Refused`] where there is anything else.
    pub async fn begin(&self, mark: &str) -> Result<(), CopyError> {
        let name = &self.db().name;
        match &self.half {
            Some(half) if half == mark => return Ok(()),
            Some(_) => {
                return Err(CopyError::Refused(format!(
                    "{name} holds half of a copy of another store, or of this one before a daemon \
                     ran on it again: begin anew in an empty database"
                )));
            }
            None => {}
        }
        let mut writer = self.db().begin().await?;
        let begun = begin(&mut writer, mark).await;
        match writer.end(begun).await? {
            None => Ok(()),
            Some(what) => Err(CopyError::Refused(format!(
                "{name} {what}: a copy goes into an empty database only"
            ))),
        }
    }

    /// The key of the last row of a table that is here, and how many there are.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn reached(
        &self,
        table: &'static Table,
    ) -> Result<(Option<Vec<Cell>>, u64), CopyError> {
        Ok((last_key(self.db(), table).await?, count(self.db(), table).await?))
    }

    /// Writes a page in one transaction.
    ///
    /// # Errors
    /// [`CopyError::Row`] names the row that the database does not take; the page is not written.
    pub async fn write(&self, table: &Table, page: &[Row]) -> Result<(), CopyError> {
        let refused = match self.insert(table, page, true).await {
            Err(StoreError::Refused(why)) => why,
            other => return Ok(other?),
        };
        for row in page {
            if let Err(StoreError::Refused(why)) =
                self.insert(table, std::slice::from_ref(row), false).await
            {
                let key = shown(row.key(table));
                return Err(CopyError::Row { table: table.name, key, why });
            }
        }
        // Each for itself it would take: two of them contradict each other.
        let key = page.first().map(|row| shown(row.key(table))).unwrap_or_default();
        Err(CopyError::Row { table: table.name, key: format!("from {key} on"), why: refused })
    }

    async fn insert(&self, table: &Table, rows: &[Row], keep: bool) -> Result<(), StoreError> {
        let list: Vec<Vec<_>> =
            rows.iter().map(|row| row.0.iter().map(Cell::to_json).collect()).collect();
        let insert = Question::new(insertion(table)).bind(to_json(&list)?);
        let mut writer = self.db().begin().await?;
        match insert.run(&mut writer).await {
            Ok(_) if !keep => {
                writer.roll_back().await;
                Ok(())
            }
            done => writer.end(done).await.map(|_| ()),
        }
    }

    /// The copy is whole: numbers go on behind these, a start finds when a daemon last lived, and
    /// the mark is gone.
    ///
    /// # Errors
    /// It is still marked.
    pub async fn finish(
        &self,
        numbers: &[(&Table, i64)],
        last_alive: Option<i64>,
    ) -> Result<(), StoreError> {
        let mut writer = self.db().begin().await?;
        let finished = async {
            for (table, last) in numbers {
                Question::new(counting_on(table)).bind(*last).all_in(&mut writer).await?;
            }
            if let Some(at) = last_alive {
                Question::new(LIVED).bind(at).run(&mut writer).await?;
            }
            Question::new(UNMARK).bind(HALF_COPIED).run(&mut writer).await
        };
        let finished = finished.await;
        writer.end(finished).await.map(|_| ())
    }

    /// Closes every connection.
    pub async fn close(self) {
        self.store.close().await;
    }
}

/// Marks an empty store, and takes its own out; or says what it holds.
async fn begin(writer: &mut impl Writing, mark: &str) -> Result<Option<String>, StoreError> {
    Question::new(ALONE).run(writer).await?;
    if Question::new(MARKED).bind(HALF_COPIED).one_in(writer).await?.get(0)? {
        return Ok(Some("is being filled by another".to_owned()));
    }
    Question::new("LOCK TABLE partitions IN EXCLUSIVE MODE").run(writer).await?;
    let started = "SELECT EXISTS (SELECT 1 FROM partitions \
        WHERE part <> 0 OR owner <> '' OR epoch <> 0 OR last_seq <> 0)";
    if Question::new(started).one_in(writer).await?.get(0)? {
        return Ok(Some("holds a store that a daemon has had, and may still have".to_owned()));
    }
    for table in TABLES.iter().filter(|table| !OWN.contains(&table.name)) {
        let holds = format!("SELECT EXISTS (SELECT 1 FROM {})", table.name);
        if Question::new(holds).one_in(writer).await?.get(0)? {
            return Ok(Some(format!("holds something already (in {})", table.name)));
        }
    }
    for table in OWN {
        Question::new(format!("DELETE FROM {table}")).run(writer).await?;
    }
    Question::new(MARK).bind(HALF_COPIED).bind(mark).run(writer).await?;
    Ok(None)
}

/// Writes the list `$1` of rows.
fn insertion(table: &Table) -> String {
    let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let values = table.columns.iter().enumerate().map(|(place, column)| match column.kind {
        Kind::Text | Kind::JsonText => format!("v->>{place}"),
        Kind::Id => format!("CAST(v->>{place} AS uuid)"),
        Kind::Int => format!("CAST(v->>{place} AS bigint)"),
        Kind::Real => format!("CAST(v->>{place} AS double precision)"),
        Kind::Flag => format!("CAST(v->>{place} AS boolean)"),
        Kind::Bytes => format!("decode(v->>{place}, 'hex')"),
        Kind::Json => format!("CAST(v->>{place} AS jsonb)"),
    });
    let values = values.collect::<Vec<_>>().join(", ");
    let own_numbers = match table.numbered {
        Numbered::Identity => "OVERRIDING SYSTEM VALUE ",
        Numbered::No | Numbered::Sequence(_) => "",
    };
    format!(
        "INSERT INTO {} ({}) {own_numbers}SELECT {values} \
         FROM jsonb_array_elements(CAST($1 AS jsonb)) AS v",
        table.name,
        names.join(", "),
    )
}

/// Has the table's numbers go on behind `$1`, which is 0 where there was none.
fn counting_on(table: &Table) -> String {
    let key = table.columns.first().map_or("", |column| column.name);
    let sequence = match table.numbered {
        Numbered::Sequence(name) => format!("'{name}'"),
        _ => format!("pg_get_serial_sequence('{}', '{key}')", table.name),
    };
    format!("SELECT setval(CAST({sequence} AS regclass), greatest($1, 1), $1 > 0)")
}
