//! `[store]`: where everything durable lives.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::error::ConfigError;
use super::section::Section;
use super::url::SecretUrl;

const SQLITE: &str = "sqlite://";

/// How to reach the store.
#[derive(Debug, Clone)]
pub enum StoreUrl {
    /// A SQLite file; a relative path starts from the working directory.
    Sqlite(PathBuf),
    /// A PostgreSQL server (`postgres://user:password@host/database`).
    Postgres(SecretUrl),
}

impl StoreUrl {
    /// Takes one that begins with `sqlite://` or `postgres://`.
    ///
    /// # Errors
    /// Completes "<key> …", and repeats nothing.
    pub fn parse(text: &str) -> Result<Self, String> {
        let Some(path) = text.strip_prefix(SQLITE) else {
            return match SecretUrl::parse(text, &["postgres", "postgresql"]) {
                Ok(url) => Ok(Self::Postgres(url)),
                Err(_) if !text.starts_with("postgres") => {
                    Err("must begin with sqlite:// or postgres://".to_owned())
                }
                Err(why) => Err(why),
            };
        };
        if path.is_empty() || path.ends_with('/') {
            return Err("names no file: write sqlite://var/bellhop.db".to_owned());
        }
        if path.contains('?') || path.starts_with(':') {
            return Err("must be the path of a file and nothing else".to_owned());
        }
        Ok(Self::Sqlite(path.into()))
    }
}

/// The URL without its secrets.
impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreUrl::Sqlite(path) => write!(f, "{SQLITE}{}", path.display()),
            StoreUrl::Postgres(url) => write!(f, "{url}"),
        }
    }
}

impl Serialize for StoreUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `[store]`.
#[derive(Debug, Clone, Serialize)]
pub struct Store {
    /// How to reach it.
    pub url: StoreUrl,
    /// The most units in one transaction.
    pub commit_batch: usize,
    /// Connections that only read.
    pub readers: u32,
    /// Where each slot notes what it is sending, beside a PostgreSQL database.
    pub slots: PathBuf,
}

impl Store {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let url = section.secret("url", "postgres://not-read.invalid", |text| {
            let url = StoreUrl::parse(text)?;
            match &url {
                StoreUrl::Sqlite(path) => check_place(path).map(|()| url),
                StoreUrl::Postgres(_) => Ok(url),
            }
        })?;
        Ok(Self {
            url,
            commit_batch: section.count("commit_batch", 1..=10_000)?,
            readers: section.count("readers", 1..=64)?,
            slots: section.text("slots", slots_file)?,
        })
    }
}

fn slots_file(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.ends_with('/') {
        return Err("names no file: write var/bellhop-slots".to_owned());
    }
    check_place(Path::new(text)).map(|()| text.into())
}

/// Whether there can be a file at this path. What cannot be looked at is left to the start.
fn check_place(path: &Path) -> Result<(), String> {
    if path.is_dir() {
        return Err(format!("names a folder: write sqlite://{}/bellhop.db", path.display()));
    }
    let there = path.ancestors().skip(1).find(|above| above.exists());
    match there.filter(|above| !above.is_dir()) {
        Some(above) => Err(format!("lies below {}, which is no folder", above.display())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_wanted_where_there_can_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("bellhop.db");
        let at =
            |path: &Path| check_place(path).map_err(|why| why.split(' ').next().map(str::to_owned));
        for good in [&file, &folder.path().join("a/b/c.db"), Path::new("b.db"), Path::new("/b.db")]
        {
            assert_eq!(at(good), Ok(()), "{}", good.display());
        }
        assert_eq!(at(folder.path()), Err(Some("names".to_owned())));
        std::fs::write(&file, "").unwrap();
        assert_eq!(at(&file), Ok(()));
        assert_eq!(at(&file.join("a/b.db")), Err(Some("lies".to_owned())));
    }

    #[test]
    fn urls_name_a_file_or_a_server() {
        let sqlite = |text| match StoreUrl::parse(text).unwrap() {
            StoreUrl::Sqlite(path) => path,
            StoreUrl::Postgres(_) => panic!("{text}"),
        };
        assert_eq!(sqlite("sqlite://var/b.db"), PathBuf::from("var/b.db"));
        assert_eq!(sqlite("sqlite:///tmp/b.db"), PathBuf::from("/tmp/b.db"));
        let postgres = StoreUrl::parse("postgres://u:hunter2@db/bellhop").unwrap();
        assert_eq!(postgres.to_string(), "postgres://***@db/bellhop");
        for bad in [
            "b.db",
            "mysql://h/d",
            "sqlite://",
            "sqlite://x?mode=ro",
            "sqlite://:memory:",
            "postgres://",
        ] {
            assert!(StoreUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
