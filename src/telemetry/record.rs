//! One function for each thing worth counting.
//!
//! Labels are `&'static str` (a name from the code) or a provider's name (from the
//! configuration): both have a bound. Without a recorder, as in tests, they all do nothing.

use std::sync::Arc;
use std::time::Duration;

use metrics::{counter, gauge, histogram};

use super::names;

/// A command was handled; `kind` is its type, or `unknown` where that could not be read.
pub fn command_done(kind: &'static str, result: &'static str) {
    counter!(names::COMMANDS_TOTAL, "type" => kind, "result" => result).increment(1);
}

/// What became of so many spans: `sent`, or `dropped`.
pub fn spans(result: &'static str, spans: usize) {
    counter!(names::SPANS_TOTAL, "result" => result).increment(spans as u64);
}

/// A command may be handled with this result, and none was so far.
pub fn may_be_done(kind: &'static str, result: &'static str) {
    counter!(names::COMMANDS_TOTAL, "type" => kind, "result" => result).increment(0);
}

/// A command became durable so long after it was received.
pub fn observe_command(took: Duration) {
    histogram!(names::COMMAND_SECONDS).record(took);
}

/// A decision held its thread so long.
pub fn observe_decision(took: Duration) {
    histogram!(names::DECISION_SECONDS).record(took);
}

/// A command wanted its result sent to a queue that is not for replies.
pub fn reply_refused() {
    counter!(names::REPLIES_REFUSED_TOTAL).increment(1);
}

/// A message came to an end: `sent`, `skipped`, `expired`, `withdrawn`, `dead`, `unknown`.
pub fn message_done(channel: &'static str, kind: &'static str, outcome: &'static str) {
    counter!(names::MESSAGES_TOTAL, "channel" => channel, "kind" => kind, "outcome" => outcome)
        .increment(1);
}

/// A provider may be asked with an outcome of this class, and was not so far.
pub fn may_attempt(channel: &'static str, provider: &Arc<str>, class: &'static str) {
    let provider = provider.clone();
    counter!(
        names::ATTEMPTS_TOTAL, "channel" => channel, "provider" => provider, "class" => class
    )
    .increment(0);
}

/// An attempt ended; `class` is the class of its outcome.
pub fn attempt_done(
    channel: &'static str,
    provider: &Arc<str>,
    class: &'static str,
    took: Duration,
) {
    let provider = provider.clone();
    counter!(
        names::ATTEMPTS_TOTAL, "channel" => channel, "provider" => provider.clone(), "class" => class
    )
    .increment(1);
    histogram!(names::SEND_SECONDS, "channel" => channel, "provider" => provider).record(took);
}

/// A provider reported something of a message: `delivered`, `failed`, `bad_address` or `complained`
/// where it is news, else `repeated`; `unknown` of no message of ours, `other` by a word of which
/// nothing is configured, `reply` what a client wrote, `stranger` to a number
/// of no tenant or from none, `untold` where the tenant took nothing.
pub fn receipt(provider: &str, status: &'static str) {
    counter!(names::RECEIPTS_TOTAL, "provider" => provider.to_owned(), "status" => status)
        .increment(1);
}

/// A message was reported to have arrived so long after its provider took it.
pub fn observe_receipt(provider: &str, took: Duration) {
    histogram!(names::RECEIPT_SECONDS, "provider" => provider.to_owned()).record(took);
}

/// A transaction was not written: the store was `unavailable`, `refused` it, or a tenant's state
/// was `stale`.
pub fn commit_failed(class: &'static str) {
    counter!(names::COMMIT_FAILURES_TOTAL, "class" => class).increment(1);
}

/// A provider took a message so long after it was due.
pub fn observe_delivery_lag(lane: &'static str, lag: Duration) {
    histogram!(names::DELIVERY_LAG_SECONDS, "lane" => lane).record(lag);
}

/// The oldest unsent message of a lane has been due for so long; zero where there is none.
pub fn set_oldest_due(lane: &'static str, age: Duration) {
    gauge!(names::OLDEST_DUE_SECONDS, "lane" => lane).set(age);
}

/// So many messages have been due and are not settled, by channel and by the provider that was
/// asked last, and so long has the first of them waited.
pub fn set_unsettled(
    channel: &'static str,
    provider: &Arc<str>,
    messages: usize,
    oldest: Duration,
) {
    let provider = provider.clone();
    gauge!(names::UNSETTLED_MESSAGES, "channel" => channel, "provider" => provider.clone())
        .set(count(messages));
    gauge!(names::UNSETTLED_OLDEST_SECONDS, "channel" => channel, "provider" => provider)
        .set(oldest);
}

