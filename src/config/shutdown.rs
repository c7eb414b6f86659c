//! `[shutdown]`: how long each phase of stopping may take.

use std::time::Duration;

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, ms, s};

/// All phases together stay below this: the service manager kills the process after it.
pub const SHUTDOWN_MAX: Duration = s(30);

/// `[shutdown]`.
#[derive(Debug, Clone, Serialize)]
pub struct Shutdown {
    /// No more commands in; those taken are decided.
    #[serde(serialize_with = "span::iso")]
    pub ingress: Duration,
    /// Tenants commit what they decided.
    #[serde(serialize_with = "span::iso")]
    pub tenants: Duration,
    /// Mails under way get their reply.
    #[serde(serialize_with = "span::iso")]
    pub dispatch: Duration,
    /// Events published are confirmed.
    #[serde(serialize_with = "span::iso")]
    pub broker: Duration,
}

impl Shutdown {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        let mut phase = |key: &'static str| section.span(key, ms(0)..=SHUTDOWN_MAX);
        let shutdown = Self {
            ingress: phase("ingress")?,
            tenants: phase("tenants")?,
            dispatch: phase("dispatch")?,
            broker: phase("broker")?,
        };
        if shutdown.total() >= SHUTDOWN_MAX {
            let why = "must make less than 30 s together with the other phases";
            return Err(section.invalid("ingress", why));
        }
        Ok(shutdown)
    }

    /// The longest that stopping can take, but for a few seconds where what is cut off, or the
    /// store, does not answer either.
    pub fn total(&self) -> Duration {
        self.ingress + self.tenants + self.dispatch + self.broker
    }
}
