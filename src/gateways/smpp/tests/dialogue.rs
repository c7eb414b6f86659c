//! Who is let in, who is there, and who tells what.

use rusmpp_core::pdus::owned::DataSm;

use super::super::session::BIND_TIMEOUT;
use super::super::told::Told;
use super::*;
use crate::domain::outcome::{Outcome, Scope};
use crate::domain::receipt::Report;

#[test]
fn a_bind_that_is_refused_says_why() {
    for (status, outcome) in
        [(0x0E, Outcome::Permanent(Scope::Configuration)), (0x05, Outcome::Transient)]
    {
        for nack in [false, true] {
            let mut talk = Talk::with(manners());
            match nack {
                true => talk.says(status, 1, Pdu::GenericNack),
                false => talk.says(status, 1, BindTransceiverResp::default()),
            }
            let over = Over::Refused(status);
            assert_eq!(talk.events(), [Event::Over(over)]);
            assert_eq!(over.outcome(), outcome);
            assert!(over.words().starts_with("bind_transceiver: 0x0"), "{}", over.words());
        }
    }
}

#[test]
fn a_bind_without_an_answer_is_over_in_the_end() {
    let mut talk = Talk::with(manners());
    talk.passes(BIND_TIMEOUT - SECOND);
    assert_eq!(talk.events(), []);
    assert_eq!(talk.session.wakes(), Some(talk.now + SECOND));
    talk.passes(SECOND);
    assert_eq!(talk.events(), [Event::Over(Over::NoAnswer)]);
    assert_eq!(talk.session.wakes(), None);
}

#[test]
fn a_refusal_without_a_body_is_a_refusal() {
    let mut talk = Talk::with(manners());
    talk.session.reads(&[0, 0, 0, 16, 0x80, 0, 0, 9, 0, 0, 0, 0x0D, 0, 0, 0, 1], talk.now);
    assert_eq!(talk.events(), [Event::Over(Over::Refused(0x0D))]);
}

#[test]
fn silence_is_asked_and_then_over() {
    let mut talk = Talk::bound();
    talk.passes(29 * SECOND);
    talk.says(0, 7, Pdu::EnquireLink);
    assert_eq!(talk.written(), [(CommandId::EnquireLinkResp, 0, 7)]);
    talk.passes(30 * SECOND);
    assert_eq!(talk.written(), [(CommandId::EnquireLink, 0, 2)]);
    talk.passes(9 * SECOND);
    talk.says(0, 2, Pdu::EnquireLinkResp);
    talk.passes(30 * SECOND);
    assert_eq!(talk.written(), [(CommandId::EnquireLink, 0, 3)]);
    talk.passes(10 * SECOND);
    assert_eq!(talk.events(), [Event::Over(Over::Silent)]);
}

#[test]
fn farewells_are_answered_and_said() {
    let mut talk = Talk::bound();
    talk.says(0, 9, Pdu::Unbind);
    assert_eq!(talk.written(), [(CommandId::UnbindResp, 0, 9)]);
    assert_eq!(talk.events(), [Event::Over(Over::Unbound)]);

    for answers in [true, false] {
        let mut talk = Talk::bound();
        talk.session.leaves(talk.now);
        assert_eq!(talk.written(), [(CommandId::Unbind, 0, 2)]);
        assert!(!talk.session.has_room(talk.now));
        match answers {
            true => talk.says(0, 2, Pdu::UnbindResp),
            false => talk.passes(2 * SECOND),
        }
        assert_eq!(talk.events(), [Event::Over(Over::Left)]);
    }
}

#[test]
fn what_is_no_pdu_ends_the_session() {
    let mut talk = Talk::bound();
    talk.takes(1, 1);
    talk.written();
    talk.session.reads(&u32::MAX.to_be_bytes(), talk.now);
    assert_eq!(talk.written(), [(CommandId::GenericNack, 2, 0)]);
    assert_eq!(talk.events(), [Event::Over(Over::OutOfStep)]);
    talk.session.breaks(&[], "connection closed");
    assert_eq!(talk.came()[0].1.outcome, Outcome::InDoubt);
}

#[test]
fn what_is_told_is_answered_once_it_is_kept() {
    let mut talk = Talk::bound();
    talk.tells(5, 0x04, "id:7 stat:DELIVRD");
    let told = Told::Receipt {
        id: "7".to_owned(),
        report: Some(Report::Delivered),
        said: "DELIVRD".to_owned(),
    };
    assert_eq!(talk.events(), [Event::Told(5, told)]);
    assert_eq!(talk.written(), []);
    talk.session.answers(5, Kept::Yes);
    assert_eq!(talk.written(), [(CommandId::DeliverSmResp, 0, 5)]);
    talk.session.answers(5, Kept::Yes);
    assert_eq!(talk.written(), [], "once");

    talk.tells(6, 0, "STOP");
    assert_eq!(talk.events().len(), 1);
    talk.session.answers(6, Kept::NotNow);
    assert_eq!(talk.written(), [(CommandId::DeliverSmResp, 0x64, 6)]);

    talk.says(0, 7, DataSm::default());
    talk.session.answers(7, Kept::Yes);
    assert_eq!(talk.written(), [(CommandId::DataSmResp, 0, 7)]);
}

#[test]
fn what_cannot_be_read_is_not_told_again_and_too_much_is() {
    let mut talk = Talk::bound();
    let unreadable = [0, 0, 0, 18, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1];
    talk.session.reads(&unreadable, talk.now);
    assert_eq!(talk.written(), [(CommandId::DeliverSmResp, 0x66, 3)]);
    for sequence in 100..164 {
        talk.tells(sequence, 0, "x");
    }
    assert_eq!(talk.written(), []);
    talk.tells(164, 0, "x");
    assert_eq!(talk.written(), [(CommandId::DeliverSmResp, 0x64, 164)]);
    let unknown = [0, 0, 0, 16, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4];
    talk.session.reads(&unknown, talk.now);
    assert_eq!(talk.written(), [(CommandId::GenericNack, 3, 4)]);
}
