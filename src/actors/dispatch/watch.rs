//! How a channel's providers fare, for those who look on: metrics, and how things stand.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::choice::is_refused;
use super::order::Arrived;
use super::standing::{ProviderStanding, Standing, named};
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::outcome::Outcome;
use crate::egress::{Bound, Made, Terms};
use crate::telemetry::record;
use crate::traffic::{Moved, Providers, SLOW, State, Verdict, WHOLE, Why};

/// Whose weight moves is looked at so often, at most.
const WEIGH_EVERY: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub struct Watch {
    channel: Channel,
    seen: Vec<Seen>,
    /// When it began, and when the weights were last looked at.
    began: Instant,
    weighed: Duration,
}

#[derive(Debug)]
struct Seen {
    terms: Terms,
    /// The state's name as it was last seen, and since when it is so.
    circuit: &'static str,
    since: Timestamp,
    throttled: u32,
    failed: Option<(String, Timestamp)>,
    /// How much of its weight it has, in hundredths; why, and since when.
    share: u32,
    moved: Option<(String, Timestamp)>,
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
            let (throttled, failed, share, moved) = (0, None, WHOLE, None);
            Seen { terms, circuit, since, throttled, failed, share, moved }
        });
        let (began, weighed) = (clock::instant(), Duration::ZERO);
        Self { channel, seen: seen.collect(), began, weighed }
    }

    /// Messages arrived, as their providers say; whose weight moves by that shows later.
    pub fn arrived(&self, providers: &mut Providers, arrived: &[Arrived]) {
        let now = clock::since(self.began);
        for Arrived { provider, took } in arrived {
            let is_it = |seen: &Seen| *seen.terms.name == **provider;
            if let Some(place) = self.seen.iter().position(is_it) {
                providers.shares().arrived(place, *took, now);
            }
        }
    }

    /// Moves the weights of providers that are slow, or not any more, and tells of that.
    fn weighs(&mut self, providers: &mut Providers) {
        let now = clock::since(self.began);
        if now < self.weighed + WEIGH_EVERY {
            return;
        }
        self.weighed = now;
        for Moved { provider, before, after, why } in providers.shares().moves(now) {
            let Some(seen) = self.seen.get_mut(provider) else { continue };
            let Terms { name, weight, .. } = &seen.terms;
            let (provider, why) = (&**name, words(why));
            let (before, now) = (part(*weight, before), part(*weight, after));
            tracing::info!(provider, weight, before, now, why, "a provider's weight moved");
            (seen.share, seen.moved) = (after, Some((why, clock::now())));
        }
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

    /// Tells of circuits that opened or closed, and of weights that moved.
    pub fn looks(&mut self, providers: &mut Providers, now: Duration) {
        self.weighs(providers);
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

    pub fn standing(
        &mut self,
        providers: &mut Providers,
        waiting: usize,
        now: Duration,
    ) -> Standing {
        self.weighs(providers);
        let each = self.seen.iter().zip(providers.iter_mut()).map(|(seen, provider)| {
            let Terms { name, kind, rate, weight, .. } = &seen.terms;
            let bound = seen.terms.bound.as_deref();
            let (bound, sessions) = bound.map(Bound::sessions).unzip();
            let (failed, moved) = (seen.last_failure(), seen.moved.clone());
            ProviderStanding {
                name: name.to_string(),
                channel: self.channel.as_str(),
                kind,
                circuit: named(provider.circuit.state(now)).0,
                weight: *weight,
                effective_weight: part(*weight, seen.share),
                weight_since: moved.as_ref().map(|(_, at)| *at),
                weight_reason: moved.map(|(why, _)| why),
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

/// So many hundredths of a weight.
fn part(weight: u32, hundredths: u32) -> f64 {
    f64::from(weight) * f64::from(hundredths) / f64::from(WHOLE)
}

/// Why a provider has another part of its weight.
fn words(why: Why) -> String {
    match why {
        Why::Slow { slow, receipts } => {
            let minutes = SLOW.as_secs() / 60;
            format!("{slow} of {receipts} receipts took over {minutes} min")
        }
        Why::Calm => "not slow any more".to_owned(),
    }
}
