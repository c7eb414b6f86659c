//! One tenant's part of a script, played in virtual time.
//!
//! ```text
//!   timers due before ──▶ of an instant: timers, then its commands ──▶ what was decided leaves
//!        ▲                                                                     │
//!        └──────────────────────────── next instant ◀──────────────────────────┘
//! ```

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::part::{Part, Played};
use super::row::{About, Fate, Row, Told, What};
use super::script::Cue;
use crate::content::Rendered;
use crate::domain::channel::{Channel, Channels};
use crate::domain::client::{Client, Contact};
use crate::domain::decision::{Decision, Verdict};
use crate::domain::id::{CommandId, TenantId};
use crate::domain::message::{Facts, Message, MessageId};
use crate::domain::policy::SkipReason;
use crate::domain::rehearsal::{Departed, Rehearsal, Stage};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::session::PAGE_PEOPLE;
use crate::letters::{Pen, Stationery};
use crate::wire::{BodyHash, Received};

/// What is the same for every tenant.
#[derive(Debug, Clone, Copy)]
pub struct House<'a> {
    /// Who writes, as the daemon would.
    pub stationery: Stationery<'a>,
    /// Who counts what a text takes.
    pub texts: &'a Pen,
    /// The channels for which there is a provider.
    pub provided: Channels,
}

/// A tenant on stage.
pub struct Play<'a> {
    stage: Stage<'a>,
    stationery: Stationery<'a>,
    rehearsal: Rehearsal,
    seen: HashMap<CommandId, BodyHash>,
    /// In which turn each message was decided that has not left.
    turns: HashMap<MessageId, u64>,
    turn: u64,
    rows: Vec<Row>,
    played: Played,
}

impl<'a> Play<'a> {
    /// Plays these commands, which are the tenant's and in order, and lets the clock run on.
    pub fn whole(house: House<'a>, tenant: &'a TenantId, cues: &[&Cue], until: Timestamp) -> Part {
        let stage = Stage {
            tenant,
            plans: house.stationery.plans,
            provided: house.provided,
            texts: house.texts,
            outages: &[],
            page: PAGE_PEOPLE,
        };
        let mut play = Self {
            stage,
            stationery: house.stationery,
            rehearsal: Rehearsal::default(),
            seen: HashMap::new(),
            turns: HashMap::new(),
            turn: 0,
            rows: Vec::new(),
            played: Played::default(),
        };
        for instant in cues.chunk_by(|one, next| one.at == next.at) {
            let Some(first) = instant.first() else { continue };
            play.timers_before(first.at);
            play.instant(first.at, instant);
        }
        play.timers_before(until);
        play.instant(until, &[]);
        play.rows.sort_by(Row::order_of_turns);
        let settings = play.rehearsal.state().settings().cloned();
        Part { tenant: Some(tenant.clone()), settings, rows: play.rows, played: play.played }
    }

    /// Every instant before this one at which something is due.
    fn timers_before(&mut self, end: Timestamp) {
        while let Some(due) = self.rehearsal.next_due().filter(|due| *due < end) {
            self.instant(due, &[]);
        }
    }

    /// What is due fires, what is asked is decided, and then all of it leaves.
    fn instant(&mut self, at: Timestamp, cues: &[&Cue]) {
        self.fire(at);
        for cue in cues {
            self.played.commands += 1;
            match &cue.asked {
                Ok(received) => self.command(at, cue.number, received),
                Err(unreadable) => {
                    self.turn += 1;
                    self.row(at, self.turn, What::unreadable(cue.number, unreadable));
                }
            }
            // A page of what was begun just now is due at once.
            self.fire(at);
        }
        self.leave(at);
    }

    fn fire(&mut self, at: Timestamp) {
        while let Some(fired) = self.rehearsal.fire_next(&self.stage, at, at) {
            self.played.timers += 1;
            self.decided(at, &fired.decision);
        }
    }

    fn command(&mut self, at: Timestamp, line: usize, received: &Received) {
        let Received { id, body_hash, command, .. } = received;
        match self.seen.insert(id.clone(), *body_hash) {
            None => {}
            Some(before) if before == *body_hash => {
                self.played.repeated += 1;
                return;
            }
            Some(before) => {
                self.seen.insert(id.clone(), before);
                let detail = "this id was used for another command; choose a new one";
                let rejection = Rejection::new(RejectionReason::IdReused, detail);
                return self.refuse(at, line, received, rejection);
            }
        }
        match self.rehearsal.command(&self.stage, at, &id.clone().into(), command) {
            Ok(decision) => self.decided(at, &decision),
            Err(rejection) => self.refuse(at, line, received, rejection),
        }
    }

