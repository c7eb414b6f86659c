//! The alarms that come with Bellhop, over an hour of a quiet and of a busy installation: they ring
//! when they should, keep on ringing, and are silent otherwise.

mod edges;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use bellhop::telemetry::names;

const ALARMS: &str = include_str!("../../../docs/prometheus/alerts.yaml");
/// The pages that tell how it is run, by their paths from the root of the project.
const PAGES: [(&str, &str); 8] = [
    ("docs/answers.md", include_str!("../../../docs/answers.md")),
    ("docs/dead-letters.md", include_str!("../../../docs/dead-letters.md")),
    ("docs/http.md", include_str!("../../../docs/http.md")),
    ("docs/operations.md", include_str!("../../../docs/operations.md")),
    ("docs/rabbitmq.md", include_str!("../../../docs/rabbitmq.md")),
    ("docs/sending.md", include_str!("../../../docs/sending.md")),
    ("docs/store.md", include_str!("../../../docs/store.md")),
    ("docs/watching.md", include_str!("../../../docs/watching.md")),
];
const RUNBOOK: &str = include_str!("../../../docs/runbook.md");
const HOURS: [(&str, &str); 2] = [
    ("quiet", include_str!("../../alarms/quiet.yml")),
    ("busy", include_str!("../../alarms/busy.yml")),
];

pub fn promtool(what: &[&str], file: &Path) -> bool {
    let done = Command::new("promtool").args(what).arg(file).output().unwrap();
    let said = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    println!("promtool {what:?} {}: {said}", file.display());
    done.status.success()
}

/// Whether the alarms ring as each hour says.
fn ring(alarms: &str) -> [bool; 2] {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("alerts.yaml");
    std::fs::write(&rules, alarms).unwrap();
    HOURS.map(|(name, hour)| {
        let file = folder.path().join(format!("{name}.yml"));
        std::fs::write(&file, hour.replace("ALARMS", rules.to_str().unwrap())).unwrap();
        promtool(&["test", "rules"], &file)
    })
}

#[test]
fn the_alarms_ring_when_they_should_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("alerts.yaml");
    std::fs::write(&rules, ALARMS).unwrap();
    assert!(promtool(&["check", "rules"], &rules));
    assert_eq!(ring(ALARMS), [true, true]);
}

#[test]
fn alarms_that_sleep_or_cry_wolf_are_found_out() {
    let deaf = ALARMS.replace("provider!=\"none\"}) > 600", "provider!=\"none\"}) > 60000");
    assert!(deaf != ALARMS);
    assert_eq!(ring(&deaf), [false, true]);
    let nervous = ALARMS.replace(
        "delta(bellhop_dead_letters{reason=\"dead\"}[1h]) > 10",
        "bellhop_dead_letters{reason=\"dead\"} > 2",
    );
    assert!(nervous != ALARMS);
    assert_eq!(ring(&nervous), [false, false]);
}

fn is_of_a_process(word: &str) -> bool {
    ["process_open_fds", "process_max_fds"].contains(&word)
}

/// Every `bellhop_…` of a text, without what a histogram appends, and what each process has.
pub fn named(text: &str) -> BTreeSet<&str> {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let words =
        text.split(word).filter(|word| word.starts_with("bellhop_") || is_of_a_process(word));
    words
        .map(|word| {
            let known = |name: &str| names::ALL.iter().any(|metric| metric.name == name);
            let stem = ["_bucket", "_count", "_sum"].iter().find_map(|end| word.strip_suffix(end));
            stem.filter(|stem| known(stem)).unwrap_or(word)
        })
        .collect()
}

#[test]
fn what_alarms_and_documents_name_is_measured() {
    let all: BTreeSet<&str> = names::ALL.iter().map(|metric| metric.name).collect();
    let named_by_alarms = named(ALARMS);
    assert!(named_by_alarms.is_subset(&all), "{:?}", named_by_alarms.difference(&all));
    for (page, text) in PAGES {
        let named = named(text);
        assert!(named.is_subset(&all), "{page}: {:?}", named.difference(&all));
    }
}

#[test]
fn what_an_alarm_says_to_see_is_there() {
    let wanted: Vec<&str> = ALARMS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("see: "))
        .map(|named| named.trim_matches('"'))
        .filter(|named| named.starts_with("docs/"))
        .collect();
    assert!(!wanted.is_empty());
    for wanted in wanted {
        let (page, anchor) = wanted.split_once('#').unwrap_or((wanted, ""));
        let found = PAGES.iter().find(|(path, _)| *path == page);
        let (_, text) = found.unwrap_or_else(|| panic!("{page} is not there"));
        let titles = text.lines().filter_map(|line| line.strip_prefix("## "));
        let mut anchors = titles.map(|title| title.to_lowercase().replace(' ', "-"));
        assert!(anchor.is_empty() || anchors.any(|title| title == anchor), "{wanted} is not there");
    }
}

/// The names of the alarms, as they stand in the rules.
fn alarms() -> Vec<&'static str> {
    ALARMS.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect()
}

#[test]
fn the_runbook_has_a_section_for_each_alarm_and_each_alarm_names_its_own() {
    let sections: Vec<&str> = RUNBOOK.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    assert_eq!(sections, alarms());
    let named: Vec<String> = ALARMS
        .lines()
        .filter_map(|line| line.trim().strip_prefix("runbook: "))
        .map(|named| named.trim_matches('"').to_owned())
        .collect();
    let own = alarms().into_iter();
    let own: Vec<String> =
        own.map(|alarm| format!("docs/runbook.md#{}", alarm.to_lowercase())).collect();
    assert_eq!(named, own);
}
