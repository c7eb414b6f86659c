//! What another version of bellhop has planned for the tenant: it waits for one that can read it.

use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::cli::paint::{Ink, Paint};
use crate::cli::table::printable;
use crate::cli::times::moment;
use crate::store::UnreadableTimer;

/// For people; nothing where there is nothing.
pub fn story(timers: &[UnreadableTimer], zone: &TimeZone, paint: Paint) -> String {
    if timers.is_empty() {
        return String::new();
    }
    let heading = "Planned for the tenant by another version, and unreadable to this one";
    let mut text = format!("\n{}\n", paint.ink(Ink::Strong, heading));
    for timer in timers {
        let at = timer.due.map_or_else(|| "at no time".to_owned(), |due| moment(due, zone));
        text.push_str(&format!("  {at}  {}\n", printable(&timer.key)));
    }
    text
}

/// For programs.
pub fn json(timers: &[UnreadableTimer]) -> Value {
    timers.iter().map(|timer| json!({ "due": timer.due, "timer": timer.key })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_shown_as_it_is() {
        let paint = Paint::none();
        assert_eq!(story(&[], &TimeZone::UTC, paint), "");
        let due = "2026-12-03T10:00:00Z".parse().unwrap();
        let key = "{\"timer\":\"horse\"}".to_owned();
        let timers = [
            UnreadableTimer { due: Some(due), key: key.clone() },
            UnreadableTimer { due: None, key },
        ];
        let story = story(&timers, &TimeZone::UTC, paint);
        assert!(story.contains("  Thu 3 Dec 2026, 10:00  {\"timer\":\"horse\"}\n"), "{story}");
        assert!(story.ends_with("  at no time  {\"timer\":\"horse\"}\n"), "{story}");
        assert_eq!(json(&timers)[1]["due"], Value::Null);
    }
}
