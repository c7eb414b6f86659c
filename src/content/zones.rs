//! Clocks as a person calls them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use super::embedded::{LANGUAGES, LanguageFiles};
use super::error::ContentError;
use super::phrases::read;
use crate::domain::zone::Zone;

/// What a language calls the clocks of the world: its `cities.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ZoneNames {
    /// The clock of a `{city}`.
    clock: String,
    /// The same before a vowel, where that makes a difference.
    clock_before_vowel: Option<String>,
    /// The cities by their zone, where they are not called as the zone is.
    cities: BTreeMap<String, String>,
    /// Whole names of clocks.
    #[serde(default)]
    clocks: BTreeMap<String, String>,
}

impl ZoneNames {
    /// The names in a language: its own, and those in English where it has none.
    pub fn load(files: &LanguageFiles) -> Result<Self, ContentError> {
        let mut names: Self = read(&format!("{}/cities.toml", files.tag), files.cities)?;
        if let Some(english) = LANGUAGES.first() {
            let english: Self = read(&format!("{}/cities.toml", english.tag), english.cities)?;
            for (zone, city) in english.cities {
                names.cities.entry(zone).or_insert(city);
            }
        }
        Ok(names)
    }

    /// The clock as a person calls it, by its city: `New York time`; none for a zone that is no
    /// place's but only a distance from UTC.
    pub fn clock(&self, zone: &Zone) -> Option<String> {
        let name = zone.today();
        if let Some(clock) = self.clocks.get(name) {
            return Some(clock.clone());
        }
        let city = match self.cities.get(name) {
            Some(city) => Cow::Borrowed(city.as_str()),
            None => Cow::Owned(city(name)?),
        };
        let vowel = self.clock_before_vowel.as_ref().filter(|_| city.starts_with(is_vowel));
        Some(vowel.unwrap_or(&self.clock).replace("{city}", &city))
    }
}

/// The city that a zone is named after: `America/New_York` → `New York`.
fn city(name: &str) -> Option<String> {
    let (area, city) = name.rsplit_once('/')?;
    (area != "Etc").then(|| city.replace('_', " "))
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'A' | 'E' | 'I' | 'O' | 'U' | 'É' | 'È' | 'Î')
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
    use crate::content::plain::typewritten;
    use crate::content::{gsm, spelling};

    fn names(tag: &str) -> ZoneNames {
        ZoneNames::load(LANGUAGES.iter().find(|files| files.tag == tag).unwrap()).unwrap()
    }

    #[test]
    fn a_zone_is_called_by_its_city_or_by_its_distance_from_utc() {
        let at = "2026-12-10T12:00:00Z".parse().unwrap();
        for (zone, named, distance) in [
            ("Europe/Rome", Some("Rome time"), "UTC+1"),
            ("America/New_York", Some("New York time"), "UTC-5"),
            ("America/Argentina/Buenos_Aires", Some("Buenos Aires time"), "UTC-3"),
            ("America/St_Johns", Some("St. John’s time"), "UTC-3:30"),
            ("America/Argentina/ComodRivadavia", Some("Catamarca time"), "UTC-3"),
            ("Asia/Calcutta", Some("Kolkata time"), "UTC+5:30"),
            ("EST5EDT", Some("New York time"), "UTC-5"),
            ("CET", Some("Brussels time"), "UTC+1"),
            ("Iceland", Some("Reykjavik time"), "UTC"),
            ("EST", None, "UTC-5"),
            ("Etc/GMT+5", None, "UTC-5"),
            ("Etc/GMT-14", None, "UTC+14"),
            ("Etc/UTC", None, "UTC"),
            ("UTC", None, "UTC"),
        ] {
            let zone = Zone::parse(zone).unwrap();
            let said = (names("en").clock(&zone), offset(at, zone.rules()));
            assert_eq!((said.0.as_deref(), &*said.1), (named, distance));
        }
    }

    #[test]
    fn cities_have_the_names_of_the_language() {
        for (zone, en, it, fr, da, es) in [
            ("Europe/Rome", "Rome time", "ora di Roma", "heure de Rome", "Rom-tid", "hora de Roma"),
            (
                "Europe/Copenhagen",
                "Copenhagen time",
                "ora di Copenaghen",
                "heure de Copenhague",
                "København-tid",
                "hora de Copenhague",
            ),
            (
                "America/New_York",
                "New York time",
                "ora di New York",
                "heure de New York",
                "New York-tid",
                "hora de Nueva York",
            ),
            (
                "Europe/Athens",
                "Athens time",
                "ora di Atene",
                "heure d’Athènes",
                "Athen-tid",
                "hora de Atenas",
            ),
            (
                "Egypt",
                "Cairo time",
                "ora del Cairo",
                "heure du Caire",
                "Cairo-tid",
                "hora de El Cairo",
            ),
            (
                "Atlantic/Canary",
                "Canary Islands time",
                "ora delle Canarie",
                "heure des Canaries",
                "tid på De Kanariske Øer",
                "hora de Canarias",
            ),
            (
                "America/Sao_Paulo",
                "São Paulo time",
                "ora di San Paolo",
                "heure de São Paulo",
                "São Paulo-tid",
                "hora de São Paulo",
            ),
        ] {
            let zone = Zone::parse(zone).unwrap();
            for (tag, clock) in [("en", en), ("it", it), ("fr", fr), ("da", da), ("es", es)] {
                assert_eq!(names(tag).clock(&zone).as_deref(), Some(clock), "{tag}");
            }
        }
    }

    #[test]
    fn what_is_named_is_a_zone_of_today_and_can_be_said_in_an_sms() {
        for files in LANGUAGES {
            let names = names(files.tag);
            for named in names.cities.keys().chain(names.clocks.keys()) {
                assert_eq!(Zone::parse(named).unwrap().today(), named, "{}", files.tag);
            }
            for zone in Zone::names().map(|name| Zone::parse(name).unwrap()) {
                let clock = names.clock(&zone).unwrap_or_default();
                let strange: Vec<char> = spelling::spelled(&typewritten(&clock))
                    .chars()
                    .filter(|c| gsm::septets(*c).is_none())
                    .collect();
                assert!(strange.is_empty(), "{}: {clock} {strange:?}", files.tag);
            }
        }
    }
}
