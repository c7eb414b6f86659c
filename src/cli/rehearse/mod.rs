//! `bellhop rehearse`: a file of commands, played in virtual time.
//!
//! ```text
//!  plays   reads the commands, and decides each tenant's and every timer in between
//!  show    tables for people; for programs each row is a line of JSON
//! ```
//!
//! It answers "who would get what, and when" before anybody does. Nothing is staged but the
//! world: the decisions and the texts are the daemon's own, while every provider takes what it
//! gets at once, and the only clock is the commands' `time`. All commands of one instant are
//! applied before its messages leave. Downtime cannot be rehearsed: here there is none.

mod show;

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;

use super::args::{ConfigArgs, Format};
use super::paint::Paint;
use super::pen::pen;
use super::print::print;
use crate::config::Secrets;
use crate::letters::Stationery;
use crate::plays::{House, Part, RUN_ON, Row, Script, parts};

/// What is played, and how far.
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// CloudEvents, one a line or one JSON array; `-` for standard input. Blank lines and lines
    /// that begin with `#` are left alone. Commands are played in the order of their `time`.
    #[arg(value_name = "FILE.jsonl")]
    file: PathBuf,
    /// How far the clock runs, such as 2026-12-31T23:59:59+01:00; later commands are left out. By
    /// default it runs on after the last command until nothing is left due, at most 400 days.
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    until: Option<Timestamp>,
    /// Also what was not sent, and why.
    #[arg(long)]
    all: bool,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Which plans and providers there are, and where links lead, is the configuration's to say.
    #[command(flatten)]
    config: ConfigArgs,
}

fn instant(text: &str) -> Result<Timestamp, String> {
    let example = "2026-12-31T23:59:59+01:00";
    text.parse().map_err(|_| format!("an instant has a date, a time and an offset: {example}"))
}

/// Plays the file and prints what came of it.
pub fn rehearse(args: &RehearseArgs) -> anyhow::Result<()> {
    let config = args.config.load_for(Secrets::Only(&[]))?;
    let mut script = Script::open(&args.file)?;
    if script.moved > 0 {
        eprintln!("bellhop: {} stood behind a later one: `time` decides", commands(script.moved));
    }
    let until = until(&mut script, args.until);
    let pen = pen(&config)?;
    let (plans, from, links) = (&config.plans, &config.email.from, pen.links.as_ref());
    let stationery = Stationery { catalogue: &pen.catalogue, plans, from, links };
    let house = House { stationery, texts: &pen, provided: config.channels() };
    let parts = parts(house, &script, until);
    match args.format {
        Format::Table => print(&show::tables(&parts, args.all, Paint::for_stdout()))?,
        Format::Json => print(&json(parts, args.all)?)?,
    }
    say_if_garbled(&script)
}

/// What is not even JSON was refused like any other line, and the rest played; but nobody means to
/// publish such a file.
fn say_if_garbled(script: &Script) -> anyhow::Result<()> {
    let Some(first) = script.garbled.first() else { return Ok(()) };
    match script.garbled.len() {
        1 => bail!("line {first} is not JSON; the rest was played"),
        count => {
            bail!("{count} lines are not JSON, the first is line {first}; the rest was played")
        }
    }
}

/// When the clock stops. What comes after is left out.
fn until(script: &mut Script, wanted: Option<Timestamp>) -> Timestamp {
    let last = script.cues.last().map_or(Timestamp::UNIX_EPOCH, |cue| cue.at);
    let Some(wanted) = wanted else {
        return last.checked_add(RUN_ON).unwrap_or(Timestamp::MAX);
    };
    let played = script.cues.partition_point(|cue| cue.at <= wanted);
    let left_out = script.cues.len() - played;
    if left_out > 0 {
        eprintln!("bellhop: left out after --until: {}", commands(left_out));
        script.cues.truncate(played);
    }
    wanted
}

fn commands(count: usize) -> String {
    format!("{count} command{}", if count == 1 { "" } else { "s" })
}

fn json(parts: Vec<Part>, all: bool) -> anyhow::Result<String> {
    let mut rows: Vec<Row> = parts.into_iter().flat_map(|part| part.rows).collect();
    rows.retain(|row| all || row.is_loud());
    rows.sort_by(Row::order);
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.json()?);
        text.push('\n');
    }
    Ok(text)
}
