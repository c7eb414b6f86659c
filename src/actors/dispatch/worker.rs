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
use crate::actors::work::{Bounce, Unspent};
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
            let ending = AssertUnwindSafe(self.ends(&turn)).catch_unwind();
            let settled = ending.await.unwrap_or_else(|_| stumbled(&turn.post));
            if self.write(turn, settled).await.is_err() {
                // What is not written down is in doubt: nothing more may begin.
                stop.cancelled().await;
            }
        }
    }

    /// What becomes of a message, told to whom it concerns.
    async fn ends(&self, turn: &Turn) -> Settled {
        let settled = self.settle(turn).await;
        let settled = self.spared(turn, settled).await;
        self.report(turn, &settled);
        settled
    }

    async fn write(&self, turn: Turn, settled: Settled) -> Result<(), Gone> {
        let last = settled.status != MessageStatus::Ready;
        let doubt = doubt(&turn, &settled);
        let written = self.committer.settle(settled).await?;
        self.hand.lets_go();
        let stored = &turn.post.stored;
        let (tenant, id) = (stored.tenant.clone(), stored.message.id);
        let topic = stored.message.facts.topic().filter(|_| last);
        if !written {
            tracing::warn!(message_id = %id, "the lease was lost");
        }
        self.outbound.done(turn, doubt);
        if let Some(topic) = topic {
            self.tenants.left(&tenant, topic, id);
        }
        Ok(())
    }

    async fn settle(&self, turn: &Turn) -> Settled {
        let post = &turn.post;
        let message = &post.stored.message;
        if turn.is_withdrawn() {
            return withdrawn(post, failed(Outcome::Transient, "superseded"));
        }
        let schedule = self.means.retry.of(message.channel);
        if let Some(settled) = at_its_end(post, schedule) {
            return settled;
        }
        if turn.not_before.is_some() {
            return given_back(post, turn.not_before);
        }
        let leave = Leave::new(turn, &self.hand, schedule.doubts.is_empty());
        let trying = attempt(&self.means, post, &leave);
        let attempt = match AssertUnwindSafe(trying).catch_unwind().await {
            Ok(Some(attempt)) => attempt,
            Ok(None) => return given_back(post, None),
            Err(_) => {
                tracing::error!(message_id = %message.id, "sending panicked");
                failed(Outcome::Transient, "sending panicked")
            }
        };
        if !matches!(attempt.outcome, Outcome::Accepted | Outcome::InDoubt) {
            leave.came_back();
        }
        let bounced = attempt.outcome == Outcome::Permanent(Scope::Address);
        // An alert's address is not the client's.
        if bounced
            && !message.kind.is_alert()
            && let Err(untold) = self.bounced(post).await
        {
            return put_off(post, untold);
        }
        self.after(turn, attempt)
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

    /// Tells the tenant that an address is no good, before the message is done with, so that a
    /// crash in between finds out again.
    async fn bounced(&self, post: &Post) -> Result<(), Untold> {
        let message = &post.stored.message;
        // Without a client nothing was sent.
        let Some(client) = post.client.clone() else { return Ok(()) };
        let bounce = Bounce { message: message.id, client, channel: message.channel };
        self.intake.bounced(post.stored.tenant.clone(), bounce).await
    }

    /// What was counted for a text message that nobody took is given back, before the message is
    /// done with. What something newer replaced gave it back already.
    async fn spared(&self, turn: &Turn, settled: Settled) -> Settled {
        let post = &turn.post;
        let Message { id, segments, .. } = post.stored.message;
        let given_up = matches!(settled.status, MessageStatus::Dead | MessageStatus::Expired);
        let may_have_arrived = settled.doubts > 0;
        if segments == 0 || !given_up || may_have_arrived || turn.is_withdrawn() {
            return settled;
        }
        let unspent = Unspent { message: id, segments };
        match self.intake.unspent(post.stored.tenant.clone(), unspent).await {
            Ok(()) => settled,
            Err(untold) => put_off(post, untold),
        }
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
