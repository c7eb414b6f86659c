//! Payments and sales.

use super::*;
use crate::domain::message::Facts;
use crate::domain::secret::SecretLink;

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

const PAGE: &str = "https://gym.example/pay?t=s3cret";

/// A gym that asks by everything, for a payment that is approved on a page.
fn gym_with_page() -> World {
    let mut world = gym();
    let mut settings = world.settings();
    let everywhere = Channel::ALL.map(|channel| (channel, true));
    settings.toggles.insert(Kind::PaymentRequested, everywhere.into());
    world.does(configure(settings));
    world.sent.clear();
    world
}

/// The page in the messages that have left, by channel.
fn pages(world: &World) -> Vec<(Channel, Option<&str>)> {
    let asked = world.sent.iter().filter(|message| message.kind == Kind::PaymentRequested);
    asked
        .map(|message| {
            let Facts::Payment(facts) = &message.facts else { panic!("a payment") };
            (message.channel, facts.url.as_ref().map(SecretLink::expose))
        })
        .collect()
}

#[test]
fn where_it_is_approved_is_told_to_the_client_and_nobody_else_knows() {
    let mut world = gym_with_page();
    let lines = world.does(charge_at("p1", None, PAGE));
    world.all_sent();
    assert_eq!(
        pages(&world),
        [
            (Channel::Email, Some(PAGE)),
            (Channel::Sms, Some(PAGE)),
            (Channel::Push, Some(PAGE)),
            (Channel::Inbox, None),
        ]
    );
    let known = format!("{lines:?} {:?} {:?} {:?}", world.state(), world.planned(), world.sent);
    assert!(!known.contains("s3cret"), "{known}");
    let state = world.state().payment(&payment_id("p1")).unwrap();
    assert!(!serde_json::to_string(state).unwrap().contains("s3cret"));
    world.sent.clear();
    world.does(pay("p1"));
    world.all_sent();
    let told = serde_json::to_string(&world.sent[0].facts).unwrap();
    assert!(told.contains("\"p1\"") && !told.contains("url"), "the receipt: {told}");
}

#[test]
fn of_what_is_charged_already_there_is_nothing_to_approve() {
    let mut world = gym_with_page();
    world.does(charge_at("p1", Some(true), PAGE));
    world.all_sent();
    let nowhere = [Channel::Sms, Channel::Push, Channel::Inbox].map(|channel| (channel, None));
    assert_eq!(pages(&world), nowhere);
}

#[test]
fn once_it_is_paid_or_declined_the_page_is_told_to_nobody() {
    for then in [pay as fn(&str) -> Command, refuse_to_pay] {
        let mut world = gym_with_page();
        world.does(charge_at("p1", None, PAGE));
        let lines = world.does(then("p1"));
        let withdrawn = "withdraw payment.requested to anna: email, inbox, push, sms";
        assert!(lines.contains(&withdrawn.to_owned()), "{lines:?}");
        world.all_sent();
        assert!(pages(&world).is_empty());
    }
}

#[test]
fn who_is_erased_is_not_asked_and_the_page_is_forgotten() {
    let mut world = gym_with_page();
    world.does(charge_at("p1", None, PAGE));
    world.does(erase("anna"));
    world.all_sent();
    assert!(pages(&world).is_empty());
    let left = serde_json::to_string(world.state().payment(&payment_id("p1")).unwrap()).unwrap();
    assert!(left.contains("\"erased\":true") && !left.contains("s3cret"), "{left}");
}

/// As a version wrote it that knew no such page.
#[test]
fn a_payment_of_an_older_version_is_one_that_is_approved_in_the_app() {
    let written = r#"{"about":"payment","payment":"p1","amount":{"amount":"12.50","currency":"EUR"},"reason":"Towels","direct":false}"#;
    let facts: Facts = serde_json::from_str(written).unwrap();
    assert!(!facts.is_secret());
    assert_eq!(serde_json::to_string(&facts).unwrap(), written);
}
