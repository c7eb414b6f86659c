//! `bellhop health`: whether a daemon can do its work, asked without a token.

use std::time::Duration;

use clap::Args;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::daemon::{Daemon, DaemonArgs, shown, text};
use super::paint::{Ink, Paint};
use super::print::print;
use super::table::{Cell, Table};

/// A daemon that is well answers at once. Whoever asks again and again does not wait for longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which daemon, and how closely it is asked.
#[derive(Debug, Args)]
pub struct HealthArgs {
    /// Ask only whether the process answers: for what starts it again where it does not. A broker
    /// that is away is no reason for that.
    #[arg(long)]
    alive: bool,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Asks the daemon, and prints each check.
///
/// # Errors
/// If nobody answers within five seconds, or a check does not hold.
pub fn health(args: &HealthArgs) -> anyhow::Result<()> {
    let daemon = Daemon::for_everybody(&args.daemon.config, PATIENCE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    if args.alive {
        return print(&runtime.block_on(daemon.words("/healthz"))?);
    }
    let answered = runtime.block_on(daemon.answer(&Method::GET, "/readyz", None))?;
    let (status, answer) = answered;
    // Whoever is not ready says what does not hold, and is heard.
    if let Some(answer) = answer.as_ref().filter(|answer| answer.get("checks").is_some()) {
        shown(answer, args.daemon.format, table)?;
    }
    let well = status == StatusCode::OK;
    anyhow::ensure!(well, "{}", why_not(status, answer.as_ref()));
    Ok(())
}

fn why_not(status: StatusCode, answer: Option<&Value>) -> String {
    let detail = answer.map(|answer| text(answer, "detail")).filter(|detail| !detail.is_empty());
    detail.unwrap_or_else(|| format!("the daemon answers {status}"))
}

fn table(answer: &Value) -> String {
    let checks = answer.get("checks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mut table = Table::new(&["CHECK", "HOLDS", "WHERE TO LOOK"]);
    for check in checks {
        let holds = check.get("ok").and_then(Value::as_bool).unwrap_or_default();
        let holds = if holds { Cell::new(Ink::Good, "yes") } else { Cell::new(Ink::Bad, "no") };
        table.row(vec![text(check, "name").into(), holds, text(check, "hint").into()]);
    }
    table.render(Paint::for_stdout())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_does_not_hold_is_told_with_where_to_look() {
        let checks = json!([{"name": "store", "ok": true},
            {"name": "broker_events", "ok": false, "hint": "not being published"}]);
        let answer =
            json!({"ready": false, "checks": checks, "detail": "not ready: broker_events"});
        assert_eq!(
            table(&answer),
            "  CHECK          HOLDS  WHERE TO LOOK\n  \
               store          yes\n  \
               broker_events  no     not being published\n"
        );
        let why = why_not(StatusCode::SERVICE_UNAVAILABLE, Some(&answer));
        assert_eq!(why, "not ready: broker_events");
    }

    #[test]
    fn an_answer_of_somebody_else_is_told_by_its_status() {
        assert_eq!(why_not(StatusCode::NOT_FOUND, None), "the daemon answers 404 Not Found");
    }
}
