//! Telling a client: the ladder on every channel, and a record of what it answers.

use std::cell::OnceCell;
use std::sync::Arc;

use jiff::Timestamp;

use super::ctx::Ctx;
use super::draft::Draft;
use crate::domain::channel::{Channel, Channels};
use crate::domain::client::Client;
use crate::domain::decision::{Record, Telling, Verdict};
use crate::domain::event::Event;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, Message, MessageId};
use crate::domain::policy::{self, Question, SkipReason, is_recent};
use crate::domain::texts::Said;
use crate::domain::usage::SmsUsage;

/// One thing to tell one client.
pub struct Say<'a> {
    pub kind: Kind,
    pub client: &'a Client,
    pub facts: Facts,
    /// From then on it is worthless.
    pub deadline: Option<Timestamp>,
    /// What speaks against it, whatever the channel.
    pub veto: Option<SkipReason>,
    /// The channels that it is meant for.
    pub only: Channels,
    /// The message that was given up, if this is said in its place.
    pub instead_of: Option<MessageId>,
}

impl<'a> Say<'a> {
    pub fn new(kind: Kind, client: &'a Client, facts: Facts) -> Self {
        let (deadline, veto, only, instead_of) = (None, None, Channels::ALL, None);
        Self { kind, client, facts, deadline, veto, only, instead_of }
    }

    /// Worthless from this instant on.
    pub fn until(self, deadline: Timestamp) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    /// Not to be said, for this reason.
    pub fn unless(self, veto: Option<SkipReason>) -> Self {
        Self { veto: self.veto.or(veto), ..self }
    }

    pub fn only(self, only: Channels) -> Self {
        Self { only, ..self }
    }

    /// What speaks against saying it now.
    fn objection(&self, now: Timestamp) -> Option<SkipReason> {
        let over = self.deadline.is_some_and(|deadline| deadline <= now);
        let too_late = match self.facts {
            Facts::Link(_) | Facts::Queue(_) => SkipReason::Expired,
            _ => SkipReason::TooLate,
        };
        over.then_some(too_late).or(self.veto)
    }
}

