//! `bellhop tenants`: how each stands, setting one aside and slowing one down, over the daemon's
//! HTTP.

use clap::{Args, Subcommand};
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::args::PageArgs;
use super::daemon::{DaemonArgs, instant, more, rows, shown, text};
use super::paint::Paint;
use super::table::Table;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;

/// What is to be done; without anything, they are listed.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct TenantsArgs {
    #[command(subcommand)]
    command: Option<TenantsCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum TenantsCommand {
    /// List tenants by id.
    List(ListArgs),
    /// Take nothing of one any more: its commands are laid aside until it is unparked.
    Park(OneArgs),
    /// Let one go on.
    Unpark(OneArgs),
    /// Limit how much one sends on a channel, for a while; what waits already is slowed down too.
    Slow {
        /// Which tenant.
        #[arg(value_parser = super::ids::tenant)]
        tenant: TenantId,
        /// On which channel.
        #[arg(long, value_parser = super::ids::channel)]
        channel: Channel,
        /// Messages a second.
        #[arg(long)]
        rate: f64,
        /// For how long, such as `PT2H`; it ends by itself.
        #[arg(long = "for", value_name = "SPAN")]
        span: String,
        /// Why: kept in the audit.
        #[arg(long, value_name = "TEXT")]
        why: String,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
    /// Lift the limit of one on a channel before it ends.
    Lift {
        /// On which channel.
        #[arg(long, value_parser = super::ids::channel)]
        channel: Channel,
        #[command(flatten)]
        of: OneArgs,
    },
    /// Show the limits that operators set for one.
    Limits {
        /// Which tenant.
        #[arg(value_parser = super::ids::tenant)]
        tenant: TenantId,
        #[command(flatten)]
        daemon: DaemonArgs,
    },
}

#[derive(Debug, Args)]
struct ListArgs {
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    daemon: DaemonArgs,
}

#[derive(Debug, Args)]
struct OneArgs {
    /// Which tenant.
    #[arg(value_parser = super::ids::tenant)]
    tenant: TenantId,
    /// Why: kept in the audit.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Asks the daemon, and prints what it says.
pub fn tenants(args: &TenantsArgs) -> anyhow::Result<()> {
    match &args.command {
        None => list(&args.list),
        Some(TenantsCommand::List(of)) => list(of),
        Some(TenantsCommand::Park(of)) => {
            let told = format!("{} is parked\n", of.tenant);
            of.ask(&Method::POST, "park", told)
        }
        Some(TenantsCommand::Unpark(of)) => {
            let told = format!("{} goes on\n", of.tenant);
            of.ask(&Method::POST, "unpark", told)
        }
        Some(TenantsCommand::Slow { tenant, channel, rate, span, why, daemon }) => {
            let body = json!({ "channel": channel, "rate": rate, "for": span, "reason": why });
            let path = format!("/v1/tenants/{tenant}/limits");
            let limit = daemon.ask(&Method::POST, &path, Some(&body))?;
            shown(&limit, daemon.format, |limit| limits(&json!({ "items": [limit] })))
        }
        Some(TenantsCommand::Lift { channel, of }) => {
            let channel = channel.as_str();
            let told = format!("{} has no limit on {channel} any more\n", of.tenant);
            of.ask(&Method::DELETE, &format!("limits/{channel}"), told)
        }
        Some(TenantsCommand::Limits { tenant, daemon }) => {
            let path = format!("/v1/tenants/{tenant}/limits");
            shown(&daemon.ask(&Method::GET, &path, None)?, daemon.format, limits)
        }
    }
}

impl OneArgs {
    fn ask(&self, method: &Method, what: &str, told: String) -> anyhow::Result<()> {
        let path = format!("/v1/tenants/{}/{what}", self.tenant);
        let body = json!({ "reason": self.why });
        let answer = self.daemon.ask(method, &path, Some(&body))?;
        shown(&answer, self.daemon.format, |_| told.clone())
    }
}

fn list(args: &ListArgs) -> anyhow::Result<()> {
    let query = Serializer::new(String::new()).extend_pairs(args.page.parameters()).finish();
    let path = format!("/v1/tenants?{query}");
    shown(&args.daemon.ask(&Method::GET, &path, None)?, args.daemon.format, table)
}

fn table(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return "there are no tenants\n".to_owned();
    }
    let heads = [
        "TENANT",
        "NAME",
        "STATE",
        "WAITING",
        "OLDEST DUE (UTC)",
        "DEAD LETTERS",
        "SUPPRESSED",
        "LIMITED ON",
    ];
    let mut table = Table::new(&heads);
    for item in items {
        let cells = [
            text(item, "tenant"),
            text(item, "name"),
            state(item),
            text(item, "waiting"),
            instant(item, "oldest_due"),
            text(item, "dead_letters"),
            text(item, "suppressed"),
            limited(item),
        ];
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout()) + &more(page)
}

fn state(item: &Value) -> String {
    let by = text(item, "parked_by");
    match (by.as_str(), item.get("live") == Some(&Value::Bool(true))) {
        ("", true) => "in memory".to_owned(),
        ("", false) => "at rest".to_owned(),
        ("crashes", _) => "parked: it kept crashing".to_owned(),
        (by, _) => format!("parked by an {by}"),
    }
}

fn limited(item: &Value) -> String {
    let channels = item.get("limited").and_then(Value::as_array).into_iter().flatten();
    channels.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

fn limits(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return "no operator limits it\n".to_owned();
    }
    let mut table = Table::new(&["CHANNEL", "A SECOND", "UNTIL (UTC)", "WHO", "WHY"]);
    for item in items {
        let cells = [
            text(item, "channel"),
            text(item, "rate"),
            instant(item, "until"),
            text(item, "who"),
            text(item, "reason"),
        ];
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_a_line_and_says_who_parked_it() {
        let row = |name, by, live| {
            let parked = !str::is_empty(by);
            let mut row = json!({ "tenant": name, "waiting": 3, "dead_letters": 0, "live": live,
                "parked": parked, "limited": ["email", "sms"] });
            if parked {
                row["parked_by"] = json!(by);
            }
            row
        };
        let items = [row("a", "", true), row("b", "operator", true), row("c", "crashes", false)];
        let told = table(&json!({ "items": items, "next": "c" }));
        for words in
            ["in memory", "parked by an operator", "parked: it kept crashing", "email, sms"]
        {
            assert!(told.contains(words), "{told}");
        }
        assert!(told.ends_with("there are more: --after c\n"), "{told}");
    }
}
