//! `bellhop dead`: what was given up, over the daemon's HTTP.

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Map, Value, json};
use url::form_urlencoded::Serializer;
use uuid::Uuid;

use super::args::PageArgs;
use super::daemon::{DaemonArgs, at, more, rows, shown, text};
use super::jobs;
use super::paint::Paint;
use super::table::{Table, printable};
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;
use crate::store::LetterStatus;

/// What is to be done.
#[derive(Debug, Subcommand)]
pub enum DeadCommand {
    /// List messages that were given up, and commands that were laid aside, the latest first.
    List {
        #[command(flatten)]
        which: FilterArgs,
        #[command(flatten)]
        page: PageArgs,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Show one, and what every provider said that was asked; or what is wrong with a command.
    Show {
        /// Its id.
        message: Uuid,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Try them again: a job, which decides each of them anew. With none of the filters, all.
    Replay {
        #[command(flatten)]
        which: ChosenArgs,
        /// Only say what would be sent, and what would not and why.
        #[arg(long)]
        dry_run: bool,
        /// Messages a second; by default 50.
        #[arg(long)]
        rate: Option<f64>,
        /// Why: kept in the audit.
        #[arg(long, value_name = "TEXT", required_unless_present = "dry_run")]
        why: Option<String>,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Throw them away: they are listed and counted no more.
    Discard {
        #[command(flatten)]
        which: ChosenArgs,
        /// Every one: needed where neither messages nor a filter are given.
        #[arg(long)]
        all: bool,
        /// Why: kept in the audit.
        #[arg(long, value_name = "TEXT")]
        why: String,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
}

/// Which of them are meant.
#[derive(Debug, Args)]
pub struct FilterArgs {
    /// Only of this tenant.
    #[arg(long, value_parser = super::ids::tenant)]
    tenant: Option<TenantId>,
    /// Of this kind, such as `booking.confirmed`.
    #[arg(long, value_parser = super::ids::kind)]
    kind: Option<Kind>,
    /// On this channel.
    #[arg(long, value_parser = super::ids::channel)]
    channel: Option<Channel>,
    /// That this provider was the last to be handed.
    #[arg(long)]
    provider: Option<String>,
    /// Given up for this reason, such as `permanent` or `in_doubt`.
    #[arg(long)]
    reason: Option<String>,
    /// Given up since then, such as `2026-12-01T09:00:00Z`.
    #[arg(long)]
    since: Option<Timestamp>,
    /// Of this status: `dead`, `unknown` or `unreadable`, as are commands that were laid aside.
    #[arg(long, value_parser = status)]
    status: Option<LetterStatus>,
}

/// Those that are named, or those that the filters find.
#[derive(Debug, Args)]
pub struct ChosenArgs {
    /// These messages, by their ids.
    messages: Vec<Uuid>,
    #[command(flatten)]
    filter: FilterArgs,
}

fn status(text: &str) -> Result<LetterStatus, String> {
    let known = LetterStatus::ALL.into_iter().find(|status| status.as_str() == text);
    known.ok_or_else(|| "must be dead, unknown or unreadable".to_owned())
}

impl FilterArgs {
    fn members(&self) -> Map<String, Value> {
        let Self { tenant, kind, channel, provider, reason, since, status } = self;
        let all = [
            ("tenant", tenant.as_ref().map(ToString::to_string)),
            ("kind", kind.map(|kind| kind.as_str().to_owned())),
            ("channel", channel.map(|channel| channel.as_str().to_owned())),
            ("provider", provider.clone()),
            ("reason", reason.clone()),
            ("since", since.map(|since| since.to_string())),
            ("status", status.map(|status| status.as_str().to_owned())),
        ];
        let given = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        given.map(|(name, value)| (name.to_owned(), value.into())).collect()
    }
}

impl ChosenArgs {
    fn body(&self, why: Option<&str>) -> Value {
        let mut body = json!({ "filter": self.filter.members() });
        if !self.messages.is_empty() {
            body["messages"] = json!(self.messages);
        }
        if let Some(why) = why {
            body["reason"] = json!(why);
        }
        body
    }

    fn is_everything(&self) -> bool {
        self.messages.is_empty() && self.filter.members().is_empty()
    }
}

/// Asks the daemon, and prints what it says.
pub fn dead(command: &DeadCommand) -> anyhow::Result<()> {
    match command {
        DeadCommand::List { which, page, daemon } => list(which, page, daemon),
        DeadCommand::Show { message, daemon } => {
            let path = format!("/v1/dead-letters/{message}");
            let letter = daemon.ask(&Method::GET, &path, None)?;
            shown(&letter, daemon.format, story)
        }
        DeadCommand::Replay { which, dry_run, rate, why, daemon } => {
            let mut body = which.body(why.as_deref());
            body["dry_run"] = json!(dry_run);
            body["rate"] = json!(rate);
            let answer = daemon.ask(&Method::POST, "/v1/dead-letters/replay", Some(&body))?;
            shown(&answer, daemon.format, if *dry_run { plan } else { jobs::story })
        }
        DeadCommand::Discard { which, all, why, daemon } => {
            if which.is_everything() && !all {
                bail!("name messages or a filter, or say --all to throw away every one");
            }
            let body = which.body(Some(why));
            let answer = daemon.ask(&Method::POST, "/v1/dead-letters/discard", Some(&body))?;
            shown(&answer, daemon.format, |answer| {
                format!("thrown away: {}\n", text(answer, "discarded"))
            })
        }
    }
}

fn list(which: &FilterArgs, page: &PageArgs, daemon: &DaemonArgs) -> anyhow::Result<()> {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(page.parameters());
    for (name, value) in which.members() {
        query.append_pair(&name, value.as_str().unwrap_or_default());
    }
    let path = format!("/v1/dead-letters?{}", query.finish());
    shown(&daemon.ask(&Method::GET, &path, None)?, daemon.format, table)
}

fn table(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return "nothing was given up\n".to_owned();
    }
    let mut table =
        Table::new(&["MESSAGE", "AT (UTC)", "TENANT", "CLIENT", "KIND", "HOW", "STATUS", "WHY"]);
    for item in items {
        let mut cells = vec![text(item, "message"), at(item)];
        cells.extend(["tenant", "client", "kind", "channel", "status"].map(|of| text(item, of)));
        cells.push(why(item));
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout()) + &more(page)
}

/// The reason, and the words of the last provider, or what is wrong with a command.
fn why(item: &Value) -> String {
    let parts = ["reason", "detail", "provider", "reply"].map(|of| text(item, of));
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(": ")
}

fn story(letter: &Value) -> String {
    let mut told = String::new();
    let names = ["message", "tenant", "client", "kind", "channel", "status", "reason"];
    for name in names.into_iter().chain(["detail", "bytes"]) {
        let value = text(letter, name);
        if !value.is_empty() {
            told.push_str(&format!("{name:<9} {value}\n"));
        }
    }
    told.push_str(&format!("{:<9} {} UTC\n", "at", at(letter)));
    let history = letter.get("history").and_then(Value::as_array);
    for attempt in history.into_iter().flatten() {
        let (n, outcome, provider) =
            (text(attempt, "n"), text(attempt, "outcome"), text(attempt, "provider"));
        let (at, reply) = (at(attempt), text(attempt, "reply"));
        told.push_str(&format!("  {n}. {at}  {provider}  {outcome}  {reply}\n"));
        let devices = attempt.get("devices").and_then(Value::as_array);
        for device in devices.into_iter().flatten() {
            let [device, outcome, reply] =
                ["device", "outcome", "reply"].map(|of| text(device, of));
            told.push_str(&format!("     device {device}  {outcome}  {reply}\n"));
        }
    }
    told
}

fn plan(plan: &Value) -> String {
    let (matched, sent) = (text(plan, "matched"), text(plan, "would_send"));
    let mut told = format!("of {matched} messages {sent} would be sent\n");
    let skipped = plan.get("would_skip").and_then(Value::as_object);
    for (reason, count) in skipped.into_iter().flatten() {
        told.push_str(&format!("  not {count}: {}\n", printable(reason)));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_and_a_plan_are_told_and_cannot_steer_the_terminal() {
        let page = json!({"items": [{"message": "m1", "at": "2026-12-01T09:00:00Z", "tenant": "t1",
            "client": "c1", "kind": "booking.confirmed", "channel": "sms", "status": "dead",
            "reason": "permanent", "provider": "gw", "reply": "400 \u{1b}[2Jno"}], "next": "m1"});
        let told = table(&page);
        assert!(told.contains("permanent: gw: 400  [2Jno"), "{told}");
        assert!(told.ends_with("there are more: --after m1\n"), "{told}");
        let command = json!({"message": "u1", "at": "2026-12-01T09:00:00Z", "tenant": null,
            "client": null, "kind": null, "channel": null, "status": "unreadable",
            "reason": "not_json", "provider": null, "reply": null, "attempts": 0,
            "detail": "EOF at line 1", "bytes": 7, "history": []});
        let told = table(&json!({ "items": [command] }));
        assert!(told.contains("unreadable  not_json: EOF at line 1"), "{told}");
        let told = story(&command);
        assert!(told.contains("detail    EOF at line 1\nbytes     7\n"), "{told}");
        assert!(!told.contains("client"), "{told}");
        let planned = json!({"matched": 3, "would_send": 2, "would_skip": {"opted_out": 1}});
        assert_eq!(plan(&planned), "of 3 messages 2 would be sent\n  not 1: opted_out\n");
    }
}
