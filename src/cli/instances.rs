//! `bellhop instances`: the daemons that share the store, over HTTP.

use reqwest::Method;
use serde_json::Value;

use super::daemon::{DaemonArgs, instant, shown, text};
use super::paint::Paint;
use super::table::Table;

/// Asks the daemon, and prints what it says.
pub fn instances(daemon: &DaemonArgs) -> anyhow::Result<()> {
    shown(&daemon.ask(&Method::GET, "/v1/instances", None)?, daemon.format, table)
}

fn table(instances: &Value) -> String {
    let instances = instances.as_array().map_or(&[][..], Vec::as_slice);
    if instances.is_empty() {
        return "the store is one daemon's alone\n".to_owned();
    }
    let mut table = Table::new(&["NAME", "STATE", "SINCE (UTC)", "SEEN", "VERSION", "ADDRESS"]);
    for of in instances {
        let silent = of.get("silent_ms").and_then(Value::as_u64).unwrap_or_default();
        let seen = format!("{}.{} s ago", silent / 1000, silent % 1000 / 100);
        let cells = [
            text(of, "name"),
            text(of, "state").replace('_', " "),
            instant(of, "since"),
            seen,
            text(of, "version"),
            text(of, "address"),
        ];
        table.row(cells.into_iter().map(Into::into).collect());
    }
    table.render(Paint::for_stdout())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_daemon_is_a_line() {
        let told =
            table(&json!([{"name": "one:8025", "state": "standing_by", "address": "http://one",
            "version": "0.1.0", "run": "x", "since": "2026-12-01T09:00:00Z", "silent_ms": 1260}]));
        assert!(told.contains("standing by") && told.contains("1.2 s ago"), "{told}");
        assert_eq!(table(&json!([])), "the store is one daemon's alone\n");
    }
}
