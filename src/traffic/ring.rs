//! One lane's messages in memory: flows of tenants, in deficit round robin.
//!
//! Tenants go round; each spends what it is given on each round (its weight, in messages or
//! segments), so that a tenant with long messages, or very many, gets no more than its share. A
//! tenant's messages to different destinations are flows of their own, which go round in turn:
//! one that is parked holds up no other.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use super::crowd::Shares;
use super::outlook::Ahead;

/// A message that waits.
#[derive(Debug)]
pub struct Waiting<T> {
    /// Whatever it is.
    pub item: T,
    /// One, or its segments; more than a round's share counts as that.
    pub cost: u32,
}

/// Flows, by tenant and by whatever else sets them apart.
#[derive(Debug)]
pub struct Ring<K, R, T> {
    tenants: HashMap<K, Tenant<R, T>>,
    /// Those with a flow that may be looked at.
    round: VecDeque<K>,
    waiting: usize,
    /// What a tenant may spend a round: the most that one message costs, so that everybody sends
    /// on every round.
    quantum: u32,
}

#[derive(Debug)]
struct Tenant<R, T> {
    deficit: u32,
    in_round: bool,
    flows: HashMap<R, Flow<T>>,
    ready: VecDeque<R>,
}

#[derive(Debug)]
struct Flow<T> {
    line: VecDeque<Waiting<T>>,
    parked: bool,
}

impl<K: Clone + Eq + Hash, R: Clone + Eq + Hash, T> Ring<K, R, T> {
    /// Nothing yet; a round's share is the most that one message costs.
    pub fn new(quantum: u32) -> Self {
        Self {
            tenants: HashMap::new(),
            round: VecDeque::new(),
            waiting: 0,
            quantum: quantum.max(1),
        }
    }

    /// How many messages wait here, parked ones too.
    pub fn len(&self) -> usize {
        self.waiting
    }

    /// How many messages wait here, by flow.
    pub fn counts(&self) -> impl Iterator<Item = (&K, &R, usize)> {
        let tenants = self.tenants.iter();
        tenants.flat_map(|(tenant, of)| {
            of.flows.iter().map(move |(route, flow)| (tenant, route, flow.line.len()))
        })
    }

    /// Each message, and how many of its tenant's go before it: those of its own flow, and as many
    /// of each other flow, since they take turns.
    pub fn each(&self) -> impl Iterator<Item = (Ahead, &T)> {
        self.tenants.values().flat_map(Tenant::each)
    }

    /// The same of one tenant's messages.
    pub fn each_of(&self, tenant: &K) -> impl Iterator<Item = (Ahead, &T)> {
        self.tenants.get(tenant).into_iter().flat_map(Tenant::each)
    }

    /// Whether there is a flow that may be looked at.
    pub fn is_ready(&self) -> bool {
        !self.round.is_empty()
    }

    /// A message comes in behind the others of its flow, or before them, if it was there already.
    pub fn push(&mut self, tenant: &K, route: &R, waiting: Waiting<T>, first: bool) {
        self.waiting += 1;
        if !self.tenants.contains_key(tenant) {
            self.tenants.insert(tenant.clone(), Tenant::new());
        }
        let Some(of) = self.tenants.get_mut(tenant) else { return };
        if !of.flows.contains_key(route) {
            of.flows.insert(route.clone(), Flow { line: VecDeque::new(), parked: false });
        }
        let Some(flow) = of.flows.get_mut(route) else { return };
        let was_empty = flow.line.is_empty();
        if first {
            flow.line.push_front(waiting)
        } else {
            flow.line.push_back(waiting)
        }
        if was_empty && !flow.parked {
            of.ready.push_back(route.clone());
        }
        self.enter_round(tenant);
    }

    /// The message whose turn it is, and its flow. It stays until it is taken.
    pub fn front(&mut self) -> Option<(K, R, &mut Waiting<T>)> {
        let tenant = self.round.front()?.clone();
        let of = self.tenants.get_mut(&tenant)?;
        let route = of.ready.front()?.clone();
        let waiting = of.flows.get_mut(&route)?.line.front_mut()?;
        Some((tenant, route, waiting))
    }

    /// Whether the one whose turn it is can pay for its message; if not it gets its share, and
    /// the next has its turn.
    pub fn can_pay(&mut self, cost: u32) -> bool {
        let Some(of) = self.round.front().and_then(|tenant| self.tenants.get_mut(tenant)) else {
            return false;
        };
        if of.deficit >= cost.min(self.quantum) {
            return true;
        }
        of.deficit += self.quantum;
        self.round.rotate_left(1);
        false
    }

