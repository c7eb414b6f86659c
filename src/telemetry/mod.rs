//! What Bellhop tells about itself: logs for what happened, metrics for how much and how long.
//!
//! [`logs`] are structured lines on stderr. [`metrics`] installs the recorder that `/metrics` is
//! rendered from, [`names`] lists every metric once, and [`record`] has one function for each
//! thing worth counting, so that a label can only be what that function takes. A [`spell`] of
//! trouble is told once instead of at each failure, and [`seldom`] keeps lines that others can
//! cause few; [`io_words`] says what the system says. No tenant, client or address is ever a label:
//! their number has no bound. [`spans`] are the steps of upstream apps' traces, for a collector.

mod io_words;
mod json_line;
pub mod logs;
pub mod metrics;
pub mod names;
#[cfg(any(test, feature = "otlp"))]
pub mod otlp;
pub mod record;
pub mod seldom;
mod span;
pub mod spans;
pub mod spell;

pub use io_words::{NO_HOST, connect_words, io_words};

use tracing::field::{DisplayValue, display};

use crate::domain::trace::{TraceContext, TraceId};

/// The field `trace_id` of a log line about something that belongs to a trace; of what does not,
/// the line has none.
pub fn trace_id(trace: Option<TraceContext>) -> Option<DisplayValue<TraceId>> {
    trace.map(|trace| display(trace.trace_id()))
}

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
