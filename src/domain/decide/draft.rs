//! A decision in the making.

use std::sync::Arc;

use jiff::Timestamp;

use super::Ctx;
use crate::domain::booking::Booking;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::decision::{Decision, Record, Telling, Verdict};
use crate::domain::event::Event;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, Message, MessageId};
use crate::domain::policy::{self, Question, SkipReason};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::settings::Settings;
use crate::domain::state::TenantState;

/// Collects what follows from a command; [`Draft::finish`] puts the acceptance in front.
pub struct Draft<'a> {
    pub ctx: &'a Ctx<'a>,
    pub state: &'a TenantState,
    pub settings: &'a Settings,
    decision: Decision,
    already_done: bool,
}

impl<'a> Draft<'a> {
    pub fn new(ctx: &'a Ctx<'a>, state: &'a TenantState, settings: &'a Settings) -> Self {
        Self { ctx, state, settings, decision: Decision::default(), already_done: false }
    }

    pub fn finish(mut self) -> Decision {
        let accepted = Event::CommandAccepted { already_done: self.already_done };
        self.decision.events.insert(0, accepted);
        self.decision
    }

    /// Everything is as asked already.
    pub fn already_done(&mut self) {
        self.already_done = true;
    }

    pub fn client(&self, id: &ClientId) -> Result<Arc<Client>, Rejection> {
        self.state.client(id).cloned().ok_or_else(|| {
            Rejection::new(RejectionReason::UnknownClient, format!("client: no client {id}"))
        })
    }

    pub fn booking(&self, id: &BookingId) -> Result<Booking, Rejection> {
        self.state.booking(id).cloned().ok_or_else(|| {
            Rejection::new(RejectionReason::UnknownBooking, format!("booking: no booking {id}"))
        })
    }

    pub fn put(&mut self, record: Record) {
        self.decision.records.push(record);
    }

    /// Writes a booking whose state or time changed, and says so upstream.
    pub fn put_booking(&mut self, booking: Booking) {
        self.decision.events.push(Event::BookingChanged {
            booking: booking.id.clone(),
            state: booking.state,
            starts_at: booking.starts_at,
        });
        self.put(Record::Booking(booking));
    }

    /// Withdraws what this client has not been sent about the booking yet, and returns the kinds.
    /// What another client is still to hear stays true: that it is no longer theirs.
    pub fn supersede(&mut self, booking: &BookingId, client: &ClientId) -> Vec<Kind> {
        let unsent = self.state.unsent(booking).iter().filter(|unsent| unsent.client == *client);
        let (kinds, ids): (Vec<_>, Vec<_>) = unsent.map(|unsent| (unsent.kind, unsent.id)).unzip();
        self.decision.superseded.extend(ids.into_iter().map(|id| (booking.clone(), id)));
        kinds
    }

    /// Tells the client on every channel that the ladder allows; records what it forbids.
    /// `deadline` is the instant from which the message is worthless.
    pub fn tell(&mut self, kind: Kind, client: &Client, facts: Facts, deadline: Option<Timestamp>) {
        let booking = booking_of(&facts);
        let too_late = deadline.is_some_and(|deadline| deadline <= self.ctx.now);
        let channels = Channel::ALL.map(|channel| {
            let question = Question {
                settings: self.settings,
                plans: self.ctx.plans,
                provided: self.ctx.provided,
                kind,
                channel,
                client,
                too_late,
            };
            let verdict = match policy::forbids(&question) {
                Some(reason) => Verdict::Skipped(reason),
                None => Verdict::Goes(self.message(kind, channel, client, &facts, deadline)),
            };
            (channel, verdict)
        });
        self.record(kind, client, booking, channels.to_vec());
    }

    /// Records that nothing is told, on any channel, for this reason.
    pub fn keep_silent(
        &mut self,
        kind: Kind,
        client: &Client,
        booking: &BookingId,
        reason: SkipReason,
    ) {
        let on = self.settings.channels_of(kind);
        let channels = Channel::ALL.map(|channel| {
            let reason = if on.contains(channel) { reason } else { SkipReason::KindOff };
            (channel, Verdict::Skipped(reason))
        });
        self.record(kind, client, Some(booking.clone()), channels.to_vec());
    }

    fn message(
        &mut self,
        kind: Kind,
        channel: Channel,
        client: &Client,
        facts: &Facts,
        deadline: Option<Timestamp>,
    ) -> MessageId {
        let Ctx { now, tenant, cause, .. } = *self.ctx;
        let id = MessageId::derive(now, tenant, cause.as_str(), kind, channel, &client.id);
        self.decision.messages.push(Message {
            id,
            kind,
            channel,
            client: client.id.clone(),
            due: now,
            deadline,
            facts: facts.clone(),
        });
        id
    }

    /// A kind that is switched off is recorded, but is no event: it would be the loudest of all.
    fn record(
        &mut self,
        kind: Kind,
        client: &Client,
        booking: Option<BookingId>,
        channels: Vec<(Channel, Verdict)>,
    ) {
        for (channel, verdict) in &channels {
            if let Verdict::Skipped(reason) = verdict
                && *reason != SkipReason::KindOff
            {
                self.decision.events.push(Event::MessageSkipped {
                    kind,
                    channel: *channel,
                    client: client.id.clone(),
                    booking: booking.clone(),
                    reason: *reason,
                });
            }
        }
        let client = client.id.clone();
        self.decision.tellings.push(Telling { kind, client, booking, channels });
    }
}

fn booking_of(facts: &Facts) -> Option<BookingId> {
    match facts {
        Facts::Booking(facts) => Some(facts.booking.clone()),
        Facts::Account => None,
    }
}
