//! When a message's turn is expected, and what it waits for: what waits before it, and the
//! arithmetic of the limits.
//!
//! Who goes before whom is reckoned as if all took turns evenly, and how long attempts take is not
//! reckoned with at all: what is said is the time that the limits impose.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

use crate::domain::kind::Lane;

use super::crowd::Crowd;
use super::lanes::turns;
use super::meter::{Meter, passes_any};
use super::provider::Set;
use super::ticket::{Rule, Ticket};
use super::way::Way;

/// How a channel stands at an instant.
#[derive(Debug, Clone)]
pub struct Outlook<K> {
    pub(super) now: Duration,
    pub(super) has_slot: bool,
    pub(super) crowds: [Crowd<K>; Lane::ALL.len()],
    pub(super) ways: Vec<Way>,
    pub(super) destinations: Vec<Toward<K>>,
    pub(super) tenants: HashMap<K, Meter>,
}

/// A destination, as it stands.
#[derive(Debug, Clone)]
pub(super) struct Toward<K> {
    pub meter: Meter,
    /// Whether as many are under way there as may be.
    pub is_full: bool,
    /// What waits for it, in all lanes.
    pub crowd: Crowd<K>,
}

/// A message, as far as it matters when its turn is.
#[derive(Debug, Clone)]
pub struct Position<K> {
    /// How soon it must go.
    pub lane: Lane,
    pub tenant: K,
    /// The limit of its destination.
    pub rule: Option<Rule>,
    /// Providers that cannot carry it.
    pub barred: Set,
    pub ahead: Ahead,
}

/// How many of its tenant's messages, in its lane, go before one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ahead {
    /// To the same destination.
    pub of_flow: usize,
    pub of_tenant: usize,
}

/// What is in a message's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitsFor {
    /// Nothing but those before it.
    Turn,
    /// As many are under way as may be.
    Slot,
    /// No provider can carry it.
    Nobody,
    /// Its tenant's limit.
    Tenant,
    /// The rate of its destination.
    Destination(Rule),
    /// As many are under way to its destination as may be.
    DestinationBusy(Rule),
    /// The rate of this provider, of those that can carry it the next to open.
    Provider(usize),
    /// As many are under way at this provider as may be, or its circuit waits for what is.
    ProviderBusy(usize),
    /// This provider asked to be left alone.
    Pause(usize),
    /// This provider is not asked, because it failed.
    Circuit(usize),
}

/// When a message's turn is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    pub waits_for: WaitsFor,
    /// How many of its lane go before it, roughly.
    pub ahead: usize,
    /// Not before then.
    pub expected: Duration,
}

impl<K: Clone> Position<K> {
    pub(super) fn of<T>(ticket: &Ticket<K, T>, ahead: Ahead) -> Self {
        let Ticket { lane, rule, barred, .. } = *ticket;
        Self { lane, tenant: ticket.tenant.clone(), rule, barred, ahead }
    }
}

impl<K: Clone + Eq + Hash> Outlook<K> {
    /// When it was taken.
    pub fn now(&self) -> Duration {
        self.now
    }

    /// How many of a tenant's wait in a lane.
    pub fn waiting(&self, lane: Lane, tenant: &K) -> usize {
        self.crowds[lane as usize].count(tenant)
    }

    /// The same, with what waits elsewhere and comes in behind.
    #[must_use]
    pub fn with(mut self, lane: Lane, elsewhere: impl IntoIterator<Item = (K, usize)>) -> Self {
        let crowd = self.crowds[lane as usize].clone();
        self.crowds[lane as usize] = crowd.and(elsewhere);
        self
    }

    /// When the turn of a message at this place is expected.
    pub fn forecast(&self, place: &Position<K>) -> Forecast {
        let (tenant, lane) = (&place.tenant, place.lane);
        let Ahead { of_flow, of_tenant } = place.ahead;
        let ahead = self.crowds[lane as usize].before(tenant, of_tenant);
        let (by_provider, of_provider) = self.providers(place.barred, self.in_channel(lane, ahead));
        let mut most = (by_provider, of_provider);
        let mut narrower = |passes: Duration, what| {
            if passes >= most.0 && passes > self.now {
                most = (passes, what);
            }
        };
        if let Some(meter) = self.tenants.get(tenant) {
            narrower(meter.passes(of_tenant as u64), WaitsFor::Tenant);
        }
        let destination = place.rule.and_then(|rule| Some((rule, self.destinations.get(rule)?)));
        if let Some((rule, toward)) = destination {
            let ahead = toward.crowd.before(tenant, of_flow) as u64;
            narrower(toward.meter.passes(ahead), WaitsFor::Destination(rule));
        }
        let (expected, waits_for) = most;
        let waits_for = match (waits_for, destination) {
            (WaitsFor::Turn, Some((rule, Toward { is_full: true, .. }))) => {
                WaitsFor::DestinationBusy(rule)
            }
            (WaitsFor::Turn, _) if !self.has_slot => WaitsFor::Slot,
            (waits_for, _) => waits_for,
        };
        Forecast { waits_for, ahead, expected }
    }

    /// Of all lanes, how many go before one that so many of its lane go before.
    fn in_channel(&self, lane: Lane, ahead: usize) -> u64 {
        let others = Lane::ALL.into_iter().filter(|other| *other != lane);
        let of_others =
            others.map(|other| turns(ahead, lane, other).min(self.crowds[other as usize].len()));
        of_others.fold(ahead, usize::saturating_add) as u64
    }

    /// When a provider takes it, and which it waits for.
    fn providers(&self, barred: Set, ahead: u64) -> (Duration, WaitsFor) {
        let able = self.ways.iter().enumerate().filter(|(place, _)| !barred.contains(*place));
        let able: Vec<(usize, &Way)> = able.collect();
        let meters: Vec<Meter> = able.iter().map(|(_, way)| way.meter).collect();
        let Some(passes) = passes_any(&meters, ahead) else {
            return (self.now, WaitsFor::Nobody);
        };
        let key = |way: &Way| (way.is_full, way.meter.passes(0));
        let Some((place, next)) = able.iter().min_by_key(|(_, way)| key(way)) else {
            return (self.now, WaitsFor::Nobody);
        };
        let waits_for = match next {
            Way { open_until: Some(_), .. } => WaitsFor::Circuit(*place),
            Way { is_full: true, .. } => WaitsFor::ProviderBusy(*place),
            Way { is_held: true, .. } => WaitsFor::Pause(*place),
            _ if passes > self.now => WaitsFor::Provider(*place),
            _ => WaitsFor::Turn,
        };
        (passes.max(self.now), waits_for)
    }
}
