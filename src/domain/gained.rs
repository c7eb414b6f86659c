//! Reminder rules that new settings have and the old ones had not.
//!
//! What a rule planned under the old settings has its timer, or was told in its time. A rule that
//! is new has neither.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::id::ServiceId;
use super::lead::LeadRule;
use super::settings::Settings;

/// What was gained, for each booking by its service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gained {
    /// Where nothing else is said.
    everywhere: Vec<LeadRule>,
    /// For services of which another is true.
    of_services: BTreeMap<ServiceId, Vec<LeadRule>>,
}

impl Gained {
    pub fn between(old: &Settings, new: &Settings) -> Self {
        let gained = |service: Option<&ServiceId>| -> Vec<LeadRule> {
            let had = old.reminders_of(service);
            new.reminders_of(service).iter().filter(|rule| !had.contains(rule)).cloned().collect()
        };
        let everywhere = gained(None);
        let known: BTreeSet<&ServiceId> = old.services.keys().chain(new.services.keys()).collect();
        let each = known.into_iter().map(|service| (service.clone(), gained(Some(service))));
        let of_services = each.filter(|(_, rules)| *rules != everywhere).collect();
        Self { everywhere, of_services }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.everywhere.is_empty() && self.of_services.is_empty()
    }

    /// Whether bookings of this service gained the rule.
    pub fn includes(&self, service: Option<&ServiceId>, rule: &LeadRule) -> bool {
        let own = service.and_then(|service| self.of_services.get(service));
        own.unwrap_or(&self.everywhere).contains(rule)
    }
}