impl Draft<'_> {
    /// Tells the client on every channel that the ladder allows; records what it forbids.
    pub fn say(&mut self, say: Say<'_>) {
        let objection = say.objection(self.ctx.now);
        // Counted only if all else is in favour: the text has to be written for it.
        let segments = OnceCell::new();
        let unpaid = || {
            let needed = *segments.get_or_init(|| self.segments(&say));
            // What was withdrawn in this very decision is counted no longer.
            let known = self.client(&say.client.id).ok();
            self.unpaid(known.as_deref().unwrap_or(say.client), needed)
        };
        let question = |channel| Question {
            settings: self.settings,
            plans: self.ctx.plans,
            provided: self.ctx.provided,
            kind: say.kind,
            channel,
            client: say.client,
            now: self.ctx.now,
            unpaid: &unpaid,
            veto: objection,
        };
        let meant = Channel::ALL.into_iter().filter(|channel| say.only.contains(*channel));
        let mut answers: Vec<(Channel, Option<SkipReason>)> =
            meant.map(|channel| (channel, policy::forbids(&question(channel)))).collect();
        let no_sms = answers.contains(&(Channel::Sms, Some(SkipReason::QuotaExhausted)));
        if no_sms && policy::forbids_though_on(&question(Channel::Email)).is_none() {
            fall_back_to_email(&mut answers);
        }
        let segments = segments.get().copied().unwrap_or_default();
        let verdicts = answers
            .into_iter()
            .map(|(channel, reason)| match reason {
                Some(reason) => (channel, Verdict::Skipped(reason)),
                None => {
                    let due = self.ctx.now;
                    (channel, Verdict::Goes(self.message(&say, channel, segments, due)))
                }
            })
            .collect();
        self.record(&say, verdicts);
    }

    /// SMS segments, where they are counted.
    fn segments(&self, say: &Say<'_>) -> u32 {
        let counted = self.counts_segments()
            && say.only.contains(Channel::Sms)
            && self.settings.channels_of(say.kind).contains(Channel::Sms);
        if counted { self.sms_segments(say) } else { 0 }
    }

    /// Whether anybody counts them.
    pub fn counts_segments(&self) -> bool {
        let daily = self.ctx.plans.sms().daily_segments;
        self.settings.sms_quota.is_some() || daily.is_some()
    }

    /// Why a text of so many segments would not be paid for.
    pub fn unpaid(&self, client: &Client, segments: u32) -> Option<SkipReason> {
        let quota = self.settings.sms_quota.unwrap_or(u32::MAX);
        if self.usage_now().segments.saturating_add(segments) > quota {
            return Some(SkipReason::QuotaExhausted);
        }
        let left = self.decision.spent.left_of(self.ctx.sms_left, self.ctx.now);
        let recent = client.texted_at.iter().filter(|at| is_recent(**at, self.ctx.now)).count();
        let per_number = self.ctx.plans.sms().per_number;
        let is_capped = segments > left || per_number.is_some_and(|most| recent >= most as usize);
        is_capped.then_some(SkipReason::SpendCapped)
    }

    /// The SMS segments that saying so would take.
    pub fn sms_segments(&self, say: &Say<'_>) -> u32 {
        self.ctx.texts.sms_segments(&self.said(say))
    }

    /// As a text message.
    fn said<'s>(&'s self, say: &'s Say<'_>) -> Said<'s> {
        let custom = self.state.custom_text(say.kind, Channel::Sms, say.client);
        let custom = custom.filter(|_| self.has_custom_text()).map(Arc::as_ref);
        let Say { client, kind, ref facts, .. } = *say;
        let (tenant, settings, due) = (self.ctx.tenant, self.settings, self.ctx.now);
        Said { tenant, settings, client, kind, facts, custom, due }
    }

    /// Whether the tenant's plan has texts of its own.
    pub fn has_custom_text(&self) -> bool {
        self.ctx.plans.allow_custom_text(&self.settings.plan)
    }

    /// What was used of this month.
    pub fn usage_now(&self) -> SmsUsage {
        self.usage.month_of(self.ctx.now, &self.settings.timezone)
    }

    /// The message by which it is said there, once it is due.
    pub fn message(
        &mut self,
        say: &Say<'_>,
        channel: Channel,
        segments: u32,
        due: Timestamp,
    ) -> MessageId {
        let Ctx { now, tenant, cause, .. } = *self.ctx;
        let (client, topic) = (&say.client.id, say.facts.topic());
        let cause = cause.as_str();
        let id = MessageId::derive(now, tenant, cause, say.kind, channel, client, topic.as_ref());
        let is_text = channel == Channel::Sms;
        let segments = if is_text { segments } else { 0 };
        let code = || self.ctx.texts.link_code(&self.said(say), id);
        let link_code = is_text.then(code).flatten();
        self.decision.messages.push(Message {
            id,
            kind: say.kind,
            channel,
            client: say.client.id.clone(),
            due,
            deadline: say.deadline,
            facts: say.facts.on(channel),
            segments,
            fallback_of: say.instead_of,
            link_code,
        });
        self.decision.spent.counts(segments);
        if channel == Channel::Sms && self.settings.sms_quota.is_some() {
            self.usage = self.usage_now();
            self.usage.count(segments);
        }
        self.remember_frequency(say, channel);
        id
    }

    /// What the caps count.
    fn remember_frequency(&mut self, say: &Say<'_>, channel: Channel) {
        let now = self.ctx.now;
        let notice = say.kind == Kind::NoticeManual
            && channel == Channel::Email
            && self.settings.notice_cap.is_some();
        let review = say.kind == Kind::ReviewRequested;
        if channel == Channel::Sms {
            self.remember_text(&say.client.id);
        }
        if !notice && !review {
            return;
        }
        let Ok(client) = self.client(&say.client.id) else { return };
        let mut client = (*client).clone();
        if notice {
            client.noticed_at.retain(|at| is_recent(*at, now));
            client.noticed_at.push(now);
        }
        if review {
            client.reviewed_at = Some(now);
        }
        self.put(Record::Client(Arc::new(client)));
    }

    /// One more of the texts that they may have in 24 hours, where those are counted.
    pub fn remember_text(&mut self, client: &ClientId) {
        if self.ctx.plans.sms().per_number.is_none() {
            return;
        }
        let (Ok(client), now) = (self.client(client), self.ctx.now) else { return };
        let mut client = (*client).clone();
        client.texted_at.retain(|at| is_recent(*at, now));
        client.texted_at.push(now);
        self.put(Record::Client(Arc::new(client)));
    }

    /// A kind that is switched off is recorded, but is no event: it would be the loudest of all.
    pub fn record(&mut self, say: &Say<'_>, channels: Vec<(Channel, Verdict)>) {
        let (kind, client) = (say.kind, say.client.id.clone());
        let (about, fallback_of) = (say.facts.about(), say.instead_of);
        for (channel, verdict) in &channels {
            if let Verdict::Skipped(reason) = verdict
                && *reason != SkipReason::KindOff
            {
                let (client, about) = (client.clone(), about.clone());
                let (channel, reason) = (*channel, *reason);
                let skipped =
                    Event::MessageSkipped { kind, channel, client, about, reason, fallback_of };
                self.event(skipped);
            }
        }
        self.decision.tellings.push(Telling { kind, client, about, channels, fallback_of });
    }
}

/// The month's text messages are used up: what only the choice of channel kept from email goes
/// by email.
fn fall_back_to_email(answers: &mut Vec<(Channel, Option<SkipReason>)>) {
    match answers.iter_mut().find(|(channel, _)| *channel == Channel::Email) {
        Some((_, answer)) if *answer == Some(SkipReason::KindOff) => *answer = None,
        Some(_) => {}
        None => answers.insert(0, (Channel::Email, None)),
    }
}
