//! The `data` of an event, by type.

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::booking::BookingState;
use crate::domain::channel::Channel;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::id::{BookingId, ClientId};
use crate::domain::kind::Kind;
use crate::domain::policy::SkipReason;
use crate::domain::rejection::RejectionReason;
use crate::wire::scalar::Parsed;

/// A command was taken and took effect.
#[derive(Serialize, JsonSchema)]
struct CommandAccepted {
    /// Present and true if nothing changed, because everything already was as asked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    already_done: bool,
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

/// A booking's state or time changed.
#[derive(Serialize, JsonSchema)]
struct BookingChanged<'a> {
    /// Which booking.
    #[schemars(with = "Parsed<BookingId>")]
    booking: &'a str,
    /// Its state now.
    #[schemars(with = "Parsed<BookingState>")]
    state: &'static str,
    /// Its start now (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    starts_at: Timestamp,
}

/// A message will not be sent.
#[derive(Serialize, JsonSchema)]
struct MessageSkipped<'a> {
    /// What it would have been about.
    #[schemars(with = "Parsed<Kind>")]
    kind: &'static str,
    /// How it would have gone.
    #[schemars(with = "Parsed<Channel>")]
    channel: &'static str,
    /// To whom.
    #[schemars(with = "Parsed<ClientId>")]
    client: &'a str,
    /// About which booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Parsed<BookingId>")]
    booking: Option<&'a str>,
    /// Why not.
    #[schemars(with = "Parsed<SkipReason>")]
    reason: &'static str,
}

/// What became of a message.
#[derive(Serialize, JsonSchema)]
struct MessageFate<'a> {
    /// The message's id, the same on every attempt.
    #[schemars(with = "String", extend("format" = "uuid"))]
    message: Uuid,
    /// What it is about.
    #[schemars(with = "Parsed<Kind>")]
    kind: &'static str,
    /// How it goes.
    #[schemars(with = "Parsed<Channel>")]
    channel: &'static str,
    /// To whom.
    #[schemars(with = "Parsed<ClientId>")]
    client: &'a str,
    /// How often it was tried.
    attempt: u32,
    /// Who was asked to deliver it, by the name in the configuration; empty if nobody was.
    provider: &'a str,
    /// What they said.
    reply: &'a str,
}

/// What became of a message that will be tried again.
#[derive(Serialize, JsonSchema)]
struct MessageRetrying<'a> {
    #[serde(flatten)]
    fate: MessageFate<'a>,
    /// When it is tried next (UTC).
    #[schemars(with = "Parsed<Timestamp>")]
    next_attempt_at: Timestamp,
}

/// The `data` of an event.
pub fn encode(event: &Event) -> Value {
    match event {
        Event::CommandAccepted { already_done } => {
            json!(CommandAccepted { already_done: *already_done })
        }
        Event::CommandRejected(rejection) => {
            json!(CommandRejected { reason: rejection.reason.as_str(), detail: &rejection.detail })
        }
        Event::BookingChanged { booking, state, starts_at } => json!(BookingChanged {
            booking: booking.as_str(),
            state: state.as_str(),
            starts_at: *starts_at,
        }),
        Event::MessageSkipped { kind, channel, client, booking, reason } => json!(MessageSkipped {
            kind: kind.as_str(),
            channel: channel.as_str(),
            client: client.as_str(),
            booking: booking.as_ref().map(BookingId::as_str),
            reason: reason.as_str(),
        }),
        Event::Message(message) => match message.fate {
            Fate::Retrying(next_attempt_at) => {
                json!(MessageRetrying { fate: fate(message), next_attempt_at })
            }
            _ => json!(fate(message)),
        },
    }
}

fn fate(event: &MessageEvent) -> MessageFate<'_> {
    MessageFate {
        message: event.message.0,
        kind: event.kind.as_str(),
        channel: event.channel.as_str(),
        client: event.client.as_str(),
        attempt: event.attempt,
        provider: &event.provider,
        reply: &event.reply,
    }
}

