//! The tasks of a channel: an attempt each, or the end of a message that does not leave.
//!
//! A slot is held until the outcome is durable, so the number of slots bounds both what is on the
//! wire and what a crash may send twice.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt as _;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::attempt::{NOBODY, attempt, by_nobody, failed};
use super::desk::Desk;
use super::ending::Ending;
use super::hand::{Berth, Hand, Leave};
use super::limits::{Destinations, TenantRates};
use super::means::Means;
use super::order::{CameBack, Done, Order, Step};
use super::outcome::{Blames, after, doubted, given_up_on, news, report, stumbled};
use super::reach::Reach;
use super::settling::given_back;
use super::turn::Turn;
use super::writing::Writing;
use crate::actors::commission::CommitterHandle;
use crate::actors::tenants::Tenants;
use crate::clock;
use crate::domain::message::MessageStatus;
use crate::domain::outcome::{Attempt, Outcome, Scope, Tried};
use crate::egress::Made;
use crate::store::{Settled, Slot};
use crate::telemetry::spell::Told;
use crate::telemetry::trace_id;
use crate::traffic::Trip;

/// What the tasks need.
pub struct Sending {
    pub means: Arc<Means>,
    pub committer: CommitterHandle,
    pub tenants: Arc<Tenants>,
    pub writing: Writing,
    pub desk: Arc<Desk>,
    pub rates: TenantRates,
    pub destinations: Destinations,
    pub reach: Reach,
    /// Said once where what is sent cannot be noted.
    pub unnoted: Arc<Told>,
    pub tasks: TaskTracker,
    /// Where they run: a dispatcher has a thread for itself.
    pub runtime: Handle,
    /// Nothing more begins.
    pub closed: CancellationToken,
}

/// What becomes of a message, even if we panic at it.
fn surely(turn: &Turn, settled: impl FnOnce() -> Settled) -> Settled {
    catch_unwind(AssertUnwindSafe(settled)).unwrap_or_else(|_| stumbled(&turn.post))
}

/// Whether a provider was asked at all.
fn was_asked(made: &Made) -> bool {
    let Attempt { outcome, provider, .. } = &made.attempt;
    provider != NOBODY && !matches!(outcome, Outcome::NotTried { .. })
}

/// A message's way to its provider.
#[derive(Clone, Copy)]
struct Passage {
    trip: Trip,
    /// Whose dispatcher let it go, and when.
    generation: u64,
    left: Instant,
}

/// What came of an attempt.
enum Came {
    Back(Made),
    /// The daemon stopped before it was tried.
    CutOff,
    /// Sending panicked.
    Stumbled,
}

impl Sending {
    /// Whether nothing more begins.
    pub fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// A message leaves.
    pub fn begins(self: Arc<Self>, turn: Turn, trip: Trip, slot: Slot, generation: u64) {
        let hand = Hand { slot, trouble: self.unnoted.clone() };
        let (tasks, runtime) = (self.tasks.clone(), self.runtime.clone());
        let passage = Passage { trip, generation, left: clock::instant() };
        tasks.spawn_on(self.send(turn, passage, hand), &runtime);
    }

    /// A message does not leave.
    pub fn ends(self: Arc<Self>, turn: Turn, ending: Ending) {
        let (tasks, runtime) = (self.tasks.clone(), self.runtime.clone());
        tasks.spawn_on(self.end(turn, ending), &runtime);
    }

    async fn end(self: Arc<Self>, turn: Turn, ending: Ending) {
        let settled = ending.settled(&turn);
        let settled =
            settled.unwrap_or_else(|| surely(&turn, || given_up_on(&turn, &self.means.retry)));
        let blames = if ending.is_ours() { Blames::Us } else { Blames::Nobody };
        self.conclude(turn, settled, blames, None).await;
    }

