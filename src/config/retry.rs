//! `[retry]`: what happens after a failure that may pass.

use std::time::Duration;

use serde::Serialize;

use crate::domain::retry::RetrySchedule;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, ms, s};

/// The most attempts after the first.
const PAUSES_MAX: usize = 50;

/// `[retry]`.
#[derive(Debug, Clone, Serialize)]
pub struct Retry {
    /// The pauses before the second, third, … attempt of an email.
    #[serde(serialize_with = "span::iso_list")]
    pub email: Vec<Duration>,
    /// The share by which a pause is stretched or shrunk.
    pub jitter: f64,
    /// How often a message in doubt is sent again.
    pub recoveries_max: u32,
}

impl Retry {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let range = ms(1)..=s(7 * 24 * 3600);
        Ok(Self {
            email: section.texts("email", 1..=PAUSES_MAX, |text| span::parse(text, &range))?,
            jitter: section.number("jitter", 0.0..=0.9)?,
            recoveries_max: section.count("recoveries_max", 1..=1000)?,
        })
    }

    /// The schedule for email, as the rules take it.
    pub fn email_schedule(&self) -> RetrySchedule {
        RetrySchedule {
            pauses: self.email.clone(),
            jitter: self.jitter,
            recoveries_max: self.recoveries_max,
        }
    }
}
