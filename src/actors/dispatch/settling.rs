//! What is written down of a message once it is settled. Pure, save for the time of day.

use jiff::Timestamp;

use super::attempt::failed;
use crate::actors::post::Post;
use crate::clock;
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::message::MessageStatus;
use crate::domain::named;
use crate::domain::outcome::{Attempt, Outcome};
use crate::domain::retry::Settlement;
use crate::store::Settled;

/// Spreads retries; the same message at the same attempt always draws the same number.
pub fn chance(post: &Post) -> f64 {
    let Post { stored, .. } = post;
    let [message, attempts, doubts] =
        [stored.message.id.to_string(), stored.attempts.to_string(), stored.doubts.to_string()];
    named::fraction(&[&message, &attempts, &doubts])
}

/// A message whose deadline passed before it was tried.
pub fn expired(post: &Post) -> Settled {
    let attempt = failed(Outcome::Transient, "past its deadline");
    ended(post, &attempt, MessageStatus::Expired, Fate::Expired)
}

/// A message that may have arrived and is not sent again.
pub fn unknown(post: &Post, why: &str) -> Settled {
    let attempt = failed(Outcome::Transient, why);
    ended(post, &attempt, MessageStatus::Unknown, Fate::Unknown)
}

/// A message that never left and is not tried again.
pub fn dead(post: &Post, why: &str) -> Settled {
    let attempt = failed(Outcome::Transient, why);
    ended(post, &attempt, MessageStatus::Dead, Fate::Dead)
}

/// A message that is not to leave any more, and what came of the attempt that was under way.
pub fn withdrawn(post: &Post, attempt: Attempt) -> Settled {
    ended(post, &attempt, MessageStatus::Withdrawn, Fate::Withdrawn)
}

fn ended(post: &Post, attempt: &Attempt, status: MessageStatus, fate: Fate) -> Settled {
    let doubts = post.stored.doubts + u32::from(attempt.outcome == Outcome::InDoubt);
    let (attempts, due) = (post.stored.attempts, post.stored.message.due);
    settled(post, attempt, status, due, attempts, doubts, Some(fate))
}

/// A message that was not tried: as if nothing had happened, save that it is due `later`, if that
/// is given.
pub fn given_back(post: &Post, later: Option<Timestamp>) -> Settled {
    let attempt = failed(Outcome::Transient, "");
    let (attempts, doubts) = (post.stored.attempts, post.stored.doubts);
    let due = later.unwrap_or(post.stored.message.due);
    settled(post, &attempt, MessageStatus::Ready, due, attempts, doubts, None)
}

/// What an attempt leads to.
pub fn concluded(post: &Post, attempt: Attempt, settlement: Settlement) -> Settled {
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
    // That it was not its turn is nothing to tell of.
    let untold = status == MessageStatus::Ready && attempt.outcome.is_served().is_none();
    let fate = (!untold).then_some(fate);
    settled(post, &attempt, status, due, attempts, doubts + u32::from(doubt), fate)
}

/// Why a message was given up, by name.
fn reason(status: MessageStatus, outcome: &Outcome) -> Option<&'static str> {
    match status {
        MessageStatus::Dead => Some(outcome.class()),
        MessageStatus::Unknown => Some(Outcome::InDoubt.class()),
        _ => None,
    }
}

/// Where a message went that may have arrived. An alert is to staff.
fn sent_to(post: &Post, outcome: &Outcome) -> Option<String> {
    let message = &post.stored.message;
    let may_have_left = matches!(outcome, Outcome::Accepted | Outcome::InDoubt);
    let client = post.client.as_ref().filter(|_| may_have_left && !message.kind.is_alert());
    client.and_then(|client| client.digest(message.channel))
}

fn settled(
    post: &Post,
    attempt: &Attempt,
    status: MessageStatus,
    due: Timestamp,
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
            reference: attempt.reference.clone(),
            fallback_of: message.fallback_of,
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
        reason: reason(status, &attempt.outcome),
        sent_to: sent_to(post, &attempt.outcome),
        tried: Vec::new(),
        item: None,
        event,
        trace: post.stored.trace,
    }
}
