//! What Bellhop tells about itself: logs for what happened, metrics for how much and how long.
//!
//! [`logs`] are structured lines on stderr. [`metrics`] installs the recorder that `/metrics` is
//! rendered from, [`names`] lists every metric once, and [`record`] has one function for each
//! thing worth counting, so that a label can only be what that function takes. A [`spell`] of
//! trouble is told once instead of at each failure, and [`seldom`] keeps lines that others can
//! cause few; [`io_words`] says what the system says. No tenant, client or address is ever a label:
//! their number has no bound.

mod io_words;
mod json_line;
pub mod logs;
pub mod metrics;
pub mod names;
pub mod record;
pub mod seldom;
pub mod spell;

pub use io_words::{NO_HOST, connect_words, io_words};

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// Correct `log.filter` or the environment variable `RUST_LOG`.
    #[error(
        "{0} must be levels (error, warn, info, debug, trace, off), by module where wanted: \
         \"info,bellhop::egress=debug\""
    )]
    Filter(&'static str),
    /// Start it once per process.
    #[error("logs or metrics were already started in this process")]
    AlreadyStarted,
    /// A mistake in Bellhop's own list of buckets.
    #[error("metrics: {0}")]
    Recorder(#[from] metrics_exporter_prometheus::BuildError),
}
