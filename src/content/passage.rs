//! Hours that come twice, because the clock is put back.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};

use super::zones::offset;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passage {
    /// The first, still by the clock of summer.
    Summer,
    /// The second, by the clock of winter.
    Winter,
    /// One of two that have nothing to do with summer: a zone that changed its mind, a fasting
    /// month.
    Other,
}

/// Which passage the instant lies in; `None` where its local time comes once.
pub(super) fn passage(at: Timestamp, zone: &TimeZone) -> Option<Passage> {
    let local = zone.to_datetime(at);
    let AmbiguousOffset::Fold { before, after } = zone.to_ambiguous_timestamp(local).offset()
    else {
        return None;
    };
    let is_summer = |offset: jiff::tz::Offset| {
        offset.to_timestamp(local).is_ok_and(|at| zone.to_offset_info(at).dst().is_dst())
    };
    Some(match (is_summer(before), is_summer(after)) {
        (true, false) if zone.to_offset(at) == before => Passage::Summer,
        (true, false) => Passage::Winter,
        _ => Passage::Other,
    })
}

/// The distance from UTC where the local time comes twice: which of the two it is.
pub fn which_of_two(at: Timestamp, zone: &TimeZone) -> Option<String> {
    passage(at, zone).map(|_| offset(at, zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(zone: &str, at: &str) -> Option<Passage> {
        passage(at.parse().unwrap(), &TimeZone::get(zone).unwrap())
    }

    #[test]
    fn only_what_comes_twice_is_told_apart() {
        for (at, expected) in [
            ("2026-10-24T23:59:59Z", None),
            ("2026-10-25T00:00:00Z", Some(Passage::Summer)),
            ("2026-10-25T00:59:59Z", Some(Passage::Summer)),
            ("2026-10-25T01:00:00Z", Some(Passage::Winter)),
            ("2026-10-25T01:59:59Z", Some(Passage::Winter)),
            ("2026-10-25T02:00:00Z", None),
            ("2026-03-29T01:00:00Z", None),
        ] {
            assert_eq!(of("Europe/Rome", at), expected, "{at}");
        }
        assert_eq!(of("Australia/Sydney", "2026-04-04T15:30:00Z"), Some(Passage::Summer));
        assert_eq!(of("UTC", "2026-10-25T00:30:00Z"), None);
    }

    #[test]
    fn what_is_no_summer_time_is_not_called_so() {
        // The clock goes back for Ramadan.
        assert_eq!(of("Africa/Casablanca", "2026-02-15T01:30:00Z"), Some(Passage::Other));
        // Moscow left its permanent summer time for good.
        assert_eq!(of("Europe/Moscow", "2014-10-25T21:30:00Z"), Some(Passage::Other));
    }
}
