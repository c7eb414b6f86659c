//! The table of an email: what, when, where, how much, and what it was before.

use std::borrow::Cow;

use jiff::Timestamp;

use super::clocks::{Moment, place};
use super::dates::same_day;
use super::language::Language;
use super::matter::Matter;
use super::together::{IN_FULL_MAX, shown};
use super::view::View;
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts};

/// One line of the details.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub label: &'a str,
    pub value: Cow<'a, str>,
    /// Whether it no longer holds.
    pub past: bool,
}

/// The details of a matter.
pub(super) fn details<'v>(
    matter: &Matter<'_>,
    view: &'v View<'_>,
    language: &'v Language,
) -> Vec<Row<'v>> {
    let labels = &language.labels;
    let mut table = Table(Vec::with_capacity(7));
    match matter.facts {
        Facts::Booking(facts) => {
            table.text(&labels.what, &view.service);
            if facts.others.is_empty() {
                table.times(facts.starts_at, facts.ends_at, language, matter);
            } else {
                table.dates(facts, language, matter);
            }
            table.text(&labels.place, &view.location);
            if matches!(matter.kind, Kind::BookingConfirmed | Kind::BookingReminder) {
                table.text(&labels.bring, &view.bring);
            }
            table.past(&labels.before, &view.moved_from);
            if matter.kind == Kind::AttendanceCheck {
                table.moment(&labels.free_until, &view.until);
            }
            table.text(&labels.reason, &view.reason);
        }
        Facts::Queue(facts) => {
            table.text(&labels.what, &view.service);
            table.times(facts.starts_at, Some(facts.ends_at), language, matter);
            table.text(&labels.place, &view.location);
            match matter.kind {
                Kind::QueueOffered => table.moment(&labels.answer_by, &view.until),
                Kind::QueueClosed => table.text(&labels.reason, &view.reason),
                _ => {}
            }
        }
        Facts::Payment(_) => {
            table.row(&labels.amount, view.amount.as_deref().map(Cow::Borrowed));
            table.text(&labels.purpose, &view.reason);
            table.text(&labels.reference, &view.payment);
        }
        Facts::Sale(_) => {
            table.text(&labels.sold, &view.description);
            table.row(&labels.amount, view.amount.as_deref().map(Cow::Borrowed));
            table.text(&labels.balance, &view.balance);
        }
        Facts::Link(_) => table.moment(&labels.valid_until, &view.until),
        Facts::Account
        | Facts::Review(_)
        | Facts::Notice(_)
        | Facts::WinBack(_)
        | Facts::Staff(_) => {}
    }
    table.0
}

struct Table<'v>(Vec<Row<'v>>);

impl<'v> Table<'v> {
    fn row(&mut self, label: &'v str, value: Option<Cow<'v, str>>) {
        self.0.extend(value.map(|value| Row { label, value, past: false }));
    }

    fn text(&mut self, label: &'v str, value: &'v Option<Cow<'_, str>>) {
        self.row(label, value.as_deref().map(Cow::Borrowed));
    }

    fn moment(&mut self, label: &'v str, value: &'v Option<Moment>) {
        self.row(label, value.as_ref().map(|moment| Cow::Borrowed(moment.full.as_str())));
    }

    fn past(&mut self, label: &'v str, value: &'v Option<Moment>) {
        self.0.extend(value.as_ref().map(|moment| Row {
            label,
            value: Cow::Borrowed(moment.full.as_str()),
            past: true,
        }));
    }

    /// A row for each date that is told together with others.
    fn dates(&mut self, facts: &BookingFacts, language: &'v Language, matter: &Matter<'_>) {
        let (labels, dates, place) = (&language.labels, language.dates(matter), place(matter));
        let count = facts.others.len() + 1;
        let shown = shown(count, IN_FULL_MAX);
        let others = facts.others.iter().map(|other| other.starts_at);
        for start in std::iter::once(facts.starts_at).chain(others).take(shown) {
            self.row(&labels.date, Some(Cow::Owned(dates.full(start, place))));
        }
        if count > shown {
            self.row(&labels.other_dates, Some(Cow::Owned((count - shown).to_string())));
        }
    }

    /// A day and the hours on it; an end on another day gets a row of its own.
    fn times(
        &mut self,
        start: Timestamp,
        end: Option<Timestamp>,
        language: &'v Language,
        matter: &Matter<'_>,
    ) {
        let (labels, dates, place) = (&language.labels, language.dates(matter), place(matter));
        let end = end.filter(|end| *end > start);
        let (same, other) = match end {
            Some(end) if same_day(start, end, place.zone) => (Some(end), None),
            other => (None, other),
        };
        self.row(&labels.date, Some(Cow::Owned(dates.date(start, place))));
        self.row(&labels.time, Some(Cow::Owned(dates.hours(start, same, place))));
        self.row(&labels.until, other.map(|end| Cow::Owned(dates.full(end, place))));
    }
}