/// So many messages of a lane are due and not sent.
pub fn set_queue_depth(lane: &'static str, messages: usize) {
    gauge!(names::QUEUE_DEPTH, "lane" => lane).set(count(messages));
}

/// So many messages of a channel will be late by the arithmetic of the limits.
pub fn set_will_miss_deadline(channel: &'static str, messages: usize) {
    gauge!(names::WILL_MISS_DEADLINE, "channel" => channel).set(count(messages));
}

/// So many messages lie given up for this reason.
pub fn set_dead_letters(reason: &'static str, messages: usize) {
    gauge!(names::DEAD_LETTERS, "reason" => reason).set(count(messages));
}

/// So many events are not confirmed by the broker, and so old is the first of them.
pub fn set_events_unpublished(events: usize, oldest: Duration) {
    gauge!(names::EVENTS_UNPUBLISHED).set(count(events));
    gauge!(names::EVENTS_UNPUBLISHED_OLDEST_SECONDS).set(oldest);
}

/// So many timers have not fired.
pub fn set_timers_pending(timers: usize) {
    gauge!(names::TIMERS_PENDING).set(count(timers));
}

/// So many timers cannot be read.
pub fn set_unreadable_timers(timers: usize) {
    gauge!(names::TIMERS_UNREADABLE).set(count(timers));
}

/// So many tenants are in memory.
pub fn set_tenants_live(tenants: usize) {
    gauge!(names::TENANTS_LIVE).set(count(tenants));
}

/// The rules may refuse a timer, or what came of a message, for this reason, and did not so far.
pub fn may_contradict(reason: &'static str) {
    counter!(names::CONTRADICTIONS_TOTAL, "reason" => reason).increment(0);
}

/// A timer, or what came of a message, was refused by the rules.
pub fn contradiction(reason: &'static str) {
    counter!(names::CONTRADICTIONS_TOTAL, "reason" => reason).increment(1);
}

/// An actor, or a task, began: so far it was not started again.
pub fn actor_began(actor: &'static str) {
    counter!(names::ACTOR_RESTARTS_TOTAL, "actor" => actor).increment(0);
}

/// An actor was started again after a crash.
pub fn actor_restarted(actor: &'static str) {
    counter!(names::ACTOR_RESTARTS_TOTAL, "actor" => actor).increment(1);
}

/// Whether a provider is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    Closed,
    /// A few messages find out.
    HalfOpen,
    /// It is not.
    Open,
}

/// A provider's circuit changed.
pub fn set_circuit(provider: &Arc<str>, circuit: Circuit) {
    let value = match circuit {
        Circuit::Closed => 0.0,
        Circuit::HalfOpen => 1.0,
        Circuit::Open => 2.0,
    };
    gauge!(names::PROVIDER_CIRCUIT_STATE, "provider" => provider.clone()).set(value);
}

/// So many sessions with an SMSC are bound now.
pub fn set_smpp_bound(provider: &Arc<str>, bound: usize) {
    gauge!(names::SMPP_BOUND, "provider" => provider.clone()).set(count(bound));
}

/// Who carries nothing any more has no state: not a number, which is neither good nor bad.
pub fn forget_provider(channel: &'static str, provider: &Arc<str>) {
    let of = [names::PROVIDER_CIRCUIT_STATE, names::SMPP_BOUND];
    of.iter().for_each(|name| gauge!(*name, "provider" => provider.clone()).set(f64::NAN));
    for name in [names::UNSETTLED_MESSAGES, names::UNSETTLED_OLDEST_SECONDS] {
        gauge!(name, "channel" => channel, "provider" => provider.clone()).set(f64::NAN);
    }
}

/// A limit held work back so often; `scope` says whose: `provider`, `tenant` or `destination`.
pub fn throttled(scope: &'static str, times: u64) {
    if times > 0 {
        counter!(names::THROTTLED_TOTAL, "scope" => scope).increment(times);
    }
}

/// A transaction of so many units took so long.
pub fn observe_commit(took: Duration, units: usize) {
    histogram!(names::COMMIT_SECONDS).record(took);
    histogram!(names::COMMIT_BATCH_SIZE).record(count(units));
}

/// A look for what is due on a channel took so long, and fetched so many messages.
pub fn observe_claim(channel: &'static str, took: Duration, messages: usize) {
    histogram!(names::CLAIM_SECONDS, "channel" => channel).record(took);
    counter!(names::CLAIMED_TOTAL, "channel" => channel).increment(messages as u64);
}

/// A unit was refused because another instance had the tenant.
pub fn fenced() {
    counter!(names::FENCED_TOTAL).increment(1);
}

