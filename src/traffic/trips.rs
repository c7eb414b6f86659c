//! What is under way: coming back, resting for a while, and taken over by another machine.

use std::hash::Hash;
use std::time::Duration;

use crate::domain::kind::Lane;

use super::circuit::Verdict;
use super::machine::Traffic;
use super::pace::take_all;
use super::ticket::Trip;

impl<K: Clone + Ord + Hash, T> Traffic<K, T> {
    /// An attempt came back, and says this of the provider. Its message keeps its slot. Says
    /// whether the provider's circuit is another than before.
    pub fn came_back(&mut self, trip: Trip, verdict: Verdict, now: Duration) -> bool {
        self.rests(&trip);
        let provider = self.providers.get(trip.provider);
        provider.is_some_and(|provider| provider.circuit.came_back(trip.passage, verdict, now))
    }

    /// A provider answered a message that is under way, so long after it left.
    pub fn answered(&mut self, trip: &Trip, took: Duration, now: Duration) {
        if let Some(provider) = self.providers.get(trip.provider) {
            provider.answered(took, now);
        }
    }

    /// A message that keeps its slot leaves its provider for a while, to be sent there once more.
    pub fn rests(&mut self, trip: &Trip) {
        if let Some(destination) = trip.rule.and_then(|rule| self.destinations.get_mut(rule)) {
            destination.in_flight = destination.in_flight.saturating_sub(1);
        }
        if let Some(provider) = self.providers.get(trip.provider) {
            provider.give_back(trip.lane);
        }
    }

    /// It is there again, if limits allow that now; else says when to ask again, where that is a
    /// matter of time. Its circuit is not asked: nobody else can say what became of the message.
    pub fn resumes(&mut self, trip: &Trip, now: Duration) -> Result<(), Option<Duration>> {
        let destination = trip.rule.and_then(|rule| self.destinations.get(rule));
        if destination.is_some_and(|of| of.in_flight >= of.connections)
            || !self.providers.has_place(trip.provider)
        {
            return Err(None);
        }
        let paces = [destination.map(|of| &of.pace), self.providers.pace(trip.provider)];
        let paces = paces.into_iter().flatten().map(|pace| ((), pace));
        take_all(paces, now).map_err(|((), opens)| Some(opens))?;
        self.is_back(trip);
        Ok(())
    }

    /// It is there again, whatever the limits say: to be taken away at once.
    pub fn is_back(&mut self, trip: &Trip) {
        if let Some(destination) = trip.rule.and_then(|rule| self.destinations.get_mut(rule)) {
            destination.in_flight += 1;
        }
        if let Some(provider) = self.providers.get(trip.provider) {
            provider.resumes(trip.lane);
        }
    }

    /// A message is under way that another machine let go: it has a slot, and is with a provider
    /// if there is a trip.
    pub fn takes_over(&mut self, lane: Lane, trip: Option<Trip>) {
        self.lanes.occupy(lane);
        let Some(Trip { provider, rule, .. }) = trip else { return };
        if let Some(destination) = rule.and_then(|rule| self.destinations.get_mut(rule)) {
            destination.in_flight += 1;
        }
        if let Some(provider) = self.providers.get(provider) {
            provider.take(lane);
        }
    }
}
