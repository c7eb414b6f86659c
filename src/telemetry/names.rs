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
    /// By what it is told apart; each label has few values.
    pub labels: &'static [&'static str],
    /// What it means, and the values of its labels.
    pub help: &'static str,
}

macro_rules! metrics {
    ($($id:ident $kind:ident $unit:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(#[doc = $help] pub const $id: &str = $name;)*

        pub const ALL: &[Metric] = &[$(
            Metric {
                name: $name,
                kind: MetricKind::$kind,
                unit: Unit::$unit,
                labels: &[$($label),*],
                help: $help,
            },
        )*];
    };
}

metrics! {
    COMMANDS_TOTAL Counter Count "bellhop_commands_total" ["type", "result"]
        "Commands handled. `result` is `accepted`, `duplicate` or the reason of the refusal; \
         `type` is `unknown` where it could not be read.";
    COMMAND_SECONDS Histogram Seconds "bellhop_command_seconds" []
        "From receiving a command to its being durable.";
    DECISION_SECONDS Histogram Seconds "bellhop_decision_seconds" []
        "One decision: for so long it holds the thread that its tenant shares with others.";
    SPANS_TOTAL Counter Count "bellhop_spans_total" ["result"]
        "Spans of traces, where there is a collector for them: `sent` to it, or `dropped` because it \
         took none.";
    REPLIES_REFUSED_TOTAL Counter Count "bellhop_replies_refused_total" []
        "Commands whose `reply_to` named a queue that is not for replies.";
    STRANGERS_UNTOLD_TOTAL Counter Count "bellhop_strangers_untold_total" []
        "Refused commands of tenants that were never configured of which no event tells: there \
         were too many.";
    MESSAGES_TOTAL Counter Count "bellhop_messages_total" ["channel", "kind", "outcome"]
        "Messages that came to an end.";
    ATTEMPTS_TOTAL Counter Count "bellhop_attempts_total" ["channel", "provider", "class"]
        "Attempts to send. `class` is `accepted`, `throttled`, `transient`, `permanent`, \
         `configuration` or `in_doubt`.";
    SEND_SECONDS Histogram Seconds "bellhop_send_seconds" ["channel", "provider"]
        "One attempt with a provider.";
    RECEIPTS_TOTAL Counter Count "bellhop_receipts_total" ["provider", "status"]
        "What providers reported of messages after they took them. `status` is `delivered`, \
         `failed`, `bad_address` or `complained` where that was news, else `repeated`; `unknown` \
         for no message of ours; `other` for a word that is in none of the lists; `reply` for \
         what a client wrote, `stranger` if to a number of no tenant or from nobody's; `untold` \
         where the tenant took nothing for three days; `part` for a part of a text whose other \
         parts are waited for.";
    RECEIPT_SECONDS Histogram Seconds "bellhop_receipt_seconds" ["provider"]
        "From a provider's taking a message to its report that it arrived.";
    DELIVERY_LAG_SECONDS Histogram Seconds "bellhop_delivery_lag_seconds" ["lane"]
        "From a message's first being due to the provider's taking it, retries included.";
    OLDEST_DUE_SECONDS Gauge Seconds "bellhop_oldest_due_seconds" ["lane"]
        "How long the oldest message that is not settled has been due since it first was.";
    QUEUE_DEPTH Gauge Count "bellhop_queue_depth" ["lane"]
        "Messages that have been due and are not settled, wherever they wait: in the store, in \
         memory, on the wire, for their next attempt.";
    UNSETTLED_MESSAGES Gauge Count "bellhop_unsettled_messages" ["channel", "provider"]
        "Messages that have been due and are not settled, by the provider that was asked last; \
         `none` where none was yet.";
    UNSETTLED_OLDEST_SECONDS Gauge Seconds "bellhop_unsettled_oldest_seconds" ["channel", "provider"]
        "How long the first of them has been due since it first was.";
    WILL_MISS_DEADLINE Gauge Count "bellhop_will_miss_deadline" ["channel"]
        "Messages that wait and whose turn will come after their deadline, by the arithmetic of \
         the limits; of each lane's messages in the store the 10 000 that are due first are \
         looked at.";
    DEAD_LETTERS Gauge Count "bellhop_dead_letters" ["reason"]
        "Messages given up and not yet dealt with: `dead`, `unknown` or `unreadable`, commands \
         that were laid aside among these.";
    TIMERS_PENDING Gauge Count "bellhop_timers_pending" []
        "What is planned: reminders, ends of offers, reviews.";
    TIMERS_UNREADABLE Gauge Count "bellhop_timers_unreadable" []
        "Of what is planned, what this version cannot read: another one wrote it.";
    TENANTS_LIVE Gauge Count "bellhop_tenants_live" []
        "Tenants in memory.";
    ACTOR_RESTARTS_TOTAL Counter Count "bellhop_actor_restarts_total" ["actor"]
        "Actors started again after a crash: `tenant`, `dispatcher`, or one of the daemon's \
         tasks.";
    PROVIDER_CIRCUIT_STATE Gauge Count "bellhop_provider_circuit_state" ["provider"]
        "Whether a provider is asked: 0 it is (closed), 1 a few attempts find out (half open), 2 \
         it is left alone (open).";
    SMPP_BOUND Gauge Count "bellhop_smpp_bound" ["provider"]
        "Sessions with an SMSC that are bound now; below the provider's `connections` some \
         cannot be had.";
    THROTTLED_TOTAL Counter Count "bellhop_throttled_total" ["scope"]
        "Times that a limit held work back. `scope` is `provider` (it asked for a pause), \
         `tenant` or `destination` (a queue waited for its rate, or for a connection).";
    COMMIT_SECONDS Histogram Seconds "bellhop_commit_seconds" []
        "One transaction of the store.";
    COMMIT_BATCH_SIZE Histogram Count "bellhop_commit_batch_size" []
        "Units in one transaction.";
    CLAIM_SECONDS Histogram Seconds "bellhop_claim_seconds" ["channel"]
        "One look for what is due in the store, with fetching it.";
    CLAIMED_TOTAL Counter Count "bellhop_claimed_total" ["channel"]
        "Messages fetched from the store: what was due later, and what had no room in memory \
         (`dispatch.<channel>.queue`).";
    COMMIT_FAILURES_TOTAL Counter Count "bellhop_commit_failures_total" ["class"]
        "Transactions that were not written: `unavailable` (disk full, locked), `refused`, \
         `stale`, `fenced` (another daemon has taken over).";
    EVENTS_UNPUBLISHED Gauge Count "bellhop_events_unpublished" []
        "Events that the broker has not confirmed; only with a broker.";
    EVENTS_UNPUBLISHED_OLDEST_SECONDS Gauge Seconds "bellhop_events_unpublished_oldest_seconds" []
        "How old the first of them is.";
    RETENTION_REMOVED_TOTAL Counter Count "bellhop_retention_removed_total" ["what"]
        "Rows of the store that had been kept long enough: `jobs`, `events` (pages of them), \
         `messages`, `laid_aside`, `tellings`, `mailbox`, `audit`, `inbox`.";
    RETENTION_BEHIND_SECONDS Gauge Seconds "bellhop_retention_behind_seconds" ["what"]
        "How long ago the oldest row that was found to be old was to go; 0 where none is left.";
    BROKER_DROPPED_TOTAL Counter Count "bellhop_broker_dropped_total" ["reason"]
        "Connections to the broker that were dropped though they were up: nothing was confirmed \
         on one for four heartbeats (`unconfirmed`), or nothing delivered of what waits for \
         three (`undelivered`).";
    CLOCK_STEPS_TOTAL Counter Count "bellhop_clock_steps_total" ["direction"]
        "Times that the wall clock was set by a second or more while the daemon ran: `forward` \
         or `back`.";
    CONTRADICTIONS_TOTAL Counter Count "bellhop_contradictions_total" ["reason"]
        "Timers and outcomes of messages that the rules refused: a fault in Bellhop, with a line \
         in the log each.";
    FENCED_TOTAL Counter Count "bellhop_fenced_total" []
        "Units refused because the tenant's state was another, or because another daemon has \
         taken over what they write; 0 with one daemon.";
    HTTP_CONNECTIONS Gauge Count "bellhop_http_connections" []
        "Open connections over HTTP.";
    HTTP_DROPPED_TOTAL Counter Count "bellhop_http_dropped_total" ["reason"]
        "Connections and requests over HTTP that were given up on: `full` (503, all connections \
         are busy), `crowded` (closed for a newcomer), `slow_request` and `slow_body` (408), \
         `slow_reader`, `bodies_full` and `tenant_bodies_full` (429), `stopping`.";
    HTTP_LOGINS_REFUSED_TOTAL Counter Count "bellhop_http_logins_refused_total" ["reason"]
        "Requests over HTTP without a token that is enough: `no_token`, `wrong_token`, \
         `small_role`.";
    STANDING_BY Gauge Count "bellhop_standing_by" []
        "1 while another daemon has the store and this one stands by, else 0.";
    READY Gauge Count "bellhop_ready" ["check"]
        "Whether it can do its work: 1 or 0, by check, as /readyz says, looked at every 5 s.";
    OPEN_FDS Gauge Count "process_open_fds" []
        "Open file descriptors: files and connections.";
    MAX_FDS Gauge Count "process_max_fds" []
        "How many file descriptors may be open.";
    BUILD_INFO Gauge Count "bellhop_build_info" ["version"]
        "Always 1; the label says which version runs.";
}
