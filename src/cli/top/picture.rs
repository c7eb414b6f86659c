//! How everything stands, as lines of text. Pure.

use jiff::tz::TimeZone;
use serde_json::Value;

use crate::cli::daemon::{instant, text};
use crate::cli::paint::{Ink, Paint};
use crate::cli::table::{Cell, Table};
use crate::cli::times::second;

/// What is drawn of a line that goes up and down, the lowest first.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// So many of the latest numbers are drawn.
const DRAWN_MAX: usize = 40;

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
        said.push_str(&format!("  {}: {}\n", paint.ink(ink, &name), text(trouble, "says")));
    }
    said
}

fn lanes(now: &Value, paint: Paint) -> String {
    let mut table = Table::new(&["LANE", "DUE", "OLDEST", "LATELY"]);
    for lane in rows(now, "lanes") {
        let number = |name: &str| lane[name].as_u64().unwrap_or_default();
        let is_late = number("depth") > 0 && number("oldest_due_s") > number("patience_s");
        let ink = if is_late { Ink::Bad } else { Ink::Plain };
        let oldest = if number("depth") > 0 {
            format!("{} s", number("oldest_due_s"))
        } else {
            String::new()
        };
        table.row(vec![
            text(lane, "lane").into(),
            Cell::new(ink, number("depth").to_string()),
            Cell::new(ink, oldest),
            Cell::new(Ink::Faint, bars(&lane["lately"])),
        ]);
    }
    table.render(paint)
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
        let failure = [instant(of, "last_error_at"), text(of, "last_error")];
        let failure: Vec<String> = failure.into_iter().filter(|part| !part.is_empty()).collect();
        cells.push(failure.join(": ").into());
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
    let mut table = Table::new(&["TENANT", "PARKED BY", "LIMITED ON", "DEAD LETTERS"]);
    for of in rows(now, "tenants") {
        let limited: Vec<&str> = rows(of, "limited").iter().filter_map(Value::as_str).collect();
        table.row(vec![
            text(of, "tenant").into(),
            Cell::new(Ink::Warning, text(of, "parked_by")),
            limited.join(", ").into(),
            text(of, "dead_letters").into(),
        ]);
    }
    table.render(paint)
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
            "tenants": [], "instances": [],
        });
        let told = words(&picture(&now, Paint::none()));
        assert_eq!(told[0], "bellhop 1.2.3 03:00:05 UTC something is wrong");
        assert_eq!(told[1], "lane urgent: 2 [2J late");
        assert!(told.contains(&"urgent 2 70 s ▁▄█".to_owned()), "{told:?}");
        assert!(told.contains(&"relay email open 0 2 5.0 421 later".to_owned()), "{told:?}");
        let last = "given up: 1 dead, 0 unknown, 0 unreadable; 7 timers ahead";
        assert_eq!(told.last().map(String::as_str), Some(last));
    }

    #[test]
    fn bars_fit_their_numbers() {
        assert_eq!(bars(&json!([])), "");
        assert_eq!(bars(&json!([0, 0])), "▁▁");
        assert_eq!(bars(&json!((0..100).collect::<Vec<u64>>())).chars().count(), DRAWN_MAX);
    }
}
