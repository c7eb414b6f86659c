//! The dashboard that comes with Bellhop: panels say what they show, and ask for what there is.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::alarms::{named, promtool};
use crate::day::documented;

const DASHBOARD: &str = include_str!("../../docs/grafana/bellhop.json");
/// What Grafana puts in, and what stands for it here.
const VARIABLES: [(&str, &str); 3] =
    [("$__rate_interval", "5m"), ("$job", "bellhop"), ("$instance", ".*")];
/// Given by whoever scrapes, or by Prometheus itself.
const FOREIGN: [&str; 3] = ["job", "instance", "le"];
/// Grafana's model before 2025, which each version since imports.
const CLASSIC: u64 = 39;

fn dashboard() -> Value {
    serde_json::from_str(DASHBOARD).unwrap()
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    let panels = dashboard["panels"].as_array().unwrap().iter();
    panels.filter(|panel| panel["type"] != "row")
}

fn targets(dashboard: &Value) -> Vec<(&str, &str)> {
    let all = panels(dashboard).flat_map(|panel| panel["targets"].as_array().unwrap());
    all.map(|of| (of["expr"].as_str().unwrap(), of["legendFormat"].as_str().unwrap())).collect()
}

fn put_in(expr: &str) -> String {
    VARIABLES.iter().fold(expr.to_owned(), |expr, (name, value)| expr.replace(name, value))
}

/// The labels that a query groups by or asks for, and those that its legend shows.
fn labels<'a>(expr: &'a str, legend: &'a str) -> BTreeSet<&'a str> {
    let within = |text: &'a str, start: &'a str, end: &'a str| {
        text.split(start).skip(1).filter_map(move |rest| rest.split(end).next())
    };
    let grouped = within(expr, "by (", ")").flat_map(|list| list.split(','));
    let asked = within(expr, "{", "}").flat_map(|list| list.split(','));
    let asked = asked.filter_map(|pair| pair.split(['=', '!']).next());
    let shown = within(legend, "{{", "}}");
    grouped.chain(asked).chain(shown).map(str::trim).collect()
}

#[test]
fn each_panel_says_what_it_shows_in_which_unit() {
    let dashboard = dashboard();
    assert_eq!(dashboard["schemaVersion"], CLASSIC);
    assert_eq!((&dashboard["uid"], &dashboard["id"]), (&json!("bellhop"), &Value::Null));
    let mut ids = BTreeSet::new();
    for panel in panels(&dashboard) {
        let title = panel["title"].as_str().unwrap();
        assert!(panel["description"].as_str().unwrap().ends_with('.'), "{title}");
        assert!(!panel["fieldConfig"]["defaults"]["unit"].as_str().unwrap().is_empty(), "{title}");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        assert!(["timeseries", "stat"].contains(&panel["type"].as_str().unwrap()), "no plugins");
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title} has another's id");
    }
    assert!(ids.len() > 20);
}

#[test]
fn every_metric_and_label_that_it_asks_for_is_there() {
    let dashboard = dashboard();
    let known = documented();
    for (expr, legend) in targets(&dashboard) {
        let mut of_these: BTreeSet<&str> = FOREIGN.into();
        for metric in named(expr) {
            let found = known.iter().find(|(name, _)| *name == metric);
            of_these.extend(&found.unwrap_or_else(|| panic!("no {metric} is documented")).1);
        }
        let asked = labels(expr, legend);
        assert!(asked.is_subset(&of_these), "{expr} as {legend}: {asked:?} of {of_these:?}");
    }
}

#[test]
fn prometheus_understands_every_query() {
    let dashboard = dashboard();
    let annotations = dashboard["annotations"]["list"].as_array().unwrap().iter();
    let queries = targets(&dashboard).into_iter().map(|(expr, _)| expr);
    let queries = queries.chain(annotations.map(|of| of["expr"].as_str().unwrap()));
    let rules: Vec<Value> = queries
        .enumerate()
        .map(|(n, expr)| json!({"record": format!("panel:{n}"), "expr": put_in(expr)}))
        .collect();
    assert!(rules.iter().all(|rule| !rule["expr"].as_str().unwrap().contains('$')), "{rules:?}");
    let folder = tempfile::tempdir().unwrap();
    let check = |name: &str, rules: &[Value]| {
        // JSON is YAML.
        let file = folder.path().join(name);
        let groups = json!({"groups": [{"name": "dashboard", "rules": rules}]});
        std::fs::write(&file, groups.to_string()).unwrap();
        promtool(&["check", "rules"], &file)
    };
    assert!(check("all.yml", &rules));
    assert!(!check("bad.yml", &[json!({"record": "bad", "expr": "sum by (bellhop_ready"})]));
}
