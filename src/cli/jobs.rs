//! `bellhop jobs`: how far replays are, over the daemon's HTTP.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::daemon::{DaemonArgs, at, rows, shown, text};
use super::paint::Paint;
use super::table::Table;

/// What is to be done; without anything, they are listed.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct JobsArgs {
    #[command(subcommand)]
    command: Option<JobsCommand>,
    #[command(flatten)]
    daemon: DaemonArgs,
}

#[derive(Debug, Subcommand)]
enum JobsCommand {
    /// List jobs, the latest first.
    List(DaemonArgs),
    /// Show one.
    Show(JobArgs),
    /// Let one pause.
    Pause(JobArgs),
    /// Let one go on.
    Resume(JobArgs),
    /// End one; what it has sent stays sent.
    Cancel(JobArgs),
}

#[derive(Debug, Args)]
struct JobArgs {
    /// Its id.
    job: Uuid,
    /// Why: kept in the audit.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Asks the daemon, and prints what it says.
pub fn jobs(args: &JobsArgs) -> anyhow::Result<()> {
    let (of, step) = match &args.command {
        None => return list(&args.daemon),
        Some(JobsCommand::List(daemon)) => return list(daemon),
        Some(JobsCommand::Show(of)) => (of, None),
        Some(JobsCommand::Pause(of)) => (of, Some("pause")),
        Some(JobsCommand::Resume(of)) => (of, Some("resume")),
        Some(JobsCommand::Cancel(of)) => (of, Some("cancel")),
    };
    let path = format!("/v1/jobs/{}", of.job);
    let job = match step {
        None => of.daemon.ask(&Method::GET, &path, None)?,
        Some(step) => {
            let body = json!({ "reason": of.why });
            of.daemon.ask(&Method::POST, &format!("{path}/{step}"), Some(&body))?
        }
    };
    shown(&job, of.daemon.format, story)
}

fn list(daemon: &DaemonArgs) -> anyhow::Result<()> {
    shown(&daemon.ask(&Method::GET, "/v1/jobs", None)?, daemon.format, table)
}

fn table(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return "there are no jobs\n".to_owned();
    }
    let names = ["id", "state", "matched", "sent", "skipped", "failed"];
    let mut table = Table::new(&[
        "JOB",
        "STATE",
        "MATCHED",
        "SENT",
        "SKIPPED",
        "FAILED",
        "SINCE (UTC)",
        "WHO",
        "WHY",
    ]);
    for item in items {
        let mut cells = names.map(|name| text(item, name)).to_vec();
        cells.extend([at(item), text(item, "who"), text(item, "reason")]);
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout())
}

/// How far one is.
pub fn story(job: &Value) -> String {
    let of = |name: &str| text(job, name);
    format!(
        "job {} is {}: of {} messages {} sent, {} skipped, {} failed\n",
        of("id"),
        of("state"),
        of("matched"),
        of("sent"),
        of("skipped"),
        of("failed")
    )
}
