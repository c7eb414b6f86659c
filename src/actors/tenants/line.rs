//! A tenant's line: its inputs in order, however often its actor dies.
//!
//! Up to a window of them is with the actor at once. Answers come back in order. When one does
//! not, because the actor died or the store refused its unit, everything behind it was lost or is
//! stale as well: the line takes it all back, asks the store which commands had been written after
//! all and which timers stand no more, and hands the rest in again, in order, to the next actor.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use tokio::sync::{mpsc, oneshot};

use super::actor::{Order, TenantActor};
use super::entry::Entry;
use super::guardian::{Guardian, NoActor};
use super::tenancy::Tenancy;
use crate::actors::answer::Answer;
use crate::actors::patience::Patience;
use crate::actors::work::{Trouble, Work};
use crate::domain::message::MessageStatus;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::store::{InboxKey, Store, StoreError};
use crate::telemetry::{record, trace_id};
use crate::wire::Received;

/// How long a line without work lives on.
const LINGER: Duration = Duration::from_secs(1);
/// The first and the longest pause while the store cannot be read.
const STORE_PAUSE: Duration = Duration::from_millis(50);
const STORE_PAUSE_MAX: Duration = Duration::from_secs(2);
/// The pause where an actor's mailbox is full, which its window makes rare.
const MAILBOX_PAUSE: Duration = Duration::from_millis(2);

struct Flight {
    entry: Entry,
    /// `None` while it is not with an actor.
    answer: Option<oneshot::Receiver<Result<Answer, Trouble>>>,
    panics: u32,
}

/// What a line needs.
pub struct Line {
    pub tenancy: Arc<Tenancy>,
    pub guardian: Arc<Guardian>,
    pub store: Store,
    pub window: usize,
    pub command_panics_max: u32,
}

impl Line {
    /// Runs until nothing came for a while.
    pub async fn run(self, mut inbox: mpsc::UnboundedReceiver<Entry>) {
        let mut running = Running { line: self, actor: None, flights: VecDeque::new() };
        let mut fresh = Vec::new();
        let given_up = running.line.guardian.given_up().clone();
        loop {
            let room = running.line.window.saturating_sub(running.flights.len());
            tokio::select! {
                () = given_up.cancelled() => break,
                answer = first_answer(&mut running.flights) => running.landed(answer).await,
                count = inbox.recv_many(&mut fresh, room), if room > 0 => {
                    if count == 0 {
                        break;
                    }
                    for entry in fresh.drain(..) {
                        running.hand_in(Flight { entry, answer: None, panics: 0 }).await;
                    }
                }
                () = tokio::time::sleep(LINGER), if running.flights.is_empty() => {
                    if running.line.tenancy.closes(&inbox) {
                        return;
                    }
                }
            }
        }
        // Whoever comes from here on opens another line, which does the same.
        inbox.close();
        drop(inbox);
        while !running.flights.is_empty() {
            let answer = first_answer(&mut running.flights).await;
            running.landed(answer).await;
        }
    }

    /// What is known of these inputs in the store. A bounce leaves no trace there: it may be
    /// decided twice.
    async fn written(&self, flights: &VecDeque<Flight>) -> Result<Vec<Option<Answer>>, StoreError> {
        let commands: Vec<&Received> = flights
            .iter()
            .filter_map(|flight| match &flight.entry.work {
                Work::Command(received) => Some(&**received),
                _ => None,
            })
            .collect();
        let keys: Vec<InboxKey<'_>> =
            commands.iter().map(|received| (&self.tenancy.tenant, &received.id)).collect();
        let mut entries = self.store.lookup(&keys).await?.into_iter();
        let mut answers = Vec::with_capacity(flights.len());
        for flight in flights {
            answers.push(match &flight.entry.work {
                Work::Command(received) => {
                    let entry = entries.next().flatten();
                    entry.map(|entry| Answer::repeated(&entry, received.body_hash))
                }
                Work::Timer(timer) => {
                    let stands = self.store.timer_stands(&self.tenancy.tenant, timer).await?;
                    (!stands).then_some(Answer::Accepted { already_done: true, remark: None })
                }
                Work::Reported(reported) => {
                    let waits = self.store.receipt_waits(reported.receipt).await?;
                    (!waits).then_some(Answer::Accepted { already_done: true, remark: None })
                }
                Work::GivenUp(given_up) => {
                    let message = given_up.settled.message;
                    let open = self.store.open_message(&self.tenancy.tenant, message).await?;
                    let leased = open.is_some_and(|open| open.status == MessageStatus::Sending);
                    (!leased).then_some(Answer::Accepted { already_done: true, remark: None })
                }
                Work::Bounce(..) | Work::DevicesGone(..) | Work::Unspent(..) | Work::Replay(..) => {
                    None
                }
            });
        }
        Ok(answers)
    }
}

/// The answer to the oldest input; never, if there is none.
async fn first_answer(flights: &mut VecDeque<Flight>) -> Result<Answer, Option<Trouble>> {
    match flights.front_mut() {
        Some(flight) => outcome(flight).await,
        None => std::future::pending().await,
    }
}

struct Running {
    line: Line,
    actor: Option<Addr<TenantActor>>,
    flights: VecDeque<Flight>,
}

impl Running {
    async fn landed(&mut self, answer: Result<Answer, Option<Trouble>>) {
        match answer {
            Ok(answer) => {
                if let Some(flight) = self.flights.pop_front() {
                    (flight.entry.reply)(answer);
                }
            }
            Err(trouble) => self.run_again(trouble).await,
        }
    }

