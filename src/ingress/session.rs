//! One subscription's life: deliveries in, acknowledgements out.
//!
//! What is published (answers, commands laid aside) goes over a connection of its own: while an
//! alarm of the broker's holds up publishers, acknowledgements must not wait with them.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use super::acks::Acks;
use super::apart::{Apart, Judgement, RETURNS_MAX};
use super::backlog::Backlog;
use super::gate::Gate;
use super::laying::Laying;
use super::lookout::Lookout;
use super::notebook::Notebook;
use super::promise::{Done, Ended, Promise, ResultEvent};
use super::refusal::{self, Refusals};
use crate::actors::{Answer, Coming, Intake};
use crate::broker::{BrokerError, Delivered, Publisher, Standing, Subscription};
use crate::domain::rejection::RejectionReason;
use crate::store::Store;
use crate::telemetry::seldom::Seldom;
use crate::wire::{Received, Unreadable, UnreadableReason};

/// Answers taken at once before acknowledging.
const ANSWERS_MAX: usize = 1024;
/// The pause before a delivery that the store could not look up is tried again.
const STORE_PAUSE: Duration = Duration::from_millis(200);
/// How often what waits to be acknowledged is, and the other connection is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often a stop looks whether an alarm keeps what is to be laid aside.
const ALARM_LOOK_EVERY: Duration = Duration::from_millis(50);

/// What does not change from one session to the next.
pub struct Means {
    /// What may come in.
    pub gate: Gate,
    /// Where commands go.
    pub intake: Arc<Intake>,
    /// Where what keeps coming back is written down.
    pub store: Store,
    /// Commands handed in and not answered, at most.
    pub room: usize,
    /// One tenant's among them, at most.
    pub share: usize,
    /// How long deliveries in flight may take once told to stop.
    pub drain: Duration,
    /// What is noted of commands that are laid aside.
    pub notebook: Notebook,
    /// What is told of commands that cannot be read.
    pub refusals: Refusals,
    /// How often it is told that what came back is tried alone.
    pub apart: Seldom,
}

/// A command, and what happens when it is answered.
struct Waiting {
    tag: u64,
    received: Received,
    reply: Reply,
}

type Reply = Box<dyn FnOnce(Answer) + Send + Sync>;

/// One subscription's life. The channel of answers is bounded by the prefetch.
pub struct Session<'a> {
    means: &'a Means,
    publisher: Arc<Publisher>,
    /// How the publisher's connection stands.
    publishing: Standing,
    subscription: Subscription,
    lookout: Lookout,
    acks: Acks,
    /// Not read yet.
    arrived: VecDeque<Delivered>,
    /// What is in flight keeps coming back.
    is_apart: bool,
    apart: Apart,
    backlog: Backlog<Waiting>,
    done: mpsc::UnboundedSender<Ended>,
    answers: mpsc::UnboundedReceiver<Ended>,
    /// Deliveries that are being laid aside.
    laying: Arc<AtomicUsize>,
}

impl<'a> Session<'a> {
    /// Begins with what is subscribed to and who looks whether it comes, and with where answers go.
    pub fn new(
        means: &'a Means,
        (subscription, lookout): (Subscription, Lookout),
        publisher: Publisher,
        publishing: Standing,
    ) -> Self {
        let (done, answers) = mpsc::unbounded_channel();
        let (publisher, acks) = (Arc::new(publisher), Acks::default());
        Self {
            means,
            publisher,
            publishing,
            subscription,
            lookout,
            acks,
            arrived: VecDeque::new(),
            is_apart: false,
            apart: Apart::default(),
            backlog: Backlog::new(means.room, means.share),
            done,
            answers,
            laying: Arc::default(),
        }
    }

