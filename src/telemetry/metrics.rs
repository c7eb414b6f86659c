//! The Prometheus recorder behind `/metrics`.

use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{
    Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::TelemetryError;
use super::names::{self, MetricKind};
use super::record;

/// How often [`Metrics::upkeep`] is due; histograms grow in memory between two of them.
pub const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// From a fast commit to a slow provider, in seconds.
const SECONDS: &[f64] =
    &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0];
/// From at once to a day of retries, in seconds.
const LAG_SECONDS: &[f64] = &[
    0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0,
];
/// Up to the largest batch that can be configured, in units.
const BATCH_UNITS: &[f64] =
    &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0, 10_000.0];

/// The metrics of this process.
#[derive(Debug, Clone)]
pub struct Metrics {
    handle: PrometheusHandle,
}

impl Metrics {
    /// Starts recording. The caller runs [`Metrics::upkeep`] every [`UPKEEP_EVERY`].
    ///
    /// # Errors
    /// A second start in one process.
    pub fn install() -> Result<Self, TelemetryError> {
        let recorder = recorder()?;
        let handle = recorder.handle();
        metrics::set_global_recorder(recorder).map_err(|_| TelemetryError::AlreadyStarted)?;
        describe();
        record::start();
        Ok(Self { handle })
    }

    /// Everything recorded so far, in the
    /// [text format](https://prometheus.io/docs/instrumenting/exposition_formats/).
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Folds what histograms have gathered into their buckets.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }
}

fn recorder() -> Result<PrometheusRecorder, TelemetryError> {
    let named = |name: &str| Matcher::Full(name.to_owned());
    Ok(PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), SECONDS)?
        .set_buckets_for_metric(named(names::DELIVERY_LAG_SECONDS), LAG_SECONDS)?
        .set_buckets_for_metric(named(names::COMMIT_BATCH_SIZE), BATCH_UNITS)?
        .build_recorder())
}

