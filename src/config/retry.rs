//! `[retry]`: what happens after a failure that may pass.

use std::time::Duration;

use serde::Serialize;

use crate::domain::channel::Channel;
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
    /// The same of a text message.
    #[serde(serialize_with = "span::iso_list")]
    pub sms: Vec<Duration>,
    /// The same of a push.
    #[serde(serialize_with = "span::iso_list")]
    pub push: Vec<Duration>,
    /// The same of an inbox message.
    #[serde(serialize_with = "span::iso_list")]
    pub inbox: Vec<Duration>,
    /// The share by which a pause is stretched or shrunk.
    pub jitter: f64,
    /// How often a message in doubt is sent again.
    pub recoveries_max: u32,
}

impl Retry {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let range = ms(1)..=s(7 * 24 * 3600);
        let mut pauses =
            |channel| section.texts(channel, 1..=PAUSES_MAX, |text| span::parse(text, &range));
        Ok(Self {
            email: pauses("email")?,
            sms: pauses("sms")?,
            push: pauses("push")?,
            inbox: pauses("inbox")?,
            jitter: section.number("jitter", 0.0..=0.9)?,
            recoveries_max: section.count("recoveries_max", 1..=1000)?,
        })
    }

    /// A channel's schedule, as the rules take it.
    pub fn schedule(&self, channel: Channel) -> RetrySchedule {
        let pauses = match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
            Channel::Push => &self.push,
            Channel::Inbox => &self.inbox,
        };
        RetrySchedule {
            pauses: pauses.clone(),
            jitter: self.jitter,
            recoveries_max: self.recoveries_max,
        }
    }
}
