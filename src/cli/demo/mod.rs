//! `bellhop demo`: a small day at three businesses, with a daemon of its own.
//!
//! ```text
//!  Folder   a new folder with a configuration, the store and the outbox
//!  Gateway  takes the text messages, and reports that they arrived
//!  day      what happens: commands, each a step, in chapters; the gym's are in class
//!  Play     sends them over HTTP to a daemon in this process, chapter by chapter
//!  Outcome  reads from the store who was told what, and why the others were not
//!  show     tables, and what to try next
//! ```
//!
//! Nothing is staged: the daemon is the one that `bellhop run` starts, and what is shown is what
//! it stored. The folder stays, and works with every other subcommand.

mod class;
mod day;
mod folder;
mod gateway;
mod outcome;
mod play;
mod show;
mod step;
mod subject;

use std::fs::File;
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::Context as _;
use clap::Args;
use tracing::level_filters::LevelFilter;

use self::folder::Folder;
use self::gateway::Gateway;
use self::outcome::Outcome;
use self::play::Play;
use super::args::Format;
use super::paint::Paint;
use super::print::print;
use super::run;
use crate::app::App;
use crate::clock;
use crate::domain::decide;
use crate::telemetry::metrics::Metrics;

/// Where, and how it is shown.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// A new or empty folder for the configuration, the store and the mails; by default one under
    /// the system's folder for temporary files.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Plays the day and prints what came of it.
pub fn demo(args: &DemoArgs) -> anyhow::Result<()> {
    let folder = Folder::make(args.folder.as_deref(), clock::now())?;
    log_to(folder.log()?);
    let format = args.format;
    run::in_system(async move {
        let gateway = Gateway::open(folder.outbox()).await?;
        let config = folder.config(&gateway.table())?;
        let app = App::start(config, Metrics::install()?, decide).await?;
        let mut play = Play::new(&app, gateway.reports_to(app.address)?)?;
        let day = day::day(clock::now())?;
        folder.leave_evening(&play.lines(&day.evening))?;
        for chapter in day.chapters {
            play.chapter(chapter).await.with_context(|| folder.where_to_look())?;
        }
        play.reminders().await.with_context(|| folder.where_to_look())?;
        let outcome = Outcome::read(&app.store, &folder, play.finish()).await?;
        app.stop().await;
        folder.tidy();
        match format {
            Format::Table => print(&show::tables(&outcome, &folder, Paint::for_stdout())),
            Format::Json => print(&format!("{:#}\n", show::json(&outcome, &folder))),
        }
    })
}

/// The daemon's own log would be in the way here; its warnings are kept.
fn log_to(file: File) {
    let lines = tracing_subscriber::fmt().with_max_level(LevelFilter::WARN).with_ansi(false);
    // Fails only if there is a log already.
    let _ = lines.with_writer(Mutex::new(file)).try_init();
}