/// So many rows of the store had been kept long enough, and are gone.
pub fn retention_removed(what: &'static str, rows: u64) {
    counter!(names::RETENTION_REMOVED_TOTAL, "what" => what).increment(rows);
}

/// The oldest row that was found to have been kept long enough should have gone so long ago; zero
/// where none is left.
pub fn set_retention_behind(what: &'static str, behind: Duration) {
    gauge!(names::RETENTION_BEHIND_SECONDS, "what" => what).set(behind);
}

/// The wall clock was set, `forward` or `back`.
pub fn clock_stepped(direction: &'static str) {
    counter!(names::CLOCK_STEPS_TOTAL, "direction" => direction).increment(1);
}

/// A connection to the broker was dropped though it was up: what was published on it was not
/// confirmed (`unconfirmed`), or what waits was not delivered (`undelivered`).
pub fn broker_dropped(reason: &'static str) {
    counter!(names::BROKER_DROPPED_TOTAL, "reason" => reason).increment(1);
}

/// Whether the daemon can do this part of its work.
pub fn set_ready(check: &'static str, ok: bool) {
    gauge!(names::READY, "check" => check).set(f64::from(u8::from(ok)));
}

/// Whether this daemon waits for another to go, or works.
pub fn set_standing_by(is_standing_by: bool) {
    gauge!(names::STANDING_BY).set(f64::from(u8::from(is_standing_by)));
}

/// So many descriptors are open, of at most so many; `None` is no limit.
pub fn set_descriptors(open: usize, most: Option<u64>) {
    gauge!(names::OPEN_FDS).set(count(open));
    let most =
        most.map_or(f64::INFINITY, |most| count(usize::try_from(most).unwrap_or(usize::MAX)));
    gauge!(names::MAX_FDS).set(most);
}

/// So many connections over HTTP are open.
pub fn set_http_connections(connections: usize) {
    gauge!(names::HTTP_CONNECTIONS).set(count(connections));
}

/// A connection or request over HTTP was given up on: `full` (refused, all connections are busy),
/// `crowded` (closed for a newcomer), `slow_request`, `slow_body`, `slow_reader`, `stopping`,
/// `bodies_full`, `tenant_bodies_full`.
pub fn http_dropped(reason: &'static str) {
    counter!(names::HTTP_DROPPED_TOTAL, "reason" => reason).increment(1);
}

/// A request over HTTP did not bring a token that is enough: `no_token`, `wrong_token` or
/// `small_role`.
pub fn login_refused(reason: &'static str) {
    counter!(names::HTTP_LOGINS_REFUSED_TOTAL, "reason" => reason).increment(1);
}

/// A command of a tenant that was never configured was refused, and no event tells of it.
pub fn stranger_untold() {
    counter!(names::STRANGERS_UNTOLD_TOTAL).increment(1);
}

/// What no ordinary day raises, with every value of its label.
const UNUSUAL: &[(&str, &str, &[&str])] = &[
    (names::THROTTLED_TOTAL, "scope", &["provider", "tenant", "destination"]),
    (names::COMMIT_FAILURES_TOTAL, "class", &["unavailable", "refused", "stale", "fenced"]),
    (names::CLOCK_STEPS_TOTAL, "direction", &["forward", "back"]),
    (names::SPANS_TOTAL, "result", &["sent", "dropped"]),
    (names::BROKER_DROPPED_TOTAL, "reason", &["unconfirmed", "undelivered"]),
    (
        names::HTTP_DROPPED_TOTAL,
        "reason",
        &[
            "full",
            "crowded",
            "slow_request",
            "slow_body",
            "slow_reader",
            "stopping",
            "bodies_full",
            "tenant_bodies_full",
        ],
    ),
    (names::HTTP_LOGINS_REFUSED_TOTAL, "reason", &["no_token", "wrong_token", "small_role"]),
];

/// Which build runs, and at zero what may never happen: a rate over a series that comes into being
/// with its first event misses just that one.
pub(super) fn start() {
    gauge!(names::BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    for name in [names::FENCED_TOTAL, names::REPLIES_REFUSED_TOTAL, names::STRANGERS_UNTOLD_TOTAL] {
        counter!(name).increment(0);
    }
    for (name, label, values) in UNUSUAL {
        values.iter().for_each(|value| counter!(*name, *label => *value).increment(0));
    }
    set_timers_pending(0);
    set_unreadable_timers(0);
    set_http_connections(0);
    set_tenants_live(0);
}

/// Counts beyond 2⁵³ would lose their last digits; none comes near.
#[allow(clippy::cast_precision_loss)]
fn count(number: usize) -> f64 {
    number as f64
}
