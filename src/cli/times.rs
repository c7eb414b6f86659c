//! Times by the clock of whoever they concern.
//!
//! Where the clock is put back an hour comes twice: such a time says how far from UTC it is.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::content::which_of_two;

/// The day: `Sun 25 Oct 2026`.
pub fn short_day(at: Timestamp, zone: &TimeZone) -> String {
    written("%a %-d %b %Y", at, zone)
}

/// The day in full: `Sunday 25 October 2026`.
pub fn long_day(at: Timestamp, zone: &TimeZone) -> String {
    written("%A %-d %B %Y", at, zone)
}

/// Day and time to the minute: `Sun 25 Oct 2026, 02:30 UTC+2`.
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    told_apart("%a %-d %b %Y, %H:%M", at, zone)
}

/// The time to the minute, or to the second where it is not a full one.
pub fn time(at: Timestamp, zone: &TimeZone) -> String {
    let is_full = zone.to_datetime(at).second() == 0;
    told_apart(if is_full { "%H:%M" } else { "%H:%M:%S" }, at, zone)
}

/// Like `14:05:09`.
pub fn second(at: Timestamp, zone: &TimeZone) -> String {
    told_apart("%H:%M:%S", at, zone)
}

fn told_apart(format: &str, at: Timestamp, zone: &TimeZone) -> String {
    let which = which_of_two(at, zone).map(|which| format!(" {which}"));
    written(format, at, zone) + &which.unwrap_or_default()
}

fn written(format: &str, at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_that_comes_twice_says_which_one_it_is() {
        let rome = TimeZone::get("Europe/Rome").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (summer, winter) = (at("2026-10-25T00:30:00Z"), at("2026-10-25T01:30:07Z"));
        assert_eq!(moment(summer, &rome), "Sun 25 Oct 2026, 02:30 UTC+2");
        assert_eq!(moment(winter, &rome), "Sun 25 Oct 2026, 02:30 UTC+1");
        assert_eq!([time(summer, &rome), time(winter, &rome)], ["02:30 UTC+2", "02:30:07 UTC+1"]);
        assert_eq!(second(summer, &rome), "02:30:00 UTC+2");
        assert_eq!(time(at("2026-10-25T02:00:00Z"), &rome), "03:00");
        assert_eq!(short_day(summer, &rome), "Sun 25 Oct 2026");
        assert_eq!(long_day(winter, &rome), "Sunday 25 October 2026");
    }
}
