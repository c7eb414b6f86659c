//! `bellhop messages`: what a tenant's clients were told and what not, over the daemon's HTTP.

use clap::Args;
use reqwest::Method;
use serde_json::Value;
use url::form_urlencoded::Serializer;

use super::args::PageArgs;
use super::daemon::{DaemonArgs, at, more, rows, shown, text};
use super::paint::Paint;
use super::table::Table;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;

/// Whose messages, and which of them.
#[derive(Debug, Args)]
pub struct MessagesArgs {
    /// The tenant whose clients were to be told.
    #[arg(long, value_parser = super::ids::tenant)]
    tenant: TenantId,
    /// To this client.
    #[arg(long)]
    client: Option<String>,
    /// About this booking.
    #[arg(long)]
    booking: Option<String>,
    /// Of this kind, such as `booking.confirmed`.
    #[arg(long, value_parser = super::ids::kind)]
    kind: Option<Kind>,
    /// On this channel.
    #[arg(long, value_parser = super::ids::channel)]
    channel: Option<Channel>,
    /// Of this status: `ready`, `sending`, `sent`, `dead`, `expired`, `withdrawn`, `unknown`,
    /// `discarded`, `unreadable`, or `skipped` for what was not sent.
    #[arg(long)]
    status: Option<String>,
    /// Skipped or given up for this reason, such as `opted_out`.
    #[arg(long)]
    reason: Option<String>,
    #[command(flatten)]
    page: PageArgs,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Asks the daemon, and prints what it says.
pub fn messages(args: &MessagesArgs) -> anyhow::Result<()> {
    let path = format!("/v1/tenants/{}/messages?{}", args.tenant, args.query());
    shown(&args.daemon.ask(&Method::GET, &path, None)?, args.daemon.format, table)
}

impl MessagesArgs {
    fn query(&self) -> String {
        let (kind, channel) = (self.kind.map(Kind::as_str), self.channel.map(Channel::as_str));
        let all = [
            ("client", self.client.as_deref()),
            ("booking", self.booking.as_deref()),
            ("kind", kind),
            ("channel", channel),
            ("status", self.status.as_deref()),
            ("reason", self.reason.as_deref()),
        ];
        let given = all.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut query = Serializer::new(String::new());
        query.extend_pairs(given).extend_pairs(self.page.parameters()).finish()
    }
}

fn table(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return format!("nothing was found\n{}", more(page));
    }
    let heads = [
        "AT (UTC)",
        "CLIENT",
        "KIND",
        "BY",
        "STATUS",
        "BOOKING",
        "MESSAGE",
        "WHY, OR WHO SAID WHAT",
    ];
    let mut table = Table::new(&heads);
    for item in items {
        let mut cells = vec![at(item)];
        let names = ["client", "kind", "channel", "status", "booking", "message"];
        cells.extend(names.map(|of| text(item, of)));
        cells.push(why(item));
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout()) + &more(page)
}

fn why(item: &Value) -> String {
    let parts = ["reason", "provider", "reply"].map(|of| text(item, of));
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_not_sent_says_why_and_what_was_sent_who_took_it() {
        let row = |status| {
            json!({"at": "2026-12-01T09:00:00Z", "cause": "k1", "kind": "booking.confirmed",
                "channel": "sms", "client": "c1", "booking": "b1", "status": status})
        };
        let (mut sent, mut skipped) = (row("sent"), row("skipped"));
        sent["provider"] = json!("gw");
        sent["reply"] = json!("200 \u{1b}[2Jok");
        skipped["reason"] = json!("no_address");
        let told = table(&json!({ "items": [sent, skipped], "next": "7.2" }));
        assert!(told.contains("gw: 200  [2Jok") && told.contains("no_address"), "{told}");
        assert!(told.ends_with("there are more: --after 7.2\n"), "{told}");
        let told = table(&json!({ "items": [], "next": "3.0" }));
        assert_eq!(told, "nothing was found\nthere are more: --after 3.0\n");
    }
}
