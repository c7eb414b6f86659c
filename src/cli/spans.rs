//! Whether the daemon's steps of traces are sent to a collector.

#[cfg(feature = "otlp")]
use std::time::Duration;

use crate::config::Config;
#[cfg(feature = "otlp")]
use crate::config::environment;
#[cfg(feature = "otlp")]
use crate::telemetry::otlp::{Collecting, address};

/// How long the last ones may take at a stop.
#[cfg(feature = "otlp")]
const LAST: Duration = Duration::from_secs(2);

/// Sends them while the daemon runs, if there is somewhere to send them.
#[must_use]
pub struct Spans(#[cfg(feature = "otlp")] Option<Collecting>);

/// Begins to send them, where a collector is named and this build can.
///
/// # Errors
/// If no client can be made.
#[cfg(feature = "otlp")]
pub fn begin(config: &Config) -> anyhow::Result<Spans> {
    let variables: std::collections::HashMap<_, _> = environment().collect();
    let endpoint = config.telemetry.otlp_endpoint.as_deref();
    let Some(address) = address(endpoint, |name| variables.get(name).cloned()) else {
        return Ok(Spans(None));
    };
    tracing::info!(address, "spans are sent to a collector");
    Ok(Spans(Collecting::begin(address)?))
}

/// Begins to send them, where a collector is named and this build can.
#[cfg(not(feature = "otlp"))]
#[expect(clippy::unnecessary_wraps, reason = "another build may fail")]
pub fn begin(_: &Config) -> anyhow::Result<Spans> {
    Ok(Spans())
}

impl Spans {
    /// Sends what is left.
    pub async fn finish(self) {
        #[cfg(feature = "otlp")]
        if let Some(collecting) = self.0 {
            collecting.finish(LAST).await;
        }
    }
}
