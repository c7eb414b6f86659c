//! What a tenant's plan includes. Plans are configured by the operator.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::address::EmailAddress;
use super::channel::{Channel, Channels};
use super::sender::SenderDomains;
use super::spend::SmsTerms;

/// What one plan includes.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The channels that may be used.
    pub channels: Channels,
    /// Whether the tenant may write its own texts.
    pub custom_text: bool,
    /// The domains in whose name its tenants may write, beside those of everybody.
    pub sender_domains: SenderDomains,
    /// Messages a second that a tenant of it may send on a channel, where the operator says so.
    pub rates: BTreeMap<Channel, f64>,
}

/// All plans by name.
#[derive(Debug, Clone, PartialEq)]
pub struct Plans {
    by_name: BTreeMap<String, Plan>,
    /// The domains in whose name tenants of any plan may write.
    sender_domains: SenderDomains,
    /// What text messages may cost, whatever the plan.
    sms: SmsTerms,
    /// How long bookings and sessions are kept after their end.
    kept: SignedDuration,
}

/// How long bookings and sessions are kept after their end, where nothing else is said.
const KEPT: SignedDuration = SignedDuration::from_hours(400 * 24);

impl Plans {
    /// These plans, and the domains in whose name tenants of any of them may write.
    pub fn new(by_name: BTreeMap<String, Plan>, sender_domains: SenderDomains) -> Self {
        Self { by_name, sender_domains, sms: SmsTerms::default(), kept: KEPT }
    }

    /// The same, where text messages may cost no more than that.
    #[must_use]
    pub fn with_sms(self, sms: SmsTerms) -> Self {
        Self { sms, ..self }
    }

    /// The same, where bookings and sessions are kept for so long after their end.
    #[must_use]
    pub fn with_kept(self, kept: SignedDuration) -> Self {
        Self { kept, ..self }
    }

    /// How long bookings and sessions are kept after their end, whatever the plan.
    pub fn kept(&self) -> SignedDuration {
        self.kept
    }

    /// What text messages may cost.
    pub fn sms(&self) -> &SmsTerms {
        &self.sms
    }

    pub fn get(&self, name: &str) -> Option<&Plan> {
        self.by_name.get(name)
    }

    /// Whether a tenant of the plan of that name may write from that address.
    pub fn allow_sender(&self, plan: &str, address: &EmailAddress) -> bool {
        let of_plan = self.get(plan).is_some_and(|plan| plan.sender_domains.include(address));
        of_plan || self.sender_domains.include(address)
    }

    /// Whether a tenant of the plan of that name has texts of its own.
    pub fn allow_custom_text(&self, plan: &str) -> bool {
        self.get(plan).is_some_and(|plan| plan.custom_text)
    }

    /// The names, for messages about an unknown one.
    pub fn names(&self) -> Vec<&str> {
        self.by_name.keys().map(String::as_str).collect()
    }
}

impl Default for Plans {
    /// `free` without SMS and custom text; `standard` and `pro` with everything. No tenant has a
    /// sender's address of its own.
    fn default() -> Self {
        let free = Channels::of(&[Channel::Email, Channel::Push, Channel::Inbox]);
        let plan = |channels, custom_text| Plan {
            channels,
            custom_text,
            sender_domains: SenderDomains::default(),
            rates: BTreeMap::new(),
        };
        let plans = [
            ("free", plan(free, false)),
            ("standard", plan(Channels::ALL, true)),
            ("pro", plan(Channels::ALL, true)),
        ];
        let by_name = plans.map(|(name, plan)| (name.to_owned(), plan));
        Self::new(by_name.into(), SenderDomains::default())
    }
}
