//! The door: who is let in, who is told what was said before, and who is sent away.

use std::time::Duration;

use serde_json::json;

use super::life::Life;
use super::salon::{
    SALON, annotates, annotates_with, books, books_at, opens, opens_with, registers,
};
use super::universe::Universe;
use crate::actors::intake::{Coming, Untold};
use crate::actors::room::Busy;
use crate::actors::work::{Unspent, Work};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::domain::rejection::RejectionReason;
use crate::store::tamper::Fault;
use crate::wire::Received;

fn coming(received: Received) -> Coming {
    Coming { received, reply: Box::new(|answer| panic!("{answer:?}")), seat: None }
}

async fn rejections(life: &Life) -> i64 {
    life.store.count("SELECT count(*) FROM events WHERE type = 'command.rejected'").await
}

#[test]
fn while_the_inbox_cannot_be_read_nothing_is_taken_and_all_is_given_back() {
    let universe = Universe::new();
    universe.lives(async |life| {
        universe.store.next("lookup", Fault::Fails);
        let commands = vec![coming(opens(SALON)), coming(registers(SALON, "anna"))];
        let taken = life.core.intake.take(commands).await;
        let Err((_, back)) = taken else { panic!("taken") };
        let ids: Vec<&str> = back.iter().map(|coming| coming.received.id.as_str()).collect();
        assert_eq!(ids, ["open", "register-anna"]);
        assert!(life.core.intake.is_idle());
        drop(back);
        life.does(opens(SALON)).await;
    });
}

#[test]
fn what_was_answered_is_answered_again_and_not_decided_again() {
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        life.does(registers(SALON, "anna")).await;
        let first = life.refuses(annotates(SALON, "none")).await;
        let before = universe.store.calls("commit");
        life.does(registers(SALON, "anna")).await;
        assert_eq!(life.refuses(annotates(SALON, "none")).await, first);
        assert_eq!(universe.store.calls("commit"), before, "nothing is written");
        // The same id for something else is refused, and that is said upstream.
        let rejected = rejections(life).await;
        let other = life.refuses(annotates_with(SALON, "none", "something else")).await;
        assert_eq!(other, RejectionReason::IdReused);
        life.settles().await;
        assert_eq!(rejections(life).await, rejected + 1);
    });
}

#[test]
fn commands_of_one_tenant_take_effect_in_the_order_in_which_they_came() {
    let universe = Universe::new();
    universe.lives(async |life| {
        let booked = (1..=9).map(|n| books(SALON, &format!("b{n}"), "anna"));
        let commands = [opens(SALON), registers(SALON, "anna")].into_iter().chain(booked);
        for answer in life.hears_all(commands.collect()) {
            assert_eq!(answer.await.unwrap().result(), "accepted");
        }
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await.len(), 9);
    });
}

#[test]
fn who_cannot_wait_is_sent_away_where_there_is_no_seat_and_let_in_once_there_is() {
    let universe = Universe::with("[limits]\nintake_max = 4\ntenant_window = 2");
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        let written = universe.store.holds("commit");
        let slow = life.hears_all(vec![registers(SALON, "anna"), registers(SALON, "beppe")]);
        written.reached().await;
        let intake = &life.core.intake;
        assert_eq!(intake.in_flight(), 2);
        let wanted: Vec<Received> = (0..3).map(|n| registers("other", &format!("c{n}"))).collect();
        assert_eq!(intake.seats(&wanted).err(), Some(Busy::All));
        let seats = intake.seats(&wanted[..2]).unwrap();
        let share = intake.seats(&wanted[..1]).err();
        assert_eq!(share, Some(Busy::Tenant(TenantId::parse("other").unwrap(), 2)));
        drop(seats);
        written.open();
        for answer in slow {
            assert_eq!(answer.await.unwrap().result(), "accepted");
        }
        assert_eq!(intake.in_flight(), 0);
        assert!(intake.seats(&wanted).is_ok());
    });
}

#[test]
fn what_came_of_a_message_is_not_taken_behind_the_closed_door() {
    let universe = Universe::new();
    universe.lives(async |life| {
        life.does(opens(SALON)).await;
        let salon = TenantId::parse(SALON).unwrap();
        let message = MessageId(uuid::Uuid::from_u128(1));
        let client = ClientId::parse("anna").unwrap();
        let unspent = || {
            Work::Unspent(
                Unspent { message, client: client.clone(), segments: 1, trace: None },
                None,
            )
        };
        let intake = &life.core.intake;
        assert_eq!(intake.came_of_a_message(&salon, unspent()).await, Ok(()));
        intake.close();
        let told = intake.came_of_a_message(&salon, unspent()).await;
        assert_eq!(told, Err(Untold::Closed));
        assert!(intake.is_idle());
    });
}

#[test]
fn a_line_that_falls_gives_up_what_it_has_and_another_takes_its_place() {
    let universe = Universe::with("[actors]\nidle_after = \"PT1S\"");
    universe.expects_panics(2);
    universe.lives(async |life| {
        universe.store.next("load_tenant", Fault::Panics);
        // Whoever waits hears that there is no answer, and has no seat any more.
        for answer in life.hears_all(vec![opens(SALON), registers(SALON, "anna")]) {
            assert!(answer.await.is_err());
        }
        assert!(life.core.intake.is_idle());
        life.does(opens_with(SALON, json!({ "reminders": ["PT1H"] }))).await;
        life.does(registers(SALON, "anna")).await;
        life.does(books_at(SALON, "b1", "anna", "2026-12-01T11:02:00+01:00")).await;
        life.until("the actor is gone", async || life.core.tenants.live() == 0).await;
        // Nor is a timer lost that was on its way.
        universe.store.next("load_tenant", Fault::Panics);
        let read = universe.store.calls("load_tenant");
        life.passes(Duration::from_secs(180)).await;
        assert!(universe.store.calls("load_tenant") > read + 1);
        let fates = ["booking.confirmed sent", "booking.reminder sent"];
        assert_eq!(life.fates(SALON, "anna").await, fates);
    });
}