    /// Runs until `stop` and everything in flight is done, or it takes too long.
    ///
    /// # Errors
    /// Whatever ended one of the two connections.
    pub async fn run(mut self, stop: &CancellationToken) -> Result<(), BrokerError> {
        let mut answered = Vec::new();
        let mut look = tokio::time::interval(LOOK_EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => break,
                count = self.answers.recv_many(&mut answered, ANSWERS_MAX) => {
                    debug_assert!(count > 0, "we hold a sender");
                    let in_a_hurry = self.subscription.is_full();
                    let next = self.acknowledge(&mut answered, in_a_hurry).await?;
                    self.hand_in(next, stop).await;
                }
                _ = look.tick() => {
                    self.acknowledge(&mut answered, true).await?;
                    if !self.publishing.is_up() {
                        return Err(BrokerError::Lost("no connection for answers".to_owned()));
                    }
                    self.lookout.looks();
                }
                found = self.lookout.looked(), if self.lookout.is_looking() => {
                    let reads = self.has_room() && !self.subscription.is_full();
                    self.lookout.judges(found?, reads, &self.acks)?;
                }
                deliveries = self.subscription.next(), if self.has_room() => {
                    let deliveries = deliveries?;
                    deliveries.iter().for_each(|next| self.lookout.came(next.part, next.tag));
                    self.arrived.extend(deliveries);
                }
            }
            self.take(stop).await;
        }
        self.drain().await
    }

    fn has_room(&self) -> bool {
        self.arrived.is_empty() && self.backlog.has_room()
    }

    /// Takes nothing new; what is in flight is acknowledged as it becomes durable.
    ///
    /// The consumer is not cancelled: what a cancelled consumer holds comes back out of order,
    /// while the death of a connection keeps the order.
    async fn drain(mut self) -> Result<(), BrokerError> {
        let deadline = tokio::time::sleep(self.means.drain);
        tokio::pin!(deadline);
        for waiting in self.backlog.drain() {
            self.acks.given_up(waiting.tag);
        }
        let mut answered = Vec::new();
        self.acknowledge(&mut answered, true).await?;
        while !self.acks.is_empty() {
            if self.waits_for_alarm() {
                tracing::info!("the broker takes nothing: what is to be laid aside comes again");
                return Ok(());
            }
            tokio::select! {
                () = &mut deadline => {
                    tracing::warn!("deliveries in flight at the stop; they will come again");
                    return Ok(());
                }
                _ = self.answers.recv_many(&mut answered, ANSWERS_MAX) => {
                    self.acknowledge(&mut answered, true).await?;
                }
                () = tokio::time::sleep(ALARM_LOOK_EVERY) => {}
            }
        }
        Ok(())
    }

    /// Whether nothing is left but what is to be laid aside, and the broker does not take it.
    fn waits_for_alarm(&self) -> bool {
        self.publishing.is_blocked() && self.laying.load(Ordering::Acquire) >= self.acks.pending()
    }

    /// Returns what waited for the answers and may be handed in now.
    async fn acknowledge(
        &mut self,
        answered: &mut Vec<Ended>,
        in_a_hurry: bool,
    ) -> Result<Vec<Waiting>, BrokerError> {
        let mut next = Vec::new();
        for ended in answered.drain(..) {
            // What was given up comes again anyhow.
            if !self.acks.is_pending(ended.tag) {
                continue;
            }
            let Done { tenant, result } = match ended.result {
                // Nobody decides it in this run.
                Err(_) if self.means.intake.has_given_up() => {
                    self.acks.given_up(ended.tag);
                    continue;
                }
                result => result?,
            };
            self.acks.done(ended.tag);
            next.extend(tenant.and_then(|tenant| self.backlog.answered(&tenant)));
            // Nobody may be listening any more, and the event tells the same: where the broker
            // takes nothing, answers must not pile up here.
            if let Some(ResultEvent { to, id, body }) = result
                && !self.publishing.is_blocked()
            {
                drop(self.publisher.reply(&to, &id, &body).await?);
            }
        }
        for ack in self.acks.take(in_a_hurry) {
            self.subscription.ack(ack).await?;
        }
        Ok(next)
    }

    /// Reads what has arrived. What keeps coming back is tried apart: when all before it is done,
    /// and before anything behind it.
    async fn take(&mut self, stop: &CancellationToken) {
        let mut commands = Vec::new();
        while let Some(next) = self.arrived.front() {
            let keeps_coming = next.returns >= RETURNS_MAX;
            if !self.may_take(keeps_coming).await {
                break;
            }
            let Some(mut delivered) = self.arrived.pop_front() else { break };
            self.means.gate.identify(&mut delivered);
            self.is_apart = keeps_coming;
            self.acks.opened(delivered.tag);
            match read(self.means, &mut self.apart, &delivered).await {
                Ok(received) => {
                    let (tag, reply) = (delivered.tag, self.on_answer(delivered, &received));
                    let tenant = received.tenant.clone();
                    let waiting = Waiting { tag, received, reply };
                    commands.extend(self.backlog.admit(&tenant, waiting));
                }
                Err(unreadable) => self.lay_aside(delivered, unreadable),
            }
        }
        self.hand_in(commands, stop).await;
    }

    /// Whether the next may be tried beside what is in flight.
    async fn may_take(&mut self, keeps_coming: bool) -> bool {
        if !self.acks.is_empty() {
            return match keeps_coming {
                true => self.is_apart && self.apart.has_room(),
                false => !self.is_apart,
            };
        }
        if keeps_coming && let Err(error) = self.apart.goes_on(&self.means.store).await {
            tracing::warn!(%error, "the store cannot be told that what came back was answered");
        }
        true
    }

    async fn hand_in(&mut self, commands: Vec<Waiting>, stop: &CancellationToken) {
        let tags: Vec<u64> = commands.iter().map(|waiting| waiting.tag).collect();
        let coming = |Waiting { received, reply, .. }| Coming { received, reply, seat: None };
        let mut commands: Vec<Coming> = commands.into_iter().map(coming).collect();
        while let Err((_, back)) = self.means.intake.take(commands).await {
            commands = back;
            tokio::select! {
                () = stop.cancelled() => {
                    tags.into_iter().for_each(|tag| self.acks.given_up(tag));
                    return;
                }
                () = tokio::time::sleep(STORE_PAUSE) => {}
            }
        }
    }

    /// What happens when the command is answered. A command that could not be tried is laid
    /// aside before it counts as done.
    fn on_answer(&self, delivered: Delivered, received: &Received) -> Reply {
        let promise = Promise::new(delivered.tag, self.done.clone());
        let publisher = self.publisher.clone();
        let laying = self.laying.clone();
        let names = (received.tenant.clone(), received.id.clone());
        let trace = received.trace;
        let notebook = self.means.notebook.clone();
        let to = self.means.gate.reply(&delivered, &received.tenant).cloned();
        Box::new(move |answer| {
            let result =
                to.and_then(|to| ResultEvent::of(to, &names.0, &names.1, trace, &answer.event()));
            let rejection = match answer {
                Answer::SetAside(rejection) => rejection,
                Answer::Rejected(rejection) if rejection.reason == RejectionReason::IdReused => {
                    rejection
                }
                Answer::Accepted { .. } | Answer::Rejected(_) => {
                    return promise.keep(Ok(Done { tenant: Some(names.0), result }));
                }
            };
            let laying = Laying::begin(laying);
            tokio::spawn(async move {
                let _laying = laying;
                let reason = rejection.reason.as_str();
                let laid = publisher.lay_aside(&delivered, reason, &rejection.detail).await;
                if laid.is_ok() {
                    notebook.notes(&delivered, reason, &rejection.detail);
                }
                promise.keep(laid.map(|()| Done { tenant: Some(names.0), result }));
            });
        })
    }

    fn lay_aside(&self, delivered: Delivered, unreadable: Unreadable) {
        self.means.refusals.tell(&unreadable, delivered.user.as_deref());
        let promise = Promise::new(delivered.tag, self.done.clone());
        let (publisher, intake) = (self.publisher.clone(), self.means.intake.clone());
        let to = unreadable
            .tenant
            .as_ref()
            .and_then(|tenant| self.means.gate.reply(&delivered, tenant).cloned());
        let (laying, notebook) = (self.laying.clone(), self.means.notebook.clone());
        tokio::spawn(async move {
            let told = refusal::note(&intake, &unreadable).await;
            let result = told.zip(to).and_then(|((tenant, id, event), to)| {
                ResultEvent::of(to, tenant, id, unreadable.trace.as_deref().copied(), &event)
            });
            let _laying = Laying::begin(laying);
            let reason = unreadable.reason.as_str();
            let detail = refusal::sentence(&unreadable);
            let laid = publisher.lay_aside(&delivered, reason, &detail).await;
            if laid.is_ok() {
                notebook.notes(&delivered, reason, &detail);
            }
            promise.keep(laid.map(|()| Done { tenant: None, result }));
        });
    }
}

/// Reads a command, unless whoever tried it before died of it.
async fn read(
    means: &Means,
    apart: &mut Apart,
    delivered: &Delivered,
) -> Result<Received, Unreadable> {
    if delivered.returns >= RETURNS_MAX {
        match apart.judge(&means.store, delivered).await {
            Ok(Judgement::Try) => {
                if let Some(not_told) = means.apart.due(crate::clock::instant()) {
                    let returns = delivered.returns;
                    tracing::info!(returns, not_told, "what came back is tried apart");
                }
            }
            Ok(Judgement::Deadly) => {
                let detail = "the daemon or its connection died each time it was delivered";
                return Err(Unreadable::new(UnreadableReason::Deadly, detail));
            }
            Err(error) => tracing::warn!(%error, "the store cannot say what was tried before"),
        }
    }
    means.gate.read(delivered)
}
