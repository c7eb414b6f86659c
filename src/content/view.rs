//! The values of a letter as its reader sees them.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::catalogue::Letter;
use super::dates::{Dates, Place, same_day};
use super::language::{Labels, Language};
use super::plain::{clip, one_line, without_links};
use crate::domain::booking::Party;
use crate::domain::message::{BookingFacts, Facts};

/// What phrases can name. An absent value is false in a condition.
#[derive(Debug, Clone, Serialize)]
pub(super) struct View<'a> {
    /// The client's name.
    pub client: Cow<'a, str>,
    /// The tenant's name.
    pub tenant: Cow<'a, str>,
    pub service: Option<Cow<'a, str>>,
    pub location: Option<Cow<'a, str>>,
    pub reason: Option<Cow<'a, str>>,
    /// Who cancelled: `client` or `staff`.
    pub by: Option<Party>,
    /// The start.
    pub when: Option<Moment>,
    /// The start before it was moved.
    pub moved_from: Option<Moment>,
    /// Whether the tenant has still to agree to the booking.
    pub awaits_confirmation: bool,
}

/// An instant in words.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Moment {
    /// For a sentence.
    pub full: String,
    /// For a subject line.
    pub brief: String,
}

/// One line of the details.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    pub label: &'a str,
    pub value: Cow<'a, str>,
    /// Whether it no longer holds.
    pub past: bool,
}

impl<'a> View<'a> {
    /// The letter's values in this language.
    pub fn of(letter: &Letter<'a>, dates: &Dates) -> Self {
        let mut view = Self {
            client: without_links(&letter.client.name),
            tenant: one_line(&letter.settings.name),
            service: None,
            location: None,
            reason: None,
            by: None,
            when: None,
            moved_from: None,
            awaits_confirmation: false,
        };
        if let Facts::Booking(facts) = &letter.message.facts {
            let place = place(letter);
            let moment = |at: Timestamp| Moment {
                full: dates.full(at, place),
                brief: dates.brief(at, place),
            };
            view.service = facts.service.as_deref().and_then(present);
            view.location = facts.location.as_deref().and_then(present);
            view.reason = reason(facts);
            view.by = facts.cancelled_by;
            view.when = Some(moment(facts.starts_at));
            view.moved_from = facts.moved_from.map(moment);
            view.awaits_confirmation = facts.awaits_confirmation;
        }
        view
    }

    /// The same with each free text cut to `max_chars`, for where room is short.
    pub fn clipped(&self, max_chars: usize) -> Self {
        let cut = |text: &Cow<'a, str>| Cow::Owned(clip(text, max_chars).into_owned());
        Self {
            client: cut(&self.client),
            tenant: cut(&self.tenant),
            service: self.service.as_ref().map(cut),
            location: self.location.as_ref().map(cut),
            reason: self.reason.as_ref().map(cut),
            ..self.clone()
        }
    }

    /// The details: what, when, where, and what it was before.
    pub fn rows<'v>(&'v self, letter: &Letter<'_>, language: &'v Language) -> Vec<Row<'v>> {
        let Facts::Booking(facts) = &letter.message.facts else {
            return Vec::new();
        };
        let (labels, place) = (&language.labels, place(letter));
        let row = |label: &'v str, value: Cow<'v, str>| Row { label, value, past: false };
        let known = |label: &'v str, value: &'v Option<Cow<'a, str>>| {
            value.as_ref().map(|value| row(label, Cow::Borrowed(value.as_ref())))
        };
        let mut rows = Vec::with_capacity(7);
        rows.extend(known(&labels.what, &self.service));
        let times = times(facts, labels, &language.dates, place);
        rows.extend(times.into_iter().map(|(label, value)| row(label, Cow::Owned(value))));
        rows.extend(known(&labels.place, &self.location));
        rows.extend(self.moved_from.as_ref().map(|before| Row {
            label: &labels.before,
            value: Cow::Borrowed(before.full.as_str()),
            past: true,
        }));
        rows.extend(known(&labels.reason, &self.reason));
        rows
    }
}

/// Times are the venue's; a reader who lives by another clock is told which one it is.
fn place<'a>(letter: &Letter<'a>) -> Place<'a> {
    let zone = &letter.settings.timezone;
    let own = letter.client.timezone.as_ref();
    Place { zone, named: own.is_some_and(|own| own.name() != zone.name()) }
}

fn times<'l>(
    facts: &BookingFacts,
    labels: &'l Labels,
    dates: &Dates,
    place: Place<'_>,
) -> Vec<(&'l str, String)> {
    let start = facts.starts_at;
    let end = facts.ends_at.filter(|end| *end > start);
    let (same, other) = match end {
        Some(end) if same_day(start, end, place.zone) => (Some(end), None),
        other => (None, other),
    };
    let mut times = vec![
        (labels.date.as_str(), dates.date(start, place)),
        (labels.time.as_str(), dates.hours(start, same, place)),
    ];
    times.extend(other.map(|end| (labels.until.as_str(), dates.full(end, place))));
    times
}

/// A client's own words come back to an address that may not be theirs; staff's words may link.
fn reason(facts: &BookingFacts) -> Option<Cow<'_, str>> {
    let reason = facts.reason.as_deref().and_then(present)?;
    Some(match (facts.cancelled_by, reason) {
        (Some(Party::Client), reason) => Cow::Owned(without_links(&reason).into_owned()),
        (_, reason) => reason,
    })
}

fn present(text: &str) -> Option<Cow<'_, str>> {
    Some(one_line(text)).filter(|line| !line.is_empty())
}