    fn refuse(&mut self, at: Timestamp, line: usize, of: &Received, rejection: Rejection) {
        let what = What::Refused {
            line,
            command: Some(of.id.to_string()),
            type_name: Some(of.command.type_name().to_owned()),
            reason: rejection.reason.as_str(),
            detail: rejection.detail,
        };
        self.turn += 1;
        self.row(at, self.turn, what);
    }

    fn decided(&mut self, at: Timestamp, decision: &Decision) {
        for telling in &decision.tellings {
            self.turn += 1;
            let about = About::topic(telling.about.as_ref(), self.rehearsal.state());
            for (channel, verdict) in &telling.channels {
                match verdict {
                    Verdict::Goes(id) => {
                        self.turns.insert(*id, self.turn);
                    }
                    Verdict::Skipped(reason) => {
                        let (client, kind, channel) =
                            (telling.client.clone(), telling.kind, *channel);
                        let (about, fate) = (about.clone(), Fate::Skipped(*reason));
                        let told = Told { client, kind, channel, about, fate };
                        self.row(at, self.turn, What::Message(told));
                    }
                }
            }
        }
    }

    fn leave(&mut self, at: Timestamp) {
        let Departed { sent, withdrawn } = self.rehearsal.dispatch();
        for message in sent {
            let fate = self.write(&message);
            self.left(at, message, fate);
        }
        for message in withdrawn {
            let is_known = self.rehearsal.state().client(&message.client).is_some();
            let why = if is_known { SkipReason::Superseded } else { SkipReason::ClientDeleted };
            self.left(at, message, Fate::Withdrawn(why));
        }
    }

    fn left(&mut self, at: Timestamp, message: Message, fate: Fate) {
        let about = About::facts(&message.facts);
        let Message { id, client, kind, channel, .. } = message;
        let turn = self.turns.remove(&id).unwrap_or(self.turn);
        self.row(at, turn, What::Message(Told { client, kind, channel, about, fate }));
    }

    fn row(&mut self, at: Timestamp, turn: u64, what: What) {
        self.rows.push(Row { at, turn, tenant: Some(self.stage.tenant.clone()), what });
    }

    /// As a dispatcher would, with what is known by now.
    fn write(&self, message: &Message) -> Fate {
        let state = self.rehearsal.state();
        let (Some(settings), Some(client)) = (state.settings(), state.client(&message.client))
        else {
            return Fate::Withdrawn(SkipReason::ClientDeleted);
        };
        let custom = state.custom_text(message.kind, message.channel, client);
        let tenant = self.stage.tenant;
        let custom = custom.map(Arc::as_ref);
        let to = address(client, message);
        let sent = |subject, text, segments| Fate::Sent { to, subject, text, segments };
        let written = self.stationery.write(tenant, message, settings, client, custom);
        match written.map(|written| written.rendered) {
            Ok(Rendered::Email(mail)) => sent(Some(mail.subject), mail.text, None),
            Ok(Rendered::Sms(sms)) => sent(None, sms.text, Some(sms.segments)),
            Ok(Rendered::Push(push)) => sent(Some(push.title), push.body, None),
            Ok(Rendered::Inbox(post)) => sent(Some(post.title), post.body, None),
            Err(error) => Fate::Dead(error.to_string()),
        }
    }
}

/// Where a message goes: an alert to staff, all else to the client, whose inbox is their own.
fn address(client: &Client, message: &Message) -> String {
    fn of<T>(contact: &Contact<T>, text: impl Fn(&T) -> &str) -> String {
        contact.known().map(text).unwrap_or_default().to_owned()
    }
    if let Facts::Staff(alert) = &message.facts {
        return alert.to.to_string();
    }
    match message.channel {
        Channel::Email => of(&client.email, |address| address.as_str()),
        Channel::Sms => of(&client.phone, |number| number.as_str()),
        Channel::Push => client.push_tokens.join(","),
        Channel::Inbox => client.id.to_string(),
    }
}
