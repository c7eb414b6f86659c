//! How a channel's providers fare, for those who look on: metrics, and how things stand.

use std::time::Duration;

use jiff::Timestamp;

use super::choice::is_refused;
use super::standing::{ProviderStanding, Standing, named};
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::outcome::Outcome;
use crate::egress::{Bound, Made, Terms};
use crate::telemetry::record;
use crate::traffic::{Providers, State, Verdict};

/// See the module.
#[derive(Debug)]
pub struct Watch {
    channel: Channel,
    seen: Vec<Seen>,
}

#[derive(Debug)]
struct Seen {
    terms: Terms,
    /// The state's name as it was last seen, and since when it is so.
    circuit: &'static str,
    since: Timestamp,
    throttled: u32,
    failed: Option<(String, Timestamp)>,
}

impl Seen {
    /// Of an attempt, or of a session that nobody may have wanted to send over.
    fn last_failure(&self) -> Option<(String, Timestamp)> {
        let of_session = self.terms.bound.as_deref().and_then(Bound::last_failure);
        self.failed.clone().into_iter().chain(of_session).max_by_key(|(_, at)| *at)
    }
}

impl Watch {
    /// Nothing was seen yet.
    pub fn new(channel: Channel, terms: Vec<Terms>) -> Self {
        let since = clock::now();
        let (circuit, value) = named(State::Closed);
        let seen = terms.into_iter().map(|terms| {
            record::set_circuit(&terms.name, value);
            for class in Outcome::CLASSES {
                record::may_attempt(channel.as_str(), &terms.name, class);
            }
            Seen { terms, circuit, since, throttled: 0, failed: None }
        });
        Self { channel, seen: seen.collect() }
    }

    /// An attempt came back. Says how often in a row the provider had asked for less before; what
    /// was under way while it was left alone already is not one more.
    pub fn came_back(&mut self, place: usize, made: &Made, verdict: Verdict, held: bool) -> u32 {
        let Some(seen) = self.seen.get_mut(place) else { return 0 };
        if verdict == Verdict::Fails || is_refused(made) {
            seen.failed = Some((made.attempt.reply.clone(), clock::now()));
        }
        let before = seen.throttled;
        seen.throttled = match made.attempt.outcome {
            Outcome::Throttled { .. } if held => return before.saturating_sub(1),
            Outcome::Throttled { .. } => before.saturating_add(1),
            Outcome::Accepted => 0,
            _ => before,
        };
        before
    }

    /// Tells of circuits that opened or closed.
    pub fn looks(&mut self, providers: &mut Providers, now: Duration) {
        for (seen, provider) in self.seen.iter_mut().zip(providers.iter_mut()) {
            let (circuit, value) = named(provider.circuit.state(now));
            if circuit == seen.circuit {
                continue;
            }
            let (provider, before) = (&*seen.terms.name, seen.circuit);
            tracing::info!(provider, before, circuit, "a provider's circuit changed");
            record::set_circuit(&seen.terms.name, value);
            (seen.circuit, seen.since) = (circuit, clock::now());
        }
    }

    /// Whether every circuit was closed when it was last looked.
    pub fn all_closed(&self) -> bool {
        let closed = named(State::Closed).0;
        self.seen.iter().all(|seen| seen.circuit == closed)
    }

    pub fn standing(&self, providers: &mut Providers, waiting: usize, now: Duration) -> Standing {
        let each = self.seen.iter().zip(providers.iter_mut()).map(|(seen, provider)| {
            let Terms { name, kind, rate, weight, .. } = &seen.terms;
            let bound = seen.terms.bound.as_deref();
            let (bound, sessions) = bound.map(Bound::sessions).unzip();
            let failed = seen.last_failure();
            ProviderStanding {
                name: name.to_string(),
                channel: self.channel.as_str(),
                kind,
                circuit: named(provider.circuit.state(now)).0,
                weight: *weight,
                rate: *rate,
                in_flight: provider.in_flight(),
                waiting,
                bound,
                sessions,
                last_error_at: failed.as_ref().map(|(_, at)| *at),
                last_error: failed.map(|(words, _)| words),
                since: seen.since,
            }
        });
        Standing { providers: each.collect() }
    }
}
