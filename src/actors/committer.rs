//! Group commit: units of many tenants and outcomes of many messages, one transaction.
//!
//! While one transaction waits for the disk the next batch gathers by itself; a batch is what is
//! there, as far as it is written in a set time, at most `store.commit_batch`. A batch that fails
//! is tried again without the guilty: stale tenants are named by the store, a unit that the store
//! refuses is found by halving.
//! While the store is unavailable everything waits, and readiness says so.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::commission::{ClaimDue, Commission, CommitterHandle, Due, Job, Vitals};
use super::crew::Crew;
use super::dispatch::{Desk, Outbound};
use super::gathered::{Gathered, Portion, Waiting};
use super::patience::Patience;
use super::post::Post;
use super::scheduler::schedule::Schedule;
use super::tempo::Tempo;
use super::work::Trouble;
use crate::clock;
use crate::domain::decision::{Superseded, Verdict};
use crate::domain::letter::LetterFate;
use crate::domain::policy::SkipReason;
use crate::store::{
    Claimed, Claims, CommitError, Committed, Incarnation, Store, StoreError, StoredEvent, Unit,
};
use crate::telemetry::spell::Told;
use crate::telemetry::{record, trace_id};

/// The first and the longest pause while the store is unavailable.
const STORE_PAUSE: Duration = Duration::from_millis(50);
const STORE_PAUSE_MAX: Duration = Duration::from_secs(2);
/// So many jobs wait here, the rest where they were handed in.
const LOOKED_AT_MAX: usize = 10_000;

/// Writes everything, in order.
pub struct Committer {
    store: Store,
    lease: Incarnation,
    outbound: Arc<Outbound>,
    schedule: Arc<Schedule>,
    batch_max: usize,
    /// The number of the last batch.
    numbered: AtomicU64,
    /// Another has taken over what is written here.
    is_fenced: AtomicBool,
    tempo: Tempo,
    vitals: Arc<Vitals>,
    trouble: Told,
    after_commit: Box<dyn Fn(Vec<StoredEvent>) + Send + Sync>,
}

impl Committer {
    /// Starts the task, without which nothing goes on. `after_commit` is called after each
    /// transaction, with what upstream is to be told of it.
    pub fn start(
        store: Store,
        lease: Incarnation,
        outbound: Arc<Outbound>,
        schedule: Arc<Schedule>,
        batch_max: usize,
        crew: &Crew,
        after_commit: impl Fn(Vec<StoredEvent>) + Send + Sync + 'static,
    ) -> (CommitterHandle, JoinHandle<()>) {
        let vitals = Arc::new(Vitals::default());
        let (handle, inbox) = CommitterHandle::new(vitals.clone());
        let committer = Self {
            store,
            lease,
            outbound,
            schedule,
            batch_max,
            numbered: AtomicU64::new(0),
            is_fenced: AtomicBool::new(false),
            tempo: Tempo::default(),
            vitals,
            trouble: Told::new(
                "the store is unavailable; everything waits for it",
                "the store is available again",
            ),
            after_commit: Box::new(after_commit),
        };
        // It is aborted once everything is written.
        let never = CancellationToken::new();
        let task = tokio::spawn(crew.vital("committer", never, committer.run(inbox)));
        (handle, task)
    }

    async fn run(self, mut inbox: mpsc::UnboundedReceiver<Job>) {
        let mut waiting = Waiting::default();
        while self.gather(&mut inbox, &mut waiting).await {
            let room = Portion { weight: self.tempo.weight(), jobs: self.batch_max };
            let (load, claims) = waiting.pick(room);
            let jobs = load.jobs() + claims.len();
            self.write(load).await;
            // Whoever waits for an answer hears that there is none: the daemon stops.
            if self.is_fenced.load(Ordering::Relaxed) {
                return;
            }
            for claim in claims {
                self.claim(claim).await;
            }
            self.vitals.finished(jobs);
        }
    }

    /// Takes what is there beside what did not fit before; says whether there is anything.
    async fn gather(&self, inbox: &mut mpsc::UnboundedReceiver<Job>, to: &mut Waiting) -> bool {
        if to.is_empty() {
            match inbox.recv().await {
                Some(job) => to.push(job),
                None => return false,
            }
        }
        while to.len() < LOOKED_AT_MAX
            && let Ok(job) = inbox.try_recv()
        {
            to.push(job);
        }
        true
    }

