//! What is given up on one channel goes by another, where the tenant says so and nothing but a
//! toggle speaks against it.

use std::sync::Arc;

use super::*;
use crate::domain::broadcast::Audience;
use crate::domain::command::LinkPurpose;
use crate::domain::decide::Input;
use crate::domain::event::Event;
use crate::domain::fallen::Fallen;
use crate::domain::letter::{Letter, LetterFate};
use crate::domain::message::Message;
use crate::domain::policy::SkipReason;
use crate::domain::receipt::Suppression;
use crate::domain::refused::Mark;

pub(super) const TO_EMAIL: &[(Channel, Channel)] = &[(Channel::Sms, Channel::Email)];
const TO_SMS: &[(Channel, Channel)] = &[(Channel::Email, Channel::Sms)];

/// A salon that says everything by that channel alone.
pub(super) fn salon(on: Channel, ways: &[(Channel, Channel)]) -> World {
    let mut settings = email_only();
    everything(&mut settings, Channels::of(&[on]));
    settings.fallback = ways.iter().copied().collect();
    let mut world = World::with(settings);
    world.provided = Channels::ALL;
    world
}

/// The message that was decided last, given up before it left.
fn fallen(world: &World) -> Fallen {
    let mut ahead = world.clone();
    ahead.all_sent();
    let message = ahead.sent.last().unwrap().clone();
    let client = Arc::new(world.client(message.client.as_str()).clone());
    let unspent = message.segments;
    Fallen { message, client, bounced: false, unspent, said_on: Channels::NONE }
}

/// What follows, in a line.
fn follows(world: &mut World, fallen: &Fallen) -> String {
    in_a_line(world.takes(Input::Fallen(fallen)), fallen.message.kind)
}

pub(super) fn in_a_line(lines: Vec<String>, kind: Kind) -> String {
    let of_kind = format!("tell anna {}: ", kind.as_str());
    let lines: Vec<String> = lines.iter().map(|line| line.replace(&of_kind, "")).collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") }
}

#[test]
fn what_speaks_for_the_other_channel_and_against_it() {
    type Change = fn(&mut World);
    let table: [(&str, Change); 14] = [
        ("email", |_| {}),
        ("email", |world| drop(world.does(opt_out("anna", Some(Channel::Sms), None)))),
        ("email", |world| drop(world.does(annotate("b1", "they come by car")))),
        ("no email (opted_out)", |world| {
            drop(world.does(opt_out("anna", Some(Channel::Email), None)));
        }),
        ("no email (no_address)", |world| {
            let email = Some(Contact::Absent);
            world.does(update("anna", ClientFields { email, ..ClientFields::default() }));
        }),
        ("no email (suppressed)", |world| {
            let anna = world.client("anna").clone();
            world.takes(Input::Bounced { client: &anna, channel: Channel::Email });
        }),
        ("no email (no_provider)", |world| world.provided = Channels::of(&[Channel::Sms])),
        ("no email (client_deleted)", |world| drop(world.does(delete("anna")))),
        // Something newer is said, or nothing is to be said any more.
        ("nothing", |world| drop(world.does(reschedule("b1", LATER)))),
        ("nothing", |world| drop(world.does(cancel("b1", Party::Client)))),
        ("nothing", |world| drop(world.does(erase("anna")))),
        ("nothing", |world| {
            world.does(erase("anna"));
            world.now += SignedDuration::from_mins(1);
            world.does(register("anna", reachable("anna")));
        }),
        ("nothing", |world| world.now = at(START)),
        ("nothing", |world| {
            let settings = Settings { fallback: BTreeMap::new(), ..world.settings() };
            world.does(configure(settings));
        }),
    ];
    for (number, (expected, change)) in table.into_iter().enumerate() {
        let mut world = salon(Channel::Sms, TO_EMAIL);
        world.does(request("b1"));
        let fallen = fallen(&world);
        assert_eq!(fallen.message.channel, Channel::Sms);
        change(&mut world);
        assert_eq!(follows(&mut world, &fallen), expected, "{number}");
    }
}

