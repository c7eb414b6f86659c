//! `[limits]`: how much may be in memory or under way.

use std::ops::RangeInclusive;

use serde::Serialize;

use crate::domain::channel::Channel;
use crate::domain::spend::SmsTerms;

use super::error::ConfigError;
use super::prefix::{COUNTRIES_MAX, prefix};
use super::section::Section;

/// The most texts to one client in a day that can be counted.
const PER_NUMBER_MAX: u32 = 1000;
/// The most of `[[limits.destinations]]`.
const DESTINATIONS_MAX: usize = 1000;
/// Messages a second.
const RATES: RangeInclusive<f64> = 0.001..=100_000.0;

/// `[limits]`.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// Commands taken and not yet durable, in all.
    pub intake_max: usize,
    /// Commands taken and not yet durable, per tenant; at most `intake_max`.
    pub tenant_window: usize,
    /// Messages in an actor's mailbox.
    pub mailbox: usize,
    pub event_page: usize,
    /// How much a tenant may send, where its plan says nothing else.
    pub tenant: Rates,
    /// Where no more than so much may go.
    pub destinations: Vec<Destination>,
    /// What text messages may cost.
    pub sms: SmsLimits,
}

/// `[limits.sms]`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SmsLimits {
    /// Segments in a day of UTC, of all tenants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub daily_segments: Option<u32>,
    /// Texts that one client may be sent in 24 hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_number_per_day: Option<u32>,
    /// The beginnings of numbers to which texts may go (E.164); empty: all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes_allowed: Vec<String>,
}

impl SmsLimits {
    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let prefixes = section.optional_texts("prefixes_allowed", 1..=COUNTRIES_MAX, prefix)?;
        Ok(Self {
            daily_segments: section.optional_count("daily_segments", 1..=u32::MAX)?,
            per_number_per_day: section.optional_count("per_number_per_day", 1..=PER_NUMBER_MAX)?,
            prefixes_allowed: prefixes.unwrap_or_default(),
        })
    }

    /// The same, for whoever decides.
    pub fn terms(&self) -> SmsTerms {
        SmsTerms {
            prefixes: self.prefixes_allowed.clone(),
            per_number: self.per_number_per_day,
            daily_segments: self.daily_segments,
        }
    }
}

/// Messages a second, by channel; absent: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Rates {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<f64>,
    /// Of text messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<f64>,
    /// Of mobile push.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub push: Option<f64>,
    /// Of inbox messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbox: Option<f64>,
}

/// One of `[[limits.destinations]]`: an email domain, or a prefix of phone numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Destination {
    #[serde(flatten)]
    pub to: Toward,
    /// Messages a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// Messages under way at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<usize>,
}

/// Where messages go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Toward {
    /// Addresses of this domain, in lower case.
    Domain(String),
    /// Phone numbers that begin so, in E.164: `+39`.
    Prefix(String),
}

impl Limits {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let intake_max = section.count("intake_max", 1..=1_000_000)?;
        Ok(Self {
            intake_max,
            tenant_window: section.count("tenant_window", 1..=intake_max)?,
            mailbox: section.count("mailbox", 16..=65_536)?,
            event_page: section.count("event_page", 1..=10_000)?,
            tenant: section.section("tenant", Rates::read)?,
            destinations: section.optional_sections(
                "destinations",
                0..=DESTINATIONS_MAX,
                Destination::read,
            )?,
            sms: section.section("sms", SmsLimits::read)?,
        })
    }
}

impl Rates {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let mut rate = |key| section.optional_number(key, RATES);
        let (email, sms) = (rate("email")?, rate("sms")?);
        Ok(Self { email, sms, push: rate("push")?, inbox: rate("inbox")? })
    }

    /// A channel's.
    pub fn of(&self, channel: Channel) -> Option<f64> {
        match channel {
            Channel::Email => self.email,
            Channel::Sms => self.sms,
            Channel::Push => self.push,
            Channel::Inbox => self.inbox,
        }
    }
}

impl Destination {
    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let domain = section.optional_text("domain", |text| {
            let is_one = text.contains('.') && !text.contains(['@', '*', ' ']);
            is_one.then(|| text.to_lowercase()).ok_or_else(|| "must be a domain".to_owned())
        })?;
        let prefix = section.optional_text("prefix", |text| {
            let digits = text.strip_prefix('+').unwrap_or_default();
            let is_one = (1..=15).contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_digit());
            is_one
                .then(|| text.to_owned())
                .ok_or_else(|| "must be + and 1 to 15 digits, such as +39".to_owned())
        })?;
        let to = match (domain, prefix) {
            (Some(domain), None) => Toward::Domain(domain),
            (None, Some(prefix)) => Toward::Prefix(prefix),
            _ => return Err(section.invalid("domain", "or prefix is needed, and only one of them")),
        };
        let rate = section.optional_number("rate", RATES)?;
        let connections = section.optional_count("connections", 1..=10_000)?;
        if rate.is_none() && connections.is_none() {
            return Err(section
                .invalid("rate", "or connections is needed: without either there is no limit"));
        }
        Ok(Self { to, rate, connections })
    }
}
