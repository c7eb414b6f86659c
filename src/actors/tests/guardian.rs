//! Actors that fall, rest or cannot be built, and who looks after them.

use std::cell::Cell;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;

use super::salon::{SALON, annotates, books, opens, registers};
use super::universe::Universe;
use crate::clock;
use crate::domain::id::TenantId;
use crate::domain::rejection::RejectionReason;
use crate::domain::{Ctx, Decision, Input, Rejection, TenantState, decide};
use crate::store::tamper::Fault;

/// A tenant whose notes fell is parked at the second fall.
const PARKS_SOON: &str = "[actors]\nrestarts_max = 1\ncommand_panics_max = 1\n\
                          park_time = \"PT10M\"\nrestart_window = \"PT1H\"";

thread_local! {
    static FALLS: Cell<u32> = const { Cell::new(0) };
}

/// Falls at a note, as often as it is to.
fn falls(ctx: &Ctx<'_>, state: &TenantState, input: Input<'_>) -> Result<Decision, Rejection> {
    if ctx.cause.as_str().starts_with("annotate") && FALLS.get() > 0 {
        FALLS.set(FALLS.get() - 1);
        panic!("deciding: injected by a test");
    }
    decide(ctx, state, input)
}

fn falling(count: u32, toml: &str) -> Universe {
    let mut universe = Universe::with(toml);
    universe.decide = falls;
    universe.expects_panics(count as usize);
    FALLS.set(count);
    universe
}

#[test]
fn who_fell_is_built_anew_from_the_store_after_growing_pauses() {
    let universe = falling(2, "[actors]\nrestart_backoff = \"PT1S\"");
    let recorder = PrometheusBuilder::new().build_recorder();
    metrics::with_local_recorder(&recorder, || {
        universe.lives(async |life| {
            life.does(opens(SALON)).await;
            life.does(registers(SALON, "anna")).await;
            life.does(books(SALON, "b1", "anna")).await;
            let began = clock::instant();
            // It knows of the booking: the same command is tried again, and takes effect.
            life.does(annotates(SALON, "b1")).await;
            let took = clock::since(began);
            let pauses = Duration::from_secs(3)..Duration::from_secs(4);
            assert!(pauses.contains(&took), "1 s, then 2 s: {took:?}");
            assert_eq!(life.core.tenants.crashes(), 2);
        });
    });
    let metrics = recorder.handle().render();
    assert!(metrics.contains("bellhop_actor_restarts_total{actor=\"tenant\"} 2"), "{metrics}");
}

#[test]
fn who_keeps_falling_is_parked_alone_until_its_time_is_over() {
    let universe = falling(2, PARKS_SOON);
    universe.lives(async |life| {
        for salon in [SALON, "salon-due"] {
            life.does(opens(salon)).await;
            life.does(registers(salon, "anna")).await;
            life.does(books(salon, "b1", "anna")).await;
        }
        for booking in ["b1", "b2"] {
            let why = life.refuses(annotates(SALON, booking)).await;
            assert_eq!(why, RejectionReason::HandlerPanicked);
        }
        // Parked, with whatever it is asked; the neighbour notices nothing.
        let why = life.refuses(books(SALON, "b3", "anna")).await;
        assert_eq!(why, RejectionReason::TenantParked);
        assert_eq!(life.core.tenants.parked(), [TenantId::parse(SALON).unwrap()]);
        life.does(books("salon-due", "b2", "anna")).await;
        life.passes(Duration::from_secs(9 * 60)).await;
        let why = life.refuses(books(SALON, "b3", "anna")).await;
        assert_eq!(why, RejectionReason::TenantParked);
        // What was set aside may come again, under the same id.
        life.passes(Duration::from_secs(2 * 60)).await;
        life.does(books(SALON, "b3", "anna")).await;
        assert!(life.core.tenants.parked().is_empty());
    });
}

