//! `bellhop top`: how everything stands, in a terminal, for as long as somebody looks.
//!
//! ```text
//!  daemon ── GET /v1/now ──▶ picture (lines of text) ──▶ screen (a terminal, put back at the end)
//! ```
//!
//! Where nobody sees it, it is one picture as text, or one answer as JSON.

mod picture;
mod screen;

use std::io::IsTerminal as _;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use reqwest::Method;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::Receiver;
use tokio::time::MissedTickBehavior;

use self::picture::{hanging, picture};
use self::screen::{Screen, keys};
use super::args::Format;
use super::daemon::{Daemon, DaemonArgs, shown};
use super::paint::Paint;

/// Where it is asked for.
const PATH: &str = "/v1/now";
/// The last line of the screen.
const FOOT: &str = "q ends this";

/// How often, and of which daemon.
#[derive(Debug, Args)]
pub struct TopArgs {
    /// Seconds between two looks.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    every: u64,
    /// Look once and end, on a terminal too.
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Looks until `q` is pressed; once where that is asked for, or nobody could press it.
pub fn top(args: &TopArgs) -> anyhow::Result<()> {
    let is_seen = std::io::stdout().is_terminal() && std::io::stdin().is_terminal();
    if args.once || !is_seen || args.daemon.format == Format::Json {
        let now = args.daemon.ask(&Method::GET, PATH, None)?;
        return shown(&now, args.daemon.format, |now| picture(now, Paint::for_stdout()));
    }
    let daemon = Daemon::of(&args.daemon.config)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(looks(&daemon, Duration::from_secs(args.every)))
}

async fn looks(daemon: &Daemon, every: Duration) -> anyhow::Result<()> {
    // Before the terminal is changed, so that whatever ends us puts it back.
    let listen = |kind| signal(kind).context("cannot listen for signals");
    let mut ends = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()]
        .map(listen)
        .into_iter()
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut resized = listen(SignalKind::window_change())?;
    let mut pressed = keys();
    let mut screen = Screen::open().context("cannot use this terminal")?;
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // A daemon that takes long keeps nobody from leaving.
    let (mut looking, mut is_looking) = (Box::pin(look(daemon)), true);
    let mut seen = None;
    screen.draw("The daemon is being asked.\n", FOOT)?;
    loop {
        let ended = futures_util::future::select_all(ends.iter_mut().map(|of| Box::pin(of.recv())));
        tokio::select! {
            biased;
            _ = ended => return Ok(()),
            is_over = is_over(&mut pressed) => if is_over { return Ok(()) },
            _ = resized.recv() => {}
            found = &mut looking, if is_looking => (seen, is_looking) = (Some(found), false),
            _ = ticks.tick(), if !is_looking => {
                (looking, is_looking) = (Box::pin(look(daemon)), true);
                continue;
            }
        }
        if let Some(seen) = &seen {
            screen.draw(&shape(seen), FOOT)?;
        }
    }
}

async fn look(daemon: &Daemon) -> anyhow::Result<Value> {
    daemon.ask(&Method::GET, PATH, None).await
}

/// What was seen, as wide as the terminal is now.
fn shape(seen: &anyhow::Result<Value>) -> String {
    let paint = Paint::for_stdout();
    match seen {
        Ok(now) => picture(now, paint),
        Err(error) => format!("{}\nIt is asked again.\n", hanging(&format!("{error:#}"), paint)),
    }
}

/// Whether a key was pressed that ends it; never where there is no keyboard any more.
async fn is_over(pressed: &mut Receiver<u8>) -> bool {
    const CTRL_D: u8 = 4;
    match pressed.recv().await {
        Some(key) => [b'q', b'Q', CTRL_D].contains(&key),
        None => std::future::pending().await,
    }
}
