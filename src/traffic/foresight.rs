//! How a channel stands, and where its messages: what is reckoned with.

use std::hash::Hash;
use std::time::Duration;

use crate::domain::kind::Lane;

use super::crowd::Crowd;
use super::machine::{Destination, Traffic};
use super::outlook::{Outlook, Position, Toward};
use super::ring::Ring;
use super::ticket::Rule;

impl<K: Clone + Ord + Hash, T> Traffic<K, T> {
    /// How it stands now, for those who reckon with it.
    pub fn outlook(&mut self, now: Duration) -> Outlook<K> {
        let crowd =
            |lane: Lane| Crowd::of(self.counts(lane).map(|(tenant, _, count)| (tenant, count)));
        let toward = |(rule, of): (Rule, &Destination)| {
            let all = Lane::ALL.into_iter().flat_map(|lane| self.counts(lane));
            let there = all.filter(|(_, to, _)| *to == Some(rule));
            let crowd = Crowd::of(there.map(|(tenant, _, count)| (tenant, count)));
            let is_full = of.in_flight >= of.connections;
            Toward { meter: of.pace.meter(now), is_full, crowd }
        };
        let tenants = self.tenants.iter();
        Outlook {
            now,
            has_slot: self.lanes.has_slot(),
            crowds: Lane::ALL.map(crowd),
            destinations: self.destinations.iter().enumerate().map(toward).collect(),
            tenants: tenants.map(|(tenant, pace)| (tenant.clone(), pace.meter(now))).collect(),
            ways: self.providers.ways(now),
        }
    }

    /// How many messages of a lane wait, by flow.
    fn counts(&self, lane: Lane) -> impl Iterator<Item = (K, Option<Rule>, usize)> {
        let counts = self.rings[lane as usize].counts();
        counts.map(|(tenant, rule, count)| (tenant.clone(), *rule, count))
    }

    /// Where a message of a tenant waits; `None` if it does not wait here.
    pub fn place(&self, lane: Lane, tenant: &K, is: impl Fn(&T) -> bool) -> Option<Position<K>> {
        let mut those = self.rings[lane as usize].each_of(tenant);
        let (ahead, ticket) = those.find(|(_, ticket)| is(&ticket.item))?;
        Some(Position::of(ticket, ahead))
    }

    /// One of a tenant's that waits, if any does.
    pub fn any_of(&self, tenant: &K) -> Option<&T> {
        let mut each = self.rings.iter().flat_map(|ring| ring.each_of(tenant));
        each.next().map(|(_, ticket)| &ticket.item)
    }

    /// Where each message waits.
    pub fn places(&self) -> impl Iterator<Item = (Position<K>, &T)> {
        let each = self.rings.iter().flat_map(Ring::each);
        each.map(|(ahead, ticket)| (Position::of(ticket, ahead), &ticket.item))
    }
}
