//! `bellhop store`: how large the store is, how it becomes smaller, and how it moves. All of it
//! without a daemon.

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::json;
use tokio::runtime::Runtime;

use super::args::{ConfigArgs, Format, STORE_ONLY};
use super::copy::{CopyArgs, copy};
use super::paint::{Ink, Paint};
use super::print::print;
use super::table::{Cell, Table};
use super::times::moment;
use crate::actors::cut;
use crate::app::look_into_store;
use crate::clock;
use crate::config::{Config, StoreUrl};
use crate::store::{Ageing, FileSize, Sizes, Store, StoreError, What};

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// See how large it is, how old its rows are, and which go next. All of it is read; a daemon
    /// may be using it.
    Stats(StatsArgs),
    /// Write a SQLite file anew, without what is free: no daemon may be using it. Needs as much
    /// room again beside it. Of PostgreSQL the tables are vacuumed, which a daemon may be using.
    Compact(ConfigArgs),
    /// Carry a SQLite store over to an empty PostgreSQL database: from one node to a cluster.
    Copy(CopyArgs),
}

/// How it is printed.
#[derive(Debug, Args)]
pub struct StatsArgs {
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    #[command(flatten)]
    config: ConfigArgs,
}

/// Does what is asked.
pub fn store(command: &StoreCommand) -> anyhow::Result<()> {
    match command {
        StoreCommand::Copy(args) => copy(args),
        StoreCommand::Stats(args) => {
            let config = args.config.load_for(STORE_ONLY)?;
            let stats = runtime()?.block_on(Stats::read(&config))?;
            match args.format {
                Format::Table => print(&stats.story(Paint::for_stdout())),
                Format::Json => print(&format!("{:#}\n", json!(stats))),
            }
        }
        StoreCommand::Compact(args) => {
            let config = args.load_for(STORE_ONLY)?;
            let url = &config.store.url;
            let compacted = runtime()?.block_on(compact(url));
            let sizes = compacted.with_context(|| format!("cannot compact {url}"))?;
            let [before, after] = sizes.map(size);
            let mut told = format!("{url} was {before} and is {after}\n");
            if let StoreUrl::Postgres(_) = url {
                told.push_str(VACUUMED);
            }
            print(&told)
        }
    }
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// What autovacuum leaves to operators.
const VACUUMED: &str = "what was free in its tables is used again, and statistics are new; \
    autovacuum does the same by itself\n";

/// How many bytes it had before, and has now.
async fn compact(url: &StoreUrl) -> Result<[u64; 2], StoreError> {
    match url {
        StoreUrl::Sqlite(path) => {
            let length = || path.metadata().map_or(0, |about| about.len());
            let before = length();
            Store::compact_sqlite(path).await?;
            Ok([before, length()])
        }
        StoreUrl::Postgres(server) => Store::vacuum_postgres(server.expose()).await,
    }
}

/// What there is to say.
#[derive(Debug, Serialize)]
struct Stats {
    store: String,
    #[serde(flatten)]
    sizes: Sizes,
    kept: Vec<Kept>,
}

/// Something that is kept for a while.
#[derive(Debug, Serialize)]
struct Kept {
    what: &'static str,
    /// How long.
    span: SignedDuration,
    /// Rows that have been kept long enough: they go as soon as nothing rests on them.
    old: u64,
    /// Since when the oldest is only kept.
    oldest: Option<Timestamp>,
    /// When that is to go, or was.
    oldest_goes: Option<Timestamp>,
}

impl Stats {
    async fn read(config: &Config) -> anyhow::Result<Self> {
        let store = look_into_store(config).await?;
        let sizes = store.sizes().await?;
        let (now, mut kept) = (clock::now(), Vec::new());
        for what in What::ALL {
            let span = what.span(&config.retention);
            let Ageing { oldest, old } = store.ageing(what, cut(now, span)).await?;
            let span = SignedDuration::try_from(span).unwrap_or(SignedDuration::MAX);
            let oldest_goes = oldest.and_then(|oldest| oldest.checked_add(span).ok());
            kept.push(Kept { what: what.as_str(), span, old, oldest, oldest_goes });
        }
        store.close().await;
        Ok(Self { store: config.store.url.to_string(), sizes, kept })
    }

    fn story(&self, paint: Paint) -> String {
        let mut text = format!("{}\n\n", paint.ink(Ink::Strong, &self.store));
        let mut tables = Table::new(&["TABLE", "ROWS", "SIZE"]);
        for of in &self.sizes.tables {
            tables.row(
                [of.table.clone(), of.rows.to_string(), size(of.bytes)].map(Cell::from).into(),
            );
        }
        text.push_str(&tables.render(paint));
        text.push('\n');
        let mut kept = Table::new(&["WHAT", "KEPT FOR", "OLD", "OLDEST (UTC)", "WHICH GOES (UTC)"]);
        let at =
            |at: Option<Timestamp>| at.map(|at| moment(at, &TimeZone::UTC)).unwrap_or_default();
        for Kept { what, span, old, oldest, oldest_goes } in &self.kept {
            let cells = [
                (*what).to_owned(),
                span.to_string(),
                old.to_string(),
                at(*oldest),
                at(*oldest_goes),
            ];
            kept.row(cells.map(Cell::from).into());
        }
        text.push_str(&kept.render(paint));
        if let Some(file) = &self.sizes.file {
            text.push_str(&of_file(file, paint));
        }
        text
    }
}

fn of_file(file: &FileSize, paint: Paint) -> String {
    let [bytes, free, log] = [file.bytes, file.free_bytes, file.wal_bytes].map(size);
    let mut text = format!("\nthe file has {bytes}, of which {free} are free; its log has {log}\n");
    if !file.shrinks {
        let advice = "what is free is not given back: an older version made the file. Stop the \
                      daemon, and run `bellhop store compact`";
        text.push_str(&format!("{}\n", paint.ink(Ink::Warning, advice)));
    }
    text
}

/// As people read it: `12.3 MiB`.
fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let power = (bytes.ilog2() / 10).clamp(1, 4);
    let unit = 1_u64 << (10 * power);
    let tenths = u128::from(bytes) * 10 / u128::from(unit);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[power as usize - 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TableSize;

    #[test]
    fn sizes_are_told_as_people_read_them() {
        for (bytes, told) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (12_900_000, "12.3 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }

    #[test]
    fn a_file_that_does_not_shrink_says_what_helps() {
        let (table, rows, bytes) = ("inbox".to_owned(), 3, 4096);
        let mut file = FileSize { bytes: 9 << 20, free_bytes: 1 << 20, ..FileSize::default() };
        let mut told = |shrinks| {
            file.shrinks = shrinks;
            let tables = vec![TableSize { table: table.clone(), rows, bytes }];
            let kept = Kept {
                what: "inbox",
                span: SignedDuration::from_hours(2160),
                old: 2,
                oldest: "2026-01-01T00:00:00Z".parse().ok(),
                oldest_goes: "2026-04-01T00:00:00Z".parse().ok(),
            };
            let sizes = Sizes { tables, file: Some(file) };
            let stats = Stats { store: "sqlite://b.db".to_owned(), sizes, kept: vec![kept] };
            (stats.story(Paint::none()), json!(stats))
        };
        let (story, json) = told(true);
        assert!(!story.contains("compact"), "{story}");
        assert!(story.contains("Wed 1 Apr 2026") && story.contains("9.0 MiB"), "{story}");
        assert_eq!(json["kept"][0]["span"], "PT2160H");
        assert_eq!(
            (&json["tables"][0]["rows"], &json["file"]["shrinks"]),
            (&3.into(), &true.into())
        );
        assert!(told(false).0.contains("bellhop store compact"));
    }
}
