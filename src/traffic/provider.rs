//! The providers of a channel, as far as it matters who goes next.

use std::time::Duration;

use crate::domain::kind::Lane;

use super::circuit::{Circuit, Passage, State, Terms};
use super::congestion::Congestion;
use super::openings::{Opening, Openings, is_waited_for};
use super::pace::Pace;
use super::share::Shares;
use super::way::Way;

/// The most providers of a channel: what a message has tried is a set of bits.
pub const PROVIDERS_MAX: usize = 64;

/// Where others fill a provider, what nobody waits for has one in so many of what is under way
/// there.
const PATIENT_PART: usize = 5;

/// What a provider is told of at the start.
#[derive(Debug, Clone)]
pub struct Offer {
    /// How many messages may be under way there.
    pub at_once: usize,
    /// Messages a second.
    pub rate: Option<f64>,
    /// Its share among the others; none, and it takes over only when no other can.
    pub weight: u32,
    /// When it is asked no more for a while.
    pub circuit: Terms,
}

/// Providers, as a set of their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Set(u64);

impl Set {
    pub const NONE: Set = Set(0);

    /// The set with one more.
    #[must_use]
    pub fn with(self, provider: usize) -> Self {
        Self(self.0 | 1_u64.checked_shl(u32::try_from(provider).unwrap_or(u32::MAX)).unwrap_or(0))
    }

    /// Both sets in one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether it is in the set.
    pub fn contains(self, provider: usize) -> bool {
        self.with(provider) == self
    }
}

/// How many messages one of them has, when it takes more, and whether it is asked.
#[derive(Debug)]
pub struct Provider {
    at_once: usize,
    in_flight: usize,
    /// Of these what nobody waits for.
    patient: usize,
    weight: u32,
    standing: i64,
    /// How often it is asked.
    pub pace: Pace,
    /// Whether it is asked.
    pub circuit: Circuit,
    congestion: Congestion,
}

impl Provider {
    fn new(offer: Offer) -> Self {
        let at_once = offer.at_once.max(1);
        Self {
            at_once,
            in_flight: 0,
            patient: 0,
            weight: offer.weight,
            standing: 0,
            pace: Pace::new(offer.rate),
            circuit: Circuit::new(offer.circuit),
            congestion: Congestion::new(at_once),
        }
    }

    /// When it takes one more; it is `alone` where no other would.
    pub fn opening(&mut self, now: Duration, alone: bool) -> Opening {
        if self.in_flight >= self.at_once {
            return Opening::Later;
        }
        let opens = if alone { self.circuit.opens_alone(now) } else { self.circuit.opens(now) };
        match opens {
            None => Opening::Later,
            Some(opens) => match opens.max(self.pace.opens(now)) {
                opens if opens <= now => Opening::Now,
                opens => Opening::At(opens),
            },
        }
    }

    /// The same for what nobody waits for, where it is to keep a way free: the provider takes one
    /// `more` of others then.
    fn keeps_back(&mut self, more: Opening, now: Duration) -> Opening {
        self.congestion.keeps_back(true, now);
        let is_open = self.in_flight < self.congestion.limit()
            || self.patient * PATIENT_PART < self.in_flight;
        if is_open { more } else { Opening::Later }
    }

    /// A message that is under way was answered, so long after it left.
    pub fn answered(&mut self, took: Duration, now: Duration) {
        self.congestion.answered(took, self.in_flight, now);
    }

    fn way(&mut self, now: Duration, alone: bool) -> Way {
        let circuit = &mut self.circuit;
        let opens = if alone { circuit.opens_alone(now) } else { circuit.opens(now) };
        let is_full = self.in_flight >= self.at_once || opens.is_none();
        let open_until = match circuit.state(now) {
            State::Open { until } => Some(until),
            State::Closed | State::HalfOpen => None,
        };
        let meter = self.pace.meter(now).held(opens.unwrap_or(now));
        Way { meter, is_held: self.pace.is_held(now), open_until, is_full }
    }

    /// A message of that lane goes there.
    pub fn take(&mut self, lane: Lane) -> Passage {
        self.resumes(lane);
        self.circuit.pass()
    }

    /// A message goes there once more, as part of the same passage.
    pub fn resumes(&mut self, lane: Lane) {
        self.in_flight += 1;
        self.patient += usize::from(!is_waited_for(lane));
    }

