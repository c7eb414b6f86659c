//! The steps of a trace: each follows from another, back to the app's own.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use super::salon::{SALON, books_at, opens_with, registers};
use super::universe::Universe;
use crate::domain::outcome::Outcome;
use crate::domain::trace::TraceContext;
use crate::egress::script::Act;
use crate::telemetry::spans::{Role, Span, heard};
use crate::wire::Received;

const APP: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn traced(received: Received) -> Received {
    Received { trace: TraceContext::parse(APP), ..received }
}

fn attribute<'a>(span: &'a Span, name: &str) -> &'a str {
    let found = span.attributes.iter().find(|(known, _)| *known == name);
    found.map_or_else(|| panic!("{name} of {span:?}"), |(_, value)| value)
}

#[test]
fn every_step_follows_from_another_back_to_the_app_s() {
    heard::begin();
    let universe = Universe::new();
    universe.provider.next(Act::Says(Outcome::Transient));
    let (booked, reminds) = ("2026-12-01T09:40:00Z", json!({ "reminders": ["PT25M"] }));
    universe.lives(async |life| {
        life.does(opens_with(SALON, reminds)).await;
        life.does(registers(SALON, "anna")).await;
        assert_eq!(heard::all(), [], "they belong to no trace");
        life.does(traced(books_at(SALON, "b1", "anna", booked))).await;
        life.passes(Duration::from_secs(600)).await;
        assert_eq!(life.fates(SALON, "anna").await, ["booking.confirmed sent"]);
    });
    // Another life knows by the store alone what a timer follows from.
    universe.lives(async |life| {
        life.passes(Duration::from_secs(400)).await;
        let fates = life.fates(SALON, "anna").await;
        assert_eq!(fates, ["booking.confirmed sent", "booking.reminder sent"]);
    });

    let spans = heard::all();
    let app = TraceContext::parse(APP).unwrap();
    let mut names = BTreeMap::from([(app.span_id(), "the app")]);
    names.extend(spans.iter().map(|span| (span.trace.span_id(), span.name.as_str())));
    assert_eq!(names.len(), spans.len() + 1, "each has a span of its own: {spans:?}");
    let mut told: Vec<_> = spans
        .iter()
        .map(|span| {
            assert_eq!(span.trace.trace_id(), app.trace_id());
            assert!(span.began <= span.ended, "{span:?}");
            let parent = names.get(&span.parent).copied();
            (
                parent.unwrap_or_else(|| panic!("of nobody: {span:?}")),
                span.name.as_str(),
                span.fault.as_deref(),
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("command booking.request", "message booking.confirmed", None),
            ("command booking.request", "timer", None),
            ("message booking.confirmed", "attempt email", None),
            ("message booking.confirmed", "attempt email", Some("transient")),
            ("message booking.reminder", "attempt email", None),
            ("the app", "command booking.request", None),
            ("timer", "message booking.reminder", None),
        ]
    );

    let one = |name: &str| spans.iter().find(|span| span.name == name).unwrap();
    let command = one("command booking.request");
    let said = ["bellhop.tenant", "bellhop.command", "bellhop.result"];
    assert_eq!(said.map(|name| attribute(command, name)), [SALON, "book-b1", "accepted"]);
    assert_eq!(command.role, Role::Consumer);
    assert_eq!(attribute(one("timer"), "bellhop.tenant"), SALON);
    let message = one("message booking.confirmed");
    let said = ["bellhop.tenant", "bellhop.channel", "bellhop.outcome", "bellhop.attempts"];
    assert_eq!(said.map(|name| attribute(message, name)), [SALON, "email", "sent", "2"]);
    let id = attribute(message, "bellhop.message").replace('-', "");
    assert_eq!(message.trace.span_id().to_string(), id[16..], "it is found by its id");
    assert!((1..=600).contains(&message.ended.duration_since(message.began).as_secs()));
    let attempt = spans.iter().find(|span| span.fault.is_some()).unwrap();
    assert_eq!((attempt.role, attribute(attempt, "bellhop.outcome")), (Role::Client, "transient"));
    assert_eq!(attribute(attempt, "bellhop.message").replace('-', ""), id);
    assert!(!attribute(attempt, "bellhop.provider").is_empty());
}

/// Whoever began a trace that is not kept wants no steps of it.
#[test]
fn a_trace_that_is_not_kept_has_no_steps_and_is_handed_on() {
    heard::begin();
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens_with(SALON, json!({}))).await;
        life.does(registers(SALON, "anna")).await;
        let booking = books_at(SALON, "b1", "anna", "2026-12-24T10:00:00+01:00");
        let trace = TraceContext::parse(&APP.replace("-01", "-00"));
        life.does(Received { trace, ..booking }).await;
        life.settles().await;
        let messages = life.messages(SALON, "anna").await;
        assert_eq!(messages[0].trace_id.as_deref(), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    });
    assert_eq!(heard::all(), []);
}
