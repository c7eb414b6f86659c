//! Scenarios that read as documentation, each with what is to come of it beside it.
//!
//! `scenarios/*.jsonl` are commands with comments; `*.expected` is what
//! `bellhop rehearse FILE --all` prints. After a change that is meant,
//! `BELLHOP_UPDATE_SCENARIOS=1 cargo test --test scenarios` writes the expectations anew: read
//! the difference before you keep it.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "scenarios/difference.rs"]
mod difference;

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use bellhop::domain::kind::Kind;
use bellhop::domain::policy::SkipReason;
use bellhop::wire::command;
use difference::difference;
use serde_json::Value;

const UPDATE: &str = "BELLHOP_UPDATE_SCENARIOS";

/// What no file of commands can bring about: a bounce, and how an installation is set up (without a
/// provider, or with `[limits.sms]`).
const NOT_REHEARSABLE: [SkipReason; 4] = [
    SkipReason::Suppressed,
    SkipReason::NoProvider,
    SkipReason::DestinationNotAllowed,
    SkipReason::SpendCapped,
];

fn scenarios() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|it| it == "jsonl")).collect();
    files.sort();
    assert!(files.len() >= 6);
    files
}

fn rehearse(file: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bellhop"));
    command.env_remove("BELLHOP_CONFIG").args(["rehearse", file]).args(arguments);
    command
}

fn done(output: &Output) -> String {
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), &*complaints), (Some(0), ""));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn rows(file: &Path) -> Vec<Value> {
    let output = rehearse(file.to_str().unwrap(), &["--all", "--format", "json"]).output();
    done(&output.unwrap()).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn texts(rows: &[Value], outcome: &str, field: &str) -> BTreeSet<String> {
    let rows = rows.iter().filter(|row| row["outcome"] == outcome);
    rows.filter_map(|row| row[field].as_str()).map(str::to_owned).collect()
}

#[test]
fn what_comes_of_each_is_as_expected() {
    let mut complaints = String::new();
    for file in scenarios() {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let came = done(&rehearse(file.to_str().unwrap(), &["--all"]).output().unwrap());
        let beside = file.with_extension("expected");
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(&beside, came).unwrap();
            continue;
        }
        let expected = std::fs::read_to_string(&beside).unwrap_or_default();
        if came != expected {
            complaints += &format!("\n{name}\n{}", difference(&expected, &came));
        }
    }
    assert!(
        complaints.is_empty(),
        "{complaints}\n- expected, + came. If it is meant: {UPDATE}=1 cargo test --test scenarios"
    );
}

#[test]
fn every_command_kind_and_reason_occurs() {
    let (mut types, mut kinds, mut reasons) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for file in scenarios() {
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| line.starts_with('{')) {
            let command: Value = serde_json::from_str(line).unwrap();
            types.insert(command["type"].as_str().unwrap().to_owned());
        }
        let rows = rows(&file);
        kinds.extend(texts(&rows, "sent", "kind"));
        reasons.extend(texts(&rows, "skipped", "reason"));
    }
    let missing = |of: &[&'static str], there: &BTreeSet<String>| -> Vec<&'static str> {
        of.iter().copied().filter(|name| !there.contains(*name)).collect()
    };
    let none: Vec<&str> = Vec::new();
    let all: Vec<_> = command::TYPES.iter().map(|known| known.name).collect();
    assert_eq!(missing(&all, &types), none, "never commanded");
    let all: Vec<_> = Kind::ALL.iter().chain(Kind::STAFF).map(|kind| kind.as_str()).collect();
    assert_eq!(missing(&all, &kinds), none, "never sent");
    let all = SkipReason::ALL.iter().filter(|reason| !NOT_REHEARSABLE.contains(reason));
    let all: Vec<_> = all.map(|reason| reason.as_str()).collect();
    assert_eq!(missing(&all, &reasons), none, "never a reason");
}

#[test]
fn rows_are_in_the_published_order() {
    for file in scenarios() {
        let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
        let order = |row: &Value| ["at", "client", "kind", "channel"].map(|field| text(row, field));
        let rows = rows(&file);
        assert!(rows.is_sorted_by_key(order), "{}", file.display());
        // Whole seconds of UTC, so that text sorts as time does.
        assert!(rows.iter().all(|row| text(row, "at").len() == "2026-12-02T09:00:00Z".len()));
    }
}

