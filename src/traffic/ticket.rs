//! What goes into the machine, and what it says.

use std::time::Duration;

use crate::domain::kind::Lane;

use super::circuit::Passage;
use super::provider::{Offer, Set};

/// Where a limit for destinations is found, by the order of the configuration.
pub type Rule = usize;

/// A message, as far as it matters who goes next.
#[derive(Debug, Clone)]
pub struct Ticket<K, T> {
    /// The message itself.
    pub item: T,
    /// How soon it must go.
    pub lane: Lane,
    pub tenant: K,
    /// The limit of its destination.
    pub rule: Option<Rule>,
    /// One, or its segments.
    pub cost: u32,
    /// Providers that cannot carry it, or have refused it just now.
    pub barred: Set,
}

/// A message that leaves now.
#[derive(Debug)]
pub struct Departure<K, T> {
    /// The message. It has a slot of its lane until [`Traffic::is_durable`].
    pub ticket: Ticket<K, T>,
    /// Its way to a provider and back, until [`Traffic::came_back`].
    pub trip: Trip,
}

/// The way of a message to a provider and back.
#[derive(Debug, Clone, Copy)]
pub struct Trip {
    /// The provider's place in the configuration.
    pub provider: usize,
    pub(super) lane: Lane,
    pub(super) rule: Option<Rule>,
    pub(super) passage: Passage,
}

/// What is to be done.
#[derive(Debug)]
pub enum Next<K, T> {
    /// This message leaves.
    Leaves(Departure<K, T>),
    /// This one cannot leave by any provider.
    Barred(Ticket<K, T>),
    /// This one is not to leave any more.
    Ends(Ticket<K, T>),
    /// Enough was looked at for once: ask again at once, others first.
    Again,
    /// Nothing before then, or before something comes in or comes back.
    Nothing(Option<Duration>),
}

/// Whose limit held a queue up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Destination,
    Tenant,
    Provider,
}

/// How often a queue was held up by a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeldUp {
    /// By the rate or the connections of a destination.
    pub destination: u64,
    /// By a tenant's own rate.
    pub tenant: u64,
}

impl HeldUp {
    pub(super) fn count(&mut self, scope: Scope) {
        match scope {
            Scope::Destination => self.destination += 1,
            Scope::Tenant => self.tenant += 1,
            // All wait for it together, and nothing is parked for it.
            Scope::Provider => {}
        }
    }
}

/// How a channel is set up.
#[derive(Debug, Clone)]
pub struct Plan {
    /// How many messages may be under way, their outcomes not durable.
    pub slots: usize,
    /// The share of the slots that each lane has for itself while it needs them.
    pub shares: [f64; 4],
    /// What a tenant may spend on one round.
    pub quantum: u32,
    /// By whom messages leave.
    pub providers: Vec<Offer>,
    /// Rate and connections, by destination rule.
    pub destinations: Vec<(Option<f64>, Option<usize>)>,
}
