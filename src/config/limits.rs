//! `[limits]`: how much may be in memory or under way.

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;

/// `[limits]`.
#[derive(Debug, Clone, Serialize)]
pub struct Limits {
    /// Commands taken and not yet durable, in all.
    pub intake_max: usize,
    /// Commands taken and not yet durable, per tenant; at most `intake_max`.
    pub tenant_window: usize,
    /// Messages in an actor's mailbox.
    pub mailbox: usize,
    /// Messages in memory that wait to be sent.
    pub dispatch_queue: usize,
    /// Attempts whose outcome is not yet durable.
    pub dispatch_slots: usize,
    /// Events on one page.
    pub event_page: usize,
}

impl Limits {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let intake_max = section.count("intake_max", 1..=1_000_000)?;
        Ok(Self {
            intake_max,
            tenant_window: section.count("tenant_window", 1..=intake_max)?,
            mailbox: section.count("mailbox", 16..=65_536)?,
            dispatch_queue: section.count("dispatch_queue", 1..=1_000_000)?,
            dispatch_slots: section.count("dispatch_slots", 1..=10_000)?,
            event_page: section.count("event_page", 1..=10_000)?,
        })
    }
}
