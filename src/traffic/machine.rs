//! The machine itself: what waits, what is under way, and who goes next.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::hash::Hash;
use std::time::Duration;

use crate::domain::kind::Lane;

use super::lanes::Lanes;
use super::openings::{Opening, Openings, is_waited_for};
use super::pace::{Pace, take_all};
use super::provider::{Providers, Set};
use super::ring::{Ring, Waiting};
use super::ticket::{Departure, HeldUp, Next, Plan, Rule, Scope, Ticket, Trip};

/// Flows looked at for one message before others have their turn.
const LOOKS_MAX: usize = 64;
/// Flows woken at once.
const WAKES_MAX: usize = 64;

/// So long after somebody's message was waited for the next one may be.
const EXPECTED: Duration = Duration::from_secs(30);

/// So many tenants' limits are remembered, beside those that hold somebody up.
const PACES_MAX: usize = 10_000;

/// What holds a flow up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// A limit, and whose; it opens then.
    Until(Duration, Scope),
    /// Something is to come back from one of these providers.
    Providers(Set),
    /// Something is to come back from its destination.
    Destination(Rule),
}

/// A destination's limits.
#[derive(Debug)]
pub(super) struct Destination {
    pub pace: Pace,
    pub connections: usize,
    pub in_flight: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct FlowKey<K> {
    lane: Lane,
    tenant: K,
    rule: Option<Rule>,
}

/// See the module.
#[derive(Debug)]
pub struct Traffic<K, T> {
    pub(super) lanes: Lanes,
    pub(super) rings: [Ring<K, Option<Rule>, Ticket<K, T>>; 4],
    pub(super) providers: Providers,
    pub(super) destinations: Vec<Destination>,
    pub(super) tenants: HashMap<K, Pace>,
    /// Flows that wait for a limit.
    parked: BTreeSet<(Duration, FlowKey<K>)>,
    /// Flows that wait for something to come back.
    behind: VecDeque<(Obstacle, FlowKey<K>)>,
    held_up: HeldUp,
    /// Until when what nobody waits for keeps a way free for what somebody may.
    keeps_back: Option<Duration>,
}

impl<K: Clone + Ord + Hash, T> Traffic<K, T> {
    /// Nothing waits yet.
    pub fn new(plan: Plan) -> Self {
        let destinations = plan.destinations.into_iter().map(|(rate, connections)| Destination {
            pace: Pace::new(rate),
            connections: connections.unwrap_or(usize::MAX).max(1),
            in_flight: 0,
        });
        Self {
            lanes: Lanes::new(plan.slots, plan.shares),
            rings: std::array::from_fn(|_| Ring::new(plan.quantum)),
            providers: Providers::new(plan.providers),
            destinations: destinations.collect(),
            tenants: HashMap::new(),
            parked: BTreeSet::new(),
            behind: VecDeque::new(),
            held_up: HeldUp::default(),
            keeps_back: None,
        }
    }

    /// A tenant's own limit from now on, in messages a second. What waited for another one is
    /// looked at again.
    pub fn limit(&mut self, tenant: &K, rate: Option<f64>, now: Duration) {
        let before = self.tenants.get(tenant).and_then(Pace::rate);
        if before == rate {
            return;
        }
        if before.is_some() {
            self.wake_all_of(tenant);
        }
        if rate.is_none() {
            self.tenants.remove(tenant);
            return;
        }
        if self.tenants.len() >= PACES_MAX {
            // What is open by now would let the same through as a new one.
            self.tenants.retain(|_, pace| pace.opens(now) > now);
        }
        self.tenants.insert(tenant.clone(), Pace::new(rate));
    }

    /// A message comes in.
    pub fn push(&mut self, ticket: Ticket<K, T>) {
        self.put(ticket, false);
    }

    /// A message that was not taken goes on, before the others of its flow.
    pub fn put_back(&mut self, ticket: Ticket<K, T>) {
        self.put(ticket, true);
    }

    fn put(&mut self, ticket: Ticket<K, T>, first: bool) {
        let (tenant, rule) = (ticket.tenant.clone(), ticket.rule);
        let ring = &mut self.rings[ticket.lane as usize];
        ring.push(&tenant, &rule, Waiting { cost: ticket.cost, item: ticket }, first);
    }

    /// How many messages wait in a lane.
    pub fn waiting(&self, lane: Lane) -> usize {
        self.rings[lane as usize].len()
    }

