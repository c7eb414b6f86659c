//! One slot: takes a message, tries it once, and holds it until the outcome is durable.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio_util::sync::CancellationToken;

use super::attempt::{attempt, failed};
use super::means::Means;
use super::outbound::Outbound;
use crate::actors::commission::CommitterHandle;
use crate::actors::guardian::Guardian;
use crate::actors::intake::Intake;
use crate::actors::post::Post;
use crate::actors::work::Bounce;
use crate::clock;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::message::MessageStatus;
use crate::domain::outcome::{Attempt, Outcome, Scope};
use crate::domain::retry::{DOUBTS_MAX, History, Settlement, settle};
use crate::store::Settled;
use crate::telemetry::record;

pub struct Worker {
    pub means: Arc<Means>,
    pub outbound: Arc<Outbound>,
    pub committer: CommitterHandle,
    pub guardian: Arc<Guardian>,
    pub intake: Arc<Intake>,
}

impl Worker {
    pub async fn run(self, stop: CancellationToken) {
        loop {
            let post = tokio::select! {
                biased;
                () = stop.cancelled() => return,
                post = self.outbound.next() => post,
            };
            let settled = self.settle(&post).await;
            self.report(&post, &settled);
            let last = settled.status != MessageStatus::Ready;
            let written = self.committer.settle(settled).await;
            if !written {
                tracing::warn!(message_id = %post.stored.message.id, "the lease was lost");
            }
            self.outbound.done(post.stored.message.id);
            if let Some(topic) = post.stored.message.facts.topic()
                && last
            {
                self.guardian.left(&post.stored.tenant, topic, post.stored.message.id);
            }
        }
    }

    async fn settle(&self, post: &Post) -> Settled {
        let message = &post.stored.message;
        let now = clock::now();
        if self.outbound.is_superseded(message.id) {
            return ended(post, Fate::Withdrawn, MessageStatus::Withdrawn, "superseded");
        }
        if message.deadline.is_some_and(|deadline| deadline <= now) {
            return ended(post, Fate::Expired, MessageStatus::Expired, "past its deadline");
        }
        let schedule = self.means.retry.of(message.channel);
        if post.stored.doubts >= DOUBTS_MAX {
            return ended(post, Fate::Unknown, MessageStatus::Unknown, "stopped while being sent");
        }
        let attempt =
            match AssertUnwindSafe(attempt(&self.means, post, &|| true)).catch_unwind().await {
                Ok(Some(attempt)) => attempt,
                Ok(None) => return given_back(post),
                Err(_) => {
                    tracing::error!(message_id = %message.id, "sending panicked");
                    failed(Outcome::Transient, "sending panicked")
                }
            };
        let bounced = attempt.outcome == Outcome::Permanent(Scope::Address);
        // An alert's address is not the client's.
        if bounced && !message.kind.is_alert() && !self.bounced(post).await {
            return given_back(post);
        }
        let history = History {
            attempts: post.stored.attempts,
            doubts: post.stored.doubts,
            since: post.stored.first_due,
            deadline: message.deadline,
        };
        let now = clock::now();
        let chance = chance(post);
        let settlement = settle(&attempt.outcome, history, schedule, now, chance);
        concluded(post, attempt, settlement)
    }

    /// Tells the tenant that an address is no good, before the message is done with, so that a
    /// crash in between finds out again. Says no if the daemon stops.
    async fn bounced(&self, post: &Post) -> bool {
        let message = &post.stored.message;
        // Without a client nothing was sent.
        let Some(client) = post.client.clone() else { return true };
        let bounce = Bounce { message: message.id, client, channel: message.channel };
        self.intake.bounced(post.stored.tenant.clone(), bounce).await.is_ok()
    }

    fn report(&self, post: &Post, settled: &Settled) {
        let message = &post.stored.message;
        let outcome = match settled.status {
            MessageStatus::Ready | MessageStatus::Sending => return warn_of_doubt(post, settled),
            MessageStatus::Sent => {
                let lag = settled.at.duration_since(post.stored.first_due);
                let lane = message.kind.lane().as_str();
                record::observe_delivery_lag(lane, Duration::try_from(lag).unwrap_or_default());
                "sent"
            }
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

/// Spreads retries; the same message at the same attempt always draws the same number.
#[allow(clippy::cast_precision_loss)]
fn chance(post: &Post) -> f64 {
    let mut hasher = DefaultHasher::new();
    (post.stored.message.id, post.stored.attempts, post.stored.doubts).hash(&mut hasher);
    hasher.finish() as f64 / u64::MAX as f64
}

/// A message that ends without having been tried.
fn ended(post: &Post, fate: Fate, status: MessageStatus, why: &str) -> Settled {
    let attempt = failed(Outcome::Transient, why);
    let (attempts, doubts) = (post.stored.attempts, post.stored.doubts);
    settled(post, &attempt, status, post.stored.message.due, attempts, doubts, Some(fate))
}

/// A message that was not tried, because the daemon stops: as if nothing had happened.
pub fn given_back(post: &Post) -> Settled {
    let attempt = failed(Outcome::Transient, "");
    let (attempts, doubts) = (post.stored.attempts, post.stored.doubts);
    settled(post, &attempt, MessageStatus::Ready, post.stored.message.due, attempts, doubts, None)
}

fn concluded(post: &Post, attempt: Attempt, settlement: Settlement) -> Settled {
    let (attempts, doubts) = (post.stored.attempts, post.stored.doubts);
    let due = post.stored.message.due;
    let (status, due, counts, doubt, fate) = match settlement {
        Settlement::Sent => (MessageStatus::Sent, due, true, false, Fate::Sent),
        Settlement::Dead => (MessageStatus::Dead, due, true, false, Fate::Dead),
        Settlement::Expired => (MessageStatus::Expired, due, true, false, Fate::Expired),
        Settlement::Unknown => (MessageStatus::Unknown, due, false, true, Fate::Unknown),
        Settlement::Retry { at, counts, in_doubt } => {
            (MessageStatus::Ready, at, counts, in_doubt, Fate::Retrying(at))
        }
    };
    let attempts = attempts + u32::from(counts);
    settled(post, &attempt, status, due, attempts, doubts + u32::from(doubt), Some(fate))
}

fn settled(
    post: &Post,
    attempt: &Attempt,
    status: MessageStatus,
    due: jiff::Timestamp,
    attempts: u32,
    doubts: u32,
    fate: Option<Fate>,
) -> Settled {
    let message = &post.stored.message;
    let event = fate.map(|fate| {
        Event::Message(MessageEvent {
            message: message.id,
            kind: message.kind,
            channel: message.channel,
            client: message.client.clone(),
            attempt: attempts,
            provider: attempt.provider.clone(),
            reply: attempt.reply.clone(),
            fate,
        })
    });
    Settled {
        tenant: post.stored.tenant.clone(),
        message: message.id,
        cause: post.stored.cause.clone(),
        status,
        due,
        attempts,
        doubts,
        provider: attempt.provider.clone(),
        reply: attempt.reply.clone(),
        at: clock::now(),
        event,
    }
}