#[test]
fn without_all_only_what_was_sent_or_refused_is_told() {
    for file in scenarios() {
        let all = rows(&file);
        let output = rehearse(file.to_str().unwrap(), &["--format", "json"]).output().unwrap();
        let told: Vec<Value> =
            done(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let loud = |row: &&Value| row["outcome"] == "sent" || row["outcome"] == "rejected";
        assert_eq!(told, all.iter().filter(loud).cloned().collect::<Vec<_>>());
    }
}

#[test]
fn whatever_is_said_or_not_said_of_a_queue_names_the_place_and_the_session() {
    let all: Vec<Value> = scenarios().iter().flat_map(|file| rows(file)).collect();
    let of = |prefix: &str| -> Vec<&Value> {
        let about = |row: &&Value| row["kind"].as_str().is_some_and(|it| it.starts_with(prefix));
        all.iter().filter(about).collect()
    };
    let place = |row: &&Value| row["entry"].is_string() && row["session"].is_string();
    let left = |row: &&Value| !place(row) && !row["booking"].is_string();
    let queue: Vec<_> = of("queue.").into_iter().chain(of("staff.queue_")).collect();
    assert!(queue.iter().any(|row| row["outcome"] == "skipped"));
    assert_eq!(queue.iter().find(|row| left(row)), None);
    let unpaid = |row: &&&Value| !row["payment"].is_string();
    assert_eq!(of("payment.").iter().find(unpaid), None);
}

/// One client who is written to by the centre, and books.
const TOLD: &str = r#"
{"specversion":"1.0","id":"1","source":"/app","type":"tenant.configure","time":"2026-12-01T08:00:00Z","tenant":"t","data":{"name":"T","profile":"appointments","plan":"pro","locale":"en","timezone":"Europe/Rome","approval":"automatic"}}
{"specversion":"1.0","id":"2","source":"/app","type":"client.register","time":"2026-12-01T08:01:00Z","tenant":"t","data":{"client":"anna","name":"Anna","email":"anna@example.com","phone":"+393331234567"}}
{"specversion":"1.0","id":"3","source":"/app","type":"notice.send","time":"2026-12-01T12:00:00Z","tenant":"t","data":{"notice":"n","title":"Closed","body":"On Friday.","channels":["email"],"audience":{"all":true}}}
{"specversion":"1.0","id":"4","source":"/app","type":"booking.request","time":"2026-12-01T12:01:00Z","tenant":"t","data":{"booking":"b1","client":"anna","by":"client","starts_at":"2026-12-03T10:00:00+01:00"}}
"#;

#[test]
fn letters_have_the_foot_and_the_channels_that_the_configuration_gives_and_need_no_key() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bellhop.toml");
    let links = "[links]\nurl = \"https://links.example\"\nkey = { file = \"/nowhere\" }\n";
    let relay =
        "[[email.providers]]\nname = \"relay\"\nkind = \"smtp\"\nurl = \"smtp://relay.example\"\n";
    std::fs::write(&config, format!("{links}{relay}")).unwrap();
    let config = config.to_str().unwrap();
    let told = done(&play(TOLD, &["--all", "--format", "json", "--config", config]));
    let rows: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |kind: &str| {
        let row = rows.iter().find(|row| row["kind"] == kind && row["channel"] == "email");
        row.unwrap()["text"].as_str().unwrap().to_owned()
    };
    let notice = text("notice.manual");
    let (_, link) = notice.rsplit_once('\n').unwrap();
    assert!(link.starts_with("https://links.example/r/"), "{notice}");
    assert!(!text("booking.confirmed").contains("links.example"));
    // With a relay for email, and nobody for text messages, none is sent.
    let sms = rows.iter().find(|row| row["kind"] == "booking.confirmed" && row["channel"] == "sms");
    assert_eq!(sms.unwrap()["reason"], "no_provider");
}

/// Plays what comes on standard input.
fn play(script: &str, arguments: &[&str]) -> Output {
    let mut command = rehearse("-", arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn series() -> String {
    std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/series.jsonl"),
    )
    .unwrap()
}

#[test]
fn the_order_of_the_lines_does_not_matter_and_is_mentioned() {
    let mut lines: Vec<String> = series().lines().map(str::to_owned).collect();
    let first = lines.iter().position(|line| line.starts_with('{')).unwrap();
    let configure = lines.remove(first);
    lines.push(configure);
    let output = play(&lines.join("\n"), &["--all"]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "bellhop: 1 command stood behind a later one: `time` decides\n");
    assert_eq!(output.stdout, play(&series(), &["--all"]).stdout);
}

#[test]
fn an_array_is_as_good_as_lines() {
    let lines: Vec<String> =
        series().lines().filter(|line| line.starts_with('{')).map(str::to_owned).collect();
    let array = format!("[\n{}\n]\n", lines.join(",\n"));
    assert_eq!(done(&play(&array, &["--all"])), done(&play(&series(), &["--all"])));
}

#[test]
fn the_clock_stops_where_it_is_told_to() {
    let output = play(&series(), &["--format", "json", "--until", "2026-12-03T00:00:00+01:00"]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "bellhop: left out after --until: 4 commands\n");
    let told = String::from_utf8(output.stdout).unwrap();
    let last: Value = serde_json::from_str(told.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["kind"], &last["at"]),
        (&"booking.reminder".into(), &"2026-12-02T16:00:00Z".into())
    );
}

#[test]
fn what_is_json_and_no_command_is_refused_by_its_line() {
    let told = done(&play("# nothing\n\n{\"tenant\": \"t1\"}\n7\n", &["--format", "json"]));
    let rows: Vec<Value> = told.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> =
        rows.iter().map(|row| (&row["line"], &row["tenant"], &row["reason"])).collect();
    let (nobody, reason) = (Value::Null, Value::from("invalid_envelope"));
    assert_eq!(told, [(&4.into(), &nobody, &reason), (&3.into(), &"t1".into(), &reason)]);
}

#[test]
fn a_line_that_is_not_json_is_refused_and_the_rest_is_played() {
    let text = "# nothing\n\n{\"specversion\": 1.0,\n7\n";
    let output = play(text, &["--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let rows = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Value> = rows.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = rows.iter().map(|row| (&row["line"], &row["reason"])).collect();
    assert_eq!(told, [(&3.into(), &"not_json".into()), (&4.into(), &"invalid_envelope".into())]);
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint, "bellhop: line 3 is not JSON; the rest was played\n");
}
