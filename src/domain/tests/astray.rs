//! What a provider took and did not deliver goes by another channel, where the tenant says so and
//! it still makes sense.

use super::fallback::{TO_EMAIL, in_a_line, salon};
use super::receipt::reported;
use super::*;
use crate::domain::command::LinkPurpose;
use crate::domain::decide::Input;
use crate::domain::id::CauseId;
use crate::domain::receipt::{Arrival, Astray, Failure, Report, Reported};

const FAILED: Report = Report::Undelivered(Failure::Failed);

/// The last message left, and did not arrive.
fn astray(world: &mut World, report: Report) -> Reported {
    world.all_sent();
    let message = world.sent.last().unwrap().clone();
    let (cause, said_on) = (CauseId::parse("k1").unwrap(), Channels::NONE);
    let astray = Astray { message: message.clone(), cause, said_on };
    Reported { astray: Some(Box::new(astray)), ..reported(world, &message, report) }
}

/// What follows beside the report itself, in a line.
fn follows(world: &mut World, reported: &Reported) -> String {
    let lines = world.takes(Input::Reported(reported)).into_iter();
    in_a_line(lines.filter(|line| !line.starts_with("message.")).collect(), reported.kind)
}

#[test]
fn it_goes_the_other_way_as_long_as_it_is_still_so() {
    type Change = fn(&mut World);
    let table: [(&str, Change); 11] = [
        ("email", |_| {}),
        ("email", |world| drop(world.does(opt_out("anna", Some(Channel::Sms), None)))),
        ("no email (opted_out)", |world| {
            drop(world.does(opt_out("anna", Some(Channel::Email), None)));
        }),
        ("no email (client_deleted)", |world| drop(world.does(delete("anna")))),
        ("no email (superseded)", |world| drop(world.does(reschedule("b1", LATER)))),
        ("no email (superseded)", |world| drop(world.does(cancel("b1", Party::Client)))),
        ("nothing", |world| drop(world.does(erase("anna")))),
        ("nothing", |world| world.now = at(START)),
        ("nothing", |world| world.now = at(START) + SignedDuration::from_hours(1)),
        ("no email (no_provider)", |world| world.provided = Channels::of(&[Channel::Sms])),
        ("nothing", |world| {
            let settings = Settings { fallback: BTreeMap::new(), ..world.settings() };
            world.does(configure(settings));
        }),
    ];
    for (number, (expected, change)) in table.into_iter().enumerate() {
        let mut world = salon(Channel::Sms, TO_EMAIL);
        world.does(request("b1"));
        let reported = astray(&mut world, FAILED);
        change(&mut world);
        assert_eq!(follows(&mut world, &reported), expected, "{number}");
    }
}

#[test]
fn whose_place_it_takes_is_told_and_a_dead_number_is_noted_before() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(request("b1"));
    let reported = astray(&mut world, Report::Undelivered(Failure::BadAddress));
    let decision = world.weigh(Input::Reported(&reported)).unwrap();
    let [spare] = &decision.messages[..] else { panic!("{decision:?}") };
    assert_eq!((spare.channel, spare.fallback_of), (Channel::Email, Some(reported.message)));
    assert_eq!(spare.deadline, reported.astray.as_ref().unwrap().message.deadline);
    assert_eq!(decision.tellings[0].fallback_of, Some(reported.message));
    assert_eq!(
        follows(&mut world, &reported),
        "anna is suppressed on sms (bad_address); email",
        "what is counted stays counted: it was sent"
    );
    // It was said twice then; a third way there is none.
    let spare = astray(&mut world, FAILED);
    assert_eq!(spare.fallback_of, Some(reported.message));
    assert_eq!(follows(&mut world, &spare), "nothing");
}

/// Only the first report that it did not arrive is one too many.
#[test]
fn it_goes_once_and_only_if_nobody_knows_better() {
    for (before, report, expected) in [
        (None, FAILED, "email"),
        (None, Report::Delivered, "nothing"),
        (Some(Arrival::Undelivered), FAILED, "nothing"),
        (Some(Arrival::Delivered), FAILED, "nothing"),
        (Some(Arrival::Complained), FAILED, "nothing"),
    ] {
        let mut world = salon(Channel::Sms, TO_EMAIL);
        world.does(request("b1"));
        let reported = Reported { arrival: before, ..astray(&mut world, report) };
        assert_eq!(follows(&mut world, &reported), expected, "{report:?} after {before:?}");
    }
}

#[test]
fn what_was_said_there_as_well_is_not_said_there_again() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(request("b1"));
    let mut reported = astray(&mut world, FAILED);
    reported.astray.as_mut().unwrap().said_on = Channels::of(&[Channel::Email]);
    assert_eq!(follows(&mut world, &reported), "nothing");
}

/// The link was forgotten when it left.
#[test]
fn a_secret_that_left_goes_nowhere_else() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(link(LinkPurpose::MagicLink, None));
    let reported = astray(&mut world, FAILED);
    assert_eq!(follows(&mut world, &reported), "no email (expired)");
}

#[test]
fn of_who_was_erased_nothing_is_said_to_whoever_has_their_id() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(sell("anna"));
    let reported = astray(&mut world, FAILED);
    world.does(erase("anna"));
    world.does(register("anna", reachable("anna")));
    let forgotten = Reported { forgotten: true, ..reported };
    assert_eq!(follows(&mut world, &forgotten), "nothing");
}
