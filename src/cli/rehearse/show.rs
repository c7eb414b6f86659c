//! A rehearsal as a person reads it: tenant by tenant, day by day, in the tenant's own time.

use jiff::tz::TimeZone;

use crate::cli::paint::{Ink, Paint};
use crate::cli::table::{Cell, Table, printable};
use crate::cli::times::{short_day, time};
use crate::domain::channel::Channel;
use crate::domain::policy::SkipReason;
use crate::ops::words;
use crate::plays::{Fate, Part, Row, Told, What};

/// Every tenant's part under a heading of its own, and what it comes to.
pub fn tables(parts: &[Part], all: bool, paint: Paint) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(&heading(part, paint));
        text.push_str(&table(part, all).render(paint));
        text.push('\n');
    }
    text.push_str(&paint.ink(Ink::Faint, &sum(parts, all)));
    text.push('\n');
    text
}

fn heading(part: &Part, paint: Paint) -> String {
    let (title, zone) = match (&part.tenant, &part.settings) {
        (Some(tenant), Some(settings)) => (
            format!("{} ({tenant})", printable(&settings.name)),
            format!(", plan {}, times in {}", printable(&settings.plan), settings.timezone.name()),
        ),
        (Some(tenant), None) => (tenant.to_string(), ", never configured, times in UTC".to_owned()),
        (None, _) => ("Nobody's".to_owned(), ": commands that name no tenant".to_owned()),
    };
    format!("{}{}\n", paint.ink(Ink::Strong, &title), paint.ink(Ink::Faint, &zone))
}

fn zone(part: &Part) -> TimeZone {
    let settings = part.settings.as_ref();
    settings.map_or(TimeZone::UTC, |settings| settings.timezone.rules().clone())
}

fn table(part: &Part, all: bool) -> Table {
    let zone = zone(part);
    let mut table = Table::new(&["TIME", "CLIENT", "MESSAGE", "BY", "WHAT"]);
    let mut day = String::new();
    let rows: Vec<&Row> = part.rows.iter().filter(|row| all || row.is_loud()).collect();
    for told in rows.chunk_by(|one, next| (one.at, one.turn) == (next.at, next.turn)) {
        let Some(first) = told.first() else { continue };
        let today = short_day(first.at, &zone);
        if today != day {
            if !day.is_empty() {
                table.gap();
            }
            table.section(&today);
            day = today;
        }
        let mut lines = lines(told).into_iter();
        if let Some([by, what]) = lines.next() {
            let [client, message] = subject(first);
            let time = Cell::new(Ink::Faint, time(first.at, &zone));
            table.row(vec![time, client, message, by, what]);
        }
        for [by, what] in lines {
            table.row(vec!["".into(), "".into(), "".into(), by, what]);
        }
    }
    table
}

fn subject(row: &Row) -> [Cell; 2] {
    match &row.what {
        What::Message(told) => [told.client.as_str().into(), told.kind.as_str().into()],
        What::Refused { type_name, .. } => {
            ["".into(), Cell::new(Ink::Bad, type_name.as_deref().unwrap_or("a command"))]
        }
    }
}

/// How and what, a line a channel; the channels that are switched off share the last one.
fn lines(told: &[&Row]) -> Vec<[Cell; 2]> {
    let mut lines = Vec::new();
    let mut off = Vec::new();
    for row in told {
        match &row.what {
            What::Message(Told { channel, fate: Fate::Skipped(SkipReason::KindOff), .. }) => {
                off.push(channel.as_str());
            }
            What::Message(told) => lines.push(line(told)),
            What::Refused { line, command, reason, detail, .. } => {
                let which = command.clone().unwrap_or_else(|| format!("line {line}"));
                let why = format!("{which} refused, {reason}: {detail}");
                lines.push(["".into(), Cell::new(Ink::Bad, why)]);
            }
        }
    }
    if !off.is_empty() {
        let off = format!("not by {} (kind_off)", off.join(", "));
        lines.push(["".into(), Cell::new(Ink::Faint, off)]);
    }
    lines
}

fn line(told: &Told) -> [Cell; 2] {
    let by = told.channel.as_str();
    let silent = |ink, why: String| [Cell::new(Ink::Faint, by), Cell::new(ink, why)];
    match &told.fate {
        Fate::Sent { to, subject, text, .. } => {
            let what = match (told.channel, subject) {
                // The client is not who gets it.
                (_, Some(subject)) if told.kind.is_alert() => format!("to {to}: {subject}"),
                (Channel::Email, Some(subject)) => subject.clone(),
                (_, Some(title)) => format!("{title}: {text}"),
                (_, None) => text.clone(),
            };
            [Cell::new(Ink::Good, by), what.into()]
        }
        Fate::Dead(detail) => silent(Ink::Bad, format!("cannot be written: {detail}")),
        Fate::Skipped(reason) => {
            let why = words::explained(reason.as_str(), by);
            silent(Ink::Warning, format!("not sent, {why}"))
        }
        Fate::Withdrawn(reason) => {
            let why = words::explained(reason.as_str(), by);
            silent(Ink::Warning, format!("withdrawn, {why}"))
        }
    }
}

fn sum(parts: &[Part], all: bool) -> String {
    let rows = || parts.iter().flat_map(|part| &part.rows);
    let fate = |name: &str| {
        let is = |row: &&Row| matches!(&row.what, What::Message(t) if t.fate.as_str() == name);
        rows().filter(is).count()
    };
    let refused = rows().filter(|row| matches!(row.what, What::Refused { .. })).count();
    let played = |of: fn(&Part) -> usize| parts.iter().map(of).sum::<usize>();
    let commands = counted(played(|part| part.played.commands), "command");
    let timers = counted(played(|part| part.played.timers), "timer");
    let mut text = format!("{commands} and {timers} played: {} sent", fate("sent"));
    let silent = fate("skipped");
    for (count, what) in [
        (silent, "not sent"),
        (fate("withdrawn"), "withdrawn"),
        (fate("dead"), "could not be written"),
        (refused, "refused"),
        (played(|part| part.played.repeated), "repeated"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {what}"));
        }
    }
    if !all && silent > 0 {
        text.push_str("; --all says why");
    }
    text
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
