//! `bellhop suppressions`, `bellhop unsuppress`: to whom nothing goes any more, and lifting that,
//! over the daemon's HTTP.

use clap::Args;
use reqwest::Method;
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::args::PageArgs;
use super::daemon::{DaemonArgs, instant, more, rows, shown, text};
use super::paint::Paint;
use super::table::Table;
use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, TenantId};

/// Whose clients.
#[derive(Debug, Args)]
pub struct SuppressionsArgs {
    /// Which tenant.
    #[arg(value_parser = super::ids::tenant)]
    tenant: TenantId,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Who is written to again.
#[derive(Debug, Args)]
pub struct UnsuppressArgs {
    /// Which tenant.
    #[arg(value_parser = super::ids::tenant)]
    tenant: TenantId,
    /// Which client.
    #[arg(value_parser = super::ids::client)]
    client: ClientId,
    /// On which channel; on all where left out.
    #[arg(long, value_parser = super::ids::channel)]
    channel: Option<Channel>,
    /// Why: kept in the audit.
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Asks the daemon, and prints what it says.
pub fn suppressions(args: &SuppressionsArgs) -> anyhow::Result<()> {
    let query = Serializer::new(String::new()).extend_pairs(args.page.parameters()).finish();
    let path = format!("/v1/tenants/{}/suppressions?{query}", args.tenant);
    shown(&args.daemon.ask(&Method::GET, &path, None)?, args.daemon.format, table)
}

/// Asks the daemon to, and to note who did and why.
pub fn unsuppress(args: &UnsuppressArgs) -> anyhow::Result<()> {
    let UnsuppressArgs { tenant, client, channel, why, daemon } = args;
    let body = json!({ "client": client, "channel": channel, "reason": why });
    let path = format!("/v1/tenants/{tenant}/unsuppress");
    let answer = daemon.ask(&Method::POST, &path, Some(&body))?;
    let on = channel.map(|channel| format!(" by {}", channel.as_str())).unwrap_or_default();
    shown(&answer, daemon.format, |answer| match answer.get("already_done") {
        Some(Value::Bool(true)) => format!("{client} was not suppressed{on}\n"),
        _ => format!("{client} is written to again{on}\n"),
    })
}

fn table(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return "nobody is suppressed\n".to_owned();
    }
    let mut table =
        Table::new(&["CLIENT", "CHANNEL", "REASON", "SINCE (UTC)", "ADDRESS (SHA-256)"]);
    for item in items {
        let channels = item.get("suppressed").and_then(Value::as_array);
        for channel in channels.into_iter().flatten() {
            let cells = [
                text(item, "client"),
                text(channel, "channel"),
                text(channel, "reason"),
                instant(channel, "since"),
                text(channel, "address_hash").chars().take(HASH_SHOWN_CHARS).collect(),
            ];
            table.row(cells.into_iter().map(Into::into).collect());
        }
    }
    table.render(Paint::for_stdout()) + &more(page)
}

/// Of the digest of an address so much is shown; programs get all of it.
const HASH_SHOWN_CHARS: usize = 12;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suppressed_address_is_a_line() {
        let item = json!({ "client": "anna", "suppressed": [
            { "channel": "email", "reason": "bad_address", "since": "2026-12-01T09:00:00Z",
                "address_hash": "b5fc85e55755f9e0d030a10ab4429b6b" },
            { "channel": "sms" },
        ]});
        let told = table(&json!({ "items": [item], "next": "anna" }));
        let words = |line: usize| {
            told.lines().nth(line).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(words(1), "anna email bad_address Tue 1 Dec 2026, 09:00 b5fc85e55755");
        assert_eq!(words(2), "anna sms");
        assert!(told.ends_with("there are more: --after anna\n"), "{told}");
        assert_eq!(table(&json!({ "items": [] })), "nobody is suppressed\n");
    }
}
