//! The `data` of an event, by type.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::message::Topic;
use crate::domain::rejection::RejectionReason;
use crate::domain::remark::Remark;
use crate::domain::session::EntryState;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::names::name_of;

use super::change::{
    BookingChanged, ClientReplied, ClientSuppressed, InboxRead, PaymentChanged, QueueChanged,
    SessionChanged, SessionState,
};
use super::message::{MessageFate, MessageRetrying, MessageSkipped, MessageUndelivered};

/// A command was taken and took effect.
#[derive(Serialize, JsonSchema)]
struct CommandAccepted {
    /// Present and true if nothing changed, because everything already was as asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    already_done: bool,
    /// Present where it asks for something that it cannot have: what, for the person who reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'static str>,
}

/// A command was refused.
#[derive(Serialize, JsonSchema)]
struct CommandRejected<'a> {
    /// Why, by name.
    #[schemars(with = "Parsed<RejectionReason>")]
    reason: &'static str,
    /// Why, for the person who reads it.
    detail: &'a str,
}

/// The `data` of an event.
pub fn encode(event: &Event) -> Value {
    match event {
        Event::CommandAccepted { already_done, remark } => {
            let (already_done, remark) = (*already_done, remark.map(Remark::as_str));
            json!(CommandAccepted { already_done, remark })
        }
        Event::CommandRejected(rejection) => {
            json!(CommandRejected { reason: rejection.reason.as_str(), detail: &rejection.detail })
        }
        Event::BookingChanged { booking, state, starts_at, attendance_confirmed } => {
            json!(BookingChanged {
                booking: booking.as_str(),
                state: state.as_str(),
                starts_at: *starts_at,
                attendance: attendance_confirmed.then_some("confirmed"),
            })
        }
        Event::SessionChanged { session, cancelled, starts_at, capacity } => {
            json!(SessionChanged {
                session: session.as_str(),
                state: if *cancelled { SessionState::Cancelled } else { SessionState::Scheduled },
                starts_at: *starts_at,
                capacity: *capacity,
            })
        }
        Event::QueueChanged { entry, session, client, state } => json!(QueueChanged {
            entry: entry.as_str(),
            session: session.as_str(),
            client: client.as_str(),
            state: (*state).into(),
            until: match state {
                EntryState::Offered { until, .. } => Some(*until),
                _ => None,
            },
        }),
        Event::PaymentChanged { payment, state } => {
            json!(PaymentChanged { payment: payment.as_str(), state: name_of(*state) })
        }
        Event::ClientSuppressed { client, channel, address_hash, mark } => {
            json!(ClientSuppressed {
                client: client.as_str(),
                channel: channel.as_str(),
                address_hash: address_hash.as_deref(),
                reason: mark.why.as_str(),
                since: mark.at,
            })
        }
        Event::InboxRead { client, message } => {
            json!(InboxRead { client: client.as_str(), message: message.0 })
        }
        Event::ClientReplied { client, channel, matched } => json!(ClientReplied {
            client: client.as_str(),
            channel: channel.as_str(),
            matched: *matched,
        }),
        Event::MessageSkipped { kind, channel, client, about, reason, fallback_of } => {
            let (booking, entry, payment) = ids(about.as_ref());
            json!(MessageSkipped {
                kind: kind.as_str(),
                channel: channel.as_str(),
                client: client.as_str(),
                booking,
                entry,
                payment,
                reason: reason.as_str(),
                fallback_of: fallback_of.map(|message| message.0),
            })
        }
        Event::Message(message) => fate(message),
    }
}

/// The booking, the place in a queue or the payment.
fn ids(about: Option<&Topic>) -> (Option<&str>, Option<&str>, Option<&str>) {
    match about {
        Some(Topic::Booking(booking)) => (Some(booking.as_str()), None, None),
        Some(Topic::Entry(entry)) => (None, Some(entry.as_str()), None),
        Some(Topic::Payment(payment)) => (None, None, Some(payment.as_str())),
        None => (None, None, None),
    }
}

fn fate(message: &MessageEvent) -> Value {
    match message.fate {
        Fate::Retrying(next_attempt_at) => {
            json!(MessageRetrying { fate: message.into(), next_attempt_at })
        }
        Fate::Undelivered(failure) => {
            json!(MessageUndelivered { fate: message.into(), reason: failure.as_str() })
        }
        _ => json!(MessageFate::from(message)),
    }
}

