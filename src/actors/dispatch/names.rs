//! What providers and destinations of a channel are called.

use crate::config::{Destination, Toward};
use crate::egress::Terms;
use crate::traffic::Rule;

/// See the module.
#[derive(Debug, Clone)]
pub struct Names {
    providers: Vec<String>,
    destinations: Vec<String>,
}

impl Names {
    /// By the order of the configuration.
    pub fn new(terms: &[Terms], destinations: &[Destination]) -> Self {
        let destinations = destinations.iter().map(|of| match &of.to {
            Toward::Domain(to) | Toward::Prefix(to) => to.clone(),
        });
        Self {
            providers: terms.iter().map(|terms| terms.name.to_string()).collect(),
            destinations: destinations.collect(),
        }
    }

    /// The provider at this place.
    pub fn provider(&self, place: usize) -> String {
        self.providers.get(place).cloned().unwrap_or_default()
    }

    /// A domain, or the beginning of a phone number.
    pub fn destination(&self, rule: Rule) -> String {
        self.destinations.get(rule).cloned().unwrap_or_default()
    }
}
