//! How everything stands, as lines of text. Pure.

use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::cli::daemon::{instant, text};
use crate::cli::paint::{Ink, Paint};
use crate::cli::table::{Cell, Table, cut};
use crate::cli::times::second;
use crate::ops::trouble::roughly;

/// What is drawn of a line that goes up and down, the lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// So many of the latest numbers are drawn.
const DRAWN_MAX: usize = 40;
/// Before a sentence.
const INDENT: &str = "  ";
/// A sentence takes no more lines than so many.
const LINES_MAX: usize = 3;

/// The whole picture: what is wrong first.
pub fn picture(now: &Value, paint: Paint) -> String {
    let parts = [
        verdict(now, paint),
        lanes(now, paint),
        providers(now, paint),
        given_up(now),
        tenants(now, paint),
        instances(now, paint),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("\n")
}

fn rows<'n>(now: &'n Value, name: &str) -> &'n [Value] {
    now[name].as_array().map_or(&[][..], Vec::as_slice)
}

fn verdict(now: &Value, paint: Paint) -> String {
    let at = now["at"].as_str().and_then(|at| at.parse().ok());
    let at = at.map(|at| format!("{} UTC", second(at, &TimeZone::UTC))).unwrap_or_default();
    let (ink, says) = match now["worst"].as_str() {
        Some("bad") => (Ink::Bad, "something is wrong"),
        Some(_) => (Ink::Warning, "messages leave; something wants a look"),
        None => (Ink::Good, "all is well"),
    };
    let head = paint.ink(Ink::Strong, &format!("bellhop {}", text(now, "version")));
    let mut said = format!("{head}  {at}  {}\n", paint.ink(ink, says));
    for trouble in rows(now, "trouble") {
        let ink = if trouble["weight"] == "bad" { Ink::Bad } else { Ink::Warning };
        let [what, name] = ["what", "name"].map(|of| text(trouble, of).replace('_', " "));
        let name = if name == what { what } else { format!("{what} {name}") };
        let says = format!("{name}: {}", text(trouble, "says"));
        said.push_str(&hanging(&says, paint).replacen(&name, &paint.ink(ink, &name), 1));
    }
    said
}

/// A sentence broken where the screen ends, into a few lines at most.
pub fn hanging(sentence: &str, paint: Paint) -> String {
    let room = paint.columns().map_or(usize::MAX, |columns| columns.saturating_sub(INDENT.len()));
    let mut lines = vec![String::new()];
    for word in sentence.split(' ') {
        let is_full = lines.len() == LINES_MAX;
        let last = lines.last_mut().filter(|line| {
            is_full || line.is_empty() || line.chars().count() + 1 + word.chars().count() <= room
        });
        match last {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) => line.extend([" ", word]),
            None => lines.push(format!("  {word}")),
        }
    }
    lines.iter().map(|line| format!("{INDENT}{}\n", cut(line, Some(room)))).collect()
}

fn lanes(now: &Value, paint: Paint) -> String {
    let mut table = Table::new(&["LANE", "DUE", "OLDEST", "LATELY"]);
    for lane in rows(now, "lanes") {
        let number = |name: &str| lane[name].as_u64().unwrap_or_default();
        let is_late = number("depth") > 0 && number("oldest_due_s") > number("patience_s");
        let ink = if is_late { Ink::Bad } else { Ink::Plain };
        let oldest = if number("depth") > 0 { span(number("oldest_due_s")) } else { String::new() };
        table.row(vec![
            text(lane, "lane").into(),
            Cell::new(ink, number("depth").to_string()),
            Cell::new(ink, oldest),
            Cell::new(Ink::Faint, bars(&lane["lately"])),
        ]);
    }
    table.render(paint)
}

fn span(seconds: u64) -> String {
    roughly(Duration::from_secs(seconds))
}

/// The numbers as bars, the latest at the right.
fn bars(numbers: &Value) -> String {
    let numbers: Vec<u64> =
        numbers.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    let numbers = &numbers[numbers.len().saturating_sub(DRAWN_MAX)..];
    let most = numbers.iter().copied().max().unwrap_or_default().max(1);
    let top = BARS.len() as u64 - 1;
    let bar = |number: &u64| BARS[usize::try_from(number * top / most).unwrap_or_default()];
    numbers.iter().map(bar).collect()
}

fn providers(now: &Value, paint: Paint) -> String {
    let mut table = Table::new(&[
        "PROVIDER",
        "CHANNEL",
        "CIRCUIT",
        "UNDER WAY",
        "WAITING",
        "RATE",
        "LAST FAILURE",
    ]);
    for of in rows(now, "providers") {
        let circuit = text(of, "circuit");
        let ink = match circuit.as_str() {
            "closed" => Ink::Good,
            "open" => Ink::Bad,
            _ => Ink::Warning,
        };
        let mut cells = vec![text(of, "name").into(), text(of, "channel").into()];
        cells.push(Cell::new(ink, circuit));
        cells.extend(["in_flight", "waiting", "rate"].map(|name| text(of, name).into()));
        // What was said comes first: a narrow screen has no room for more.
        let failure = [text(of, "last_error"), instant(of, "last_error_at")];
        let failure: Vec<String> = failure.into_iter().filter(|part| !part.is_empty()).collect();
        cells.push(failure.join("; ").into());
        table.row(cells);
    }
    table.render(paint)
}

