//! What the rules refuse though nobody asked for it.

use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use serde_json::json;

use super::salon::{SALON, books_at, opens_with, registers};
use super::universe::Universe;
use crate::domain::decide;
use crate::domain::timer::Timer;
use crate::domain::{Ctx, Decision, Input, Rejection, RejectionReason, TenantState};
use crate::store::Cursor;

/// No reminder may ever be.
fn contradicts(
    ctx: &Ctx<'_>,
    state: &TenantState,
    input: Input<'_>,
) -> Result<Decision, Rejection> {
    if let Input::Timer(due) = input
        && let Timer::Reminder { .. } = due.timer
    {
        return Err(Rejection::new(RejectionReason::IllegalTransition, "injected by a test"));
    }
    decide(ctx, state, input)
}

#[test]
fn a_timer_that_the_rules_refuse_is_counted_and_told_to_nobody() {
    let mut universe = Universe::new();
    universe.decide = contradicts;
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        universe.lives(async |life| {
            life.does(opens_with(SALON, json!({ "reminders": ["PT1H"] }))).await;
            life.does(registers(SALON, "anna")).await;
            life.does(books_at(SALON, "b1", "anna", "2026-12-01T11:02:00+01:00")).await;
            life.passes(Duration::from_secs(180)).await;
            // What is left is the look at what has long been over.
            assert_eq!(life.store.count_timers().await.unwrap(), 1, "it does not come again");
            let events = life.store.events_after(&Cursor::default(), 100).await.unwrap();
            let refused = events.iter().filter(|event| event.type_name == "command.rejected");
            assert_eq!(refused.count(), 0, "nobody asked for it");
        });
    });
    let metrics = recorder.handle().render();
    let counted = "bellhop_contradictions_total{reason=\"illegal_transition\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}
