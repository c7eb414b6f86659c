//! What sending needs.

use std::sync::Arc;

use crate::bounces::ReturnPath;
use crate::content::Catalogue;
use crate::dkim::Signers;
use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::plan::Plans;
use crate::domain::retry::RetrySchedule;
use crate::egress::Carriers;
use crate::links::{Hooks, Links};

/// What every attempt uses.
pub struct Means {
    /// Who delivers.
    pub carriers: Carriers,
    /// The texts.
    pub catalogue: Arc<Catalogue>,
    /// Who may use texts of their own.
    pub plans: Arc<Plans>,
    /// When to try again.
    pub retry: Retries,
    /// The email sender of tenants that name none.
    pub from: EmailAddress,
    /// Where mails come back to, where each message has an address of its own.
    pub return_path: Option<ReturnPath>,
    /// By what large receivers tell this installation from others.
    pub feedback_id: Option<String>,
    /// Signs mails.
    pub dkim: Signers,
    /// Makes links that act; absent: no message has one.
    pub links: Option<Links>,
    /// Makes what proves that a report is of a message of ours; absent: nobody is to report.
    pub hooks: Option<Hooks>,
}

/// When to try again, on each channel.
pub struct Retries {
    schedules: [RetrySchedule; Channel::ALL.len()],
}

impl Retries {
    /// Asks for each channel's schedule.
    pub fn new(schedule: impl Fn(Channel) -> RetrySchedule) -> Self {
        Self { schedules: Channel::ALL.map(schedule) }
    }

    /// The channel's schedule.
    pub fn of(&self, channel: Channel) -> &RetrySchedule {
        &self.schedules[channel as usize]
    }
}
