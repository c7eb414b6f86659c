//! `bellhop store copy`: from a SQLite file to a PostgreSQL database, by hand, between two runs of
//! the daemon.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::paint::{Ink, Paint};
use super::print::print;
use super::table::{Cell, Table, printable};
use crate::clock;
use crate::config::StoreUrl;
use crate::store::copy::{self, Compared, CopyError, Progress};

/// How often the bar is redrawn while nothing is counted.
const REDRAW_EVERY: Duration = Duration::from_millis(200);
/// Before the name of a file that holds a URL.
const IN_FILE: char = '@';

/// What is copied where.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The store as it is: sqlite:///var/lib/bellhop/bellhop.db. Its daemon must be stopped.
    source: String,
    /// An empty database: postgres://…, or @FILE for a file that holds its URL, so that nobody
    /// sees its password in the list of processes. Its user must own the tables, or be able to
    /// make them.
    target: String,
    /// Compare the two, row by row, and write nothing.
    #[arg(long)]
    check_only: bool,
}

/// Copies and compares, or only compares.
pub fn copy(args: &CopyArgs) -> anyhow::Result<()> {
    let source = match url("SOURCE", &args.source)? {
        StoreUrl::Sqlite(path) => path,
        StoreUrl::Postgres(_) => bail!("a copy is made of a SQLite store only: sqlite://…"),
    };
    let target = match url("TARGET", &args.target)? {
        StoreUrl::Postgres(url) => url,
        StoreUrl::Sqlite(_) => bail!("a copy goes into a PostgreSQL database only: postgres://…"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut shown = Shown::new();
    if args.check_only {
        let compared = copy::check(&source, target.expose(), |progress| shown.tell(progress));
        let compared = runtime.block_on(compared);
        shown.bar.finish_and_clear();
        return judge(&compared?);
    }
    let started = clock::instant();
    let copied = copy::copy(&source, target.expose(), |progress| shown.tell(progress));
    let copied = runtime.block_on(copied);
    shown.bar.finish_and_clear();
    let copied = copied.map_err(|error| with_advice(error, shown.has_begun))?;
    shown.end_line()?;
    print(&summary(&copied, clock::since(started), &source, &target.to_string()))
}

/// The URL, or the one that stands in the file.
fn url(name: &str, text: &str) -> anyhow::Result<StoreUrl> {
    let text = match text.strip_prefix(IN_FILE) {
        Some(file) => {
            std::fs::read_to_string(file).with_context(|| format!("cannot read {file}"))?
        }
        None => text.to_owned(),
    };
    StoreUrl::parse(text.trim()).map_err(|why| anyhow::anyhow!("{name} {why}"))
}

/// What a failure leaves behind.
fn with_advice(error: CopyError, has_begun: bool) -> anyhow::Error {
    let text = printable(&error.to_string());
    match error {
        CopyError::Differs(_) => anyhow::anyhow!(
            "{text}: somebody wrote into the target. No daemon starts on it; begin anew in an empty \
             database"
        ),
        CopyError::Row { .. } => anyhow::anyhow!(
            "{text}. No daemon starts on the target; once the row is put right the same command \
             goes on where it stopped"
        ),
        CopyError::Store(_) if has_begun => anyhow::anyhow!(
            "{text}. No daemon starts on the target; the same command goes on where it stopped"
        ),
        CopyError::Store(_) | CopyError::Refused(_) => anyhow::anyhow!(text),
    }
}

fn summary(copied: &[(&str, u64)], took: Duration, source: &Path, target: &str) -> String {
    let rows: u64 = copied.iter().map(|(_, rows)| rows).sum();
    let (tables, seconds) = (copied.len(), took.as_secs_f64());
    let source = source.display();
    format!(
        "\n{rows} rows of {tables} tables in {seconds:.1} s, each read back and the same in both.\n\
         \n\
         Next: [store] url = \"{target}\" (with its password), and start the daemon.\n\
         Keep {source} as a backup, and start no daemon on it again: it would\n\
         send once more what waits.\n"
    )
}

/// Prints how the tables compare.
///
/// # Errors
/// If one of them differs.
fn judge(compared: &[Compared]) -> anyhow::Result<()> {
    let mut table = Table::new(&["TABLE", "ROWS", ""]);
    for of in compared {
        let (rows, verdict) = match &of.rows {
            Ok(rows) => (rows.to_string(), Cell::new(Ink::Good, "the same")),
            Err(difference) => ("?".to_owned(), Cell::new(Ink::Bad, difference.to_string())),
        };
        table.row(vec![of.table.into(), rows.into(), verdict]);
    }
    print(&table.render(Paint::for_stdout()))?;
    match compared.iter().filter(|of| of.rows.is_err()).count() {
        0 => print("the target holds the same as the source\n"),
        some => bail!("{some} of {} tables differ", compared.len()),
    }
}

/// What is seen while it goes on: a line for each table, and a bar on a terminal.
struct Shown {
    bar: ProgressBar,
    /// The table whose turn it is, and its rows.
    table: Option<(&'static str, u64)>,
    /// Something may have been written.
    has_begun: bool,
}

impl Shown {
    fn new() -> Self {
        // Drawn on standard error, and only where that is a terminal.
        let bar = ProgressBar::new(0);
        if let Ok(style) = ProgressStyle::with_template("{msg:15} {bar:40} {pos} of {len}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(REDRAW_EVERY);
        Self { bar, table: None, has_begun: false }
    }

    fn tell(&mut self, progress: Progress) {
        match progress {
            Progress::Resumed => {
                let told = || print("goes on where an earlier copy stopped\n");
                // Who reads no more still wants the copy.
                let _ = self.bar.suspend(told);
            }
            Progress::Table { name, rows } => {
                let _ = self.end_line();
                (self.table, self.has_begun) = (Some((name, rows)), true);
                self.bar.set_message(name);
                self.bar.set_length(rows);
                self.bar.set_position(0);
            }
            Progress::Written(rows) => self.bar.set_position(rows),
        }
    }

    /// The table before is done with.
    fn end_line(&mut self) -> anyhow::Result<()> {
        let Some((name, rows)) = self.table.take() else { return Ok(()) };
        self.bar.suspend(|| print(&format!("  {name:<14} {rows:>12} rows\n")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        std::fs::write(&file, "postgres://anna:hunter2@db/bellhop\n").unwrap();
        let StoreUrl::Postgres(target) = url("TARGET", &format!("@{}", file.display())).unwrap()
        else {
            panic!("no server");
        };
        assert_eq!(target.expose(), "postgres://anna:hunter2@db/bellhop");
        let told =
            summary(&[("a", 2), ("b", 3)], Duration::from_secs(1), &file, &target.to_string());
        assert!(told.contains("5 rows of 2 tables") && !told.contains("hunter2"), "{told}");
        let wrong = url("TARGET", "postgres://anna:hunter2@").unwrap_err().to_string();
        assert!(wrong.starts_with("TARGET has") && !wrong.contains("hunter2"), "{wrong}");
    }
}
