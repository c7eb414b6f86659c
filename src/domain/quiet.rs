//! Quiet hours: when phones stay silent, and where a message goes instead.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::settings::QuietHours;
use super::zone::Zone;

/// A reminder that must not ring in quiet hours goes so long before they begin.
pub const BEFORE_QUIET: SignedDuration = SignedDuration::from_mins(1);

impl QuietHours {
    /// The quiet span that this instant lies in: first quiet and first loud instant.
    fn around(&self, at: Timestamp, zone: &Zone) -> Option<(Timestamp, Timestamp)> {
        if self.from == self.to {
            return None;
        }
        let today = at.to_zoned(zone.rules().clone()).date();
        let yesterday = today.checked_sub(1.day()).ok()?;
        let span = |day: Date| {
            let last = if self.from < self.to { day } else { day.checked_add(1.day()).ok()? };
            Some((
                instant(day.to_datetime(self.from), zone)?,
                instant(last.to_datetime(self.to), zone)?,
            ))
        };
        let mut spans = [yesterday, today].into_iter().filter_map(span);
        spans.find(|(from, to)| *from <= at && at < *to)
    }

    /// The same instant if it is loud, else one before the quiet begins.
    pub fn earlier(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        match self.around(at, zone) {
            Some((from, _)) => from.checked_sub(BEFORE_QUIET).unwrap_or(from),
            None => at,
        }
    }

    /// The same instant if it is loud, else the end of the quiet.
    pub fn later(&self, at: Timestamp, zone: &Zone) -> Timestamp {
        self.around(at, zone).map_or(at, |(_, to)| to)
    }
}

/// A wall-clock time that the zone skips is taken later, one that comes twice the first time.
fn instant(wall: DateTime, zone: &Zone) -> Option<Timestamp> {
    Some(zone.rules().to_ambiguous_zoned(wall).compatible().ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Time;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn quiet(from: i8, to: i8) -> QuietHours {
        QuietHours { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0) }
    }

    #[test]
    fn a_night_crosses_midnight() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        let night = quiet(21, 8);
        let table = [
            ("2026-12-09T20:59:59+01:00", "2026-12-09T20:59:59+01:00", "2026-12-09T20:59:59+01:00"),
            ("2026-12-09T21:00:00+01:00", "2026-12-09T20:59:00+01:00", "2026-12-10T08:00:00+01:00"),
            ("2026-12-10T07:00:00+01:00", "2026-12-09T20:59:00+01:00", "2026-12-10T08:00:00+01:00"),
            ("2026-12-10T08:00:00+01:00", "2026-12-10T08:00:00+01:00", "2026-12-10T08:00:00+01:00"),
        ];
        for (when, earlier, later) in table {
            assert_eq!(night.earlier(at(when), &rome), at(earlier), "{when}");
            assert_eq!(night.later(at(when), &rome), at(later), "{when}");
        }
    }

    #[test]
    fn a_siesta_does_not() {
        let rome = Zone::parse("Europe/Rome").unwrap();
        let siesta = quiet(13, 15);
        assert_eq!(
            siesta.later(at("2026-12-09T14:00:00+01:00"), &rome),
            at("2026-12-09T15:00:00+01:00")
        );
        assert_eq!(
            siesta.later(at("2026-12-09T23:00:00+01:00"), &rome),
            at("2026-12-09T23:00:00+01:00")
        );
        assert_eq!(
            quiet(9, 9).later(at("2026-12-09T09:00:00+01:00"), &rome),
            at("2026-12-09T09:00:00+01:00")
        );
    }
}
