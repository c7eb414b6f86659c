//! What the check found, for people and for programs.

use serde::Serialize;

use super::super::args::Format;
use super::super::paint::{Ink, Paint};
use super::super::table::{Cell, Table, printable};

/// How one point stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Ok,
    /// The daemon works; something may come of it all the same.
    Warning,
    /// The daemon does not work as it promises.
    Wrong,
    /// Could not be seen.
    NotChecked,
}

/// Something that was looked at, and what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    pub what: String,
    pub state: State,
    pub says: String,
    /// What mends it, line by line, to be typed as it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mend: Vec<String>,
}

/// Everything that was looked at.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// What `--apply` did, or could not do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub applied: Vec<String>,
    pub points: Vec<Point>,
}

/// Such as `1 node`, `2 nodes`.
pub fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

impl Point {
    /// A point in a state.
    pub fn new(state: State, what: impl Into<String>, says: impl AsRef<str>) -> Self {
        // The broker and its users say what they like.
        let (what, says) = (what.into(), printable(says.as_ref()));
        Self { what, state, says, mend: Vec::new() }
    }

    /// Adds commands by which an operator corrects the broker.
    #[must_use]
    pub fn mended_by(mut self, commands: impl IntoIterator<Item = String>) -> Self {
        self.mend.extend(commands);
        self
    }
}

impl State {
    fn shown(self) -> Cell {
        match self {
            State::Ok => Cell::new(Ink::Good, "ok"),
            State::Warning => Cell::new(Ink::Warning, "warning"),
            State::Wrong => Cell::new(Ink::Bad, "wrong"),
            State::NotChecked => Cell::new(Ink::Faint, "not checked"),
        }
    }
}

impl Report {
    /// Whether nothing is wrong, as far as could be seen.
    pub fn is_well(&self) -> bool {
        self.points.iter().all(|point| point.state != State::Wrong)
    }

    /// The whole of it.
    pub fn render(&self, format: Format, paint: Paint) -> anyhow::Result<String> {
        match format {
            Format::Json => Ok(serde_json::to_string_pretty(self)? + "\n"),
            Format::Table => Ok(self.table(paint)),
        }
    }

    fn table(&self, paint: Paint) -> String {
        let mut text = String::new();
        for line in &self.applied {
            text.push_str(&format!("{}\n", printable(line)));
        }
        let mut table = Table::new(&["STATE", "WHAT", "SAYS"]);
        for point in &self.points {
            table.row(vec![point.state.shown(), (&point.what).into(), (&point.says).into()]);
        }
        text.push_str(&table.render(paint));
        let mut told = Vec::new();
        for point in self.points.iter().filter(|point| !point.mend.is_empty()) {
            let new: Vec<_> = point.mend.iter().filter(|line| !told.contains(line)).collect();
            if new.is_empty() {
                continue;
            }
            text.push_str(&format!("\n# {}: {}\n", point.what, point.says));
            // Never cut, nor indented: they are there to be copied.
            new.iter().for_each(|line| text.push_str(&format!("{}\n", printable(line))));
            told.extend(new);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let wrong = Point::new(State::Wrong, "queue a", "is not\nthere");
        let points = vec![
            Point::new(State::Ok, "broker", "RabbitMQ 3.10.8"),
            wrong.clone().mended_by(["mend it".to_owned()]),
            wrong.mended_by(["mend it".to_owned()]),
        ];
        Report { applied: vec!["did it".to_owned()], points }
    }

    #[test]
    fn people_see_what_is_wrong_and_each_command_once() {
        let expected = "did it\n  STATE  WHAT     SAYS\n  ok     broker   RabbitMQ 3.10.8\n  \
                        wrong  queue a  is not there\n  wrong  queue a  is not there\n\n\
                        # queue a: is not there\nmend it\n";
        assert_eq!(report().render(Format::Table, Paint::none()).unwrap(), expected);
        assert!(!report().is_well());
    }

    #[test]
    fn programs_see_names() {
        let text = report().render(Format::Json, Paint::none()).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["points"][1]["state"], "wrong");
        assert_eq!(json["points"][1]["mend"][0], "mend it");
        assert_eq!(json["points"][0].get("mend"), None);
    }
}
