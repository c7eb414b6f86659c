//! A dead letter is decided again: what the ladder forbids by now does not go, nor what is no
//! longer so.

use proptest::prelude::*;

use super::chaos::{Step, history};
use super::*;
use crate::domain::command::LinkPurpose;
use crate::domain::id::CauseId;
use crate::domain::letter::{Letter, LetterFate};
use crate::domain::message::Message;
use crate::domain::policy::{self, Question};
use crate::domain::{Ctx, Input, may_go_again};

/// The only message that the commands lead to for that kind, given up.
fn dead(world: &mut World, kind: Kind) -> Letter {
    world.all_sent();
    let of_kind = |message: &&Message| message.kind == kind;
    let message = world.sent.iter().rev().find(of_kind).unwrap().clone();
    Letter { message, in_doubt: false, forgotten: false, replaced: false, trace: None }
}

fn verdict(world: &World, letter: &Letter) -> &'static str {
    let cause = CauseId::parse("replay").unwrap();
    let ctx = Ctx {
        tenant: &world.tenant,
        cause: &cause,
        now: world.now,
        plans: &world.plans,
        provided: world.provided,
        texts: &world.texts,
        outages: &world.outages,
        page: world.page,
        sms_left: u32::MAX,
    };
    match may_go_again(&ctx, world.state(), letter) {
        Ok(_) => "goes",
        Err(reason) => reason.as_str(),
    }
}

#[test]
fn what_changed_since_keeps_a_letter_back() {
    type Change = fn(&mut World);
    let table: [(&str, Change); 10] = [
        ("goes", |_| {}),
        ("goes", |world| drop(world.does(annotate("b1", "they come by car")))),
        ("opted_out", |world| drop(world.does(opt_out("anna", Some(Channel::Email), None)))),
        ("client_deleted", |world| drop(world.does(erase("anna")))),
        ("superseded", |world| drop(world.does(reschedule("b1", LATER)))),
        ("superseded", |world| drop(world.does(cancel("b1", Party::Client)))),
        ("superseded", |world| drop(world.does(reassign("b1", "bruno")))),
        ("expired", |world| world.now = at(START)),
        ("no_provider", |world| world.provided = Channels::NONE),
        ("suppressed", |world| {
            let anna = world.client("anna").clone();
            world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
        }),
    ];
    for (number, (expected, change)) in table.into_iter().enumerate() {
        let mut world = World::salon();
        world.does(request("b1"));
        let letter = dead(&mut world, Kind::BookingConfirmed);
        change(&mut world);
        assert_eq!(verdict(&world, &letter), expected, "{number}");
    }
}

#[test]
fn whoever_has_an_id_by_now_is_not_told_what_somebody_else_was_to_be() {
    let mut world = World::salon();
    world.does(request("b1"));
    let mut letter = dead(&mut world, Kind::BookingConfirmed);
    letter.forgotten = true;
    assert_eq!(verdict(&world, &letter), "client_deleted");
}

#[test]
fn a_letter_that_goes_can_be_superseded_again_and_one_that_does_not_ends_with_the_reason() {
    let mut world = World::salon();
    world.does(request("b1"));
    let letter = dead(&mut world, Kind::BookingConfirmed);
    assert!(world.unsent("b1").is_empty());
    world.takes(Input::Replay { letter: &letter, job: None });
    assert_eq!(world.unsent("b1").len(), 1);
    world.does(reschedule("b1", LATER));
    assert!(world.unsent("b1").iter().all(|unsent| unsent.id != letter.message.id));
    let decision = world.weigh(Input::Replay { letter: &letter, job: None }).unwrap();
    let [change] = decision.letters.as_slice() else { panic!("{decision:?}") };
    let LetterFate::Ends { status, reason } = &change.fate else { panic!("{change:?}") };
    assert_eq!((status.as_str(), reason.unwrap().as_str()), ("withdrawn", "superseded"));
    assert_eq!(decision.events.len(), 1, "it is told upstream");
}

#[test]
fn a_link_is_a_secret_that_is_forgotten() {
    let mut world = World::salon();
    world.does(link(LinkPurpose::PasswordReset, None));
    let letter = dead(&mut world, Kind::AccountPasswordReset);
    assert_eq!(verdict(&world, &letter), "expired");
}

/// Why the ladder forbids to write so to that client now, whatever the message says.
fn ladder_forbids(world: &World, message: &Message) -> Option<&'static str> {
    let settings = world.settings();
    let Some(client) = world.state().client(&message.client) else { return Some("unknown") };
    let reason = policy::forbids(&Question {
        settings: &settings,
        plans: &world.plans,
        provided: world.provided,
        kind: message.kind,
        channel: message.channel,
        client,
        now: world.now,
        unpaid: &|| None,
        veto: None,
    });
    // The message itself is one of those that are counted.
    reason.map(|reason| reason.as_str()).filter(|reason| *reason != "frequency_capped")
}

fn replays_only_what_may_go(settings: Settings, steps: &[Step]) {
    let mut world = World::with(settings);
    for number in 0..4 {
        let name = format!("c{number}");
        world.does(register(&name, reachable(&name)));
    }
    for step in steps {
        let Step::Command(minutes, command) = step else { continue };
        world.passes_to(world.now + SignedDuration::from_mins(*minutes));
        if world.decide(command).is_ok() {
            world.does(command.clone());
        }
    }
    world.all_sent();
    for message in world.sent.clone() {
        let letter =
            Letter { message, in_doubt: false, forgotten: false, replaced: false, trace: None };
        if verdict(&world, &letter) == "goes" && !letter.message.kind.is_alert() {
            let message = &letter.message;
            assert_eq!(ladder_forbids(&world, message), None, "{message:?}");
            assert!(message.deadline.is_none_or(|deadline| deadline > world.now), "{message:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn nothing_goes_again_that_the_ladder_forbids((settings, steps) in history()) {
        replays_only_what_may_go(settings, &steps);
    }
}
