//! What came of commands that were played, one thing a row.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::TenantState;
use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId, SessionId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, Topic};
use crate::domain::policy::SkipReason;
use crate::wire::Unreadable;

/// One thing that came of a rehearsal.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub at: Timestamp,
    /// The order in which the tenant's decisions were taken, the same for all channels of one.
    pub turn: u64,
    /// Whose it is; a command may not say.
    pub tenant: Option<TenantId>,
    pub what: What,
}

/// What a row tells.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    Message(Told),
    /// Of a command that was refused.
    Refused {
        /// Its line in the file, or its place in the array, from 1.
        line: usize,
        /// Its id, where it could be read.
        command: Option<String>,
        /// Its type, where it could be read.
        type_name: Option<String>,
        /// Why, by name.
        reason: &'static str,
        /// Why, in words.
        detail: String,
    },
}

impl What {
    /// Of something on this line that is no command.
    pub fn unreadable(line: usize, unreadable: &Unreadable) -> Self {
        let field = unreadable.field.as_ref().map(|field| format!("{field}: "));
        What::Refused {
            line,
            command: unreadable.id.as_ref().map(ToString::to_string),
            type_name: unreadable.type_name.clone(),
            reason: unreadable.reason.as_str(),
            detail: format!("{}{}", field.unwrap_or_default(), unreadable.detail),
        }
    }
}

/// What became of one message, sent or not.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub client: ClientId,
    pub kind: Kind,
    pub channel: Channel,
    pub about: About,
    pub fate: Fate,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Fate {
    /// It went.
    Sent {
        /// The address.
        to: String,
        /// The subject or title, where the channel has one.
        subject: Option<String>,
        text: String,
        /// SMS segments.
        segments: Option<u32>,
    },
    /// It was decided and could not be written.
    Dead(String),
    /// It was not to go.
    Skipped(SkipReason),
    /// It was to go, and was called back.
    Withdrawn(SkipReason),
}

impl Fate {
    /// The name in the `outcome` field.
    pub fn as_str(&self) -> &'static str {
        match self {
            Fate::Sent { .. } => "sent",
            Fate::Dead(_) => "dead",
            Fate::Skipped(_) => "skipped",
            Fate::Withdrawn(_) => "withdrawn",
        }
    }
}

/// What a message is about, by id.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    pub booking: Option<BookingId>,
    /// Which place in a queue.
    pub entry: Option<EntryId>,
    pub session: Option<SessionId>,
    pub payment: Option<PaymentId>,
}

impl About {
    pub fn facts(facts: &Facts) -> Self {
        let booking = facts.booking().cloned();
        match facts {
            Facts::Booking(facts) => {
                Self { booking, session: facts.session.clone(), ..Self::default() }
            }
            Facts::Queue(facts) => Self {
                booking,
                entry: Some(facts.entry.clone()),
                session: Some(facts.session.clone()),
                payment: None,
            },
            Facts::Payment(facts) => {
                Self { booking, payment: Some(facts.payment.clone()), ..Self::default() }
            }
            Facts::Staff(alert) => Self::facts(&alert.of),
            _ => Self { booking, ..Self::default() },
        }
    }

    /// What was decided on, as far as the tenant knows it.
    pub fn topic(topic: Option<&Topic>, known: &TenantState) -> Self {
        match topic {
            Some(Topic::Booking(id)) => Self {
                booking: Some(id.clone()),
                session: known.booking(id).and_then(|booking| booking.session.clone()),
                ..Self::default()
            },
            Some(Topic::Entry(id)) => Self {
                entry: Some(id.clone()),
                session: known.entry(id).map(|entry| entry.session.clone()),
                ..Self::default()
            },
            Some(Topic::Payment(id)) => Self { payment: Some(id.clone()), ..Self::default() },
            None => Self::default(),
        }
    }
}

impl Row {
    /// Whether it is told to who does not ask for all.
    pub fn is_loud(&self) -> bool {
        let silent = |fate: &Fate| matches!(fate, Fate::Skipped(_) | Fate::Withdrawn(_));
        !matches!(&self.what, What::Message(Told { fate, .. }) if silent(fate))
    }

    /// For a reader: as it was decided, second by second.
    pub fn order_of_turns(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }

    fn place(&self) -> (i64, u64, Option<Channel>) {
        let channel = match &self.what {
            What::Message(told) => Some(told.channel),
            What::Refused { .. } => None,
        };
        (self.at.as_second(), self.turn, channel)
    }

    /// As published: by time to the second, then client, kind and channel by name, then tenant.
    pub fn order(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }

    fn rank(&self) -> (i64, &str, &str, &str, &str) {
        let tenant = self.tenant.as_ref().map_or("", TenantId::as_str);
        match &self.what {
            What::Message(Told { client, kind, channel, .. }) => {
                (self.at.as_second(), client.as_str(), kind.as_str(), channel.as_str(), tenant)
            }
            What::Refused { .. } => (self.at.as_second(), "", "", "", tenant),
        }
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// None: every field can be written.
    pub fn json(&self) -> serde_json::Result<String> {
        let (tenant, at) = (self.tenant.as_ref(), whole_second(self.at));
        match &self.what {
            What::Message(told) => serde_json::to_string(&MessageLine::of(at, tenant, told)),
            What::Refused { line, command, type_name, reason, detail } => {
                serde_json::to_string(&RefusalLine {
                    at,
                    tenant,
                    outcome: "rejected",
                    line: *line,
                    command: command.as_deref(),
                    type_name: type_name.as_deref(),
                    reason,
                    detail,
                })
            }
        }
    }
}

/// The instant without its fraction.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

#[derive(Serialize)]
struct RefusalLine<'a> {
    at: Timestamp,
    tenant: Option<&'a TenantId>,
    outcome: &'static str,
    line: usize,
    command: Option<&'a str>,
    #[serde(rename = "type")]
    type_name: Option<&'a str>,
    reason: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
struct MessageLine<'a> {
    at: Timestamp,
    tenant: Option<&'a TenantId>,
    client: &'a ClientId,
    kind: &'static str,
    channel: &'static str,
    outcome: &'static str,
    #[serde(flatten)]
    fate: FateFields<'a>,
    booking: Option<&'a BookingId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<&'a EntryId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment: Option<&'a PaymentId>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum FateFields<'a> {
    Sent {
        to: &'a str,
        subject: Option<&'a str>,
        text: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        segments: Option<u32>,
    },
    Dead {
        reason: &'static str,
        detail: &'a str,
    },
    Unsent {
        reason: &'static str,
    },
}

impl<'a> MessageLine<'a> {
    fn of(at: Timestamp, tenant: Option<&'a TenantId>, told: &'a Told) -> Self {
        let Told { client, kind, channel, about, fate } = told;
        let fields = match fate {
            Fate::Sent { to, subject, text, segments } => {
                FateFields::Sent { to, subject: subject.as_deref(), text, segments: *segments }
            }
            Fate::Dead(detail) => FateFields::Dead { reason: "unwritable", detail },
            Fate::Skipped(reason) | Fate::Withdrawn(reason) => {
                FateFields::Unsent { reason: reason.as_str() }
            }
        };
        Self {
            at,
            tenant,
            client,
            kind: kind.as_str(),
            channel: channel.as_str(),
            outcome: fate.as_str(),
            fate: fields,
            booking: about.booking.as_ref(),
            entry: about.entry.as_ref(),
            session: about.session.as_ref(),
            payment: about.payment.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(client: &str, kind: Kind, channel: Channel, fate: Fate) -> Row {
        let about = About { booking: BookingId::parse("b1").ok(), ..About::default() };
        let client = ClientId::parse(client).unwrap();
        Row {
            at: "2026-12-02T09:00:00.75Z".parse().unwrap(),
            turn: 1,
            tenant: TenantId::parse("salon-uno").ok(),
            what: What::Message(Told { client, kind, channel, about, fate }),
        }
    }

    #[test]
    fn lines_are_as_published() {
        let sent = Fate::Sent {
            to: "+393331234567".to_owned(),
            subject: None,
            text: "…".to_owned(),
            segments: Some(1),
        };
        let row = told("c1", Kind::BookingReminder, Channel::Sms, sent);
        assert_eq!(
            row.json().unwrap(),
            r#"{"at":"2026-12-02T09:00:00Z","tenant":"salon-uno","client":"c1","kind":"booking.reminder","channel":"sms","outcome":"sent","to":"+393331234567","subject":null,"text":"…","segments":1,"booking":"b1"}"#
        );
        let skipped = Fate::Skipped(SkipReason::OptedOut);
        let row = told("c1", Kind::BookingReminder, Channel::Email, skipped);
        assert_eq!(
            row.json().unwrap(),
            r#"{"at":"2026-12-02T09:00:00Z","tenant":"salon-uno","client":"c1","kind":"booking.reminder","channel":"email","outcome":"skipped","reason":"opted_out","booking":"b1"}"#
        );
        let what = What::Refused {
            line: 7,
            command: Some("k1".to_owned()),
            type_name: None,
            reason: "illegal_transition",
            detail: "no".to_owned(),
        };
        assert_eq!(
            Row { what, ..row }.json().unwrap(),
            r#"{"at":"2026-12-02T09:00:00Z","tenant":"salon-uno","outcome":"rejected","line":7,"command":"k1","type":null,"reason":"illegal_transition","detail":"no"}"#
        );
    }

    #[test]
    fn names_decide_the_order_within_a_second() {
        let fate = Fate::Skipped(SkipReason::OptedOut);
        let row = |client, kind, channel| told(client, kind, channel, fate.clone());
        let rows = [
            row("c1", Kind::BookingConfirmed, Channel::Email),
            row("c1", Kind::BookingConfirmed, Channel::Inbox),
            row("c1", Kind::BookingConfirmed, Channel::Sms),
            row("c1", Kind::QueueOffered, Channel::Email),
            row("c2", Kind::AccountWelcome, Channel::Email),
        ];
        assert!(rows.is_sorted_by(|one, other| one.order(other) == Ordering::Less));
        let mut early = rows[4].clone();
        early.at = "2026-12-02T09:00:00Z".parse().unwrap();
        assert_eq!(rows[0].order(&early), Ordering::Less, "fractions do not count");
    }
}
