//! One slot: takes a message, tries it once, and holds it until the outcome is durable.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::attempt::{attempt, failed};
use super::hand::{Hand, Leave};
use super::means::Means;
use super::outbound::Outbound;
use super::queue::Turn;
use super::settling::{chance, concluded, dead, doubt, expired, given_back, unknown, withdrawn};
use crate::actors::commission::{CommitterHandle, Gone};
use crate::actors::intake::{Intake, Untold};
use crate::actors::post::Post;
use crate::actors::tenants::Tenants;
use crate::actors::work::{Bounce, Unspent, Work};
use crate::clock;
use crate::domain::message::{Message, MessageStatus};
use crate::domain::outcome::{Attempt, Outcome, Scope};
use crate::domain::retry::{CRASHES_MAX, History, RetrySchedule, Settlement, settle};
use crate::store::Settled;
use crate::telemetry::record;

/// How long a refused address waits to be told to a tenant that takes nothing at present.
const UNTOLD_PAUSE: Duration = Duration::from_secs(60);
/// How long a message waits of which nobody knows what became, because we panicked.
const STUMBLED_PAUSE: Duration = Duration::from_secs(60);

pub struct Worker {
    pub hand: Hand,
    pub means: Arc<Means>,
    pub outbound: Arc<Outbound>,
    pub committer: CommitterHandle,
    pub tenants: Arc<Tenants>,
    pub intake: Arc<Intake>,
}

impl Worker {
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let turn = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                turn = self.outbound.next() => turn,
            };
            self.hand.takes(turn.post.stored.message.id);
            let ending = AssertUnwindSafe(self.settle(&turn)).catch_unwind();
            let (settled, bounce) = ending.await.unwrap_or_else(|_| (stumbled(&turn.post), None));
            match self.write(&turn, settled, bounce).await {
                Ok(settled) => self.finish(turn, settled),
                // What is not written down is in doubt: nothing more may begin.
                Err(Gone) => stop.cancelled().await,
            }
        }
    }

    /// Writes down what became of a message; where that concerns its tenant, together with what the
    /// tenant makes of it. Says what was written: what the tenant cannot be told now is put off.
    async fn write(
        &self,
        turn: &Turn,
        settled: Settled,
        bounce: Option<Bounce>,
    ) -> Result<Settled, Gone> {
        let post = &turn.post;
        let settled = match self.tell(post, unspent(turn, &settled), bounce, &settled).await {
            Ok(true) => return Ok(settled),
            Ok(false) => settled,
            Err(untold) => put_off(post, untold),
        };
        if !self.committer.settle(settled.clone()).await? {
            tracing::warn!(message_id = %settled.message, "the lease was lost");
        }
        Ok(settled)
    }

    /// Tells the tenant what concerns it; says whether what became of the message is written with
    /// that.
    async fn tell(
        &self,
        post: &Post,
        unspent: Option<Unspent>,
        bounce: Option<Bounce>,
        settled: &Settled,
    ) -> Result<bool, Untold> {
        let tenant = &post.stored.tenant;
        let settlement = || Some(Box::new(settled.clone()));
        let works = match (unspent, bounce) {
            (None, None) => return Ok(false),
            (Some(unspent), None) => vec![Work::Unspent(unspent, settlement())],
            (None, Some(bounce)) => vec![Work::Bounce(bounce, settlement())],
            // A crash in between finds out again; segments come back once.
            (Some(unspent), Some(bounce)) => {
                vec![Work::Unspent(unspent, None), Work::Bounce(bounce, settlement())]
            }
        };
        for work in works {
            self.intake.came_of_a_message(tenant, work).await?;
        }
        Ok(true)
    }

    fn finish(&self, turn: Turn, settled: Settled) {
        self.hand.lets_go();
        self.report(&turn, &settled);
        let last = settled.status != MessageStatus::Ready;
        let doubt = doubt(&turn, &settled);
        let stored = &turn.post.stored;
        let (tenant, id) = (stored.tenant.clone(), stored.message.id);
        let topic = stored.message.facts.topic().filter(|_| last);
        self.outbound.done(turn, doubt);
        if let Some(topic) = topic {
            self.tenants.left(&tenant, topic, id);
        }
    }

    /// What becomes of a message, and the address that it found to be no good.
    async fn settle(&self, turn: &Turn) -> (Settled, Option<Bounce>) {
        let post = &turn.post;
        let message = &post.stored.message;
        if turn.is_withdrawn() {
            return (withdrawn(post, failed(Outcome::Transient, "superseded")), None);
        }
        let schedule = self.means.retry.of(message.channel);
        if let Some(settled) = at_its_end(post, schedule) {
            return (settled, None);
        }
        if turn.not_before.is_some() {
            return (given_back(post, turn.not_before), None);
        }
        let leave = Leave::new(turn, &self.hand, schedule.doubts.is_empty());
        let trying = attempt(&self.means, post, &leave);
        let attempt = match AssertUnwindSafe(trying).catch_unwind().await {
            Ok(Some(attempt)) => attempt,
            Ok(None) => return (given_back(post, None), None),
            Err(_) => {
                tracing::error!(message_id = %message.id, "sending panicked");
                failed(Outcome::Transient, "sending panicked")
            }
        };
        if !matches!(attempt.outcome, Outcome::Accepted | Outcome::InDoubt) {
            leave.came_back();
        }
        // An alert's address is not the client's.
        let bounced = attempt.outcome == Outcome::Permanent(Scope::Address);
        let bounce = if bounced && !message.kind.is_alert() { bounce(post) } else { None };
        (self.after(turn, attempt), bounce)
    }

    /// What an attempt leads to. What was replaced meanwhile is not tried again, whatever ended
    /// the attempt: it would be the client's last word.
    fn after(&self, turn: &Turn, attempt: Attempt) -> Settled {
        let (post, message) = (&turn.post, &turn.post.stored.message);
        let history = History {
            attempts: post.stored.attempts,
            doubts: post.stored.doubts,
            since: turn.first_due(),
            deadline: message.deadline,
        };
        let schedule = self.means.retry.of(message.channel);
        let settlement = settle(&attempt.outcome, history, schedule, clock::now(), chance(post));
        let is_over = matches!(settlement, Settlement::Sent | Settlement::Dead);
        if turn.is_withdrawn() && !is_over {
            return withdrawn(post, attempt);
        }
        concluded(post, attempt, settlement)
    }

    fn report(&self, turn: &Turn, settled: &Settled) {
        let post = &turn.post;
        let message = &post.stored.message;
        let outcome = match settled.status {
            MessageStatus::Ready | MessageStatus::Sending => return warn_of_doubt(post, settled),
            MessageStatus::Sent => {
                let lag = settled.at.duration_since(turn.first_due());
                let lane = message.kind.lane().as_str();
                record::observe_delivery_lag(lane, Duration::try_from(lag).unwrap_or_default());
                "sent"
            }
            // It was to be so: something newer is said instead.
            MessageStatus::Withdrawn => "withdrawn",
            status => {
                tracing::warn!(
                    tenant = %post.stored.tenant, message_id = %message.id,
                    kind = message.kind.as_str(), provider = settled.provider,
                    reply = settled.reply, "message {}", status.as_str()
                );
                status.as_str()
            }
        };
        record::message_done(message.channel.as_str(), message.kind.as_str(), outcome);
    }
}

