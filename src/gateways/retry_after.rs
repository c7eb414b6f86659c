//! `Retry-After` (RFC 9110 §10.2.3).

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

/// The longest that a provider can ask for.
const MAX: Duration = Duration::from_secs(3600);
/// Who asks for no wait at all is not asked again at once.
const MIN: Duration = Duration::from_secs(1);

/// The wait that a header asks for: seconds, or a date in any of HTTP's three forms.
pub(super) fn retry_after(header: &str, now: Timestamp) -> Option<Duration> {
    let header = header.trim();
    let is_number = !header.is_empty() && header.bytes().all(|byte| byte.is_ascii_digit());
    let wait = if is_number {
        // More digits than there are numbers is a long wait.
        Duration::from_secs(header.parse().unwrap_or(u64::MAX))
    } else {
        let until = httpdate::parse_http_date(header).ok()?;
        until.duration_since(SystemTime::from(now)).unwrap_or_default()
    };
    Some(wait.clamp(MIN, MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates_are_read_and_kept_within_bounds() {
        let now: Timestamp = "2026-12-01T09:00:00Z".parse().unwrap();
        for (header, seconds) in [
            ("3", Some(3)),
            (" 120 ", Some(120)),
            ("0", Some(1)),
            ("3600", Some(3600)),
            ("3601", Some(3600)),
            ("99999999999999999999999", Some(3600)),
            ("Tue, 01 Dec 2026 09:00:07 GMT", Some(7)),
            ("Tuesday, 01-Dec-26 09:00:07 GMT", Some(7)),
            ("Tue Dec  1 09:00:07 2026", Some(7)),
            ("Wed, 02 Dec 2026 09:00:00 GMT", Some(3600)),
            ("Tue, 01 Dec 2026 08:59:00 GMT", Some(1)),
            ("", None),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
        ] {
            assert_eq!(retry_after(header, now), seconds.map(Duration::from_secs), "{header:?}");
        }
    }
}
