//! Each alarm by itself: silent just below its edge, ringing just above it, silent again once it is
//! over.

use std::fmt::Write as _;

use super::{ALARMS, alarms, promtool};

/// How long each phase lasts, in minutes: longer than any alarm looks back, and waits.
const PHASE: u32 = 90;

/// How a series goes in a phase: just below the edge, or just above.
enum Goes {
    /// It stands there.
    At(f64),
    /// It rises by so much a minute.
    By(f64),
}

use Goes::{At, By};

struct Edge {
    alarm: &'static str,
    /// With which labels it rings.
    labels: &'static [(&'static str, &'static str)],
    /// Each series just below the edge, and just above.
    series: &'static [(&'static str, Goes, Goes)],
}

const EDGES: &[Edge] = &[
    Edge {
        alarm: "BellhopGone",
        labels: &[("instance", "one"), ("job", "bellhop")],
        series: &[(r#"up{job="bellhop",instance="one"}"#, At(1.0), At(0.0))],
    },
    Edge {
        alarm: "BellhopCannotStore",
        labels: &[("class", "unavailable")],
        series: &[(r#"bellhop_commit_failures_total{class="unavailable"}"#, By(1.0), By(1.2))],
    },
    Edge {
        alarm: "BellhopNotReady",
        labels: &[("check", "store")],
        series: &[(r#"bellhop_ready{check="store"}"#, At(1.0), At(0.0))],
    },
    Edge {
        alarm: "BellhopDescriptorsShort",
        labels: &[("job", "bellhop")],
        series: &[
            (r#"process_open_fds{job="bellhop"}"#, At(819.0), At(820.0)),
            (r#"process_max_fds{job="bellhop"}"#, At(1024.0), At(1024.0)),
        ],
    },
    Edge {
        alarm: "BellhopProviderFails",
        labels: &[("channel", "email"), ("provider", "one")],
        series: &[
            (
                r#"bellhop_attempts_total{channel="email",provider="one",class="transient"}"#,
                By(19.0),
                By(21.0),
            ),
            (
                r#"bellhop_attempts_total{channel="email",provider="one",class="accepted"}"#,
                By(41.0),
                By(39.0),
            ),
            (
                r#"bellhop_attempts_total{channel="email",provider="one",class="permanent"}"#,
                By(40.0),
                By(40.0),
            ),
        ],
    },
    Edge {
        alarm: "BellhopProviderStuck",
        labels: &[("channel", "sms"), ("provider", "gate")],
        series: &[
            (
                r#"bellhop_unsettled_oldest_seconds{channel="sms",provider="gate"}"#,
                At(600.0),
                At(601.0),
            ),
            (
                r#"bellhop_attempts_total{channel="sms",provider="gate",class="accepted"}"#,
                By(0.0),
                By(0.0),
            ),
        ],
    },
    // However long one waits: another was taken.
    Edge {
        alarm: "BellhopProviderStuck",
        labels: &[("channel", "sms"), ("provider", "gate")],
        series: &[
            (
                r#"bellhop_unsettled_oldest_seconds{channel="sms",provider="gate"}"#,
                At(9000.0),
                At(9000.0),
            ),
            (
                r#"bellhop_attempts_total{channel="sms",provider="gate",class="accepted"}"#,
                By(0.2),
                By(0.0),
            ),
        ],
    },
    Edge {
        alarm: "BellhopSmscLetsNobodyIn",
        labels: &[("provider", "smsc")],
        series: &[(r#"bellhop_smpp_bound{provider="smsc"}"#, At(1.0), At(0.0))],
    },
    Edge {
        alarm: "BellhopMessagesLate",
        labels: &[("lane", "urgent")],
        series: &[(r#"bellhop_oldest_due_seconds{lane="urgent"}"#, At(900.0), At(901.0))],
    },
    Edge {
        alarm: "BellhopWillBeLate",
        labels: &[("channel", "push")],
        series: &[(r#"bellhop_will_miss_deadline{channel="push"}"#, At(0.0), At(1.0))],
    },
    Edge {
        alarm: "BellhopBulkLate",
        labels: &[("lane", "bulk")],
        series: &[(r#"bellhop_oldest_due_seconds{lane="bulk"}"#, At(14400.0), At(14401.0))],
    },
    Edge {
        alarm: "BellhopMessagesGivenUp",
        labels: &[("reason", "dead")],
        series: &[(r#"bellhop_dead_letters{reason="dead"}"#, By(0.16), By(0.18))],
    },
    Edge {
        alarm: "BellhopMessagesInDoubt",
        labels: &[("reason", "unknown")],
        series: &[(r#"bellhop_dead_letters{reason="unknown"}"#, By(0.0), By(0.02))],
    },
    Edge {
        alarm: "BellhopEventsWait",
        labels: &[],
        series: &[("bellhop_events_unpublished_oldest_seconds", At(300.0), At(301.0))],
    },
    Edge {
        alarm: "BellhopCommitsSlow",
        labels: &[],
        series: &[
            (r#"bellhop_commit_seconds_bucket{le="0.25"}"#, By(0.0), By(0.0)),
            (r#"bellhop_commit_seconds_bucket{le="0.5"}"#, By(99.5), By(98.5)),
            (r#"bellhop_commit_seconds_bucket{le="1"}"#, By(100.0), By(100.0)),
            (r#"bellhop_commit_seconds_bucket{le="+Inf"}"#, By(100.0), By(100.0)),
        ],
    },
    Edge {
        alarm: "BellhopActorCrashes",
        labels: &[("actor", "dispatcher")],
        series: &[(r#"bellhop_actor_restarts_total{actor="dispatcher"}"#, By(0.0), By(0.1))],
    },
    Edge {
        alarm: "BellhopTenantSetAside",
        labels: &[("result", "tenant_parked"), ("type", "booking.request")],
        series: &[
            (
                r#"bellhop_commands_total{type="booking.request",result="tenant_parked"}"#,
                By(0.0),
                By(0.1),
            ),
            (
                r#"bellhop_commands_total{type="booking.request",result="rejected"}"#,
                By(9.0),
                By(9.0),
            ),
        ],
    },
    Edge {
        alarm: "BellhopCommandsUnreadable",
        labels: &[("result", "not_json"), ("type", "unknown")],
        series: &[(
            r#"bellhop_commands_total{type="unknown",result="not_json"}"#,
            By(0.0),
            By(0.1),
        )],
    },
];

/// What an alarm with these labels says, as promtool is to expect it.
fn annotations(alarm: &str, labels: &[(&str, &str)]) -> String {
    let rule = ALARMS.split(&format!("- alert: {alarm}\n")).nth(1).unwrap();
    let lines = rule.lines().skip_while(|line| line.trim() != "annotations:").skip(1);
    let said: Vec<&str> = lines.map_while(|line| line.strip_prefix("          ")).collect();
    assert_eq!(said.len(), 3, "{alarm} says {said:?}");
    let said = format!("{{ {} }}", said.join(", "));
    labels.iter().fold(said, |said, (label, value)| {
        said.replace(&format!("{{{{ $labels.{label} }}}}"), value)
    })
}

/// A phase of a series, and where it stands then.
fn phase(goes: &Goes, from: f64, values: &mut String) -> f64 {
    let mut at = from;
    for _ in 0..PHASE {
        at = match goes {
            At(value) => *value,
            By(step) => at + step,
        };
        let _ = write!(values, " {at:.3}");
    }
    at
}

/// Below, above, below: what promtool is to find at the end of each phase.
fn test(Edge { alarm, labels, series }: &Edge) -> String {
    let mut text = String::from("  - interval: 1m\n    input_series:\n");
    for (name, below, above) in *series {
        let mut values = String::new();
        let mut at = 0.0;
        for goes in [below, above, below] {
            at = phase(goes, at, &mut values);
        }
        let _ = writeln!(text, "      - {{ series: '{name}', values: '{}' }}", values.trim());
    }
    let rings: Vec<String> =
        labels.iter().map(|(label, value)| format!("{label}: {value}")).collect();
    let silent = |minute| format!("      - {{ eval_time: {minute}m, alertname: {alarm} }}\n");
    let _ = write!(
        text,
        "    alert_rule_test:\n{}      - eval_time: {}m\n        alertname: {alarm}\n        \
         exp_alerts:\n          - exp_labels: {{ {} }}\n            exp_annotations: {}\n{}",
        silent(PHASE - 1),
        2 * PHASE - 1,
        rings.join(", "),
        annotations(alarm, labels),
        silent(3 * PHASE - 1),
    );
    text
}

/// That alarm alone: promtool looks at every rule each minute.
fn rule(alarms: &str, alarm: &str) -> String {
    let mut rules = alarms.split("      - alert: ");
    let head = rules.next().unwrap();
    let rule = rules.find(|rule| rule.starts_with(&format!("{alarm}\n"))).unwrap();
    format!("{head}      - alert: {rule}")
}

/// The alarms that do not keep to their edge.
fn astray(alarms: &str) -> Vec<&'static str> {
    let folder = tempfile::tempdir().unwrap();
    let keeps = |edge: &&Edge| {
        let [rules, file] = ["rules.yml", "edge.yml"].map(|name| folder.path().join(name));
        std::fs::write(&rules, rule(alarms, edge.alarm)).unwrap();
        let head = format!("rule_files: [{}]\nevaluation_interval: 1m\ntests:\n", rules.display());
        std::fs::write(&file, head + &test(edge)).unwrap();
        promtool(&["test", "rules"], &file)
    };
    EDGES.iter().filter(|edge| !keeps(edge)).map(|edge| edge.alarm).collect()
}

#[test]
fn each_alarm_rings_above_its_edge_and_neither_below_nor_afterwards() {
    for alarm in alarms() {
        assert!(EDGES.iter().any(|edge| edge.alarm == alarm), "{alarm} is not tried");
    }
    assert_eq!(astray(ALARMS), [""; 0]);
}

#[test]
fn an_edge_that_is_moved_a_little_is_found_out() {
    let moved = ALARMS.replace("seconds > 300", "seconds >= 300");
    let moved = moved.replace("lane=\"bulk\"} > 4 * 3600", "lane=\"bulk\"} > 4 * 3601");
    assert_eq!(astray(&moved), ["BellhopBulkLate", "BellhopEventsWait"]);
}
