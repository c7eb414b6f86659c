//! Where a message stands that has not ended, and what it waits for: in the words of the API.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;

use super::names::Names;
use crate::domain::kind::Lane;
use crate::traffic::{Forecast, WaitsFor};

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Whereabouts {
    pub lane: &'static str,
    pub held_in: HeldIn,
    /// How many of its tenant's go before it in its lane; none where it is not its turn yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead_of_tenant: Option<usize>,
    /// How many of its lane go before it, whoever's they are: roughly, since tenants take turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ahead: Option<usize>,
    /// Absent: for nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Reason>,
    /// Its turn by the arithmetic of the limits; how long attempts take is not in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<Timestamp>,
    /// It is not sent from then on.
    pub until: Timestamp,
    pub will_miss: bool,
}

/// Who has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HeldIn {
    /// It waits in the store.
    Store,
    /// It waits in the daemon's memory.
    Memory,
    /// It is being sent, or what came of it is written down.
    Attempt,
}

/// What a message waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "what", rename_all = "snake_case")]
#[schemars(rename = "WaitsFor")]
pub enum Reason {
    /// Those before it.
    Turn,
    /// One of the channel's slots.
    Slot,
    /// Room in memory, behind what waits in the store.
    Room,
    /// Nobody can carry it: it is about to end.
    Nobody,
    /// The store cannot be written, and nothing leaves meanwhile.
    Store,
    /// An earlier message about the same thing, to the same client.
    Earlier {
        /// How many of them there are.
        messages: usize,
    },
    /// It was tried, and is tried again then.
    Retry {
        until: Timestamp,
    },
    /// It, or an earlier one about the same thing, may have arrived: not before then.
    Doubt {
        until: Timestamp,
    },
    /// It is not to be sent before then.
    Time {
        until: Timestamp,
    },
    TenantRate,
    DestinationRate {
        /// A domain, or the beginning of a phone number.
        destination: String,
    },
    DestinationConnections {
        destination: String,
    },
    ProviderRate {
        provider: String,
    },
    ProviderConnections {
        provider: String,
    },
    /// The provider asked to be left alone.
    ProviderPause {
        provider: String,
    },
    /// The provider failed, and is not asked for a while.
    ProviderCircuit {
        provider: String,
    },
}

impl Reason {
    /// What a forecast says, by names.
    fn of(waits_for: WaitsFor, names: &Names) -> Self {
        let provider = |place| names.provider(place);
        let destination = |rule| names.destination(rule);
        match waits_for {
            WaitsFor::Turn => Self::Turn,
            WaitsFor::Slot => Self::Slot,
            WaitsFor::Nobody => Self::Nobody,
            WaitsFor::Tenant => Self::TenantRate,
            WaitsFor::Destination(rule) => Self::DestinationRate { destination: destination(rule) },
            WaitsFor::DestinationBusy(rule) => {
                Self::DestinationConnections { destination: destination(rule) }
            }
            WaitsFor::Provider(place) => Self::ProviderRate { provider: provider(place) },
            WaitsFor::ProviderBusy(place) => {
                Self::ProviderConnections { provider: provider(place) }
            }
            WaitsFor::Pause(place) => Self::ProviderPause { provider: provider(place) },
            WaitsFor::Circuit(place) => Self::ProviderCircuit { provider: provider(place) },
        }
    }
}

/// A message that is asked about, and the time.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub lane: Lane,
    /// It is not sent from then on.
    pub until: Timestamp,
    pub now: Timestamp,
    pub names: &'a Names,
}

impl Asked<'_> {
    /// It is being sent.
    pub fn under_way(&self) -> Whereabouts {
        self.bare(HeldIn::Attempt, None)
    }

    /// It is not its turn yet, for this reason.
    pub fn waits(
        &self,
        held_in: HeldIn,
        reason: Reason,
        expected: Option<Timestamp>,
    ) -> Whereabouts {
        Whereabouts {
            expected,
            will_miss: expected.is_some_and(|expected| expected >= self.until),
            ..self.bare(held_in, Some(reason))
        }
    }

    /// It waits behind others, and its turn was reckoned, by a clock that said `at`.
    pub fn queues(
        &self,
        held_in: HeldIn,
        ahead_of_tenant: usize,
        forecast: Forecast,
        at: Duration,
    ) -> Whereabouts {
        let expected = instant(self.now, forecast.expected.saturating_sub(at));
        let reason = match Reason::of(forecast.waits_for, self.names) {
            Reason::Turn | Reason::Slot if held_in == HeldIn::Store => Reason::Room,
            reason => reason,
        };
        Whereabouts {
            ahead_of_tenant: Some(ahead_of_tenant),
            ahead: Some(forecast.ahead),
            ..self.waits(held_in, reason, Some(expected))
        }
    }

    fn bare(&self, held_in: HeldIn, waits_for: Option<Reason>) -> Whereabouts {
        Whereabouts {
            lane: self.lane.as_str(),
            held_in,
            ahead_of_tenant: None,
            ahead: None,
            waits_for,
            expected: None,
            until: self.until,
            will_miss: false,
        }
    }
}

/// So long after it.
pub fn instant(now: Timestamp, after: Duration) -> Timestamp {
    let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
    now.checked_add(after).unwrap_or(Timestamp::MAX)
}
