//! One tenant in virtual time: commands at their instants, and every timer in between.
//!
//! The same [`decide`] as the daemon's, with a clock that jumps. Every message leaves as soon as
//! its instant is over, so that two commands of one instant may still replace each other's.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

use super::channel::Channels;
use super::command::Command;
use super::decide::{Ctx, Input, decide};
use super::decision::Decision;
use super::id::{CauseId, TenantId};
use super::message::Message;
use super::plan::Plans;
use super::rejection::Rejection;
use super::state::TenantState;
use super::texts::Texts;
use super::timer::{DueTimer, Outage, Timer, TimerChange};

/// What every decision of a rehearsal depends on beside the state.
#[derive(Debug, Clone, Copy)]
pub struct Stage<'a> {
    /// Whose rehearsal it is.
    pub tenant: &'a TenantId,
    pub plans: &'a Plans,
    /// The channels for which there is a provider.
    pub provided: Channels,
    /// What texts would be like.
    pub texts: &'a dyn Texts,
    /// When the daemon did not run.
    pub outages: &'a [Outage],
    /// How many of a session's people one decision reaches.
    pub page: usize,
}

/// A tenant in virtual time.
#[derive(Debug, Clone, Default)]
pub struct Rehearsal {
    state: TenantState,
    planned: BTreeSet<DueTimer>,
    due_of: HashMap<Timer, Timestamp>,
    waiting: Vec<Message>,
    withdrawn: Vec<Message>,
    fired: u64,
}

/// What became of the messages of an instant.
#[derive(Debug, Clone, Default)]
pub struct Departed {
    pub sent: Vec<Message>,
    /// Something newer took their place before they could.
    pub withdrawn: Vec<Message>,
}

/// What a timer led to.
#[derive(Debug, Clone)]
pub struct Fired {
    /// Which, and when it was planned for.
    pub timer: DueTimer,
    /// When it fired.
    pub at: Timestamp,
    pub decision: Decision,
}

impl Rehearsal {
    /// Goes on from a tenant that stands like this, with these timers set. What is let go of once
    /// it is long over tells nobody anything: that is left out.
    pub fn going_on(state: TenantState, timers: impl IntoIterator<Item = DueTimer>) -> Self {
        let mut rehearsal = Self { state, ..Self::default() };
        let is_told = |set: &DueTimer| !matches!(set.timer, Timer::Retire { .. });
        for timer in timers.into_iter().filter(is_told) {
            rehearsal.plan(&TimerChange::Set(timer));
        }
        rehearsal
    }

    /// The same rehearsal of a tenant that stands like this.
    #[cfg(test)]
    pub fn with_state(&self, state: TenantState) -> Self {
        Self { state, ..self.clone() }
    }

    pub fn state(&self) -> &TenantState {
        &self.state
    }

    /// What is planned, the earliest first.
    #[cfg(test)]
    pub fn planned(&self) -> impl Iterator<Item = &DueTimer> {
        self.planned.iter()
    }

    /// Decides a command and takes the decision over.
    ///
    /// # Errors
    /// The refusal: nothing has changed.
    pub fn command(
        &mut self,
        stage: &Stage<'_>,
        now: Timestamp,
        cause: &CauseId,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        self.decides(stage, now, cause, Input::Command(command))
    }

    /// Decides any input and takes the decision over.
    ///
    /// # Errors
    /// The refusal of a command.
    pub fn decides(
        &mut self,
        stage: &Stage<'_>,
        now: Timestamp,
        cause: &CauseId,
        input: Input<'_>,
    ) -> Result<Decision, Rejection> {
        let Stage { tenant, plans, provided, texts, outages, page } = *stage;
        let sms_left = u32::MAX;
        let ctx = Ctx { tenant, cause, now, plans, provided, texts, outages, page, sms_left };
        let decision = decide(&ctx, &self.state, input)?;
        self.state.apply(&decision);
        for change in &decision.timers {
            self.plan(change);
        }
        let gone = |message: &mut Message| {
            decision.superseded.iter().any(|gone| gone.message == message.id)
                || decision.erased.as_ref() == Some(&message.client)
        };
        if !decision.superseded.is_empty() || decision.erased.is_some() {
            self.withdrawn.extend(self.waiting.extract_if(.., gone));
        }
        self.waiting.extend(decision.messages.iter().cloned());
        Ok(decision)
    }

    /// The instant of the next timer.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.planned.first().map(|timer| timer.due)
    }

    /// Fires the next timer if it is due by then, at its own instant but not before `not_before`.
    pub fn fire_next(
        &mut self,
        stage: &Stage<'_>,
        until: Timestamp,
        not_before: Timestamp,
    ) -> Option<Fired> {
        let timer = self.planned.first().filter(|timer| timer.due <= until)?.clone();
        self.planned.remove(&timer);
        self.due_of.remove(&timer.timer);
        self.fired += 1;
        let at = timer.due.max(not_before);
        let cause = CauseId::parse(&format!("timer-{}", self.fired)).ok()?;
        let decided = self.decides(stage, at, &cause, Input::Timer(&timer));
        let decided = decided.inspect_err(|why| debug_assert!(false, "{timer:?}: {why}"));
        let decision = decided.unwrap_or_default();
        Some(Fired { timer, at, decision })
    }

    /// The instant is over: what was decided leaves.
    pub fn dispatch(&mut self) -> Departed {
        let sent = std::mem::take(&mut self.waiting);
        for message in &sent {
            if let Some(topic) = message.facts.topic() {
                self.state.forget(&topic, message.id);
            }
        }
        Departed { sent, withdrawn: std::mem::take(&mut self.withdrawn) }
    }

    /// A message that waits is given up: it never leaves.
    #[cfg(test)]
    pub fn gives_up(&mut self, message: &Message) {
        self.waiting.retain(|waiting| waiting.id != message.id);
        if let Some(topic) = message.facts.topic() {
            self.state.forget(&topic, message.id);
        }
    }

    fn plan(&mut self, change: &TimerChange) {
        let timer = match change {
            TimerChange::Set(set) => &set.timer,
            TimerChange::Cancel(timer) => timer,
        };
        if let Some(due) = self.due_of.remove(timer) {
            self.planned.remove(&DueTimer { due, timer: timer.clone(), trace: None });
        }
        if let TimerChange::Set(set) = change {
            self.due_of.insert(set.timer.clone(), set.due);
            self.planned.insert(set.clone());
        }
    }
}
