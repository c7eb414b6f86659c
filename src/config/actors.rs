//! `[actors]`: tenant actors and what happens when one panics.

use std::num::NonZeroUsize;
use std::time::Duration;

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, ms, s};

const DAY_SECONDS: u64 = 24 * 3600;

/// `[actors]`.
#[derive(Debug, Clone, Serialize)]
pub struct Actors {
    /// Threads that tenants are spread over; 0 is one per core, see [`Actors::threads`].
    pub arbiters: usize,
    /// A tenant without work for this long leaves memory.
    #[serde(serialize_with = "span::iso")]
    pub idle_after: Duration,
    /// More restarts than these within `restart_window` park the tenant.
    pub restarts_max: u32,
    /// The span in which restarts are counted.
    #[serde(serialize_with = "span::iso")]
    pub restart_window: Duration,
    /// The pause before the first restart; each further one doubles it.
    #[serde(serialize_with = "span::iso")]
    pub restart_backoff: Duration,
    /// The longest such pause; at least `restart_backoff`.
    #[serde(serialize_with = "span::iso")]
    pub restart_backoff_max: Duration,
    /// How long a tenant stays parked.
    #[serde(serialize_with = "span::iso")]
    pub park_time: Duration,
    /// A command whose handling panicked so often is refused.
    pub command_panics_max: u32,
}

impl Actors {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let restart_backoff = section.span("restart_backoff", ms(1)..=s(60))?;
        Ok(Self {
            arbiters: section.count("arbiters", 0..=256)?,
            idle_after: section.span("idle_after", s(1)..=s(DAY_SECONDS))?,
            restarts_max: section.count("restarts_max", 1..=1000)?,
            restart_window: section.span("restart_window", s(1)..=s(3600))?,
            restart_backoff,
            restart_backoff_max: section.span("restart_backoff_max", restart_backoff..=s(600))?,
            park_time: section.span("park_time", s(1)..=s(DAY_SECONDS))?,
            command_panics_max: section.count("command_panics_max", 1..=100)?,
        })
    }

    /// The number of arbiters: as configured, else one per core.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        if self.arbiters == 0 { cores() } else { self.arbiters }
    }
}
