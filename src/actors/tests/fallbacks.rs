//! What is given up, and may go by another channel.

use serde_json::json;

use super::bounces::{is_refused_at_once, one_leaves};
use super::life::Life;
use super::salon::{SALON, books, cancels, links, opens_with, registers};
use super::universe::Universe;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::outcome::{Outcome, Scope};
use crate::wire::Received;

/// What is given up by email goes to the app's inbox, for which nobody has a provider here.
fn opens() -> Received {
    opens_with(SALON, json!({ "fallback": { "email": "inbox" } }))
}

#[test]
fn all_that_follows_from_a_message_s_end_is_one_transaction() {
    let universe = Universe::new();
    let wire = universe.provider.holds(Outcome::Permanent(Scope::Address));
    universe.lives(async |life| {
        one_leaves(life, opens(), &wire).await;
        is_refused_at_once(&universe, life, &wire).await;
        let inbox = life.reasons(SALON, "anna", "inbox").await;
        assert_eq!(inbox.last().map(String::as_str), Some("no_provider"), "without rule 1");
        life.does(books(SALON, "b2", "anna")).await;
        assert_eq!(life.reasons(SALON, "anna", "email").await.last().unwrap(), "suppressed");
    });
}

/// How often it was decided whether another message takes the place of one.
async fn spares(life: &Life) -> usize {
    let tenant = TenantId::parse(SALON).unwrap();
    let client = ClientId::parse("anna").unwrap();
    let tellings = life.store.tellings_of_client(&tenant, &client).await.unwrap();
    let verdicts = tellings.iter().flat_map(|telling| &telling.channels);
    verdicts.filter(|one| one.fallback_of.is_some()).count()
}

#[test]
fn what_may_have_arrived_or_was_withdrawn_goes_no_other_way() {
    type Refused = fn(&Universe);
    let cases: [(&str, Refused); 2] = [
        ("unknown", |universe| universe.provider.always(Some(Outcome::InDoubt))),
        ("withdrawn", |universe| universe.provider.always(Some(Outcome::Transient))),
    ];
    for (status, refused) in cases {
        let universe = Universe::with("[retry.in_doubt]\nemail = []");
        refused(&universe);
        universe.lives(async |life| {
            life.does(opens()).await;
            life.does(registers(SALON, "anna")).await;
            life.does(books(SALON, "b1", "anna")).await;
            if status == "withdrawn" {
                life.does(cancels(SALON, "b1")).await;
            }
            let ended = format!("booking.confirmed {status}");
            life.until(&ended, async || life.fates(SALON, "anna").await[0] == ended).await;
            assert_eq!(spares(life).await, 0, "{status}");
        });
    }
}

#[test]
fn what_would_miss_its_deadline_goes_another_way_at_once() {
    let universe = Universe::with("[retry]\nemail = [\"PT10M\"]");
    universe.provider.always(Some(Outcome::Transient));
    universe.lives(async |life| {
        life.does(opens()).await;
        life.does(registers(SALON, "anna")).await;
        life.does(links(SALON, "anna", "2026-12-01T09:05:00Z")).await;
        life.settles().await;
        assert_eq!(life.fates(SALON, "anna").await, ["account.magic_link expired"]);
        assert_eq!(spares(life).await, 1);
        universe.provider.always(None);
    });
}
