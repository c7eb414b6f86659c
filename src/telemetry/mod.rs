//! What Bellhop tells about itself: logs for what happened, metrics for how much and how long.
//!
//! [`logs`] are structured lines on stderr. [`metrics`] installs the recorder that `/metrics` is
//! rendered from, [`names`] lists every metric once, and [`record`] has one function for each
//! thing worth counting, so that a label can only be what that function takes. A [`spell`] of
//! trouble is told once instead of at each failure, and [`seldom`] keeps lines that others can
//! cause few. No tenant, client or address is ever a label: their number has no bound.

mod json_line;
pub mod logs;
pub mod metrics;
pub mod names;
pub mod record;
pub mod seldom;
pub mod spell;

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Correct `log.filter` or the environment variable `RUST_LOG`.
    #[error("{origin}: {source}")]
    Filter {
        /// Which of the two.
        origin: &'static str,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// Start it once per process.
    #[error("logs or metrics were already started in this process")]
    AlreadyStarted,
    /// A mistake in Bellhop's own list of buckets.
    #[error("metrics: {0}")]
    Recorder(#[from] metrics_exporter_prometheus::BuildError),
}
