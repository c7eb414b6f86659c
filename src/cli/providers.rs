//! `bellhop providers`: how each stands, over the daemon's HTTP.

use reqwest::Method;
use serde_json::Value;

use super::daemon::{DaemonArgs, instant, shown, text};
use super::paint::Paint;
use super::table::Table;

/// Asks the daemon, and prints what it says.
pub fn providers(daemon: &DaemonArgs) -> anyhow::Result<()> {
    shown(&daemon.ask(&Method::GET, "/v1/providers", None)?, daemon.format, table)
}

fn table(providers: &Value) -> String {
    let providers = providers.as_array().map_or(&[][..], Vec::as_slice);
    if providers.is_empty() {
        return "there are no providers\n".to_owned();
    }
    let mut table = Table::new(&[
        "NAME",
        "CHANNEL",
        "KIND",
        "CIRCUIT",
        "SINCE (UTC)",
        "WEIGHT",
        "RATE",
        "UNDER WAY",
        "WAITING",
        "BOUND",
        "LAST FAILURE",
    ]);
    for provider in providers {
        let mut cells =
            ["name", "channel", "kind", "circuit"].map(|of| text(provider, of)).to_vec();
        cells.push(instant(provider, "since"));
        cells.push(weight(provider));
        cells.extend(["rate", "in_flight", "waiting"].map(|of| text(provider, of)));
        cells.push(bound(provider));
        cells.push(failure(provider));
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout())
}

/// As configured, or how much of it there is now, and why.
fn weight(provider: &Value) -> String {
    let [of, now] = ["weight", "effective_weight"].map(|of| text(provider, of));
    let [all, part] = ["weight", "effective_weight"].map(|of| provider.get(of)?.as_f64());
    if part.is_none() || part == all {
        return of;
    }
    let (since, why) = (instant(provider, "weight_since"), text(provider, "weight_reason"));
    format!("{now} of {of} since {since}: {why}")
}

/// `1 of 2`; nothing where its connections do not stay.
fn bound(provider: &Value) -> String {
    let [bound, of] = ["bound", "sessions"].map(|of| text(provider, of));
    if of.is_empty() { of } else { format!("{bound} of {of}") }
}

fn failure(provider: &Value) -> String {
    let parts = [instant(provider, "last_error_at"), text(provider, "last_error")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_provider_is_a_line() {
        let provider = json!({"name": "relay", "channel": "email", "kind": "smtp",
            "circuit": "open", "weight": 1, "rate": 50.0, "in_flight": 0, "waiting": 12,
            "last_error": "421 \u{1b}[2Jlater", "last_error_at": "2026-12-01T09:00:00Z",
            "since": "2026-12-01T09:00:01Z"});
        let told = table(&json!([provider]));
        let words = |told: &str| -> Vec<String> {
            told.lines().nth(1).unwrap().split_whitespace().map(str::to_owned).collect()
        };
        let line = "relay email smtp open Tue 1 Dec 2026, 09:00 1 50.0 0 12 \
                    Tue 1 Dec 2026, 09:00: 421 [2Jlater";
        assert_eq!(words(&told).join(" "), line);
        let smsc = json!({"name": "smsc", "channel": "sms", "kind": "smpp", "circuit": "closed",
            "weight": 1, "in_flight": 0, "waiting": 0, "bound": 1, "sessions": 2,
            "since": "2026-12-01T09:00:01Z"});
        let told = table(&json!([smsc]));
        let line = "smsc sms smpp closed Tue 1 Dec 2026, 09:00 1 0 0 1 of 2";
        assert_eq!(words(&told).join(" "), line);
    }

    #[test]
    fn a_weight_that_moved_is_told_with_its_reason() {
        let mut provider = json!({ "weight": 2, "effective_weight": 2.0 });
        assert_eq!(weight(&provider), "2");
        provider["effective_weight"] = json!(1.8);
        provider["weight_reason"] = json!("5 of 25 receipts took over 5 min");
        provider["weight_since"] = json!("2026-12-01T09:00:00Z");
        let told = "1.8 of 2 since Tue 1 Dec 2026, 09:00: 5 of 25 receipts took over 5 min";
        assert_eq!(weight(&provider), told);
    }
}
