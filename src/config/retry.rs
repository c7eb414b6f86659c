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
/// The most times that a message in doubt is sent again.
const DOUBTS_MAX: usize = 20;
/// The longest pause.
const PAUSE_MAX: Duration = s(7 * 24 * 3600);

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
    /// The pauses before a message that may have arrived is sent again.
    pub in_doubt: InDoubt,
    /// When a message is given up that nobody refuses and nobody takes.
    pub give_up: GiveUp,
}

/// `[retry.in_doubt]`.
#[derive(Debug, Clone, Serialize)]
pub struct InDoubt {
    #[serde(serialize_with = "span::iso_list")]
    pub email: Vec<Duration>,
    /// Of a text message.
    #[serde(serialize_with = "span::iso_list")]
    pub sms: Vec<Duration>,
    #[serde(serialize_with = "span::iso_list")]
    pub push: Vec<Duration>,
    /// Of an inbox message.
    #[serde(serialize_with = "span::iso_list")]
    pub inbox: Vec<Duration>,
}

/// `[retry.give_up]`.
#[derive(Debug, Clone, Serialize)]
pub struct GiveUp {
    #[serde(serialize_with = "span::iso")]
    pub email: Duration,
    /// Of a text message.
    #[serde(serialize_with = "span::iso")]
    pub sms: Duration,
    #[serde(serialize_with = "span::iso")]
    pub push: Duration,
    /// Of an inbox message.
    #[serde(serialize_with = "span::iso")]
    pub inbox: Duration,
}

impl Retry {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let range = ms(1)..=PAUSE_MAX;
        let mut pauses =
            |channel| section.texts(channel, 1..=PAUSES_MAX, |text| span::parse(text, &range));
        Ok(Self {
            email: pauses("email")?,
            sms: pauses("sms")?,
            push: pauses("push")?,
            inbox: pauses("inbox")?,
            jitter: section.number("jitter", 0.0..=0.9)?,
            in_doubt: section.section("in_doubt", InDoubt::read)?,
            give_up: section.section("give_up", GiveUp::read)?,
        })
    }

    /// A channel's schedule, as the rules take it.
    pub fn schedule(&self, channel: Channel) -> RetrySchedule {
        let Self { in_doubt, give_up, .. } = self;
        let (pauses, doubts, give_up) = match channel {
            Channel::Email => (&self.email, &in_doubt.email, give_up.email),
            Channel::Sms => (&self.sms, &in_doubt.sms, give_up.sms),
            Channel::Push => (&self.push, &in_doubt.push, give_up.push),
            Channel::Inbox => (&self.inbox, &in_doubt.inbox, give_up.inbox),
        };
        let (pauses, doubts) = (pauses.clone(), doubts.clone());
        RetrySchedule { pauses, jitter: self.jitter, doubts, give_up }
    }
}

impl InDoubt {
    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let range = ms(1)..=PAUSE_MAX;
        let mut pauses =
            |channel| section.texts(channel, 0..=DOUBTS_MAX, |text| span::parse(text, &range));
        Ok(Self {
            email: pauses("email")?,
            sms: pauses("sms")?,
            push: pauses("push")?,
            inbox: pauses("inbox")?,
        })
    }
}

impl GiveUp {
    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let mut span = |channel| section.span(channel, s(1)..=s(30 * 24 * 3600));
        Ok(Self {
            email: span("email")?,
            sms: span("sms")?,
            push: span("push")?,
            inbox: span("inbox")?,
        })
    }
}