    /// A message came back.
    pub fn give_back(&mut self, lane: Lane) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.patient = self.patient.saturating_sub(usize::from(!is_waited_for(lane)));
    }

    /// How many are under way there.
    pub fn in_flight(&self) -> usize {
        self.in_flight
    }
}

/// All of them, in the order of the configuration.
#[derive(Debug)]
pub struct Providers {
    each: Vec<Provider>,
    shares: Shares,
}

impl Providers {
    /// At most [`PROVIDERS_MAX`].
    pub fn new(offers: impl IntoIterator<Item = Offer>) -> Self {
        let each: Vec<Provider> =
            offers.into_iter().take(PROVIDERS_MAX).map(Provider::new).collect();
        let shares = Shares::new(each.len());
        Self { each, shares }
    }

    /// How much of its weight each has.
    pub fn shares(&mut self) -> &mut Shares {
        &mut self.shares
    }

    /// Its weight by now, in hundredths.
    fn weight(&self, place: usize) -> i64 {
        let weight = self.each.get(place).map_or(0, |provider| provider.weight);
        i64::from(weight) * i64::from(self.shares.of(place))
    }

    pub fn get(&mut self, place: usize) -> Option<&mut Provider> {
        self.each.get_mut(place)
    }

    /// How often one is asked.
    pub fn pace(&self, place: usize) -> Option<&Pace> {
        self.each.get(place).map(|provider| &provider.pace)
    }

    /// Whether fewer are under way at one than may be.
    pub fn has_place(&self, place: usize) -> bool {
        self.each.get(place).is_some_and(|provider| provider.in_flight < provider.at_once)
    }

    /// Every one of them.
    pub fn all(&self) -> Set {
        (0..self.each.len()).fold(Set::NONE, Set::with)
    }

    /// Whether the circuit of one of these is not open.
    pub fn any_closed(&mut self, now: Duration, which: impl Fn(usize) -> bool) -> bool {
        let mut these = self.each.iter_mut().enumerate().filter(|(place, _)| which(*place));
        these.any(|(_, provider)| !matches!(provider.circuit.state(now), State::Open { .. }))
    }

    /// How each stands, in the order of the configuration.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Provider> {
        self.each.iter_mut()
    }

    /// When each takes one more; `keeps_back` where what nobody waits for is to keep a way free for
    /// others.
    pub fn openings(&mut self, now: Duration, keeps_back: bool) -> Openings {
        let alone = !self.any_closed(now, |_| true);
        let opening = |provider: &mut Provider| provider.opening(now, alone);
        let prompt: Vec<Opening> = self.each.iter_mut().map(opening).collect();
        if !keeps_back {
            self.each.iter_mut().for_each(|provider| provider.congestion.keeps_back(false, now));
            return Openings::alike(prompt);
        }
        let behind = self.each.iter_mut().zip(&prompt);
        let patient = behind.map(|(provider, opening)| provider.keeps_back(*opening, now));
        Openings { patient: Some(patient.collect()), prompt }
    }

    /// How each stands, for those who reckon with it.
    pub fn ways(&mut self, now: Duration) -> Vec<Way> {
        let alone = !self.any_closed(now, |_| true);
        self.each.iter_mut().map(|provider| provider.way(now, alone)).collect()
    }

    /// The one whose turn it is among the able that are open: smooth weighted round robin
    /// (<https://github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1>); one
    /// without weight only where no other is.
    pub fn choose(&self, openings: &[Opening], able: impl Fn(usize) -> bool) -> Option<usize> {
        let open = |place: &usize| openings.get(*place) == Some(&Opening::Now) && able(*place);
        let candidates = (0..self.each.len()).filter(open);
        // The first of equals, so that the order of the configuration counts.
        candidates.rev().max_by_key(|place| {
            let weight = self.weight(*place);
            (weight > 0, self.each[*place].standing + weight)
        })
    }

    /// A message goes to one of them: whose turn it is moves on among those that were open.
    pub fn take(&mut self, place: usize, lane: Lane, openings: &[Opening]) -> Option<Passage> {
        let mut total = 0;
        for other in 0..self.each.len() {
            if openings.get(other) == Some(&Opening::Now) {
                let weight = self.weight(other);
                self.each[other].standing += weight;
                total += weight;
            }
        }
        let provider = self.each.get_mut(place)?;
        provider.standing -= total;
        Some(provider.take(lane))
    }
}