    async fn run_again(&mut self, trouble: Option<Trouble>) {
        if trouble == Some(Trouble::Stale) {
            record::fenced();
        }
        if let Some(actor) = self.actor.take() {
            self.line.tenancy.discard(&actor);
        }
        let mut left = VecDeque::with_capacity(self.flights.len());
        let mut culprit = trouble;
        for mut flight in std::mem::take(&mut self.flights) {
            let trouble = match culprit.take() {
                Some(trouble) => Err(Some(trouble)),
                None => outcome(&mut flight).await,
            };
            match trouble {
                Ok(answer) => (flight.entry.reply)(answer),
                Err(trouble) => {
                    let its_own = matches!(trouble, Some(Trouble::Panicked | Trouble::Refused));
                    flight.panics += u32::from(its_own);
                    left.push_back(flight);
                }
            }
        }
        if trouble == Some(Trouble::Panicked) {
            left = without_waiting_timers(left);
        }
        let known = self.lookup(&left).await;
        for (flight, known) in left.into_iter().zip(known) {
            match known {
                Some(answer) => (flight.entry.reply)(answer),
                None => self.hand_in(flight).await,
            }
        }
    }

    /// The answers to those that were written after all.
    async fn lookup(&self, flights: &VecDeque<Flight>) -> Vec<Option<Answer>> {
        let mut patience = Patience::new(STORE_PAUSE, STORE_PAUSE_MAX);
        loop {
            if self.has_given_up() {
                return flights.iter().map(|_| None).collect();
            }
            match self.line.written(flights).await {
                Ok(known) => return known,
                Err(error) => {
                    tracing::warn!(%error, "the inbox cannot say what was written; it is asked again");
                    tokio::time::sleep(patience.pause()).await;
                }
            }
        }
    }

    fn has_given_up(&self) -> bool {
        self.line.guardian.given_up().is_cancelled()
    }

    /// Hands an input to the actor, building one where needed, or sets it aside; drops it once
    /// nothing more is decided.
    async fn hand_in(&mut self, mut flight: Flight) {
        if flight.panics >= self.line.command_panics_max {
            let (tenant, work) = (&self.line.tenancy.tenant, &flight.entry.work);
            let cause = work.cause(tenant);
            let trace_id = trace_id(work.trace(tenant, &cause));
            tracing::error!(
                %tenant, %cause, trace_id,
                "{} set aside: deciding it failed each time", flight.entry.work.noun()
            );
            let detail = "deciding it failed each time; it was set aside";
            return set_aside(flight, RejectionReason::HandlerPanicked, detail);
        }
        let measures = self.line.guardian.measures();
        if is_asked_for(&flight.entry.work) && measures.is_parked(&self.line.tenancy.tenant) {
            let detail = "the tenant is parked by an operator";
            return set_aside(flight, RejectionReason::TenantParked, detail);
        }
        let (reply, answer) = oneshot::channel();
        let mut order = Order { work: flight.entry.work.clone(), reply };
        let mut patience = Patience::new(STORE_PAUSE, STORE_PAUSE_MAX);
        while !self.has_given_up() {
            let actor = match self.actor.take().filter(Addr::connected) {
                Some(actor) => actor,
                None if !self.flights.is_empty() => return self.flights.push_back(flight),
                None => match self.line.guardian.find(&self.line.tenancy).await {
                    Ok(actor) => actor,
                    Err(NoActor::Parked) => {
                        let detail = "the tenant is parked because its actor kept crashing";
                        return set_aside(flight, RejectionReason::TenantParked, detail);
                    }
                    Err(NoActor::Unavailable) => {
                        tokio::time::sleep(patience.pause()).await;
                        continue;
                    }
                },
            };
            match actor.try_send(order) {
                Ok(()) => {
                    self.actor = Some(actor);
                    flight.answer = Some(answer);
                    self.flights.push_back(flight);
                    return;
                }
                Err(actix::prelude::SendError::Full(back)) => {
                    order = back;
                    self.actor = Some(actor);
                    tokio::time::sleep(MAILBOX_PAUSE).await;
                }
                Err(actix::prelude::SendError::Closed(back)) => order = back,
            }
        }
    }
}

/// What became of an input that is with an actor.
async fn outcome(flight: &mut Flight) -> Result<Answer, Option<Trouble>> {
    let Some(answer) = &mut flight.answer else { return Err(None) };
    let outcome = answer.await;
    flight.answer = None;
    match outcome {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(trouble)) => Err(Some(trouble)),
        // Dropped unread: the actor is gone and had not decided it.
        Err(_) => Err(None),
    }
}

/// Timers that only waited behind a panic are handed in again later: until the tenant is well,
/// they would keep other tenants' timers out.
fn without_waiting_timers(flights: VecDeque<Flight>) -> VecDeque<Flight> {
    let waits = |flight: &Flight| matches!(flight.entry.work, Work::Timer(_)) && flight.panics == 0;
    let (waiting, left): (VecDeque<_>, VecDeque<_>) = flights.into_iter().partition(waits);
    for flight in waiting {
        let detail = "the tenant's actor crashed; its timers wait for a while";
        set_aside(flight, RejectionReason::TenantParked, detail);
    }
    left
}

/// Whether it waits for a tenant that is parked. What came of messages that left does not: it is
/// so, whoever is parked.
fn is_asked_for(work: &Work) -> bool {
    match work {
        Work::Command(_) | Work::Timer(_) | Work::Replay(..) => true,
        Work::Bounce(..)
        | Work::DevicesGone(..)
        | Work::Unspent(..)
        | Work::Reported(_)
        | Work::GivenUp(_) => false,
    }
}

fn set_aside(flight: Flight, reason: RejectionReason, detail: &str) {
    (flight.entry.reply)(Answer::SetAside(Rejection::new(reason, detail)));
}
