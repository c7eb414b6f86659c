//! How far it is, and how it went.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::args::Format;
use crate::cli::table::printable;
use crate::clock;

/// Failures that are told one by one; the rest is counted.
const SHOWN_MAX: u64 = 20;
/// Of fewer commands a rate would say nothing.
const RATE_MIN: u64 = 100;
/// How often the bar is redrawn while nothing is counted.
const REDRAW_EVERY: Duration = Duration::from_millis(200);

/// Why a line was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The line is no command.
    Unreadable,
    /// The broker has no queue for it.
    Unroutable,
    /// The broker, or the daemon's reader, would not have it.
    Refused,
    /// The daemon read it, and it cannot take effect.
    Rejected,
    /// The daemon could not try it.
    SetAside,
}

impl Fault {
    fn as_str(self) -> &'static str {
        match self {
            Fault::Unreadable => "unreadable",
            Fault::Unroutable => "unroutable",
            Fault::Refused => "refused",
            Fault::Rejected => "rejected",
            Fault::SetAside => "set aside",
        }
    }
}

/// Counts, and shows a bar on a terminal.
pub struct Report {
    /// Lines that were read and are not dealt with yet: bounded by how many are under way.
    open: BTreeSet<u64>,
    last: u64,
    published: u64,
    faults: BTreeMap<Fault, u64>,
    bar: ProgressBar,
    started: Instant,
}

impl Report {
    /// `bytes` is how much there is to read, if that is known.
    pub fn new(bytes: Option<u64>) -> Self {
        // Drawn on standard error, and only where that is a terminal.
        let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
        let template = match bytes {
            Some(_) => "{bar:40} {percent:>3} %  {msg}  {elapsed}",
            None => "{spinner} {msg}  {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(REDRAW_EVERY);
        Self {
            open: BTreeSet::new(),
            last: 0,
            published: 0,
            faults: BTreeMap::new(),
            bar,
            started: clock::instant(),
        }
    }

    /// So many bytes of the file are dealt with.
    pub fn read(&self, bytes: u64) {
        self.bar.set_position(bytes);
    }

    /// A line is to be published.
    pub fn begin(&mut self, line: u64) {
        self.open.insert(line);
        self.last = line;
    }

    /// The line up to which everything is dealt with.
    pub fn line(&self) -> u64 {
        self.open.first().map_or(self.last, |line| line - 1)
    }

    /// A command was taken.
    pub fn published(&mut self, line: u64) {
        self.open.remove(&line);
        self.published += 1;
        self.bar.set_message(format!("{} published", self.published));
    }

    /// A line was not taken.
    pub fn fault(&mut self, line: u64, fault: Fault, why: &str) {
        self.open.remove(&line);
        self.last = self.last.max(line);
        let shown = self.failed();
        *self.faults.entry(fault).or_default() += 1;
        if shown < SHOWN_MAX {
            self.note(&format!("line {line}: {}", printable(why)));
        } else if shown == SHOWN_MAX {
            self.note("more lines failed; they are counted below");
        }
    }

    /// Says something beside the bar.
    pub fn note(&self, text: &str) {
        self.bar.suspend(|| eprintln!("bellhop: {text}"));
    }

    /// How many lines were not taken.
    pub fn failed(&self) -> u64 {
        self.faults.values().sum()
    }

    /// Whether nothing came of any line yet.
    pub fn is_untouched(&self) -> bool {
        self.published == 0 && self.faults.is_empty()
    }

    /// The bar goes; what is left is the summary.
    pub fn finish(self, way: &str, format: Format) -> String {
        self.bar.finish_and_clear();
        let took = clock::since(self.started);
        match format {
            Format::Json => format!("{}\n", self.json(way, took)),
            Format::Table => format!("{}\n", self.sentence(way, took)),
        }
    }

    fn json(&self, way: &str, took: Duration) -> Value {
        let failed: BTreeMap<String, u64> =
            self.faults.iter().map(|(fault, n)| (fault.as_str().replace(' ', "_"), *n)).collect();
        let seconds = (took.as_secs_f64() * 1000.0).round() / 1000.0;
        json!({
            "way": way, "published": self.published, "failed": failed, "line": self.line(),
            "seconds": seconds,
        })
    }

    fn sentence(&self, way: &str, took: Duration) -> String {
        let seconds = took.as_secs_f64();
        let commands = if self.published == 1 { "command" } else { "commands" };
        let mut text =
            format!("{} {commands} published over {way} in {seconds:.1} s", self.published);
        if self.published >= RATE_MIN {
            let rate = f64::from(u32::try_from(self.published).unwrap_or(u32::MAX)) / seconds;
            text.push_str(&format!(", {rate:.0} a second"));
        }
        if self.failed() > 0 {
            let parts: Vec<String> =
                self.faults.iter().map(|(fault, n)| format!("{n} {}", fault.as_str())).collect();
            text.push_str(&format!("; {} failed: {}", self.failed(), parts.join(", ")));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_counts_what_went_and_what_did_not() {
        let mut report = Report::new(Some(10));
        let took = Duration::from_secs(2);
        assert_eq!(report.sentence("HTTP", took), "0 commands published over HTTP in 2.0 s");
        for _ in 0..900 {
            report.published(1);
        }
        report.fault(3, Fault::Rejected, "x");
        report.fault(4, Fault::SetAside, "x");
        report.fault(5, Fault::Rejected, "x");
        assert_eq!(
            report.sentence("AMQP", took),
            "900 commands published over AMQP in 2.0 s, 450 a second; 3 failed: 2 rejected, 1 set aside"
        );
        let json = report.json("amqp", took);
        assert_eq!(json["failed"], json!({ "rejected": 2, "set_aside": 1 }));
        assert_eq!((&json["published"], &json["line"]), (&900.into(), &5.into()));
    }

    #[test]
    fn it_came_up_to_the_line_before_the_first_that_is_open() {
        let mut report = Report::new(None);
        assert_eq!(report.line(), 0);
        for line in [1, 2, 4, 5] {
            report.begin(line);
        }
        report.published(1);
        report.published(4);
        assert_eq!(report.line(), 1);
        report.fault(2, Fault::Refused, "x");
        assert_eq!(report.line(), 4);
        report.published(5);
        assert_eq!(report.line(), 5);
    }
}
