//! What operators impose, in the time in which it holds.

use std::time::Duration;

use serde_json::json;

use super::life::Life;
use super::salon::{SALON, books, books_at, opens, opens_with, registers};
use super::universe::Universe;
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::rejection::RejectionReason;
use crate::store::tamper::Fault;
use crate::store::{Deed, NewLimit};

/// So slow that each mail has the next hour for itself.
const SLOW: f64 = 0.0003;

fn salon() -> TenantId {
    TenantId::parse(SALON).unwrap()
}

fn deed() -> Deed {
    Deed { who: "operator".to_owned(), why: "a flood".to_owned(), at: clock::now() }
}

async fn slows(life: &Life, span: Duration) {
    let until = clock::now() + jiff::SignedDuration::try_from(span).unwrap();
    let limit = NewLimit { channel: Channel::Email, rate: SLOW, until };
    life.core.measures.limit(&salon(), limit, deed()).await.unwrap();
}

async fn opened(life: &Life, tenant: &str) {
    life.does(opens(tenant)).await;
    life.does(registers(tenant, "anna")).await;
}

async fn books_some(life: &Life, tenant: &str, which: std::ops::Range<usize>) {
    for n in which {
        life.does(registers(tenant, &format!("c{n}"))).await;
        life.does(books(tenant, &format!("b{n}"), &format!("c{n}"))).await;
    }
}

async fn sent(life: &Life, tenant: &str, clients: std::ops::Range<usize>) -> usize {
    let mut sent = 0;
    for n in clients {
        let fates = life.fates(tenant, &format!("c{n}")).await;
        sent += usize::from(fates.contains(&"booking.confirmed sent".to_owned()));
    }
    sent
}

#[test]
fn a_limit_slows_what_waits_and_ends_by_itself() {
    let universe = Universe::new();
    universe.lives(async |life| {
        opened(life, SALON).await;
        opened(life, "salon-due").await;
        slows(life, Duration::from_secs(600)).await;
        books_some(life, SALON, 0..4).await;
        books_some(life, "salon-due", 0..4).await;
        let all = async || sent(life, "salon-due", 0..4).await == 4;
        life.until("a neighbour notices nothing", all).await;
        assert_eq!(sent(life, SALON, 0..4).await, 1);
        life.passes(Duration::from_secs(590)).await;
        assert_eq!(sent(life, SALON, 0..4).await, 1);
        life.passes(Duration::from_secs(12)).await;
        assert_eq!(sent(life, SALON, 0..4).await, 4, "it ended");
    });
}

#[test]
fn a_limit_is_lifted_at_once_and_outlasts_a_life() {
    let universe = Universe::new();
    universe.dies(async |life| {
        opened(life, SALON).await;
        slows(life, Duration::from_secs(86_400)).await;
        books_some(life, SALON, 0..3).await;
        life.until("one leaves", async || sent(life, SALON, 0..3).await == 1).await;
    });
    universe.lives(async |life| {
        life.passes(Duration::from_secs(60)).await;
        assert!(sent(life, SALON, 0..3).await <= 2, "one more at most");
        // Deciding is not slowed down, and whoever fails to lift it may try again.
        universe.store.next("lift", Fault::Fails);
        let lifts = async || life.core.measures.lift(&salon(), Channel::Email, &deed()).await;
        assert!(lifts().await.is_err());
        assert!(sent(life, SALON, 0..3).await <= 2, "it stands");
        assert!(lifts().await.unwrap());
        let began = clock::now();
        life.until("all leave", async || sent(life, SALON, 0..3).await == 3).await;
        assert!(clock::now().duration_since(began).as_secs() < 5, "at once");
        assert!(!lifts().await.unwrap(), "there is none any more");
    });
}

#[test]
fn of_who_is_parked_nothing_is_taken_and_what_was_decided_leaves() {
    let universe = Universe::new();
    universe.dies(async |life| {
        opened(life, SALON).await;
        opened(life, "salon-due").await;
        slows(life, Duration::from_secs(60)).await;
        books_some(life, SALON, 0..2).await;
        life.core.measures.park(&salon(), &deed()).await.unwrap();
        let why = life.refuses(books(SALON, "b7", "anna")).await;
        assert_eq!(why, RejectionReason::TenantParked);
        books_some(life, "salon-due", 0..1).await;
    });
    universe.lives(async |life| {
        let why = life.refuses(books(SALON, "b7", "anna")).await;
        assert_eq!(why, RejectionReason::TenantParked, "in another life as well");
        assert_eq!(life.core.tenants.parked(), [salon()]);
        life.passes(Duration::from_secs(120)).await;
        assert_eq!(sent(life, SALON, 0..2).await, 2, "what was decided before leaves");
        life.core.measures.unpark(&salon(), &deed()).await.unwrap();
        life.does(books(SALON, "b7", "anna")).await;
        assert!(life.core.tenants.parked().is_empty());
    });
}

#[test]
fn what_is_to_happen_to_who_is_parked_happens_when_they_go_on() {
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens_with(SALON, json!({ "reminders": ["PT3H"] }))).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books_at(SALON, "b1", "anna", "2026-12-01T14:00:00+01:00")).await;
        life.core.measures.park(&salon(), &deed()).await.unwrap();
        life.passes(Duration::from_secs(90 * 60)).await;
        let reminded = async || {
            let fates = life.fates(SALON, "anna").await;
            fates.contains(&"booking.reminder sent".to_owned())
        };
        assert!(!reminded().await, "it is parked");
        life.core.measures.unpark(&salon(), &deed()).await.unwrap();
        life.passes(Duration::from_secs(95)).await;
        assert!(reminded().await, "within a minute and a half");
    });
}
