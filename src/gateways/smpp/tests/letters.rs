//! What is certain of a message.

use super::*;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::part::Named;

fn outcomes(came: Vec<(u64, Came)>) -> Vec<(u64, Outcome, Option<String>)> {
    let first = |came: &Came| came.ids.first().cloned().flatten();
    came.into_iter().map(|(ticket, came)| (ticket, came.outcome.clone(), first(&came))).collect()
}

#[test]
fn never_more_is_asked_than_the_window_holds() {
    let mut talk = Talk::bound();
    for ticket in 1..=3 {
        assert!(talk.session.has_room(talk.now));
        talk.takes(ticket, 1);
    }
    assert!(!talk.session.has_room(talk.now));
    assert_eq!(talk.submitted(), [2, 3, 4]);
    talk.took(3, "b");
    assert!(talk.session.has_room(talk.now));
    assert_eq!(outcomes(talk.came()), [(2, Outcome::Accepted, Some("b".to_owned()))]);
    talk.refuses(2, 0x0B);
    talk.refuses(4, 0x14);
    let address = Outcome::Permanent(Scope::Address);
    assert_eq!(outcomes(talk.came()), [(1, address, None), (3, Outcome::Transient, None)]);
    assert!(talk.session.is_idle());
}

#[test]
fn an_answer_that_cannot_be_read_is_one_all_the_same() {
    let mut talk = Talk::bound();
    talk.takes(1, 1);
    assert_eq!(talk.submitted(), [2]);
    talk.session.reads(&[0, 0, 0, 16, 0x80, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 2], talk.now);
    assert_eq!(outcomes(talk.came()), [(1, Outcome::Accepted, None)]);
    talk.takes(2, 1);
    assert_eq!(talk.submitted(), [3]);
    talk.says(0x0B, 3, Pdu::GenericNack);
    assert_eq!(outcomes(talk.came()), [(2, Outcome::Permanent(Scope::Address), None)]);
}

#[test]
fn without_an_answer_it_is_in_doubt_and_a_late_one_is_remembered() {
    let mut talk = Talk::bound();
    talk.takes(1, 1);
    assert_eq!(talk.submitted(), [2]);
    talk.passes(19 * SECOND);
    assert_eq!(talk.came(), []);
    talk.passes(SECOND);
    let came = talk.came();
    assert_eq!(came[0].1.said, "submit_sm: no answer in time");
    assert_eq!(outcomes(came), [(1, Outcome::InDoubt, None)]);
    talk.took(2, "late");
    let (message, reference) = (message(1), "late".to_owned());
    assert_eq!(talk.events(), [Event::Named(Named { message, part: 0, parts: 1, reference })]);
}

#[test]
fn only_what_was_written_is_in_doubt_when_the_line_breaks() {
    let mut talk = Talk::bound();
    talk.takes(1, 1);
    talk.takes(2, 1);
    assert_eq!(talk.submitted(), [2, 3]);
    talk.session.breaks(&[3], "connection closed");
    let came = talk.came();
    assert!(came[1].1.of_provider && !came[0].1.of_provider);
    let wanted = [(1, Outcome::InDoubt, None), (2, Outcome::Transient, None)];
    assert_eq!(outcomes(came), wanted);
}

#[test]
fn the_first_part_goes_ahead_and_the_others_follow() {
    let mut talk = Talk::bound();
    talk.takes(1, 3);
    assert_eq!(talk.submitted(), [2]);
    talk.took(2, "a");
    assert_eq!(talk.submitted(), [3, 4]);
    talk.took(4, "c");
    talk.took(3, "b");
    let came = talk.came();
    assert_eq!(came[0].1.ids, ["a", "b", "c"].map(|id| Some(id.to_owned())));
    assert!(talk.session.is_idle());
}

#[test]
fn a_message_whose_first_part_is_refused_was_not_taken() {
    let mut talk = Talk::bound();
    talk.takes(1, 3);
    assert_eq!(talk.submitted(), [2]);
    talk.refuses(2, 0x45);
    let came = talk.came();
    assert_eq!(came[0].1.said, "submit_sm: 0 of 3 parts taken: 0x45 ESME_RSUBMITFAIL");
    assert_eq!(outcomes(came), [(1, Outcome::Transient, None)]);
    assert!(talk.submitted().is_empty());
}

#[test]
fn another_part_is_asked_for_again_and_then_the_message_is_in_doubt() {
    let mut talk = Talk::bound();
    talk.takes(1, 2);
    talk.written();
    talk.took(2, "a");
    assert_eq!(talk.submitted(), [3]);
    for (sequence, pause) in [(3, 1), (4, 2), (5, 4)] {
        talk.refuses(sequence, 0x14);
        assert!(talk.submitted().is_empty());
        assert_eq!(talk.session.wakes(), Some(talk.now + pause * SECOND));
        talk.passes(pause * SECOND);
        assert_eq!(talk.submitted(), [sequence + 1]);
    }
    talk.refuses(6, 0x14);
    let came = talk.came();
    assert_eq!(came[0].1.said, "submit_sm: 1 of 2 parts taken: 0x14 ESME_RMSGQFUL");
    let known = Some("a".to_owned());
    assert_eq!(outcomes(came), [(1, Outcome::InDoubt, known)], "a receipt may say more");

    talk.takes(2, 3);
    talk.written();
    talk.took(7, "b");
    assert_eq!(talk.submitted(), [8, 9]);
    talk.refuses(8, 0x0B);
    talk.took(9, "c");
    let known = Some("b".to_owned());
    assert_eq!(outcomes(talk.came()), [(2, Outcome::InDoubt, known)], "for good");
}

#[test]
fn whoever_is_asked_for_too_much_is_left_alone() {
    let mut talk = Talk::bound();
    for ticket in 1..=3 {
        talk.takes(ticket, 1);
    }
    talk.written();
    talk.refuses(2, 0x58);
    talk.refuses(3, 0x58);
    let throttled = Outcome::Throttled { after: Some(SECOND) };
    let events = talk.events();
    let pauses = events.iter().filter(|event| matches!(event, Event::Throttled(_)));
    assert_eq!(pauses.count(), 1, "{events:?}");
    let came = events.into_iter().filter_map(|event| match event {
        Event::Came(_, came) => Some(came.outcome),
        _ => None,
    });
    assert!(came.eq([throttled.clone(), throttled]));
    assert!(!talk.session.has_room(talk.now));
    assert_eq!(talk.session.wakes(), Some(talk.now + SECOND));
    talk.passes(SECOND);
    assert!(talk.session.has_room(talk.now));
    assert_eq!(talk.events(), [Event::Resumed]);
    // It stays so: it is left alone for longer, until it takes one.
    for (ticket, pause, takes) in [(4, 2, false), (5, 4, true), (6, 1, false)] {
        talk.takes(ticket, 1);
        let [sequence] = talk.submitted()[..] else { panic!("one") };
        talk.refuses(sequence, 0x58);
        let throttled = Event::Throttled(pause * SECOND);
        assert!(talk.events().contains(&throttled), "{pause}");
        talk.passes(pause * SECOND);
        if takes {
            talk.took(4, "a");
        }
    }
}