#[test]
fn who_was_erased_is_not_told_under_an_id_that_is_somebody_elses_by_now() {
    // About nothing that has an id, so that nothing newer takes its place.
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(sell("anna"));
    let fallen = fallen(&world);
    world.does(erase("anna"));
    world.now += SignedDuration::from_mins(1);
    world.does(register("anna", reachable("anna")));
    assert_eq!(follows(&mut world, &fallen), "nothing");
}

#[test]
fn what_takes_another_s_place_says_so_and_falls_back_no_further() {
    let ways = &[(Channel::Sms, Channel::Email), (Channel::Email, Channel::Push)];
    let mut world = salon(Channel::Sms, ways);
    world.does(request("b1"));
    let first = fallen(&world);
    let decision = world.weigh(Input::Fallen(&first)).unwrap();
    let [spare] = &decision.messages[..] else { panic!("{decision:?}") };
    assert_eq!((spare.channel, spare.fallback_of), (Channel::Email, Some(first.message.id)));
    assert_eq!(decision.tellings[0].fallback_of, Some(first.message.id));
    assert_eq!(follows(&mut world, &first), "email");
    let second = fallen(&world);
    assert_eq!(second.message.fallback_of, Some(first.message.id));
    assert_eq!(follows(&mut world, &second), "nothing");
}

#[test]
fn what_was_said_there_as_well_is_not_said_there_again() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(request("b1"));
    let fallen = Fallen { said_on: Channels::of(&[Channel::Email]), ..fallen(&world) };
    assert_eq!(follows(&mut world, &fallen), "nothing");
}

#[test]
fn why_it_does_not_go_there_either_is_told_upstream() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(request("b1"));
    world.does(opt_out("anna", Some(Channel::Email), None));
    let fallen = fallen(&world);
    let decision = world.weigh(Input::Fallen(&fallen)).unwrap();
    let [Event::MessageSkipped { channel, reason, fallback_of, .. }] = &decision.events[..] else {
        panic!("{decision:?}")
    };
    assert_eq!((*channel, *reason), (Channel::Email, SkipReason::OptedOut));
    assert_eq!(*fallback_of, Some(fallen.message.id));
}

#[test]
fn a_link_falls_back_unless_it_is_to_prove_the_address_that_it_did_not_reach() {
    for (purpose, expected) in
        [(LinkPurpose::PasswordReset, "sms"), (LinkPurpose::VerifyEmail, "nothing")]
    {
        let mut world = salon(Channel::Email, TO_SMS);
        world.does(link(purpose, None));
        let fallen = fallen(&world);
        assert_eq!(follows(&mut world, &fallen), expected);
    }
}

