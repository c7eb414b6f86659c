//! What a tenant says of its text messages.

use serde::{Deserialize, Serialize};

use super::reply::Keyword;

/// How text messages are written, and answered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsRules {
    /// Whether letters that the GSM alphabet lacks are written in their plain form where that
    /// saves a segment.
    #[serde(default)]
    pub transliterate: bool,
    /// By which clients say that they write to this tenant, where several share a number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<Keyword>,
}

/// The most keywords of a tenant.
pub const KEYWORDS_MAX: usize = 10;

impl SmsRules {
    /// Whether nothing is said of it.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