    async fn write(&self, mut load: Gathered) {
        let barriers = std::mem::take(&mut load.barriers);
        let mut waiting = vec![load];
        // A load that is halved goes back as two, the earlier half on top.
        while let Some(load) = waiting.pop() {
            if load.is_empty() || self.is_fenced.load(Ordering::Relaxed) {
                continue;
            }
            if let Some((first, second)) = self.write_once(load).await {
                waiting.push(second);
                waiting.push(first);
            }
        }
        for barrier in barriers {
            let _ = barrier.send(());
        }
    }

    /// Commits the load, waiting while the store is unavailable; returns what is to be tried
    /// again, in two parts. A load keeps its number, so that one is not written twice of which the
    /// store did not say that it was.
    async fn write_once(&self, load: Gathered) -> Option<(Gathered, Gathered)> {
        let mut load = load.without_broken();
        if load.is_empty() {
            return None;
        }
        let mut patience = Patience::new(STORE_PAUSE, STORE_PAUSE_MAX);
        for commission in &mut load.commissions {
            let (unit, posts) = (&mut commission.unit, commission.posts.len());
            let messages = unit.decision.messages.get(..posts).unwrap_or_default();
            unit.leased = self.outbound.reserve(&unit.tenant, messages, unit.at);
        }
        let number = self.numbered.fetch_add(1, Ordering::Relaxed) + 1;
        loop {
            self.vitals.turn();
            let started = clock::instant();
            match self.store.commit(&load.batch(number), self.lease).await {
                Ok(committed) => {
                    self.tempo.took(load.weight, clock::since(started));
                    self.vitals.set_available(true);
                    self.trouble.worked(clock::instant());
                    record::observe_commit(clock::since(started), load.len());
                    self.conclude(load, committed);
                    return None;
                }
                Err(CommitError::Store(StoreError::Unavailable(why))) => {
                    self.vitals.set_available(false);
                    record::commit_failed("unavailable");
                    self.trouble.failed(clock::instant(), &why);
                    tokio::time::sleep(patience.pause()).await;
                }
                Err(CommitError::Fenced(parts)) => {
                    record::commit_failed("fenced");
                    load.commissions.iter().for_each(|_| record::fenced());
                    let partitions = parts.len();
                    tracing::error!(
                        partitions,
                        "another bellhop has taken over: nothing is written"
                    );
                    self.is_fenced.store(true, Ordering::Relaxed);
                    return None;
                }
                Err(CommitError::Stale(tenants)) => {
                    record::commit_failed("stale");
                    self.release(&load);
                    load.snap(&tenants);
                    return Some((load, Gathered::default()));
                }
                Err(CommitError::Store(error)) => {
                    record::commit_failed("refused");
                    self.release(&load);
                    return self.halve(load, &error);
                }
            }
        }
    }

    /// Leases what is due, and queues it up before anything else is written.
    async fn claim(&self, ClaimDue { channel, due, claimed: done }: ClaimDue) {
        self.vitals.turn();
        let desk = self.outbound.desk(channel);
        if due.is_none() {
            desk.loses();
        }
        let claimed = match self.find_lost(desk).await {
            Err(error) => Err(error),
            Ok(()) => match due {
                Some(due) => self.claim_due(desk, due).await,
                None => Ok(0),
            },
        };
        let _ = done.send(claimed);
    }

    /// After a claim that failed, what that may have leased is due again first: nothing is leased
    /// now but what is in memory.
    async fn find_lost(&self, desk: &Desk) -> Result<(), StoreError> {
        if !desk.has_lost() {
            return Ok(());
        }
        let messages = self.store.give_back(self.lease, desk.channel, &desk.held()).await?;
        desk.found();
        if messages > 0 {
            let channel = desk.channel.as_str();
            tracing::info!(channel, messages, "due again: they were leased, and nobody had them");
        }
        Ok(())
    }

