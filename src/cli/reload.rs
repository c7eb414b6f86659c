//! `bellhop reload`: the daemon reads its configuration again.

use reqwest::Method;
use serde_json::Value;

use super::daemon::{DaemonArgs, shown};

/// Asks the daemon, and prints what it takes over.
pub fn reload(daemon: &DaemonArgs) -> anyhow::Result<()> {
    shown(&daemon.ask(&Method::POST, "/v1/reload", None)?, daemon.format, lines)
}

fn lines(changes: &Value) -> String {
    let keys = |list: &str| {
        let keys = changes.get(list).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        keys.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
    };
    let (changed, kept) = (keys("changed"), keys("kept"));
    let changed = if changed.is_empty() { "nothing that can be shown".to_owned() } else { changed };
    let kept = if kept.is_empty() {
        String::new()
    } else {
        format!("as before, until the daemon is started again: {kept}\n")
    };
    format!("taken over: {changed}; secrets are read anew\n{kept}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_stays_is_said_as_well() {
        let told = lines(&json!({"changed": ["limits.intake_max"], "kept": ["http.listen"]}));
        assert_eq!(
            told,
            "taken over: limits.intake_max; secrets are read anew\n\
             as before, until the daemon is started again: http.listen\n"
        );
        let told = lines(&json!({"changed": [], "kept": []}));
        assert_eq!(told, "taken over: nothing that can be shown; secrets are read anew\n");
    }
}
