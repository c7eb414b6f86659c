//! Payments and sales.

use super::*;
use crate::domain::message::Facts;

/// A gym as its profile has it, on a plan that has everything, with verified clients.
fn gym() -> World {
    let mut settings = Settings::of_profile("Gym", Profile::Classes);
    settings.plan = "pro".to_owned();
    settings.require_verified_email = false;
    let mut world = World::with(settings);
    world.provided = Channels::ALL;
    world
}

#[test]
fn a_payment_is_asked_for_and_its_acceptance_has_a_receipt() {
    let mut world = gym();
    assert_eq!(
        world.does(charge("p1", None)),
        ["payment p1 is requested", "tell anna payment.requested: email, push"]
    );
    world.all_sent();
    assert_eq!(world.does(pay("p1")), ["payment p1 is paid", "tell anna payment.receipt: email"]);
    assert_eq!(world.does(pay("p1")), ["already done"]);
    world.all_sent();
    let Facts::Payment(facts) = &world.sent.last().unwrap().facts else { panic!("a payment") };
    assert_eq!(
        (facts.amount.amount(), facts.reason.as_str(), facts.payment.as_str()),
        ("12.50", "Towels", "p1")
    );
}

#[test]
fn a_direct_charge_informs_by_push_and_no_email_asks() {
    let mut world = gym();
    assert_eq!(
        world.does(charge("p1", Some(true))),
        [
            "payment p1 is paid",
            "tell anna payment.requested: push",
            "tell anna payment.requested: no email (direct_charge)",
            "tell anna payment.receipt: email",
        ]
    );
}

#[test]
fn whether_it_is_direct_is_the_tenant_s_where_nobody_says() {
    let mut world = gym();
    world.does(configure(Settings { direct_charge: true, ..world.settings() }));
    assert_eq!(world.does(charge("p1", None))[0], "payment p1 is paid");
    assert_eq!(world.does(charge("p2", Some(false)))[0], "payment p2 is requested");
}

#[test]
fn a_refusal_tells_nobody_and_withdraws_the_question() {
    let mut world = gym();
    world.does(charge("p1", None));
    assert_eq!(
        world.does(refuse_to_pay("p1")),
        ["payment p1 is declined", "withdraw payment.requested to anna: email, push"]
    );
    assert_eq!(world.refuses(pay("p1")), RejectionReason::IllegalTransition);
    assert_eq!(world.refuses(pay("p9")), RejectionReason::UnknownPayment);
}

#[test]
fn a_sale_is_told_with_the_new_balance() {
    let mut world = gym();
    assert_eq!(world.does(sell("anna")), ["tell anna sale.recorded: push"]);
    world.all_sent();
    let Facts::Sale(facts) = &world.sent.last().unwrap().facts else { panic!("a sale") };
    assert_eq!(
        (facts.description.as_str(), facts.balance.as_deref()),
        ("Ten lessons", Some("10 lessons"))
    );
    assert_eq!(world.refuses(sell("nobody")), RejectionReason::UnknownClient);
}

#[test]
fn who_was_deleted_is_not_charged() {
    let mut world = gym();
    world.does(delete("anna"));
    assert_eq!(world.refuses(charge("p1", None)), RejectionReason::ClientDeleted);
    assert_eq!(world.refuses(sell("anna")), RejectionReason::ClientDeleted);
}

#[test]
fn who_is_deleted_meanwhile_has_no_receipt_and_that_is_said() {
    let mut world = gym();
    world.does(charge("p1", None));
    world.all_sent();
    world.does(delete("anna"));
    assert_eq!(
        told(world.does(pay("p1"))),
        ["tell anna payment.receipt: no email (client_deleted)"]
    );
}