    async fn send(self: Arc<Self>, mut turn: Turn, passage: Passage, hand: Hand) {
        hand.takes(turn.post.stored.message.id);
        let trying = AssertUnwindSafe(self.tries(&turn, passage.trip, &hand)).catch_unwind();
        let (came, is_resting) = trying.await.unwrap_or((Came::Stumbled, false));
        let back = Self::back(&turn, passage, is_resting, &came);
        let step = self.step(&turn, back, &came).await;
        let made = match came {
            Came::Back(made) => made,
            Came::CutOff => {
                let settled = given_back(&turn.post, None);
                return self.conclude(turn, settled, Blames::Nobody, Some(hand)).await;
            }
            Came::Stumbled => {
                let settled = stumbled(&turn.post);
                return self.conclude(turn, settled, Blames::Nobody, Some(hand)).await;
            }
        };
        if was_asked(&made) {
            turn.was_tried(Tried { at: clock::now(), attempt: made.attempt.clone() });
            turn.lacks(&made.gone);
        }
        if let Step::GoesOn(barred) = step
            && !turn.is_withdrawn()
        {
            hand.lets_go();
            (turn.barred, turn.refused) = (barred, Some(made.attempt));
            let Err(back) = self.desk.goes_on(turn, hand.slot) else { return };
            let (turn, slot) = *back;
            let hand = Hand { slot, trouble: hand.trouble };
            let settled = given_back(&turn.post, None);
            return self.conclude(turn, settled, Blames::Nobody, Some(hand)).await;
        }
        let is_bounce = made.attempt.outcome == Outcome::Permanent(Scope::Address);
        let blames = if is_bounce { Blames::Address } else { Blames::Nobody };
        let Made { attempt, item, .. } = made;
        let settled = surely(&turn, || after(&turn, attempt, &self.means.retry));
        let item = item.filter(|_| settled.status == MessageStatus::Sent).map(|item| *item);
        let settled = Settled { item, ..settled };
        self.conclude(turn, settled, blames, Some(hand)).await;
    }

    /// What becomes of a message whose attempt came back: what was taken ends, and nobody need wait
    /// for the dispatcher to say so.
    async fn step(&self, turn: &Turn, back: CameBack, came: &Came) -> Step {
        if matches!(came, Came::Back(made) if made.attempt.outcome == Outcome::Accepted) {
            self.desk.came_back(turn.stay, back);
            return Step::Ends;
        }
        let step = self.desk.ask(|reply| Order::CameBack(back, Some(reply))).await;
        self.desk.has_place(turn.stay, None);
        // Where there is no dispatcher what came of it is written down.
        step.unwrap_or(Step::Ends)
    }

    /// What came of it, and whether it had left its place at the provider by then.
    async fn tries(&self, turn: &Turn, trip: Trip, hand: &Hand) -> (Came, bool) {
        let post = &turn.post;
        let schedule = self.means.retry.of(post.stored.message.channel);
        let place = Berth::new(&self.desk, turn, trip);
        let leave = Leave::new(turn, hand, schedule.doubts.is_empty(), place);
        let waiting = self.desk.waiting();
        let trying = attempt(&self.means, post, trip.provider, &leave, waiting);
        let made = match AssertUnwindSafe(trying).catch_unwind().await {
            Ok(Some(made)) => made,
            Ok(None) => return (Came::CutOff, leave.is_resting()),
            Err(_) => {
                let (message_id, trace_id) = (post.stored.message.id, trace_id(post.stored.trace));
                tracing::error!(%message_id, trace_id, "sending panicked");
                by_nobody(failed(Outcome::Transient, "sending panicked"))
            }
        };
        if !matches!(made.attempt.outcome, Outcome::Accepted | Outcome::InDoubt) {
            leave.came_back();
        }
        (Came::Back(made), leave.is_resting())
    }

    /// What the dispatcher is told.
    fn back(turn: &Turn, passage: Passage, is_resting: bool, came: &Came) -> CameBack {
        let Passage { trip, generation, left } = passage;
        let made = match came {
            Came::Back(made) if made.attempt.provider != NOBODY => Some(made.clone()),
            Came::Back(_) | Came::CutOff | Came::Stumbled => None,
        };
        let took = clock::since(left);
        CameBack { generation, trip, is_resting, barred: turn.barred, made, took }
    }

    /// Writes down what became of a message, and lets go of it.
    async fn conclude(&self, turn: Turn, settled: Settled, blames: Blames, hand: Option<Hand>) {
        let settled = Settled { tried: turn.tried(), ..settled };
        let counts_texts = self.means.plans.sms().per_number.is_some();
        let news = news(&turn, &settled, blames, counts_texts);
        let written = self.writing.write(&turn.post, news, settled).await;
        // What is not written down is in doubt: the store is gone, and the daemon stops.
        if let Ok(settled) = written {
            self.finish(turn, &settled, hand);
        }
    }

    fn finish(&self, turn: Turn, settled: &Settled, hand: Option<Hand>) {
        if let Some(hand) = &hand {
            hand.lets_go();
        }
        report(&turn, settled);
        let last = settled.status != MessageStatus::Ready;
        let stored = &turn.post.stored;
        let done = Done {
            message: stored.message.id,
            lane: hand.is_some().then(|| turn.lane()),
            strand: turn.strand.clone(),
            doubt: doubted(&turn, settled),
        };
        self.desk.done(&turn, hand.map(|hand| hand.slot), done);
        let topic = stored.message.facts.topic().filter(|_| last);
        if let Some(topic) = topic {
            self.tenants.left(&stored.tenant, topic, stored.message.id);
        }
    }
}
