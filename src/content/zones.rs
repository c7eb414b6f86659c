//! Clocks as a person calls them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::domain::zone::Zone;

/// The city that a zone is named after: `America/New_York` → `New York`; none for a zone that is
/// only a distance from UTC.
pub(super) fn city(zone: &Zone) -> Option<String> {
    let (area, city) = zone.name().rsplit_once('/')?;
    (area != "Etc").then(|| city.replace('_', " "))
}

/// The distance from UTC at this instant, signed as people read it: `UTC+2`, `UTC-3:30`. (The
/// names of the zones `Etc/GMT±n` have it the other way round.)
pub(super) fn offset(at: Timestamp, zone: &TimeZone) -> String {
    let seconds = zone.to_offset(at).seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs() / 60);
    match (minutes / 60, minutes % 60) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_called_by_its_city_or_by_its_distance_from_utc() {
        let at = "2026-12-10T12:00:00Z".parse().unwrap();
        for (zone, named, distance) in [
            ("Europe/Rome", Some("Rome"), "UTC+1"),
            ("America/New_York", Some("New York"), "UTC-5"),
            ("America/Argentina/Buenos_Aires", Some("Buenos Aires"), "UTC-3"),
            ("America/St_Johns", Some("St Johns"), "UTC-3:30"),
            ("Etc/GMT+5", None, "UTC-5"),
            ("Etc/GMT-14", None, "UTC+14"),
            ("Etc/UTC", None, "UTC"),
            ("UTC", None, "UTC"),
        ] {
            let zone = Zone::parse(zone).unwrap();
            assert_eq!((city(&zone).as_deref(), &*offset(at, zone.rules())), (named, distance));
        }
    }
}