    /// How many wait in all.
    pub fn all_waiting(&self) -> usize {
        self.rings.iter().map(Ring::len).sum()
    }

    pub fn providers(&mut self) -> &mut Providers {
        &mut self.providers
    }

    /// Whether a provider is left alone.
    pub fn is_held(&mut self, provider: usize, now: Duration) -> bool {
        self.providers.get(provider).is_some_and(|provider| provider.pace.is_held(now))
    }

    /// A provider asks to be left alone until then.
    pub fn hold(&mut self, provider: usize, until: Duration) {
        if let Some(provider) = self.providers.get(provider) {
            provider.pace.hold(until);
        }
    }

    /// Who goes next. `ends` is asked at this moment, and no sooner, whether a message is not to
    /// leave any more.
    pub fn next(&mut self, now: Duration, mut ends: impl FnMut(&T) -> bool) -> Next<K, T> {
        let openings = self.openings(now);
        self.wake(now, &openings);
        if !self.lanes.has_slot() {
            return Next::Nothing(None);
        }
        if !Lane::ALL.into_iter().any(|lane| openings.any_now(lane)) {
            return Next::Nothing(self.wakes_at(now, &openings));
        }
        let waits =
            Lane::ALL.map(|lane| self.rings[lane as usize].is_ready() && openings.any_now(lane));
        let mut looks = 0;
        for lane in self.lanes.order(waits) {
            let openings = openings.of(lane);
            while self.rings[lane as usize].is_ready() {
                looks += 1;
                if looks > LOOKS_MAX {
                    return Next::Again;
                }
                if let Some(next) = self.look(lane, waits, openings, now, &mut ends) {
                    return next;
                }
            }
        }
        // What was parked on the way made room for a lane that had to wait for it.
        let is_ready = |lane: &Lane| self.rings[*lane as usize].is_ready();
        if looks > 0 && Lane::ALL.iter().any(|lane| is_ready(lane) && openings.any_now(*lane)) {
            return Next::Again;
        }
        Next::Nothing(self.wakes_at(now, &openings))
    }

    /// Looks at the flow whose turn it is in the lane.
    fn look(
        &mut self,
        lane: Lane,
        waits: [bool; 4],
        openings: &[Opening],
        now: Duration,
        ends: &mut impl FnMut(&T) -> bool,
    ) -> Option<Next<K, T>> {
        let ring = &mut self.rings[lane as usize];
        let (tenant, rule, waiting) = ring.front()?;
        let (cost, barred) = (waiting.cost, waiting.item.barred);
        if ends(&waiting.item.item) {
            return ring.take().map(|waiting| Next::Ends(waiting.item));
        }
        if (0..openings.len()).all(|place| barred.contains(place)) {
            return ring.take().map(|waiting| Next::Barred(waiting.item));
        }
        if !ring.can_pay(cost) {
            return None;
        }
        match self.obstacle(&tenant, rule, barred, openings, now) {
            Ok(provider) => {
                let ticket = self.rings[lane as usize].take()?.item;
                self.lanes.take(lane, waits);
                if let Some(rule) = rule {
                    self.destinations[rule].in_flight += 1;
                }
                let passage = self.providers.take(provider, lane, openings)?;
                let trip = Trip { provider, lane, rule, passage };
                Some(Next::Leaves(Departure { ticket, trip }))
            }
            Err(obstacle) => {
                self.rings[lane as usize].park();
                let key = FlowKey { lane, tenant, rule };
                match obstacle {
                    Obstacle::Until(until, whose) => {
                        self.held_up.count(whose);
                        self.parked.insert((until, key));
                    }
                    other => {
                        if let Obstacle::Destination(_) = other {
                            self.held_up.count(Scope::Destination);
                        }
                        self.behind.push_back((other, key));
                    }
                }
                None
            }
        }
    }