    async fn claim_due(&self, desk: &Desk, due: Due) -> Result<usize, StoreError> {
        let wanted = desk.wanted(due);
        if wanted.is_empty() {
            return Ok(0);
        }
        let started = clock::instant();
        let claims = self.store.claim_due(self.lease, clock::now(), desk.channel, &wanted).await;
        let Claims { claimed, looked } = claims.inspect_err(|_| desk.loses())?;
        record::observe_claim(desk.channel.as_str(), clock::since(started), claimed.len());
        let posts = claimed.into_iter().map(|claimed| {
            let Claimed { stored, settings, client, custom } = claimed;
            Post { stored, settings, client, custom }
        });
        let posts: Vec<Post> = posts.collect();
        let count = posts.len();
        desk.claimed(posts, looked);
        Ok(count)
    }

    /// One unit alone that the store refuses is given up; its command is tried on a fresh actor. Of
    /// one outcome alone the store is asked to take what we say of it ourselves.
    fn halve(&self, load: Gathered, error: &StoreError) -> Option<(Gathered, Gathered)> {
        if load.len() > 1 {
            return Some(load.split());
        }
        let Gathered { commissions, settled, .. } = load;
        for commission in commissions {
            let trace_id = trace_id(commission.unit.decision.trace);
            tracing::error!(trace_id, %error, "the store refuses a unit");
            commission.chain.snap();
            let _ = commission.reply.send(Err(Trouble::Refused));
        }
        let bare = settled.into_iter().filter_map(|(settled, done)| {
            let (message_id, trace_id) = (settled.message, trace_id(settled.trace));
            tracing::error!(%message_id, trace_id, %error, "the store refuses an outcome");
            settled.without_words().map(|bare| (bare, done))
        });
        let bare = Gathered { settled: bare.collect(), ..Gathered::default() };
        (!bare.is_empty()).then(|| (bare, Gathered::default()))
    }

    fn release(&self, load: &Gathered) {
        for Commission { unit, .. } in &load.commissions {
            self.outbound.release(&unit.tenant, &unit.decision.messages, &unit.leased);
        }
    }

    /// The load is durable: answers go out, messages go to the dispatcher, timers to the
    /// scheduler.
    fn conclude(&self, load: Gathered, committed: Committed) {
        let held: BTreeSet<usize> = committed.held.into_iter().collect();
        let mut carried = load.settled.len()..;
        for commission in load.commissions {
            let Commission { unit, settled, posts, answer, reply, .. } = commission;
            if let Some(settled) = settled
                && !carried.next().is_some_and(|place| held.contains(&place))
            {
                let trace_id = trace_id(settled.trace);
                tracing::warn!(message_id = %settled.message, trace_id, "the lease was lost");
            }
            count_skipped(&unit);
            self.schedule.changed(&unit.tenant, &unit.decision.timers);
            for Superseded { message, channel, .. } in &unit.decision.superseded {
                self.outbound.desk(*channel).supersede(*message);
            }
            for letter in &unit.decision.letters {
                if let LetterFate::Again { unsent, .. } = &letter.fate {
                    self.outbound.desk(unsent.channel).due_again();
                }
            }
            if let Some(client) = &unit.decision.erased {
                self.outbound.forget(&unit.tenant, client);
            }
            if unit.decision.forgotten.is_some() {
                self.outbound.forgot();
            }
            let (handed, waiting): (Vec<_>, Vec<_>) =
                posts.into_iter().zip(&unit.leased).partition(|(_, leased)| **leased);
            self.outbound.hand(handed.into_iter().map(|(post, _)| post).collect());
            let waiting = waiting.iter().map(|(post, _)| post.stored.message.channel);
            for channel in waiting.collect::<BTreeSet<_>>() {
                self.outbound.desk(channel).ask_for_sweep();
            }
            let _ = reply.send(Ok(answer));
        }
        for (place, (_, done)) in load.settled.into_iter().enumerate() {
            let _ = done.send(held.contains(&place));
        }
        (self.after_commit)(committed.events);
    }
}

/// However it ends, nothing is written any more.
impl Drop for Committer {
    fn drop(&mut self) {
        self.vitals.gone();
    }
}

/// What is switched off is not counted: it was never to be sent.
fn count_skipped(unit: &Unit) {
    for telling in &unit.decision.tellings {
        for (channel, verdict) in &telling.channels {
            if matches!(verdict, Verdict::Skipped(reason) if *reason != SkipReason::KindOff) {
                record::message_done(channel.as_str(), telling.kind.as_str(), "skipped");
            }
        }
    }
}