    /// Takes the message whose turn it is.
    pub fn take(&mut self) -> Option<Waiting<T>> {
        let tenant = self.round.front()?.clone();
        let of = self.tenants.get_mut(&tenant)?;
        let route = of.ready.pop_front()?;
        let flow = of.flows.get_mut(&route)?;
        let taken = flow.line.pop_front()?;
        of.deficit = of.deficit.saturating_sub(taken.cost.min(self.quantum));
        if flow.line.is_empty() {
            of.flows.remove(&route);
        } else {
            of.ready.push_back(route);
        }
        self.waiting -= 1;
        self.settle_front();
        Some(taken)
    }

    /// The flow whose turn it is is not looked at before it is [`Ring::unpark`]ed.
    pub fn park(&mut self) {
        let Some(of) = self.round.front().and_then(|tenant| self.tenants.get_mut(tenant)) else {
            return;
        };
        if let Some(route) = of.ready.pop_front()
            && let Some(flow) = of.flows.get_mut(&route)
        {
            flow.parked = true;
        }
        self.settle_front();
    }

    /// A flow may be looked at again.
    pub fn unpark(&mut self, tenant: &K, route: &R) {
        let Some(of) = self.tenants.get_mut(tenant) else { return };
        let Some(flow) = of.flows.get_mut(route) else { return };
        if std::mem::take(&mut flow.parked) && !flow.line.is_empty() {
            of.ready.push_back(route.clone());
            self.enter_round(tenant);
        }
    }

    /// Takes out whatever is gone, wherever it waits.
    pub fn weed(&mut self, mut gone: impl FnMut(&T) -> bool) -> Vec<T> {
        let mut weeded = Vec::new();
        for tenant in self.tenants.values_mut() {
            for flow in tenant.flows.values_mut() {
                for waiting in std::mem::take(&mut flow.line) {
                    if gone(&waiting.item) {
                        weeded.push(waiting.item);
                    } else {
                        flow.line.push_back(waiting);
                    }
                }
            }
            tenant.flows.retain(|_, flow| !flow.line.is_empty());
            let flows = &tenant.flows;
            tenant.ready.retain(|route| flows.contains_key(route));
            if tenant.ready.is_empty() {
                (tenant.in_round, tenant.deficit) = (false, 0);
            }
        }
        self.waiting -= weeded.len();
        self.tenants.retain(|_, tenant| !tenant.flows.is_empty());
        let tenants = &self.tenants;
        self.round.retain(|tenant| tenants.get(tenant).is_some_and(|tenant| tenant.in_round));
        weeded
    }

    /// Takes everything out.
    pub fn drain(&mut self) -> Vec<T> {
        self.round.clear();
        self.waiting = 0;
        let tenants = std::mem::take(&mut self.tenants).into_iter();
        let flows = tenants.flat_map(|(_, tenant)| tenant.flows.into_values());
        flows.flat_map(|flow| flow.line).map(|waiting| waiting.item).collect()
    }

    fn enter_round(&mut self, tenant: &K) {
        if let Some(of) = self.tenants.get_mut(tenant)
            && !of.in_round
            && !of.ready.is_empty()
        {
            of.in_round = true;
            self.round.push_back(tenant.clone());
        }
    }

    /// The first of the round has nothing more to look at, perhaps: it leaves the round then, and
    /// with it what it has saved.
    fn settle_front(&mut self) {
        let Some(tenant) = self.round.front().cloned() else { return };
        let Some(of) = self.tenants.get_mut(&tenant) else { return };
        if !of.ready.is_empty() {
            return;
        }
        of.in_round = false;
        of.deficit = 0;
        let empty = of.flows.values().all(|flow| flow.line.is_empty());
        self.round.pop_front();
        if empty {
            self.tenants.remove(&tenant);
        }
    }
}

impl<R, T> Tenant<R, T> {
    fn new() -> Self {
        Self { deficit: 0, in_round: false, flows: HashMap::new(), ready: VecDeque::new() }
    }

    fn each(&self) -> impl Iterator<Item = (Ahead, &T)> {
        let lengths: Vec<usize> = self.flows.values().map(|flow| flow.line.len()).collect();
        let crowd = Shares::of(lengths);
        self.flows.values().flat_map(move |flow| {
            let (length, crowd) = (flow.line.len(), crowd.clone());
            let line = flow.line.iter().enumerate();
            line.map(move |(of_flow, of)| {
                let of_tenant = crowd.before(of_flow, length);
                (Ahead { of_flow, of_tenant }, &of.item)
            })
        })
    }
}
