//! The templates of the pages, and what they can say.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use minijinja::{Environment, Error, UndefinedBehavior, Value, escape_formatter};

use super::spark;
use super::urls::{segment, word};
use crate::clock;
use crate::ops::words::explained;

macro_rules! pages {
    ($($name:literal)*) => { &[$(($name, include_str!(concat!("pages/", $name))),)*] };
}

/// Each with its text.
const PAGES: &[(&str, &str)] = pages! {
    "layout.html" "parts.html" "sign-in.html" "knock.html" "fault.html" "now.html"
    "messages.html" "message.html" "booking.html" "client.html" "letters.html" "plan.html"
    "done.html" "jobs.html" "job.html" "tenants.html" "tenant.html" "audit.html" "ahead.html" "rehearse.html"
};

/// All of them, ready to be written.
///
/// # Errors
/// If one cannot be read.
pub fn all() -> Result<Environment<'static>, Error> {
    let mut pages = Environment::new();
    pages.set_undefined_behavior(UndefinedBehavior::Chainable);
    // What is not there is nothing to read.
    pages.set_formatter(|out, state, value| match value.is_none() {
        true => Ok(()),
        false => escape_formatter(out, state, value),
    });
    pages.add_filter("seg", |id: String| segment(&id));
    pages.add_filter("word", |text: String| word(&text));
    pages.add_filter("time", time);
    pages.add_filter("ago", ago);
    pages.add_filter("span", |seconds: u64| span(seconds));
    pages.add_filter("plain", |name: String| name.replace('_', " "));
    pages.add_filter("tone", |name: String| tone(&name));
    pages.add_filter("count", |number: u64| grouped(number));
    pages.add_filter("explained", |name: String, channel: Option<String>| {
        explained(&name, channel.as_deref().unwrap_or_default())
    });
    pages.add_filter("spark", |numbers: Vec<f64>| Value::from_safe_string(spark::svg(&numbers)));
    for (name, text) in PAGES {
        pages.add_template(name, text)?;
    }
    Ok(pages)
}

/// `Mon 30 Nov 2026, 09:44:05`, by UTC.
fn time(text: String) -> String {
    let Ok(at) = text.parse::<Timestamp>() else { return text };
    at.to_zoned(TimeZone::UTC).strftime("%a %-d %b %Y, %H:%M:%S").to_string()
}

/// `3 min ago`, or `in 2 h`.
fn ago(text: String) -> String {
    let Ok(at) = text.parse::<Timestamp>() else { return String::new() };
    told_from(at, clock::now())
}

fn told_from(at: Timestamp, now: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    match seconds {
        0 => "now".to_owned(),
        1.. => format!("{} ago", span(seconds.unsigned_abs())),
        _ => format!("in {}", span(seconds.unsigned_abs())),
    }
}

/// In the largest unit of which there are two, as people say it.
fn span(seconds: u64) -> String {
    match seconds {
        ..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `12 345`: with a space that does not break between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// What a state's name is painted with: never the only sign, for the name stands beside it.
fn tone(name: &str) -> &'static str {
    match name {
        "sent" | "delivered" | "accepted" | "closed" | "active" | "done" | "ok" => "good",
        "ready" | "sending" | "half_open" | "standing_by" | "running" | "paused" | "transient"
        | "throttled" | "look" | "operator" | "in_doubt" => "wait",
        "skipped" | "withdrawn" => "skip",
        "dead" | "unknown" | "expired" | "open" | "silent" | "permanent" | "unreadable"
        | "rejected" | "undelivered" | "complained" | "bad" | "crashes" => "bad",
        _ => "plain",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read() {
        all().unwrap();
    }

    #[test]
    fn what_is_null_is_nothing() {
        let pages = all().unwrap();
        let write = |text| pages.render_str(text, minijinja::context! { of => Value::from(()) });
        assert_eq!(write("<{{ of }}|{{ of.more }}|{{ '<' }}>").unwrap(), "<||<>");
    }

    #[test]
    fn numbers_and_spans_are_told_as_people_say_them() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (then, now, told) in
            [(0, 0, "now"), (0, 119, "119 s ago"), (0, 7199, "119 min ago"), (7200, 0, "in 2 h")]
        {
            assert_eq!(told_from(at(then), at(now)), told);
        }
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!((grouped(0), grouped(999)), ("0".to_owned(), "999".to_owned()));
        assert_eq!(time("2026-11-30T09:44:05Z".to_owned()), "Mon 30 Nov 2026, 09:44:05");
    }
}
