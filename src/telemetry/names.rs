//! Every metric: name, kind, unit and meaning. Names follow
//! <https://prometheus.io/docs/practices/naming/> and are relied upon by dashboards and alerts:
//! add, never rename.

use metrics::Unit;

/// How a metric behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricKind {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// A distribution over buckets.
    Histogram,
}

/// What a scraper is told of it before the first sample.
#[derive(Debug)]
pub struct Metric {
    /// As Prometheus sees it.
    pub name: &'static str,
    pub kind: MetricKind,
    pub unit: Unit,
    /// What it means, with its labels.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($id:ident $kind:ident $unit:ident $name:literal $help:literal;)*) => {
        $(#[doc = $help] pub const $id: &str = $name;)*

        pub const ALL: &[Metric] = &[$(
            Metric { name: $name, kind: MetricKind::$kind, unit: Unit::$unit, help: $help },
        )*];
    };
}

metrics! {
    COMMANDS_TOTAL Counter Count "bellhop_commands_total"
        "Commands handled, by type and result.";
    COMMAND_SECONDS Histogram Seconds "bellhop_command_seconds"
        "From receiving a command to its being durable.";
    DECISION_SECONDS Histogram Seconds "bellhop_decision_seconds"
        "One decision: so long it held the thread that its tenant shares with others.";
    REPLIES_REFUSED_TOTAL Counter Count "bellhop_replies_refused_total"
        "Commands whose reply_to named a queue that is not for replies.";
    STRANGERS_UNTOLD_TOTAL Counter Count "bellhop_strangers_untold_total"
        "Refused commands of tenants that were never configured of which no event tells.";
    MESSAGES_TOTAL Counter Count "bellhop_messages_total"
        "Messages that came to an end, by channel, kind and outcome.";
    ATTEMPTS_TOTAL Counter Count "bellhop_attempts_total"
        "Attempts to send, by channel, provider and class of outcome.";
    SEND_SECONDS Histogram Seconds "bellhop_send_seconds"
        "One attempt with a provider, by channel and provider.";
    RECEIPTS_TOTAL Counter Count "bellhop_receipts_total"
        "What providers reported of messages after they took them, by provider and status.";
    RECEIPT_SECONDS Histogram Seconds "bellhop_receipt_seconds"
        "From a provider's taking a message to its report that it arrived, by provider.";
    DELIVERY_LAG_SECONDS Histogram Seconds "bellhop_delivery_lag_seconds"
        "From a message's first being due to the provider's taking it, by lane.";
    OLDEST_DUE_SECONDS Gauge Seconds "bellhop_oldest_due_seconds"
        "How long the oldest message that is not settled has been due since it first was, by lane.";
    QUEUE_DEPTH Gauge Count "bellhop_queue_depth"
        "Messages that have been due and are not settled, wherever they wait, by lane.";
    UNSETTLED_MESSAGES Gauge Count "bellhop_unsettled_messages"
        "Messages that have been due and are not settled, by channel and provider asked last.";
    UNSETTLED_OLDEST_SECONDS Gauge Seconds "bellhop_unsettled_oldest_seconds"
        "How long the first of them has been due since it first was, by channel and provider.";
    WILL_MISS_DEADLINE Gauge Count "bellhop_will_miss_deadline"
        "Messages that wait and whose turn will come too late by the limits' arithmetic, by channel.";
    DEAD_LETTERS Gauge Count "bellhop_dead_letters"
        "Messages given up and not yet dealt with, by reason.";
    TIMERS_PENDING Gauge Count "bellhop_timers_pending"
        "Timers that have not fired.";
    TIMERS_UNREADABLE Gauge Count "bellhop_timers_unreadable"
        "Timers that this version cannot read: another one wrote them.";
    TENANTS_LIVE Gauge Count "bellhop_tenants_live"
        "Tenants in memory.";
    ACTOR_RESTARTS_TOTAL Counter Count "bellhop_actor_restarts_total"
        "Actors started again after a crash, by actor.";
    PROVIDER_CIRCUIT_STATE Gauge Count "bellhop_provider_circuit_state"
        "Whether a provider is used: 0 closed (yes), 1 half open (probing), 2 open (no), by provider.";
    SMPP_BOUND Gauge Count "bellhop_smpp_bound"
        "Sessions with an SMSC that are bound now, by provider.";
    THROTTLED_TOTAL Counter Count "bellhop_throttled_total"
        "Work held back by a limit, by scope.";
    COMMIT_SECONDS Histogram Seconds "bellhop_commit_seconds"
        "One transaction of the store.";
    COMMIT_BATCH_SIZE Histogram Count "bellhop_commit_batch_size"
        "Units in one transaction.";
    CLAIM_SECONDS Histogram Seconds "bellhop_claim_seconds"
        "One look for what is due in the store, with fetching it.";
    CLAIMED_TOTAL Counter Count "bellhop_claimed_total"
        "Messages fetched from the store because they had no room in memory, or were due later.";
    COMMIT_FAILURES_TOTAL Counter Count "bellhop_commit_failures_total"
        "Transactions that were not written, by class: unavailable, refused, stale.";
    EVENTS_UNPUBLISHED Gauge Count "bellhop_events_unpublished"
        "Events that the broker has not confirmed.";
    EVENTS_UNPUBLISHED_OLDEST_SECONDS Gauge Seconds "bellhop_events_unpublished_oldest_seconds"
        "How old the first of them is.";
    RETENTION_REMOVED_TOTAL Counter Count "bellhop_retention_removed_total"
        "Rows of the store that had been kept long enough, by what they were.";
    RETENTION_BEHIND_SECONDS Gauge Seconds "bellhop_retention_behind_seconds"
        "How long ago the oldest of them that is still there was to go, as last found, by what.";
    BROKER_DROPPED_TOTAL Counter Count "bellhop_broker_dropped_total"
        "Connections to the broker that were dropped though they were up, by reason.";
    CLOCK_STEPS_TOTAL Counter Count "bellhop_clock_steps_total"
        "Times that the wall clock was set by a second or more while the daemon ran, by direction.";
    CONTRADICTIONS_TOTAL Counter Count "bellhop_contradictions_total"
        "Timers and outcomes of messages that the rules refused, by reason: a fault in bellhop.";
    FENCED_TOTAL Counter Count "bellhop_fenced_total"
        "Units refused because another instance had the tenant.";
    HTTP_CONNECTIONS Gauge Count "bellhop_http_connections"
        "Open connections over HTTP.";
    HTTP_DROPPED_TOTAL Counter Count "bellhop_http_dropped_total"
        "Connections and requests over HTTP that were given up on, by reason.";
    HTTP_LOGINS_REFUSED_TOTAL Counter Count "bellhop_http_logins_refused_total"
        "Requests over HTTP without a token that is enough, by reason.";
    STANDING_BY Gauge Count "bellhop_standing_by"
        "1 while another daemon has the store and this one stands by.";
    READY Gauge Count "bellhop_ready"
        "Whether it can do its work: 1 or 0, by check, as /readyz says.";
    OPEN_FDS Gauge Count "process_open_fds"
        "Open file descriptors: files and connections.";
    MAX_FDS Gauge Count "process_max_fds"
        "How many file descriptors may be open.";
    BUILD_INFO Gauge Count "bellhop_build_info"
        "Always 1; the labels say which build runs.";
}
