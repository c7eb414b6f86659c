//! What providers report of messages.

use proptest::prelude::*;

use super::*;
use crate::domain::decide::Input;
use crate::domain::message::Message;
use crate::domain::receipt::{
    Arrival, Failure, ReceiptId, Report, Reported, Standing, Suppression,
};

const FAILED: Report = Report::Undelivered(Failure::Failed);
const BAD_ADDRESS: Report = Report::Undelivered(Failure::BadAddress);

/// A salon with Anna, whose confirmation of `b1` by text message has left.
fn texted() -> (World, Message) {
    let mut settings = email_only();
    everything(&mut settings, Channels::of(&[Channel::Sms]));
    let mut world = World::with(settings);
    world.provided = Channels::of(&[Channel::Sms]);
    world.does(request("b1"));
    world.all_sent();
    let message = world.sent[0].clone();
    (world, message)
}

pub(super) fn reported(world: &World, message: &Message, report: Report) -> Reported {
    Reported {
        receipt: ReceiptId(1),
        report,
        said: "a word".to_owned(),
        provider: "gw".to_owned(),
        reference: None,
        at: world.now,
        message: message.id,
        kind: message.kind,
        channel: message.channel,
        client: message.client.clone(),
        topic: message.facts.topic(),
        attempts: 1,
        fallback_of: message.fallback_of,
        standing: Standing::Left,
        arrival: None,
        condemned: None,
        sent_to: world.client("anna").digest(message.channel),
        forgotten: false,
        astray: None,
        trace: None,
    }
}

fn takes(world: &mut World, reported: &Reported) -> Vec<String> {
    world.takes(Input::Reported(reported))
}

#[test]
fn what_is_reported_is_told() {
    for (report, expected) in [
        (Report::Delivered, vec!["message.delivered to anna: a word"]),
        (FAILED, vec!["message.undelivered (failed) to anna: a word"]),
        (
            BAD_ADDRESS,
            vec![
                "message.undelivered (bad_address) to anna: a word",
                "anna is suppressed on sms (bad_address)",
            ],
        ),
        (
            Report::Complained,
            vec!["message.complained to anna: a word", "anna is suppressed on sms (complained)"],
        ),
    ] {
        let (mut world, message) = texted();
        let reported = reported(&world, &message, report);
        assert_eq!(takes(&mut world, &reported), expected, "{report:?}");
        let is_dead = expected.len() > 1;
        assert_eq!(world.client("anna").suppressed.contains(Channel::Sms), is_dead);
    }
}

/// Whatever came before: what is told of a message only gets further.
#[test]
fn a_message_never_moves_backwards() {
    use Arrival::{Complained, Delivered, Undelivered};
    let news = |before, report| {
        let (world, message) = texted();
        Reported { arrival: before, ..reported(&world, &message, report) }.news()
    };
    for (before, report, expected) in [
        (None, Report::Delivered, Some(Delivered)),
        (None, FAILED, Some(Undelivered)),
        (Some(Undelivered), BAD_ADDRESS, None),
        (Some(Undelivered), Report::Delivered, Some(Delivered)),
        (Some(Delivered), Report::Delivered, None),
        (Some(Delivered), FAILED, None),
        (Some(Delivered), BAD_ADDRESS, None),
        (Some(Delivered), Report::Complained, Some(Complained)),
        (Some(Complained), Report::Delivered, None),
    ] {
        assert_eq!(news(before, report), expected, "{report:?} after {before:?}");
    }
}

/// A notification, or an item of a mailbox, is reported of like anything else.
#[test]
fn of_push_and_inbox_it_is_told_as_well() {
    for channel in [Channel::Push, Channel::Inbox] {
        let mut settings = email_only();
        everything(&mut settings, Channels::of(&[channel]));
        let mut world = World::with(settings);
        world.provided = Channels::of(&[channel]);
        world.does(request("b1"));
        world.all_sent();
        let message = world.sent[0].clone();
        assert_eq!(message.channel, channel);
        let arrived = reported(&world, &message, Report::Delivered);
        assert_eq!(takes(&mut world, &arrived), ["message.delivered to anna: a word"]);
        let dead = reported(&world, &message, BAD_ADDRESS);
        let told = takes(&mut world, &dead);
        let suppressed = format!("anna is suppressed on {} (bad_address)", channel.as_str());
        assert_eq!(told, ["message.undelivered (bad_address) to anna: a word", &suppressed]);
        let lift =
            Command::Unsuppress { client: client_id("anna"), channel: Some(channel), deed: None };
        world.does(lift);
        assert!(!world.client("anna").suppressed.contains(channel));
    }
}

#[test]
fn that_there_is_no_such_address_may_come_behind_a_mere_failure() {
    for (before, report, expected) in [
        (Some(Arrival::Undelivered), BAD_ADDRESS, vec!["anna is suppressed on sms (bad_address)"]),
        (Some(Arrival::Undelivered), FAILED, vec![]),
        (Some(Arrival::Delivered), BAD_ADDRESS, vec![]),
        (Some(Arrival::Complained), Report::Complained, vec![]),
    ] {
        let (mut world, message) = texted();
        let reported = Reported { arrival: before, ..reported(&world, &message, report) };
        assert_eq!(takes(&mut world, &reported), expected, "{report:?} after {before:?}");
        assert_eq!(takes(&mut world, &reported), [""; 0], "once");
        let mark = world.client("anna").suppressed_since.get(&Channel::Sms).copied();
        assert_eq!(mark.map(|mark| mark.at), (!expected.is_empty()).then_some(world.now));
    }
}

