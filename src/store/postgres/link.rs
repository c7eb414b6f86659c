//! Where the database is, and how it is reached.

use std::str::FromStr as _;

use sqlx::ConnectOptions as _;
use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::store::error::StoreError;
use crate::telemetry::io_words;

/// Prepared statements kept per connection.
const STATEMENTS_MAX: usize = 128;
/// How the server names the sessions (`pg_stat_activity`).
const APPLICATION: &str = "bellhop";
/// What may stand behind the `?` of a URL, beside [`POOLER`]: as libpq knows it
/// (<https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-PARAMKEYWORDS>).
const KNOWN: [&str; 6] =
    ["sslmode", "sslrootcert", "sslcert", "sslkey", "host", "application_name"];
/// Of these the ones that name a file.
const FILES: [&str; 3] = ["sslrootcert", "sslcert", "sslkey"];
/// Whether a pooler is in between that gives each transaction another session.
const POOLER: &str = "pgbouncer";

/// A URL, understood. Not to be printed: the options show the password.
#[derive(Clone)]
pub struct Link {
    pub options: PgConnectOptions,
    /// Whether statements may be prepared for more than a transaction.
    pub is_prepared: bool,
    /// Without user and password.
    pub name: String,
}

impl Link {
    /// Reads it.
    ///
    /// # Errors
    /// [`StoreError::Misplaced`], with what is wrong.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        read(text).map_err(StoreError::Misplaced)
    }
}

/// What is wrong with the URL of a database.
///
/// # Errors
/// Says so, without the URL.
pub fn check_url(text: &str) -> Result<(), String> {
    read(text).map(|_| ())
}

fn read(text: &str) -> Result<Link, String> {
    let mut url = Url::parse(text).map_err(|error| error.to_string())?;
    let asked: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut is_prepared = true;
    url.set_query(None);
    for (key, value) in asked {
        match (key.as_str(), value.as_str()) {
            (POOLER, "true") => is_prepared = false,
            (POOLER, "false") => {}
            (POOLER, _) => return Err(format!("{POOLER} must be true or false")),
            (known, _) if KNOWN.contains(&known) => {
                if FILES.contains(&known) {
                    let unreadable = |error| format!("{known} {value}: {}", io_words(&error));
                    std::fs::File::open(&value).map_err(unreadable)?;
                }
                url.query_pairs_mut().append_pair(&key, &value);
            }
            _ => return Err(format!("has the parameter {key}, which is not known here")),
        }
    }
    let options = PgConnectOptions::from_str(url.as_str()).map_err(|error| match error {
        sqlx::Error::Configuration(why) => why.to_string(),
        other => other.to_string(),
    })?;
    let name = format!("{}/{}", options.get_host(), options.get_database().unwrap_or_default());
    let mut options = options
        // What PgBouncer refuses in a session's beginning, and nobody here needs.
        .extra_float_digits(None)
        .statement_cache_capacity(if is_prepared { STATEMENTS_MAX } else { 0 })
        .disable_statement_logging();
    if options.get_application_name().is_none() {
        options = options.application_name(APPLICATION);
    }
    Ok(Link { options, is_prepared, name: format!("postgres://{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_understood_or_refused() {
        let link = Link::parse("postgres://u:hunter2@db:6432/bellhop?pgbouncer=true").unwrap();
        assert!(!link.is_prepared);
        assert_eq!(link.name, "postgres://db/bellhop");
        let here = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let strict = format!("postgresql://u@db/b?sslmode=verify-full&sslrootcert={here}");
        assert!(Link::parse(&strict).unwrap().is_prepared);
        for (bad, why) in [
            ("postgres://db/b?pgbouncer=yes", "pgbouncer"),
            ("postgres://db/b?sslmode=sometimes", "sometimes"),
            ("postgres://db/b?connection_limit=5", "connection_limit"),
            ("postgres://db/b?sslrootcert=/nowhere.pem", "sslrootcert /nowhere.pem: not found"),
            ("no url", "relative"),
        ] {
            let said = check_url(bad).unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
    }
}