/// An event type: its name and how its data is described.
pub struct EventType {
    /// The CloudEvents `type`.
    pub name: &'static str,
    /// Puts the schema of its data into the generator and returns a reference to it.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

/// Every event type.
pub const TYPES: &[EventType] = &[
    event_type::<CommandAccepted>("command.accepted"),
    event_type::<CommandRejected>("command.rejected"),
    event_type::<BookingChanged>("booking.changed"),
    event_type::<MessageSkipped>("message.skipped"),
    event_type::<MessageFate>("message.sent"),
    event_type::<MessageRetrying>("message.retrying"),
    event_type::<MessageFate>("message.expired"),
    event_type::<MessageFate>("message.dead"),
    event_type::<MessageFate>("message.unknown"),
    event_type::<MessageFate>("message.withdrawn"),
];

const fn event_type<D: JsonSchema>(name: &'static str) -> EventType {
    EventType { name, schema: |generator| generator.subschema_for::<D>() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageId;
    use crate::domain::rejection::Rejection;
    use insta::assert_snapshot;

    fn client() -> ClientId {
        ClientId::parse("c1").unwrap()
    }

    fn message(fate: Fate) -> Event {
        Event::Message(MessageEvent {
            message: MessageId(Uuid::from_u128(7)),
            kind: Kind::BookingConfirmed,
            channel: Channel::Email,
            client: client(),
            attempt: 2,
            provider: "main".to_owned(),
            reply: "250 2.0.0 Ok".to_owned(),
            fate,
        })
    }

    fn instant() -> Timestamp {
        "2026-12-03T09:00:00Z".parse().unwrap()
    }

    /// One of each, in the order of [`TYPES`].
    fn samples() -> Vec<Event> {
        vec![
            Event::CommandAccepted { already_done: false },
            Event::CommandRejected(Rejection::new(RejectionReason::UnknownClient, "no client c9")),
            Event::BookingChanged {
                booking: BookingId::parse("b1").unwrap(),
                state: BookingState::NoShow,
                starts_at: instant(),
            },
            Event::MessageSkipped {
                kind: Kind::AccountWelcome,
                channel: Channel::Sms,
                client: client(),
                booking: None,
                reason: SkipReason::KindOff,
            },
            message(Fate::Sent),
            message(Fate::Retrying(instant())),
            message(Fate::Expired),
            message(Fate::Dead),
            message(Fate::Unknown),
            message(Fate::Withdrawn),
        ]
    }

    #[test]
    fn every_event_of_the_domain_is_described() {
        let names: Vec<_> = samples().iter().map(Event::type_name).collect();
        assert_eq!(names, TYPES.iter().map(|known| known.name).collect::<Vec<_>>());
    }

    #[test]
    fn data_of_each_type() {
        let done = Event::CommandAccepted { already_done: true };
        let lines: Vec<_> = samples()
            .iter()
            .chain([&done])
            .map(|event| format!("{} {}", event.type_name(), encode(event)))
            .collect();
        assert_snapshot!(lines.join("\n"), @r#"
        command.accepted {}
        command.rejected {"detail":"no client c9","reason":"unknown_client"}
        booking.changed {"booking":"b1","starts_at":"2026-12-03T09:00:00Z","state":"no_show"}
        message.skipped {"channel":"sms","client":"c1","kind":"account.welcome","reason":"kind_off"}
        message.sent {"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","message":"00000000-0000-0000-0000-000000000007","provider":"main","reply":"250 2.0.0 Ok"}
        message.retrying {"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","message":"00000000-0000-0000-0000-000000000007","next_attempt_at":"2026-12-03T09:00:00Z","provider":"main","reply":"250 2.0.0 Ok"}
        message.expired {"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","message":"00000000-0000-0000-0000-000000000007","provider":"main","reply":"250 2.0.0 Ok"}
        message.dead {"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","message":"00000000-0000-0000-0000-000000000007","provider":"main","reply":"250 2.0.0 Ok"}
        message.unknown {"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","message":"00000000-0000-0000-0000-000000000007","provider":"main","reply":"250 2.0.0 Ok"}
        message.withdrawn {"attempt":2,"channel":"email","client":"c1","kind":"booking.confirmed","message":"00000000-0000-0000-0000-000000000007","provider":"main","reply":"250 2.0.0 Ok"}
        command.accepted {"already_done":true}
        "#);
    }

    #[test]
    fn a_skipped_message_names_its_booking() {
        let mut event = samples().swap_remove(3);
        if let Event::MessageSkipped { booking, .. } = &mut event {
            *booking = Some(BookingId::parse("b1").unwrap());
        }
        assert_eq!(encode(&event)["booking"], "b1");
    }
}
