//! What an attempt leads to, and who hears of it.

use std::time::Duration;

use super::attempt::failed;
use super::means::Retries;
use super::order::Doubted;
use super::settling::{chance, concluded, given_back, withdrawn};
use super::turn::Turn;
use super::writing::News;
use crate::actors::post::Post;
use crate::actors::work::{Bounce, DevicesGone, Unspent};
use crate::clock;
use crate::domain::channel::{Channel, Channels};
use crate::domain::fallen::Fallen;
use crate::domain::message::{Message, MessageStatus};
use crate::domain::outcome::{Attempt, Outcome};
use crate::domain::retry::{History, Settlement, settle};
use crate::domain::trace::TraceContext;
use crate::store::{Settled, StoredMessage};
use crate::telemetry::spans::{Role, Span};
use crate::telemetry::{record, trace_id};

/// How long a message waits of which nobody knows what became, because we panicked.
const STUMBLED_PAUSE: Duration = Duration::from_secs(60);

/// What an attempt leads to. What was replaced meanwhile is not tried again, whatever ended the
/// attempt: it would be the client's last word.
pub fn after(turn: &Turn, attempt: Attempt, retries: &Retries) -> Settled {
    let (post, message) = (&turn.post, &turn.post.stored.message);
    let history = History {
        attempts: post.stored.attempts,
        doubts: post.stored.doubts,
        since: turn.first_due(),
        deadline: message.deadline,
    };
    let schedule = retries.of(message.channel);
    let settlement = settle(&attempt.outcome, history, schedule, clock::now(), chance(post));
    let is_over = matches!(settlement, Settlement::Sent | Settlement::Dead);
    if turn.is_withdrawn() && !is_over {
        return withdrawn(post, attempt);
    }
    concluded(post, attempt, settlement)
}

/// No provider takes a message now: what the last one said counts.
pub fn given_up_on(turn: &Turn, retries: &Retries) -> Settled {
    let nobody = || failed(Outcome::Transient, "no provider can carry it");
    after(turn, turn.refused.clone().unwrap_or_else(nobody), retries)
}

/// Who is to blame for an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blames {
    /// Nobody that is known.
    Nobody,
    /// There is no such address.
    Address,
    /// Perhaps we, who died of it.
    Us,
}

/// What the tenant is told of a message beside its fate; `counts_texts` where somebody counts
/// text messages whatever their segments.
pub fn news(turn: &Turn, settled: &Settled, blames: Blames, counts_texts: bool) -> News {
    // An alert's address is not the client's.
    let is_clients = !turn.post.stored.message.kind.is_alert();
    let bounced = blames == Blames::Address && is_clients;
    let fallen = (blames != Blames::Us).then(|| fallen(turn, settled, bounced)).flatten();
    let bounce = bounced.then(|| bounce(&turn.post)).flatten();
    let gone = devices_gone(turn);
    News { unspent: unspent(turn, settled, counts_texts), bounce, gone, fallen }
}

/// An address to which nothing more is to go. Without a client nothing was sent.
fn bounce(post: &Post) -> Option<Bounce> {
    let message = &post.stored.message;
    let client = post.client.clone()?;
    let (channel, trace) = (message.channel, post.stored.trace);
    Some(Bounce { message: message.id, client, channel, trace })
}

/// Devices on which nothing more is to be shown. Without a client nothing was sent.
fn devices_gone(turn: &Turn) -> Option<DevicesGone> {
    let (post, tokens) = (&turn.post, turn.gone());
    let client = post.client.as_ref().filter(|_| !tokens.is_empty())?;
    let (message, client) = (post.stored.message.id, client.id.clone());
    Some(DevicesGone { message, client, tokens: tokens.to_vec(), trace: post.stored.trace })
}

/// What was counted for a text message that nobody took, to be given back. What something newer
/// replaced gave it back already, as far as it is known by what it is about.
fn unspent(turn: &Turn, settled: &Settled, counts_texts: bool) -> Option<Unspent> {
    let Message { id, channel, segments, client, facts, .. } = &turn.post.stored.message;
    let is_over = matches!(
        settled.status,
        MessageStatus::Dead | MessageStatus::Expired | MessageStatus::Withdrawn
    );
    let gave_back = turn.is_withdrawn() && facts.topic().is_some();
    let may_have_arrived = settled.doubts > 0;
    let is_counted = *channel == Channel::Sms && (*segments > 0 || counts_texts);
    let counts = is_counted && is_over && !gave_back && !may_have_arrived;
    let trace = turn.post.stored.trace;
    counts.then(|| Unspent { message: *id, client: client.clone(), segments: *segments, trace })
}