/// An address to which nothing more is to go. Without a client nothing was sent.
fn bounce(post: &Post) -> Option<Bounce> {
    let message = &post.stored.message;
    let client = post.client.clone()?;
    Some(Bounce { message: message.id, client, channel: message.channel })
}

/// What was counted for a text message that nobody took, to be given back. What something newer
/// replaced gave it back already.
fn unspent(turn: &Turn, settled: &Settled) -> Option<Unspent> {
    let Message { id, segments, .. } = turn.post.stored.message;
    let given_up = matches!(settled.status, MessageStatus::Dead | MessageStatus::Expired);
    let may_have_arrived = settled.doubts > 0;
    let counts = segments > 0 && given_up && !may_have_arrived && !turn.is_withdrawn();
    counts.then_some(Unspent { message: id, segments })
}

/// The first time that a message may have arrived and is sent again all the same.
fn warn_of_doubt(post: &Post, settled: &Settled) {
    if post.stored.doubts == 0 && settled.doubts > 0 {
        tracing::warn!(
            tenant = %post.stored.tenant, message_id = %settled.message,
            provider = settled.provider, reply = settled.reply, again_at = %settled.due,
            "a message may have arrived, and is sent again"
        );
    }
}

/// A message that is not to be tried any more, whatever a server would say.
fn at_its_end(post: &Post, schedule: &RetrySchedule) -> Option<Settled> {
    let (doubts, crashes) = (post.stored.doubts, post.stored.crashes);
    if doubts as usize > schedule.doubts.len() {
        return Some(unknown(post, "bellhop died while it was being sent"));
    }
    match (post.is_late(clock::now()), crashes >= CRASHES_MAX, doubts) {
        (true, _, 0) => Some(expired(post)),
        (true, _, _) => Some(unknown(post, "past its deadline")),
        (_, true, 0) => Some(dead(post, "bellhop died each time that it was handled")),
        (_, true, _) => Some(unknown(post, "bellhop died each time that it was handled")),
        _ => None,
    }
}

/// Nobody knows how far it came when we panicked: it may have arrived.
fn stumbled(post: &Post) -> Settled {
    tracing::error!(message_id = %post.stored.message.id, "what becomes of a message panicked");
    let later = clock::now().checked_add(STUMBLED_PAUSE).ok();
    let settled = given_back(post, later);
    Settled { doubts: settled.doubts + 1, ..settled }
}

/// The address is asked again later, and the tenant then told.
fn put_off(post: &Post, untold: Untold) -> Settled {
    match untold {
        Untold::Closed => given_back(post, None),
        Untold::SetAside => {
            let later = clock::now().checked_add(UNTOLD_PAUSE).ok();
            given_back(post, later)
        }
    }
}