#[test]
fn who_is_unparked_tries_at_once_and_starts_with_a_clean_sheet() {
    let universe = falling(3, PARKS_SOON);
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        for booking in ["b1", "b2"] {
            life.refuses(annotates(SALON, booking)).await;
        }
        let salon = TenantId::parse(SALON).unwrap();
        let why = life.refuses(books(SALON, "b2", "anna")).await;
        assert_eq!(why, RejectionReason::TenantParked);
        assert!(life.core.tenants.unpark(&salon));
        assert!(!life.core.tenants.unpark(&salon), "it is not parked any more");
        life.does(books(SALON, "b2", "anna")).await;
        // One fall more does not park it again.
        let why = life.refuses(annotates(SALON, "b3")).await;
        assert_eq!(why, RejectionReason::HandlerPanicked);
        life.does(books(SALON, "b3", "anna")).await;
    });
}

#[test]
fn who_has_nothing_to_do_goes_and_comes_back_as_it_was() {
    let universe = Universe::with("[actors]\nidle_after = \"PT1M\"");
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        assert_eq!(life.core.tenants.live(), 1);
        life.until("it goes", async || life.core.tenants.live() == 0).await;
        assert_eq!(life.core.tenants.crashes(), 0, "in peace");
        life.does(annotates(SALON, "b1")).await;
        assert_eq!(life.core.tenants.live(), 1);
    });
}

#[test]
fn who_cannot_be_read_now_is_waited_for() {
    let universe = Universe::new();
    universe.lives(async |life| {
        for _ in 0..3 {
            universe.store.next("load_tenant", Fault::Fails);
        }
        life.does(opens(SALON)).await;
        assert_eq!(universe.store.calls("load_tenant"), 4);
        assert_eq!(life.core.tenants.crashes(), 0, "the store's fault");
    });
}

/// Anybody may name tenants that do not exist.
#[test]
fn of_whom_there_is_nothing_to_be_known_nothing_stays_in_memory() {
    const STRANGERS: usize = 50;
    let universe = Universe::with("[actors]\nidle_after = \"PT1M\"");
    universe.lives(async |life| {
        let tenants = &life.core.tenants;
        life.does(opens(SALON)).await;
        for n in 0..STRANGERS {
            let why = life.refuses(registers(&format!("stranger-{n}"), "anna")).await;
            assert_eq!(why, RejectionReason::UnknownTenant);
        }
        tenants.forget_absent();
        assert_eq!(tenants.known(), 1 + STRANGERS, "they were here just now");
        life.passes(Duration::from_secs(10)).await;
        tenants.forget_absent();
        assert_eq!((tenants.known(), tenants.live()), (1, 1), "the one that lives");
        life.until("it goes", async || tenants.live() == 0).await;
        tenants.forget_absent();
        assert_eq!(tenants.known(), 0);
        life.does(registers(SALON, "anna")).await;
        assert_eq!(tenants.known(), 1);
    });
}

#[test]
fn who_was_parked_is_forgotten_once_that_is_over_though_nobody_asks_for_them_again() {
    let universe = falling(2, PARKS_SOON);
    universe.lives(async |life| {
        let tenants = &life.core.tenants;
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books(SALON, "b1", "anna")).await;
        for booking in ["b1", "b2"] {
            life.refuses(annotates(SALON, booking)).await;
        }
        let why = life.refuses(books(SALON, "b3", "anna")).await;
        assert_eq!(why, RejectionReason::TenantParked);
        life.passes(Duration::from_secs(60)).await;
        tenants.forget_absent();
        assert_eq!(tenants.known(), 1, "it is parked");
        life.passes(Duration::from_secs(30 * 60)).await;
        tenants.forget_absent();
        assert_eq!(tenants.known(), 1, "its crashes still count");
        life.passes(Duration::from_secs(40 * 60)).await;
        tenants.forget_absent();
        assert_eq!(tenants.known(), 0);
    });
}
