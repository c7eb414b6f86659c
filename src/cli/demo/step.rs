//! One command of the day, and what most of them have in common.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

use crate::domain::zone::Zone;

/// Where all three are.
pub const ZONE: &str = "Europe/Rome";
/// A reminder of the day falls due so long after it began, in milliseconds: late enough to be
/// booked before, soon enough to be waited for.
const REMINDER_AFTER_MS: i64 = 1_200;

/// One command.
pub struct Step {
    pub tenant: &'static str,
    pub type_name: &'static str,
    pub data: Value,
    pub sending: Sending,
}

/// How a command comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// Once, with an id of its own.
    Once,
    /// The command before it, all of it again: an upstream app that got no answer.
    Again,
    /// With the id of the command before it, but another body: an upstream app that is wrong.
    UnderUsedId,
}

/// The time where it happens.
pub struct Clock {
    now: Timestamp,
    zone: TimeZone,
}

impl Clock {
    /// Now, at the venue.
    ///
    /// # Errors
    /// If the zone's rules are missing.
    pub fn at_venue(now: Timestamp) -> anyhow::Result<Self> {
        Ok(Self { now, zone: Zone::parse(ZONE)?.rules().clone() })
    }

    /// So many days from today, at this time at the venue.
    pub fn at(&self, days: i32, hour: i8, minute: i8) -> anyhow::Result<String> {
        let today: Date = self.now.to_zoned(self.zone.clone()).date();
        let date = today.checked_add(days.days())?;
        let moment = date.at(hour, minute, 0, 0).to_zoned(self.zone.clone())?;
        Ok(moment.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    }

    /// An hour from when the day's reminder falls due.
    pub fn an_hour_after_reminder(&self) -> anyhow::Result<String> {
        Ok(self.now.checked_add(1.hour().milliseconds(REMINDER_AFTER_MS))?.to_string())
    }

    /// An hour before the day began.
    pub fn an_hour_ago(&self) -> anyhow::Result<String> {
        Ok(self.now.checked_sub(1.hour())?.to_string())
    }
}

/// A command that comes once.
pub fn step(tenant: &'static str, type_name: &'static str, data: Value) -> Step {
    Step { tenant, type_name, data, sending: Sending::Once }
}

/// Books a service.
pub fn book(
    tenant: &'static str,
    booking: &str,
    client: &str,
    by: &str,
    service: &str,
    starts_at: String,
) -> Step {
    let data = json!({
        "booking": booking, "client": client, "by": by, "service": service,
        "starts_at": starts_at,
    });
    step(tenant, "booking.request", data)
}

/// On behalf of a client, or by the staff.
pub fn cancel(tenant: &'static str, booking: &str, by: &str, reason: Option<&str>) -> Step {
    step(tenant, "booking.cancel", json!({ "booking": booking, "by": by, "reason": reason }))
}