fn describe() {
    for metric in names::ALL {
        let unit: Unit = metric.unit;
        match metric.kind {
            MetricKind::Counter => describe_counter!(metric.name, unit, metric.help),
            MetricKind::Gauge => describe_gauge!(metric.name, unit, metric.help),
            MetricKind::Histogram => describe_histogram!(metric.name, unit, metric.help),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    /// What dashboards and alerts rely on.
    const PROMISED: &[&str] = &[
        "bellhop_actor_restarts_total",
        "bellhop_attempts_total",
        "bellhop_broker_dropped_total",
        "bellhop_build_info",
        "bellhop_claim_seconds",
        "bellhop_claimed_total",
        "bellhop_clock_steps_total",
        "bellhop_command_seconds",
        "bellhop_commands_total",
        "bellhop_commit_batch_size",
        "bellhop_commit_failures_total",
        "bellhop_commit_seconds",
        "bellhop_contradictions_total",
        "bellhop_dead_letters",
        "bellhop_decision_seconds",
        "bellhop_delivery_lag_seconds",
        "bellhop_events_unpublished",
        "bellhop_events_unpublished_oldest_seconds",
        "bellhop_fenced_total",
        "bellhop_http_connections",
        "bellhop_http_dropped_total",
        "bellhop_http_logins_refused_total",
        "bellhop_messages_total",
        "bellhop_oldest_due_seconds",
        "bellhop_provider_circuit_state",
        "bellhop_queue_depth",
        "bellhop_ready",
        "bellhop_receipt_seconds",
        "bellhop_receipts_total",
        "bellhop_replies_refused_total",
        "bellhop_retention_behind_seconds",
        "bellhop_retention_removed_total",
        "bellhop_send_seconds",
        "bellhop_smpp_bound",
        "bellhop_spans_total",
        "bellhop_standing_by",
        "bellhop_strangers_untold_total",
        "bellhop_tenants_live",
        "bellhop_throttled_total",
        "bellhop_timers_pending",
        "bellhop_timers_unreadable",
        "bellhop_unsettled_messages",
        "bellhop_unsettled_oldest_seconds",
        "bellhop_will_miss_deadline",
        "process_max_fds",
        "process_open_fds",
    ];

    fn record_everything() {
        let provider: Arc<str> = Arc::from("relay");
        let took = Duration::from_millis(3);
        record::start();
        record::command_done("booking.request", "accepted");
        record::observe_command(took);
        record::observe_decision(took);
        record::message_done("email", "booking.confirmed", "sent");
        record::attempt_done("email", &provider, "accepted", took);
        record::receipt("relay", "delivered");
        record::observe_receipt("relay", took);
        record::observe_delivery_lag("transactional", took);
        record::set_oldest_due("transactional", took);
        record::set_queue_depth("transactional", 4);
        record::set_will_miss_deadline("email", 2);
        record::set_unsettled("email", &provider, 4, took);
        record::commit_failed("unavailable");
        record::set_dead_letters("permanent", 1);
        record::actor_restarted("tenant");
        record::contradiction("illegal_transition");
        record::set_circuit(&provider, record::Circuit::Open);
        record::set_smpp_bound(&provider, 2);
        record::throttled("tenant", 3);
        record::observe_commit(took, 42);
        record::observe_claim("email", took, 7);
        record::fenced();
        record::set_events_unpublished(3, took);
        record::retention_removed("inbox", 3);
        record::set_retention_behind("inbox", took);
        record::clock_stepped("back");
        record::broker_dropped("undelivered");
        record::http_dropped("full");
        record::set_ready("store", true);
        record::set_standing_by(false);
        record::set_descriptors(12, Some(1024));
        record::login_refused("no_token");
        record::reply_refused();
        record::spans("sent", 3);
    }

    fn rendered() -> String {
        let recorder = recorder().unwrap();
        metrics::with_local_recorder(&recorder, || {
            describe();
            record_everything();
        });
        recorder.handle().render()
    }

    #[test]
    fn every_promised_metric_is_recorded_described_and_typed() {
        let text = rendered();
        for name in PROMISED {
            assert!(text.contains(&format!("# HELP {name} ")), "{name} has no help in\n{text}");
            assert!(text.contains(&format!("# TYPE {name} ")), "{name} has no type in\n{text}");
        }
        let mut listed: Vec<_> = names::ALL.iter().map(|metric| metric.name).collect();
        listed.sort_unstable();
        assert_eq!(listed, PROMISED);
    }

    #[test]
    fn types_and_buckets_are_the_listed_ones() {
        let text = rendered();
        for metric in names::ALL {
            let kind = match metric.kind {
                MetricKind::Counter => "counter",
                MetricKind::Gauge => "gauge",
                MetricKind::Histogram => "histogram",
            };
            assert!(text.contains(&format!("# TYPE {} {kind}\n", metric.name)), "{}", metric.name);
        }
        for line in [
            "bellhop_commit_batch_size_bucket{le=\"20\"} 0",
            "bellhop_commit_batch_size_bucket{le=\"50\"} 1",
            "bellhop_delivery_lag_seconds_bucket{lane=\"transactional\",le=\"0.01\"} 1",
            "bellhop_commit_seconds_bucket{le=\"0.002\"} 0",
            "bellhop_commit_seconds_bucket{le=\"0.005\"} 1",
            "bellhop_commands_total{type=\"booking.request\",result=\"accepted\"} 1",
            "bellhop_provider_circuit_state{provider=\"relay\"} 2",
            "bellhop_smpp_bound{provider=\"relay\"} 2",
            "bellhop_fenced_total 1",
            "bellhop_throttled_total{scope=\"tenant\"} 3",
            "bellhop_throttled_total{scope=\"destination\"} 0",
            "bellhop_commit_failures_total{class=\"stale\"} 0",
            "bellhop_clock_steps_total{direction=\"back\"} 1",
            "bellhop_ready{check=\"store\"} 1",
            "process_max_fds 1024",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert!(text.contains("bellhop_build_info{version=\""));
    }

    #[test]
    fn of_a_provider_that_is_gone_no_alarm_rings() {
        let recorder = recorder().unwrap();
        let relay = Arc::from("relay");
        metrics::with_local_recorder(&recorder, || {
            record::set_circuit(&relay, record::Circuit::Open);
            record::set_smpp_bound(&relay, 0);
            record::set_unsettled("sms", &relay, 3, Duration::from_secs(700));
            record::forget_provider("sms", &relay);
        });
        let text = recorder.handle().render();
        assert_eq!(text.matches(" NaN\n").count(), 4, "{text}");
    }

    #[test]
    fn only_one_recorder_per_process() {
        let metrics = Metrics::install().unwrap();
        metrics.upkeep();
        assert!(metrics.render().contains("bellhop_tenants_live 0"));
        assert!(matches!(Metrics::install(), Err(TelemetryError::AlreadyStarted)));
    }
}
