//! How a channel stands, as its operators see it.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use crate::telemetry::record::Circuit;
use crate::traffic::State;

/// A provider, as it stands to be asked.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ProviderStanding {
    /// The name in the configuration.
    pub name: String,
    /// The channel that it carries.
    pub channel: &'static str,
    /// How it is spoken to.
    pub kind: &'static str,
    /// Whether it is asked: `closed`, `half_open` or `open`.
    pub circuit: &'static str,
    /// Its share among the others, as configured; 0: it stands by.
    pub weight: u32,
    /// What it has of that now: less while it delivers slowly and another does not.
    pub effective_weight: f64,
    /// Why that last moved, if it did since the start of the daemon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_reason: Option<String>,
    /// When the weight last moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_since: Option<Timestamp>,
    /// Messages a second.
    pub rate: Option<f64>,
    /// How many messages are under way there.
    pub in_flight: usize,
    /// How many messages wait in memory that may go there.
    pub waiting: usize,
    /// How many of its sessions are bound, where they stay with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bound: Option<usize>,
    /// How many there are to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sessions: Option<usize>,
    /// What it said when it last failed: an attempt, or one of its sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error_at: Option<Timestamp>,
    /// Since when the circuit is as it is.
    pub since: Timestamp,
}

/// A channel.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    /// Its providers, in the order of the configuration.
    pub providers: Vec<ProviderStanding>,
}

/// The state's name, and what metrics call it.
pub fn named(state: State) -> (&'static str, Circuit) {
    match state {
        State::Closed => ("closed", Circuit::Closed),
        State::HalfOpen => ("half_open", Circuit::HalfOpen),
        State::Open { .. } => ("open", Circuit::Open),
    }
}
