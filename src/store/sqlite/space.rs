//! The file, and what of it is free.

use std::ffi::OsString;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _};

use crate::clock;
use crate::store::both::backend::Backend as _;
use crate::store::error::StoreError;
use crate::store::retention::{FileSize, Shed};
use crate::store::sqlite::{SHRINKING, Sqlite, lock, options};
use crate::telemetry::io_words;

/// One part in so many of the file may be free, and so many pages in any case: what is given back
/// is soon asked for again, and both cost.
const FREE_SHARE: i64 = 32;
const FREE_MIN: i64 = 256;
/// `auto_vacuum` of a file that shrinks when it is told to.
const INCREMENTAL: i64 = 2;

impl Sqlite {
    /// See [`crate::store::Store::shrink`].
    pub async fn shrink(&self, pages: u32) -> Result<Shed, StoreError> {
        self.held()?;
        let came = clock::instant();
        let mut writer = self.db.writer().await?;
        let waited = clock::since(came);
        let began = clock::instant();
        let connection = writer.connection()?;
        let [before, all] = [number(connection, FREE).await?, number(connection, ALL).await?];
        let most = before - (all / FREE_SHARE).max(FREE_MIN);
        let most = most.min(i64::from(pages));
        let mut gone = 0;
        if most > 0 && number(connection, AUTO_VACUUM).await? == INCREMENTAL {
            let vacuum = format!("PRAGMA incremental_vacuum({most})");
            sqlx::query(AssertSqlSafe(vacuum)).fetch_all(&mut *connection).await?;
            gone = (before - number(connection, FREE).await?).unsigned_abs();
        }
        writer.finished();
        self.db.wrote(usize::try_from(gone).unwrap_or(usize::MAX));
        Ok(Shed { gone, waited, took: clock::since(began) })
    }

    pub(super) async fn file_size(&self) -> Result<FileSize, StoreError> {
        let mut connection = self.db.readers.acquire().await?;
        let [free, page] =
            [number(&mut connection, FREE).await?, number(&mut connection, PAGE).await?];
        Ok(FileSize {
            bytes: length(&self.db.path)?,
            wal_bytes: length(&beside(&self.db.path, "-wal"))?,
            free_bytes: (free * page).unsigned_abs(),
            shrinks: number(&mut connection, AUTO_VACUUM).await? == INCREMENTAL,
        })
    }

    /// See [`crate::store::Store::compact_sqlite`]. The new file takes the place of the old one
    /// only when it is whole and on the disk.
    pub async fn compact(path: &Path) -> Result<(), StoreError> {
        if !path.exists() {
            return Err(StoreError::Misplaced(format!("{} does not exist", path.display())));
        }
        let _lock = lock::take(path)?;
        let anew = beside(path, "-compact");
        remove(&anew)?;
        // Beside the old one, and in no folder that others read.
        let mut connection = options(path).auto_vacuum(SHRINKING).connect().await?;
        let into = sqlx::query("VACUUM INTO $1").bind(anew.to_string_lossy().into_owned());
        let written = into.execute(&mut connection).await;
        // What is in the log goes into the old file, and the log goes.
        connection.close().await?;
        if let Err(error) = written {
            remove(&anew)?;
            return Err(error.into());
        }
        let put = like(path, &anew).and_then(|()| File::open(&anew)?.sync_all());
        let put = put.and_then(|()| std::fs::rename(&anew, path));
        let put = put.and_then(|()| match path.parent().filter(|of| !of.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        });
        put.map_err(|error| unavailable(path, &error))
    }
}

const FREE: &str = "PRAGMA freelist_count";
const ALL: &str = "PRAGMA page_count";
const PAGE: &str = "PRAGMA page_size";
const AUTO_VACUUM: &str = "PRAGMA auto_vacuum";

async fn number(
    connection: &mut SqliteConnection,
    pragma: &'static str,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(pragma).fetch_one(connection).await?)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Gives the new file to whoever has the old one, who may not be who compacts it.
fn like(old: &Path, new: &Path) -> std::io::Result<()> {
    let about = old.metadata()?;
    std::fs::set_permissions(new, about.permissions())?;
    chown(new, Some(about.uid()), Some(about.gid()))
}

/// Nothing where there is no such file.
fn length(path: &Path) -> Result<u64, StoreError> {
    match std::fs::metadata(path) {
        Ok(about) => Ok(about.len()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(unavailable(path, &error)),
    }
}

fn remove(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(unavailable(path, &error)),
        _ => Ok(()),
    }
}

fn unavailable(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::Unavailable(format!("{}: {}", path.display(), io_words(error)))
}
