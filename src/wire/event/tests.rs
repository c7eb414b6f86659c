//! One event of each type, against the published example.

use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use crate::domain::booking::BookingState;
use crate::domain::channel::Channel;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId, SessionId};
use crate::domain::kind::Kind;
use crate::domain::message::{MessageId, Topic};
use crate::domain::named::plain;
use crate::domain::payment::PaymentState;
use crate::domain::policy::SkipReason;
use crate::domain::receipt::{Failure, Suppression};
use crate::domain::refused::Mark;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::session::EntryState;

use super::{TYPES, encode};

fn client() -> ClientId {
    ClientId::parse("c1").unwrap()
}

fn session() -> SessionId {
    SessionId::parse("yoga-0312").unwrap()
}

fn booking() -> BookingId {
    BookingId::parse("b1").unwrap()
}

fn instant() -> Timestamp {
    "2026-12-03T09:00:00Z".parse().unwrap()
}

fn message(fate: Fate, reply: &str) -> Event {
    Event::Message(MessageEvent {
        message: MessageId(Uuid::from_u128(0x0199_d3f4_5a00_7000_8000_0000_0000_0007)),
        kind: Kind::BookingConfirmed,
        channel: Channel::Email,
        client: client(),
        attempt: 2,
        provider: "main".to_owned(),
        reply: reply.to_owned(),
        reference: None,
        fallback_of: None,
        fate,
    })
}

fn place(state: EntryState) -> Event {
    let entry = EntryId::parse("w1").unwrap();
    Event::QueueChanged { entry, session: session(), client: client(), state }
}

fn skipped(about: Option<Topic>) -> Event {
    Event::MessageSkipped {
        kind: Kind::BookingReminder,
        channel: Channel::Sms,
        client: client(),
        about,
        reason: SkipReason::OptedOut,
        fallback_of: None,
    }
}

/// One of each that is published, in the order of [`TYPES`].
fn samples() -> Vec<Event> {
    let session_changed = Event::SessionChanged {
        session: session(),
        cancelled: false,
        starts_at: instant(),
        capacity: 12,
    };
    let paid = Event::PaymentChanged {
        payment: PaymentId::parse("p1").unwrap(),
        state: PaymentState::Paid,
    };
    vec![
        Event::CommandAccepted { already_done: false, remark: None },
        Event::CommandRejected(Rejection::new(RejectionReason::UnknownClient, "no client c9")),
        Event::BookingChanged {
            booking: booking(),
            state: BookingState::NoShow,
            starts_at: instant(),
            attendance_confirmed: false,
        },
        session_changed,
        place(EntryState::Offered { from: instant(), until: instant(), shared: false }),
        paid,
        Event::ClientSuppressed {
            client: client(),
            channel: Channel::Email,
            address_hash: Some(plain("ada@example.com")),
            mark: Mark { at: instant(), why: Suppression::BadAddress },
        },
        Event::ClientReplied {
            client: client(),
            channel: Channel::Sms,
            matched: Some("client.opt_out"),
        },
        Event::InboxRead {
            client: client(),
            message: MessageId(Uuid::from_u128(0x0199_d3f4_5a00_7000_8000_0000_0000_0007)),
        },
        skipped(Some(Topic::Booking(booking()))),
        message(Fate::Sent, "250 2.0.0 Ok"),
        message(Fate::Delivered, "delivered"),
        message(Fate::Undelivered(Failure::Failed), "expired"),
        message(Fate::Complained, "abuse"),
        message(Fate::Retrying(instant()), "451 4.7.1 Try again later"),
        message(Fate::Expired, "451 4.7.1 Try again later"),
        message(Fate::Dead, "550 5.1.1 No such mailbox"),
        message(Fate::Unknown, "connection lost"),
        message(Fate::Withdrawn, ""),
        message(Fate::Discarded, ""),
    ]
}

#[test]
fn every_event_is_as_its_example() {
    let samples = samples();
    assert_eq!(samples.len(), TYPES.len());
    for (event, known) in samples.iter().zip(TYPES) {
        assert_eq!(event.type_name(), known.name);
        assert_eq!(encode(event).to_string(), known.example, "{}", known.name);
    }
}

#[test]
fn what_is_not_always_there() {
    assert_eq!(
        encode(&Event::CommandAccepted { already_done: true, remark: None })["already_done"],
        true
    );
    let Event::Message(mut sent) = message(Fate::Sent, "200 OK") else { panic!("a message") };
    assert_eq!(encode(&Event::Message(sent.clone())).get("reference"), None);
    sent.reference = Some("gw-1".to_owned());
    assert_eq!(encode(&Event::Message(sent))["reference"], "gw-1");
    for (about, field) in [
        (None, None),
        (Some(Topic::Entry(EntryId::parse("w1").unwrap())), Some(("entry", "w1"))),
        (Some(Topic::Payment(PaymentId::parse("p1").unwrap())), Some(("payment", "p1"))),
    ] {
        let data = encode(&skipped(about));
        for name in ["booking", "entry", "payment"] {
            let expected = field.filter(|(known, _)| *known == name).map(|(_, id)| id);
            assert_eq!(data.get(name).and_then(serde_json::Value::as_str), expected, "{name}");
        }
    }
}

#[test]
fn a_booking_says_whether_its_client_will_come() {
    let changed = |attendance_confirmed| {
        let (booking, starts_at) = (booking(), instant());
        let state = BookingState::Confirmed;
        encode(&Event::BookingChanged { booking, state, starts_at, attendance_confirmed })
    };
    assert_eq!(changed(true)["attendance"], "confirmed");
    assert_eq!(changed(false).get("attendance"), None);
}

#[test]
fn only_an_offer_has_an_end() {
    let waiting =
        json!({"entry": "w1", "session": "yoga-0312", "client": "c1", "state": "waiting"});
    assert_eq!(encode(&place(EntryState::Waiting)), waiting);
}

#[test]
fn states_are_named_as_in_the_domain() {
    use EntryState::{Accepted, Closed, Declined, Expired, Left, Offered, Waiting};
    let offered = Offered { from: instant(), until: instant(), shared: true };
    for state in [Waiting, offered, Accepted, Declined, Expired, Left, Closed] {
        assert_eq!(encode(&place(state))["state"], state.as_str());
    }
}

#[test]
fn a_session_is_scheduled_or_cancelled() {
    let event = Event::SessionChanged {
        session: session(),
        cancelled: true,
        starts_at: instant(),
        capacity: 12,
    };
    assert_eq!(encode(&event)["state"], "cancelled");
}
