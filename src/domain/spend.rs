//! What the operator lets text messages cost, whoever sends them.

use super::address::PhoneNumber;

/// The limits of an installation; without any, none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SmsTerms {
    /// The beginnings of numbers to which texts may go (E.164); empty: all.
    pub prefixes: Vec<String>,
    /// Texts that one client may be sent in 24 hours.
    pub per_number: Option<u32>,
    /// Segments in a day of UTC, of all tenants.
    pub daily_segments: Option<u32>,
}

impl SmsTerms {
    /// Whether texts may go there.
    pub fn allow(&self, number: &PhoneNumber) -> bool {
        let begins = |prefix: &String| number.as_str().starts_with(prefix.as_str());
        self.prefixes.is_empty() || self.prefixes.iter().any(begins)
    }
}