    /// Takes every limit, from the narrowest to the widest, or none: the provider that carries
    /// it, or what is in the way.
    fn obstacle(
        &self,
        tenant: &K,
        rule: Option<Rule>,
        barred: Set,
        openings: &[Opening],
        now: Duration,
    ) -> Result<usize, Obstacle> {
        let destination = rule.and_then(|rule| self.destinations.get(rule));
        if let (Some(rule), Some(destination)) = (rule, destination)
            && destination.in_flight >= destination.connections
        {
            return Err(Obstacle::Destination(rule));
        }
        let able = |place| !barred.contains(place);
        let Some(provider) = self.providers.choose(openings, able) else {
            let able: Vec<usize> = (0..openings.len()).filter(|place| able(*place)).collect();
            let soon = able.iter().filter_map(|place| match openings[*place] {
                Opening::At(opens) => Some(opens),
                Opening::Now | Opening::Later => None,
            });
            return Err(match soon.min() {
                // One of them may come back before: it is asked again then anyhow.
                Some(opens) => Obstacle::Until(opens, Scope::Provider),
                None => Obstacle::Providers(able.into_iter().fold(Set::NONE, Set::with)),
            });
        };
        let paces = [
            (Scope::Destination, destination.map(|destination| &destination.pace)),
            (Scope::Tenant, self.tenants.get(tenant)),
            (Scope::Provider, self.providers.pace(provider)),
        ];
        let paces = paces.into_iter().filter_map(|(whose, pace)| Some((whose, pace?)));
        take_all(paces, now).map_err(|(whose, opens)| Obstacle::Until(opens, whose))?;
        Ok(provider)
    }

    /// What became of a message is durable: its slot is free.
    pub fn is_durable(&mut self, lane: Lane) {
        self.lanes.give_back(lane);
    }

    /// Whether another provider than those `barred` would take a message, if not at once.
    pub fn is_carried(&mut self, barred: Set, now: Duration) -> bool {
        self.providers.any_closed(now, |place| !barred.contains(place))
    }

    /// When each provider takes one more.
    fn openings(&mut self, now: Duration) -> Openings {
        let is_expected = |lane: &Lane| is_waited_for(*lane) && self.waiting(*lane) > 0;
        if Lane::ALL.iter().any(is_expected) {
            self.keeps_back = Some(now + EXPECTED);
        }
        let keeps_back = self.keeps_back.is_some_and(|until| until > now);
        self.providers.openings(now, keeps_back)
    }

    /// Wakes what waited for now, and what waited for something that came back.
    fn wake(&mut self, now: Duration, openings: &Openings) {
        for _ in 0..WAKES_MAX {
            let due = self.parked.first().is_some_and(|(until, _)| *until <= now);
            let Some((_, key)) = due.then(|| self.parked.pop_first()).flatten() else { break };
            self.rings[key.lane as usize].unpark(&key.tenant, &key.rule);
        }
        for _ in 0..self.behind.len().min(WAKES_MAX) {
            let Some((obstacle, key)) = self.behind.pop_front() else { break };
            let over = match obstacle {
                Obstacle::Until(until, _) => until <= now,
                Obstacle::Providers(able) => {
                    let mut openings = openings.of(key.lane).iter().enumerate();
                    openings
                        .any(|(place, opening)| able.contains(place) && *opening != Opening::Later)
                }
                Obstacle::Destination(rule) => {
                    let destination = &self.destinations[rule];
                    destination.in_flight < destination.connections
                }
            };
            if over {
                self.rings[key.lane as usize].unpark(&key.tenant, &key.rule);
            } else {
                self.behind.push_back((obstacle, key));
            }
        }
    }

    fn wake_all_of(&mut self, tenant: &K) {
        let theirs = self.parked.extract_if(.., |(_, key)| key.tenant == *tenant);
        for (_, key) in theirs {
            self.rings[key.lane as usize].unpark(&key.tenant, &key.rule);
        }
    }

    /// When something is to be looked at again though nothing comes in or back.
    fn wakes_at(&self, now: Duration, openings: &Openings) -> Option<Duration> {
        let parked = self.parked.first().map(|(until, _)| *until);
        let ready = self.rings.iter().any(Ring::is_ready);
        let opens = openings.first().filter(|_| ready || !self.behind.is_empty());
        opens.into_iter().chain(parked).min().map(|at| at.max(now))
    }

    /// Takes out what is not to leave any more, or by no provider.
    pub fn weed(&mut self, mut ends: impl FnMut(&T) -> bool) -> Vec<Ticket<K, T>> {
        let all = self.providers.all();
        let rings = self.rings.iter_mut();
        rings
            .flat_map(|ring| ring.weed(|ticket| ticket.barred == all || ends(&ticket.item)))
            .collect()
    }

    /// How often queues were held up by limits since this was last asked.
    pub fn held_up(&mut self) -> HeldUp {
        std::mem::take(&mut self.held_up)
    }

    /// Takes out what waits.
    pub fn drain(&mut self) -> Vec<Ticket<K, T>> {
        self.parked.clear();
        self.behind.clear();
        self.rings.iter_mut().flat_map(Ring::drain).collect()
    }
}