#[test]
fn a_dead_address_is_noted_in_the_same_decision() {
    for (ways, expected) in [(TO_EMAIL, vec!["email"]), (&[], vec![])] {
        let mut world = salon(Channel::Sms, ways);
        world.does(request("b1"));
        let fallen = Fallen { bounced: true, ..fallen(&world) };
        let decision = world.weigh(Input::Fallen(&fallen)).unwrap();
        let suppressed = Event::ClientSuppressed {
            client: fallen.client.id.clone(),
            channel: Channel::Sms,
            address_hash: fallen.client.address_hash(Channel::Sms),
            mark: Mark { at: world.now, why: Suppression::BadAddress },
        };
        assert_eq!(decision.events, [suppressed]);
        let channels = decision.messages.iter().map(|message| message.channel.as_str());
        assert_eq!(channels.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn segments_come_back_and_are_counted_where_it_goes_by_sms_then() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(configure(Settings { sms_quota: Some(5), ..world.settings() }));
    world.texts.segments = 2;
    world.does(request("b1"));
    assert_eq!(world.state().usage().segments, 2);
    let text = fallen(&world);
    assert_eq!(follows(&mut world, &text), "email");
    assert_eq!(world.state().usage().segments, 0);

    let mut world = salon(Channel::Email, TO_SMS);
    world.does(configure(Settings { sms_quota: Some(2), ..world.settings() }));
    world.texts.segments = 2;
    for (booking, expected, used) in [("b1", "sms", 2), ("b2", "no sms (quota_exhausted)", 2)] {
        world.does(request(booking));
        let mail = fallen(&world);
        assert_eq!(follows(&mut world, &mail), expected);
        assert_eq!(world.state().usage().segments, used);
    }
}

#[test]
fn a_newer_message_takes_its_place_like_any_other_s() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(request("b1"));
    let fallen = fallen(&world);
    world.takes(Input::Fallen(&fallen));
    world.rehearsal.gives_up(&fallen.message);
    let lines = told(world.does(reschedule("b1", LATER)));
    assert_eq!(
        lines,
        ["withdraw booking.confirmed to anna: email", "tell anna booking.confirmed: sms"]
    );
}

#[test]
fn what_can_wait_does_not_fall_back_into_the_quiet_hours() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(notice("n1", &[Channel::Sms], Audience::default()));
    world.does(request("b1"));
    world.does(configure(Settings { quiet_hours: quiet(20, 8), ..world.settings() }));
    world.now = at("2026-12-01T21:00:00Z");
    let mut ahead = world.clone();
    ahead.all_sent();
    let due = |kind: Kind| {
        let is_it = |message: &&Message| message.kind == kind && message.client.as_str() == "anna";
        let message = ahead.sent.iter().rfind(is_it).unwrap().clone();
        let client = Arc::new(world.client("anna").clone());
        let said_on = Channels::NONE;
        let fallen = Fallen { message, client, bounced: false, unspent: 0, said_on };
        let decision = world.clone().weigh(Input::Fallen(&fallen)).unwrap();
        decision.messages[0].due
    };
    assert_eq!(due(Kind::NoticeManual), at("2026-12-02T08:00:00Z"));
    assert_eq!(due(Kind::BookingConfirmed), world.now);
}

#[test]
fn the_message_that_was_given_up_does_not_count_against_it() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    let review = crate::domain::settings::ReviewRules {
        after: SignedDuration::from_mins(1),
        every: SignedDuration::from_hours(24),
        url: "https://example.com/r".to_owned(),
    };
    world.does(configure(Settings { review: Some(review), ..world.settings() }));
    world.does(request("b1"));
    world.passes(START);
    world.does(attend("b1"));
    world.fires_unsent("2026-12-03T12:00:00Z");
    let fallen = fallen(&world);
    assert_eq!(fallen.message.kind, Kind::ReviewRequested);
    assert_eq!(follows(&mut world, &fallen), "email");
}

#[test]
fn no_toggle_keeps_back_a_spare_that_is_tried_again_nor_does_the_first_go_beside_it() {
    let mut world = salon(Channel::Sms, TO_EMAIL);
    world.does(request("b1"));
    let first = fallen(&world);
    world.takes(Input::Fallen(&first));
    let spare = fallen(&world).message;
    world.all_sent();
    let letter = |message: Message, replaced| Letter {
        message,
        in_doubt: false,
        forgotten: false,
        replaced,
        trace: None,
    };
    let fate = |letter: Letter| {
        let decision = world.clone().weigh(Input::Replay { letter: &letter, job: None }).unwrap();
        match &decision.letters[0].fate {
            LetterFate::Again { .. } => "goes",
            LetterFate::Ends { reason, .. } => reason.unwrap().as_str(),
        }
    };
    assert_eq!(fate(letter(spare, false)), "goes");
    assert_eq!(fate(letter(first.message.clone(), true)), "superseded");
    assert_eq!(fate(letter(first.message, false)), "goes", "its spare was given up as well");
}
