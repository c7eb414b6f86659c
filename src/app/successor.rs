//! What of another configuration a running process takes over.

use anyhow::anyhow;
use serde_json::Value;

use crate::config::Config;
use crate::ops::reload::Changes;

/// Keys, and tables of them, that a process has for life: where its data are and where it is found.
/// Another number of partitions moves tenants, for which the queues must be empty.
const FOR_LIFE: [&str; 7] = [
    "store",
    "instance",
    "http.listen",
    "console.listen",
    "amqp.partitions",
    "log.format",
    "telemetry",
];

/// The configuration that follows, and what is another in it.
///
/// # Errors
/// If its tokens are not enough for where the process listens.
pub fn follow(now: &Config, mut next: Config) -> anyhow::Result<(Config, Changes)> {
    let mut changes = Changes::default();
    for key in differences(&serde_json::to_value(now)?, &serde_json::to_value(&next)?) {
        let is_kept = FOR_LIFE.iter().any(|of| key == *of || key.starts_with(&format!("{of}.")));
        let list = if is_kept { &mut changes.kept } else { &mut changes.changed };
        list.push(key);
    }
    next.store = now.store.clone();
    next.instance = now.instance.clone();
    next.http.listen = now.http.listen;
    next.console.listen = now.console.listen;
    next.log.format = now.log.format;
    next.telemetry = now.telemetry.clone();
    if let (Some(now), Some(next)) = (&now.amqp, &mut next.amqp) {
        next.partitions = now.partitions;
    }
    check_doors(&next)?;
    Ok((next, changes))
}

/// A file that listens elsewhere may do with fewer tokens than the sockets that stay.
fn check_doors(next: &Config) -> anyhow::Result<()> {
    let doors = [("http.listen", Some(next.http.listen)), ("console.listen", next.console.listen)];
    for (key, at) in doors {
        let may = at.map_or(Ok(()), |at| next.http.may_listen(at));
        may.map_err(|why| anyhow!("{key}, which stays as it was, {why}"))?;
    }
    Ok(())
}

/// The keys whose values differ, in full and in order.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect("", one, other, &mut found);
    found.sort_unstable();
    found
}

fn collect(at: &str, one: &Value, other: &Value, found: &mut Vec<String>) {
    let (Value::Object(of_one), Value::Object(of_other)) = (one, other) else {
        if one != other {
            found.push(at.to_owned());
        }
        return;
    };
    let added = of_other.keys().filter(|key| !of_one.contains_key(*key));
    for key in of_one.keys().chain(added) {
        let path = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        let of = |table: &serde_json::Map<String, Value>| table.get(key).cloned();
        collect(&path, &of(of_one).unwrap_or_default(), &of(of_other).unwrap_or_default(), found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_process_has_for_life_is_kept_and_said() {
        let config = |text: &str| Config::parse("f", text).unwrap();
        let now = config("[http]\nlisten = \"127.0.0.1:1\"\n[limits]\nintake_max = 5000\n");
        let next = "[store]\nurl = \"sqlite://other.db\"\n[http]\nlisten = \"127.0.0.1:2\"\n\
                    [limits]\nintake_max = 6000\n[amqp]\nurl = \"amqp://mq.example\"\n\
                    [telemetry]\notlp_endpoint = \"http://otel:4318\"\n";
        let (next, changes) = follow(&now, config(next)).unwrap();
        assert_eq!(changes.kept, ["http.listen", "store.url", "telemetry.otlp_endpoint"]);
        assert_eq!(changes.changed, ["amqp", "limits.intake_max"]);
        assert_eq!((next.http.listen, next.limits.intake_max), (now.http.listen, 6000));
        assert_eq!(next.store.url.to_string(), now.store.url.to_string());
        assert_eq!(follow(&now, now.clone()).unwrap().1, Changes::default());
    }

    #[test]
    fn a_socket_that_stays_is_never_left_without_its_tokens() {
        let config = |text: &str| Config::parse("f", text).unwrap();
        let open = "[http]\nlisten = \"0.0.0.0:1\"\ntoken = \"0123456789abcdef\"\n";
        let now = config(open);
        for (tokens, why) in [("", "there is no token"), ("token = \"short\"\n", "the token")] {
            let next = config(&format!("[http]\nlisten = \"127.0.0.1:1\"\n{tokens}"));
            let refused = follow(&now, next).unwrap_err().to_string();
            assert!(refused.starts_with("http.listen, which stays as it was"), "{refused}");
            assert!(refused.contains(why) && !refused.contains("short\""), "{refused}");
        }
        follow(&now, config(&open.replace("abcdef", "fedcba"))).unwrap();
    }
}