fn given_up(now: &Value) -> String {
    let [dead, unknown, unreadable] =
        ["dead", "unknown", "unreadable"].map(|name| text(&now["dead_letters"], name));
    let waits = match now.get("unpublished") {
        Some(of) => format!("; {} events to publish", text(of, "events")),
        None => String::new(),
    };
    format!(
        "given up: {dead} dead, {unknown} unknown, {unreadable} unreadable; {} timers ahead{waits}\n",
        text(now, "timers")
    )
}

fn tenants(now: &Value, paint: Paint) -> String {
    if rows(now, "tenants").is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["TENANT", "PARKED BY", "LATE", "LIMITED ON", "DEAD LETTERS"]);
    for of in rows(now, "tenants") {
        let limited: Vec<&str> = rows(of, "limited").iter().filter_map(Value::as_str).collect();
        table.row(vec![
            text(of, "tenant").into(),
            Cell::new(Ink::Warning, text(of, "parked_by")),
            Cell::new(Ink::Bad, late(of)),
            limited.join(", ").into(),
            text(of, "dead_letters").into(),
        ]);
    }
    table.render(paint)
}

/// By lane how many of a tenant's messages are late, and for how long: `urgent 2 (70 s)`.
fn late(of: &Value) -> String {
    let lane = |lane: &Value| {
        let [name, messages] = ["lane", "messages"].map(|name| text(lane, name));
        let oldest = span(lane["oldest_due_s"].as_u64().unwrap_or_default());
        format!("{name} {messages} ({oldest})")
    };
    rows(of, "late").iter().map(lane).collect::<Vec<_>>().join(", ")
}

fn instances(now: &Value, paint: Paint) -> String {
    if rows(now, "instances").is_empty() {
        return String::new();
    }
    let mut table = Table::new(&["DAEMON", "STATE", "ADDRESS"]);
    for of in rows(now, "instances") {
        let state = text(of, "state");
        let ink = if state == "silent" { Ink::Warning } else { Ink::Plain };
        let state = Cell::new(ink, state.replace('_', " "));
        table.row(vec![text(of, "name").into(), state, text(of, "address").into()]);
    }
    table.render(paint)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn what_is_wrong_stands_first() {
        let now = json!({
            "at": "2026-12-01T03:00:05Z", "version": "1.2.3", "worst": "bad",
            "trouble": [{ "weight": "bad", "what": "lane", "name": "urgent", "says": "2 \u{1b}[2J late" }],
            "lanes": [{ "lane": "urgent", "depth": 2, "oldest_due_s": 70, "patience_s": 60,
                "lately": [0, 1, 2] }],
            "providers": [{ "name": "relay", "channel": "email", "circuit": "open", "in_flight": 0,
                "waiting": 2, "rate": 5.0, "last_error": "421 later" }],
            "dead_letters": { "dead": 1, "unknown": 0, "unreadable": 0 }, "timers": 7,
            "tenants": [{ "tenant": "salon", "limited": [], "dead_letters": 0,
                "late": [{ "lane": "urgent", "messages": 2, "oldest_due_s": 70 }] }],
            "instances": [],
        });
        let told = words(&picture(&now, Paint::none()));
        assert_eq!(told[0], "bellhop 1.2.3 03:00:05 UTC something is wrong");
        assert_eq!(told[1], "lane urgent: 2 [2J late");
        assert!(told.contains(&"urgent 2 70 s ▁▄█".to_owned()), "{told:?}");
        assert!(told.contains(&"relay email open 0 2 5.0 421 later".to_owned()), "{told:?}");
        let given_up = "given up: 1 dead, 0 unknown, 0 unreadable; 7 timers ahead";
        assert!(told.contains(&given_up.to_owned()), "{told:?}");
        assert_eq!(told.last().map(String::as_str), Some("salon urgent 2 (70 s) 0"));
    }

    #[test]
    fn a_sentence_is_broken_where_the_screen_ends() {
        let says = "lane urgent: 2 messages should have left, the first of them 70 s ago";
        assert_eq!(hanging(says, Paint::none()), format!("  {says}\n"));
        let seen = hanging(says, Paint::wide(40));
        assert_eq!(
            seen,
            "  lane urgent: 2 messages should have\n    left, the first of them 70 s ago\n"
        );
        let long = hanging(&"word ".repeat(200), Paint::wide(40));
        assert_eq!(long.lines().count(), LINES_MAX);
        assert!(long.ends_with("…\n"), "{long}");
        assert!(long.lines().all(|line| line.chars().count() <= 40), "{long}");
    }

    #[test]
    fn bars_fit_their_numbers() {
        assert_eq!(bars(&json!([])), "");
        assert_eq!(bars(&json!([0, 0])), "▁▁");
        assert_eq!(bars(&json!((0..100).collect::<Vec<u64>>())).chars().count(), DRAWN_MAX);
    }
}