/// Whoever lifts a suppression knows better than a provider who repeats itself.
#[test]
fn what_was_lifted_stays_so_however_often_the_provider_says_the_same() {
    for (report, why) in
        [(BAD_ADDRESS, Suppression::BadAddress), (Report::Complained, Suppression::Complained)]
    {
        let (mut world, message) = texted();
        let first = reported(&world, &message, report);
        assert_eq!(first.condemns(), Some(why));
        let change = world.weigh(Input::Reported(&first)).unwrap().receipts[0].clone();
        assert_eq!(change.condemned, Some(why));
        takes(&mut world, &first);
        world.does(Command::Unsuppress { client: client_id("anna"), channel: None, deed: None });
        // The store gives back what was written.
        let (arrival, condemned) = (change.arrival, change.condemned);
        let again = Reported { arrival, condemned, ..first.clone() };
        assert_eq!(takes(&mut world, &again), [""; 0], "{report:?}");
        assert!(!world.client("anna").suppressed.contains(Channel::Sms));
        // Of another message it is news.
        world.does(request("b2"));
        world.all_sent();
        let other = reported(&world, world.sent.last().unwrap(), report);
        takes(&mut world, &other);
        assert!(world.client("anna").suppressed.contains(Channel::Sms));
    }
}

#[test]
fn a_receipt_settles_a_doubt_and_is_not_believed_of_what_never_left() {
    let given_up = Standing::InDoubt { given_up: true };
    let waits = Standing::InDoubt { given_up: false };
    for (standing, report, is_news) in [
        (given_up, Report::Delivered, true),
        (given_up, FAILED, true),
        (waits, Report::Delivered, true),
        // It is sent again.
        (waits, FAILED, false),
        (waits, BAD_ADDRESS, false),
        (Standing::Leaving, Report::Delivered, false),
        (Standing::NeverLeft, Report::Delivered, false),
    ] {
        let (mut world, message) = texted();
        let reported = Reported { standing, ..reported(&world, &message, report) };
        assert_eq!(reported.news().is_some(), is_news, "{standing:?} {report:?}");
        let told = takes(&mut world, &reported);
        assert_eq!(told.is_empty(), !is_news, "{standing:?} {report:?}: {told:?}");
        assert!(!is_news || world.state().unsent(reported.topic.as_ref().unwrap()).is_empty());
    }
}

#[test]
fn an_address_of_before_is_remembered_and_the_present_one_is_left_alone() {
    let (mut world, message) = texted();
    let reported = reported(&world, &message, BAD_ADDRESS);
    let mut moved = reachable("anna");
    moved.phone = Some(Contact::Known(PhoneNumber::parse("+393339999999").unwrap()));
    world.does(update("anna", moved));
    assert_eq!(takes(&mut world, &reported), ["message.undelivered (bad_address) to anna: a word"]);
    assert!(!world.client("anna").suppressed.contains(Channel::Sms));
    world.does(update("anna", reachable("anna")));
    assert!(world.client("anna").suppressed.contains(Channel::Sms), "it is as dead as it was");
}

#[test]
fn nobody_hears_of_who_was_erased() {
    let (mut world, message) = texted();
    let reported = reported(&world, &message, BAD_ADDRESS);
    world.does(Command::EraseClient(client_id("anna")));
    assert_eq!(takes(&mut world, &reported), [""; 0]);
    // Who is called so now is somebody else.
    world.does(register("anna", reachable("anna")));
    let forgotten = Reported { forgotten: true, ..reported };
    assert_eq!(takes(&mut world, &forgotten), [""; 0]);
    assert!(!world.client("anna").suppressed.contains(Channel::Sms));
}

#[test]
fn what_went_to_staff_says_nothing_of_the_client() {
    let (mut world, message) = texted();
    let alert = Reported { kind: Kind::STAFF[0], ..reported(&world, &message, BAD_ADDRESS) };
    takes(&mut world, &alert);
    assert!(!world.client("anna").suppressed.contains(Channel::Sms));
}

fn any_report() -> impl Strategy<Value = Report> {
    prop_oneof![Just(Report::Delivered), Just(FAILED), Just(BAD_ADDRESS), Just(Report::Complained)]
}

proptest! {
    /// In any order, any number of times: each arrival is told at most once, and in the end it is
    /// the furthest that anybody reported.
    #[test]
    fn receipts_come_in_any_order(reports in prop::collection::vec(any_report(), 1..12)) {
        let (mut world, message) = texted();
        let mut arrival = None;
        let mut told = Vec::new();
        for report in &reports {
            let reported = Reported { arrival, ..reported(&world, &message, *report) };
            let decision = world.weigh(Input::Reported(&reported)).unwrap();
            prop_assert_eq!(decision.receipts.len(), 1, "the receipt is done with");
            if let Some(news) = decision.receipts[0].arrival {
                prop_assert!(arrival < Some(news));
                arrival = Some(news);
                told.push(news);
            }
        }
        let furthest = reports.iter().map(|report| report.arrival()).max();
        prop_assert_eq!(arrival, furthest);
        prop_assert!(told.is_sorted() && told.len() <= 3);
    }
}
