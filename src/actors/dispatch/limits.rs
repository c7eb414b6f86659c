//! How much a tenant may send, and how much may go where.

use std::collections::HashMap;
use std::sync::Arc;

use crate::actors::measures::Measures;
use crate::actors::post::Post;
use crate::clock;
use crate::config::{Destination, Rates, Toward};
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::message::Facts;
use crate::domain::plan::Plans;
use crate::traffic::Rule;

/// How much each tenant may send.
pub struct TenantRates {
    everybody: Rates,
    plans: Arc<Plans>,
    measures: Arc<Measures>,
}

impl TenantRates {
    /// What everybody may, unless their plans say otherwise, or an operator does.
    pub fn new(everybody: Rates, plans: Arc<Plans>, measures: Arc<Measures>) -> Self {
        Self { everybody, plans, measures }
    }

    /// Those that operators said.
    pub fn imposed(&self, channel: Channel) -> HashMap<TenantId, f64> {
        self.measures.rates(channel, clock::now())
    }

    /// Messages a second; `None`: as many as come.
    pub fn of(&self, channel: Channel, post: &Post) -> Option<f64> {
        let imposed = self.measures.rate(channel, &post.stored.tenant, clock::now());
        imposed.or_else(|| self.configured(channel, post))
    }

    fn configured(&self, channel: Channel, post: &Post) -> Option<f64> {
        let plan = post.settings.as_ref().and_then(|settings| self.plans.get(&settings.plan));
        let of_plan = plan.and_then(|plan| plan.rates.get(&channel).copied());
        of_plan.or_else(|| self.everybody.of(channel))
    }
}

/// Where no more than so much may go.
#[derive(Debug, Clone)]
pub struct Destinations(Vec<Destination>);

impl Destinations {
    /// These, in the order of the configuration.
    pub fn new(destinations: Vec<Destination>) -> Self {
        Self(destinations)
    }

    /// Rate and connections of each.
    pub fn limits(&self) -> Vec<(Option<f64>, Option<usize>)> {
        self.0.iter().map(|of| (of.rate, of.connections)).collect()
    }

    /// The one that a message goes to: the longest, of several.
    pub fn rule_of(&self, post: &Post) -> Option<Rule> {
        if self.0.is_empty() {
            return None;
        }
        let message = &post.stored.message;
        let client = post.client.as_deref();
        match message.channel {
            Channel::Email => {
                let staff = match &message.facts {
                    Facts::Staff(alert) => Some(&alert.to),
                    _ => None,
                };
                let to = staff.or_else(|| client?.email.known())?;
                let domain = to.as_str().rsplit_once('@')?.1.to_lowercase();
                self.longest(|toward| matches!(toward, Toward::Domain(of) if *of == domain))
            }
            Channel::Sms => {
                let to = client?.phone.known()?;
                let begins = |of: &String| to.as_str().starts_with(of.as_str());
                self.longest(|toward| matches!(toward, Toward::Prefix(of) if begins(of)))
            }
            Channel::Push | Channel::Inbox => None,
        }
    }

    fn longest(&self, fits: impl Fn(&Toward) -> bool) -> Option<Rule> {
        let length = |toward: &Toward| match toward {
            Toward::Domain(of) | Toward::Prefix(of) => of.len(),
        };
        let fitting = self.0.iter().enumerate().filter(|(_, of)| fits(&of.to));
        fitting.max_by_key(|(_, of)| length(&of.to)).map(|(place, _)| place)
    }
}