/// A message that may go another way, if its tenant knows one: one that certainly did not arrive,
/// is still of use, and not what we may have died of. On which channels the same was said is not
/// known here.
fn fallen(turn: &Turn, settled: &Settled, bounced: bool) -> Option<Fallen> {
    let (post, message) = (&turn.post, &turn.post.stored.message);
    let has_way = post.settings.as_ref()?.fallback.contains_key(&message.channel);
    let given_up = matches!(settled.status, MessageStatus::Dead | MessageStatus::Expired);
    let is_over = post.is_late(settled.at) || turn.is_withdrawn();
    if !has_way || !given_up || is_over || settled.doubts > 0 {
        return None;
    }
    Some(Fallen {
        message: message.clone(),
        client: post.client.clone()?,
        bounced,
        unspent: message.segments,
        said_on: Channels::NONE,
    })
}

/// Whether others wait for a message that may have arrived. One that was not tried is in as much
/// doubt as it was.
pub fn doubted(turn: &Turn, settled: &Settled) -> Doubted {
    if turn.not_before.is_some() {
        return Doubted::AsBefore;
    }
    let waits = settled.status == MessageStatus::Ready;
    let in_doubt = settled.doubts > 0 && settled.attempts == turn.post.stored.attempts;
    match waits && in_doubt && !turn.is_withdrawn() {
        true => Doubted::Until(settled.due),
        false => Doubted::No,
    }
}

/// Nobody knows how far it came when we panicked: it may have arrived.
pub fn stumbled(post: &Post) -> Settled {
    tracing::error!(
        message_id = %post.stored.message.id, trace_id = trace_id(post.stored.trace),
        "deciding what becomes of a message panicked"
    );
    let later = clock::now().checked_add(STUMBLED_PAUSE).ok();
    let settled = given_back(post, later);
    Settled { doubts: settled.doubts + 1, ..settled }
}

/// Tells the log and the metrics what became of a message.
pub fn report(turn: &Turn, settled: &Settled) {
    let post = &turn.post;
    let message = &post.stored.message;
    let outcome = match settled.status {
        MessageStatus::Ready | MessageStatus::Sending => return warn_of_doubt(post, settled),
        MessageStatus::Sent => {
            let lag = settled.at.duration_since(turn.first_due());
            let lane = turn.lane().as_str();
            record::observe_delivery_lag(lane, Duration::try_from(lag).unwrap_or_default());
            "sent"
        }
        // It was to be so: something newer is said instead.
        MessageStatus::Withdrawn => "withdrawn",
        status => {
            tracing::warn!(
                tenant = %post.stored.tenant, message_id = %message.id,
                kind = message.kind.as_str(), trace_id = trace_id(post.stored.trace),
                provider = settled.provider, reply = settled.reply, "message {}", status.as_str()
            );
            status.as_str()
        }
    };
    record::message_done(message.channel.as_str(), message.kind.as_str(), outcome);
    spans(post, settled, outcome);
}

/// From being decided to its end.
fn spans(post: &Post, settled: &Settled, outcome: &'static str) {
    let StoredMessage { tenant, message, trace, .. } = &post.stored;
    let name = || format!("message {}", message.kind.as_str());
    let its = |trace: TraceContext| trace.telling(message.id);
    let Some(span) = Span::begin(*trace, Role::Internal, its, name) else { return };
    let is_fault = !matches!(settled.status, MessageStatus::Sent | MessageStatus::Withdrawn);
    span.since(message.id.decided_at())
        .with("bellhop.tenant", tenant)
        .with("bellhop.message", message.id)
        .with("bellhop.channel", message.channel.as_str())
        .with("bellhop.outcome", outcome)
        .with("bellhop.attempts", settled.attempts)
        .ends(is_fault.then_some(outcome));
}

/// The first time that a message may have arrived and is sent again all the same.
fn warn_of_doubt(post: &Post, settled: &Settled) {
    if post.stored.doubts == 0 && settled.doubts > 0 {
        tracing::warn!(
            tenant = %post.stored.tenant, message_id = %settled.message,
            trace_id = trace_id(post.stored.trace), provider = settled.provider,
            reply = settled.reply, again_at = %settled.due,
            "a message may have arrived, and is sent again"
        );
    }
}
