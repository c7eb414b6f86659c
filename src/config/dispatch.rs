//! `[dispatch]`: how much of each channel may be under way, and when a provider is left alone.

use std::time::Duration;

use serde::Serialize;

use crate::domain::channel::Channel;
use crate::domain::kind::Lane;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, ms, s};

/// `[dispatch]`.
#[derive(Debug, Clone, Serialize)]
pub struct Dispatch {
    /// A channel of which something is due and nothing was finished for so long stands still.
    #[serde(serialize_with = "span::iso")]
    pub stalled_after: Duration,
    /// `[dispatch.email]`.
    pub email: ChannelDispatch,
    /// `[dispatch.sms]`.
    pub sms: ChannelDispatch,
    /// `[dispatch.push]`.
    pub push: ChannelDispatch,
    /// `[dispatch.inbox]`.
    pub inbox: ChannelDispatch,
    /// `[dispatch.circuit]`.
    pub circuit: Circuit,
}

/// `[dispatch.<channel>]`.
#[derive(Debug, Clone, Serialize)]
pub struct ChannelDispatch {
    /// Attempts whose outcome is not yet durable: the most duplicates that a crash can cause.
    pub slots: usize,
    /// Messages in memory that wait to be sent.
    pub queue: usize,
    /// The share of slots and queue that each lane has for itself.
    #[serde(serialize_with = "by_lane")]
    pub reserve: [f64; Lane::ALL.len()],
}

/// `[dispatch.circuit]`.
#[derive(Debug, Clone, Serialize)]
pub struct Circuit {
    /// A provider is left alone once such a share of its attempts failed…
    pub share: f64,
    /// …of at least so many…
    pub attempts: u32,
    /// …within so long…
    #[serde(serialize_with = "span::iso")]
    pub window: Duration,
    /// …or so many in a row.
    pub in_a_row: u32,
    /// For so long at first, and each further time for twice as long…
    #[serde(serialize_with = "span::iso")]
    pub pause: Duration,
    /// …but no longer than this.
    #[serde(serialize_with = "span::iso")]
    pub pause_max: Duration,
    /// So many attempts find out whether it works again.
    pub probes: u32,
}

impl Dispatch {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            stalled_after: section.span("stalled_after", s(1)..=s(24 * 3600))?,
            email: section.section("email", ChannelDispatch::read)?,
            sms: section.section("sms", ChannelDispatch::read)?,
            push: section.section("push", ChannelDispatch::read)?,
            inbox: section.section("inbox", ChannelDispatch::read)?,
            circuit: section.section("circuit", Circuit::read)?,
        })
    }

    /// A channel's.
    pub fn of(&self, channel: Channel) -> &ChannelDispatch {
        match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
            Channel::Push => &self.push,
            Channel::Inbox => &self.inbox,
        }
    }

    /// Attempts of all channels whose outcomes are not yet durable.
    pub fn slots(&self) -> usize {
        Channel::ALL.into_iter().map(|channel| self.of(channel).slots).sum()
    }
}

impl ChannelDispatch {
    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            slots: section.count("slots", 1..=10_000)?,
            queue: section.count("queue", 8..=1_000_000)?,
            reserve: section.section("reserve", read_reserve)?,
        })
    }
}

/// The least urgent lane has nothing for itself: it takes what is common.
fn read_reserve(section: &mut Section<'_>) -> Result<[f64; Lane::ALL.len()], ConfigError> {
    let mut share = |key| section.number(key, 0.0..=0.9);
    let shares = [share("urgent")?, share("transactional")?, share("scheduled")?, 0.0];
    let all: f64 = shares.iter().sum();
    if all > 0.9 {
        let why = format!("with the others is {all}, and must be 0.9 at most: bulk needs the rest");
        return Err(section.invalid("urgent", why));
    }
    Ok(shares)
}

impl Circuit {
    fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let pause = section.span("pause", ms(10)..=s(3600))?;
        Ok(Self {
            share: section.number("share", 0.01..=1.0)?,
            attempts: section.count("attempts", 1..=100_000)?,
            window: section.span("window", s(1)..=s(24 * 3600))?,
            in_a_row: section.count("in_a_row", 1..=100_000)?,
            pause,
            pause_max: section.span("pause_max", pause..=s(24 * 3600))?,
            probes: section.count("probes", 1..=1000)?,
        })
    }
}

fn by_lane<S: serde::Serializer>(
    shares: &[f64; Lane::ALL.len()],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let named = Lane::ALL.into_iter().zip(shares).filter(|(lane, _)| *lane != Lane::Bulk);
    serializer.collect_map(named.map(|(lane, share)| (lane.as_str(), share)))
}
