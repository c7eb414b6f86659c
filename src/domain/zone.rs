//! Time zones by their IANA name.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::invalid::Invalid;

/// A zone of the IANA database, such as `Europe/Rome`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Looks the name up.
    ///
    /// # Errors
    /// Says that there is no such zone.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        TimeZone::get(name)
            .ok()
            .filter(|zone| zone.iana_name().is_some())
            .map(Self)
            .ok_or_else(|| Invalid::new("is not an IANA time zone, such as Europe/Rome"))
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The rules of the zone.
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl TryFrom<String> for Zone {
    type Error = Invalid;
    fn try_from(name: String) -> Result<Self, Invalid> {
        Self::parse(&name)
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> String {
        zone.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_zones() {
        assert_eq!(Zone::parse("Europe/Rome").unwrap().name(), "Europe/Rome");
        assert_eq!(Zone::parse("UTC").unwrap().name(), "UTC");
        for bad in ["", "Rome", "Europe/Atlantis", "+01:00"] {
            assert!(Zone::parse(bad).is_err(), "{bad}");
        }
    }
}