/// An event type: its name, an example, and how its data is described.
pub struct EventType {
    /// The CloudEvents `type`.
    pub name: &'static str,
    /// What it tells, in a sentence.
    pub summary: &'static str,
    /// Data as it is published, in JSON.
    pub example: &'static str,
    /// Puts the schema of its data into the generator and returns a reference to it.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

macro_rules! fate {
    ($reply:literal $(, $more:literal)?) => {
        concat!(
            r#"{"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","#,
            r#""message":"0199d3f4-5a00-7000-8000-000000000007","#,
            $($more,)?
            r#""provider":"main","reply":""#,
            $reply,
            r#""}"#
        )
    };
}

/// Every event type.
pub const TYPES: &[EventType] = &[
    event_type::<CommandAccepted>(
        "command.accepted",
        "The command took effect, or everything was as asked already.",
        "{}",
    ),
    event_type::<CommandRejected>(
        "command.rejected",
        "The command did not take effect, and nothing changed.",
        r#"{"detail":"no client c9","reason":"unknown_client"}"#,
    ),
    event_type::<BookingChanged>(
        "booking.changed",
        "A booking's state or time is another: both as they are now.",
        r#"{"booking":"b1","starts_at":"2026-12-03T09:00:00Z","state":"no_show"}"#,
    ),
    event_type::<SessionChanged>(
        "session.changed",
        "A session's time, seats or state are others: all as they are now.",
        r#"{"capacity":12,"session":"yoga-0312","starts_at":"2026-12-03T09:00:00Z","state":"scheduled"}"#,
    ),
    event_type::<QueueChanged>(
        "queue.changed",
        "A place in a session's queue has come to stand elsewhere.",
        r#"{"client":"c1","entry":"w1","session":"yoga-0312","state":"offered","until":"2026-12-03T09:00:00Z"}"#,
    ),
    event_type::<PaymentChanged>(
        "payment.changed",
        "A payment has come to stand elsewhere.",
        r#"{"payment":"p1","state":"paid"}"#,
    ),
    event_type::<ClientSuppressed>(
        "client.suppressed",
        "Nothing goes to an address of a client, or to a device, any more.",
        r#"{"address_hash":"b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72","channel":"email","client":"c1","reason":"bad_address","since":"2026-12-03T09:00:00Z"}"#,
    ),
    event_type::<ClientReplied>(
        "client.replied",
        "A client wrote back by text message.",
        r#"{"channel":"sms","client":"c1","matched":"client.opt_out"}"#,
    ),
    event_type::<InboxRead>(
        "inbox.read",
        "A client has read an item of their mailbox in the app.",
        r#"{"client":"c1","message":"0199d3f4-5a00-7000-8000-000000000007"}"#,
    ),
    event_type::<MessageSkipped>(
        "message.skipped",
        "A message will not go, and why.",
        r#"{"booking":"b1","channel":"sms","client":"c1","kind":"booking.reminder","reason":"opted_out"}"#,
    ),
    event_type::<MessageFate>(
        "message.sent",
        "A mail server or gateway took responsibility for the message.",
        fate!("250 2.0.0 Ok"),
    ),
    event_type::<MessageFate>(
        "message.delivered",
        "The provider reports that the message arrived.",
        fate!("delivered"),
    ),
    event_type::<MessageUndelivered>(
        "message.undelivered",
        "The provider reports that the message did not arrive.",
        concat!(
            r#"{"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","#,
            r#""message":"0199d3f4-5a00-7000-8000-000000000007","provider":"main","#,
            r#""reason":"failed","reply":"expired"}"#
        ),
    ),
    event_type::<MessageFate>(
        "message.complained",
        "The provider reports that its reader calls the message spam.",
        fate!("abuse"),
    ),
    event_type::<MessageRetrying>(
        "message.retrying",
        "The message did not go this time; it is tried again.",
        fate!("451 4.7.1 Try again later", r#""next_attempt_at":"2026-12-03T09:00:00Z","#),
    ),
    event_type::<MessageFate>(
        "message.expired",
        "The message is given up: it would come too late.",
        fate!("451 4.7.1 Try again later"),
    ),
    event_type::<MessageFate>(
        "message.dead",
        "The message is given up: it was refused for good, or too often.",
        fate!("550 5.1.1 No such mailbox"),
    ),
    event_type::<MessageFate>(
        "message.unknown",
        "The message is given up: it may have arrived, and nobody knows.",
        fate!("connection lost"),
    ),
    event_type::<MessageFate>(
        "message.withdrawn",
        "A newer message took its place before it left.",
        fate!(""),
    ),
    event_type::<MessageFate>(
        "message.discarded",
        "The message was given up, and an operator threw it away.",
        fate!(""),
    ),
];

const fn event_type<D: JsonSchema>(
    name: &'static str,
    summary: &'static str,
    example: &'static str,
) -> EventType {
    EventType { name, summary, example, schema: |generator| generator.subschema_for::<D>() }
}
