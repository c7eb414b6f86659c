//! What a tenant's plan includes. Plans are configured by the operator.

use std::collections::BTreeMap;

use super::channel::{Channel, Channels};

/// What one plan includes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The channels that may be used.
    pub channels: Channels,
    /// Whether the tenant may write its own texts.
    pub custom_text: bool,
}

/// All plans by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plans(BTreeMap<String, Plan>);

impl Plans {
    /// These plans.
    pub fn new(plans: BTreeMap<String, Plan>) -> Self {
        Self(plans)
    }

    /// The plan of that name.
    pub fn get(&self, name: &str) -> Option<&Plan> {
        self.0.get(name)
    }

    /// The names, for messages about an unknown one.
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }
}

impl Default for Plans {
    /// `free` without SMS and custom text; `standard` and `pro` with everything.
    fn default() -> Self {
        let free = Channels::of(&[Channel::Email, Channel::Push, Channel::Inbox]);
        let all = Plan { channels: Channels::ALL, custom_text: true };
        Self(BTreeMap::from([
            ("free".to_owned(), Plan { channels: free, custom_text: false }),
            ("standard".to_owned(), all.clone()),
            ("pro".to_owned(), all),
        ]))
    }
}
