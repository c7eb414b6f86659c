//! `bellhop ahead`: what a tenant's clients will be told in the next days, and what not and why,
//! over the daemon's HTTP.

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::daemon::{DaemonArgs, at, rows, shown, text};
use super::paint::Paint;
use super::table::Table;
use crate::domain::id::TenantId;

/// Whose, and how far.
#[derive(Debug, Args)]
pub struct AheadArgs {
    /// Which tenant.
    #[arg(value_parser = super::ids::tenant)]
    tenant: TenantId,
    /// How many days ahead, 1 to 31.
    #[arg(long, value_name = "N", default_value_t = 7)]
    days: u8,
    #[command(flatten)]
    daemon: DaemonArgs,
}

/// Asks the daemon, and prints what it says.
pub fn ahead(args: &AheadArgs) -> anyhow::Result<()> {
    let path = format!("/v1/tenants/{}/ahead?days={}", args.tenant, args.days);
    shown(&args.daemon.ask(&Method::GET, &path, None)?, args.daemon.format, table)
}

fn table(page: &Value) -> String {
    let items = rows(page);
    if items.is_empty() {
        return "nothing will be told\n".to_owned();
    }
    let mut table = Table::new(&["AT (UTC)", "KIND", "CLIENT", "BOOKING", "BY"]);
    for of in items {
        let channels = of.get("channels").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let by = channels.iter().map(channel).collect::<Vec<_>>().join(", ");
        let cells = [at(of), text(of, "kind"), text(of, "client"), text(of, "booking"), by];
        table.row(cells.into_iter().map(Into::into).collect());
    }
    let left_out = page.get("left_out").and_then(Value::as_u64).unwrap_or_default();
    let rest = if left_out > 0 { format!("and {left_out} more\n") } else { String::new() };
    table.render(Paint::for_stdout()) + &rest
}

/// `email`, or `sms: no_address` where it will not go.
fn channel(of: &Value) -> String {
    match of.get("reason").and_then(Value::as_str) {
        Some(reason) => format!("{}: {reason}", text(of, "channel")),
        None => text(of, "channel"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_channel_says_whether_it_goes_there() {
        let channels =
            json!([{ "channel": "email" }, { "channel": "sms", "reason": "no_address" }]);
        let told = table(&json!({ "left_out": 3, "items": [{
            "at": "2026-12-03T09:00:00Z", "kind": "booking.reminder", "client": "anna",
            "booking": "b1", "channels": channels,
        }]}));
        for says in ["booking.reminder", "anna", "b1", "email, sms: no_address", "and 3 more"] {
            assert!(told.contains(says), "{told}");
        }
        assert_eq!(table(&json!({ "items": [], "left_out": 0 })), "nothing will be told\n");
    }
}
