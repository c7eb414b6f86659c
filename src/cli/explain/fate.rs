//! What became of a message, in words.

use jiff::tz::TimeZone;

use crate::cli::paint::{Ink, Paint};
use crate::cli::table::printable;
use crate::cli::times::{moment, second};
use crate::ops::story::ChannelStory;
use crate::ops::words;
use crate::store::{AttemptView, DeviceView, MessageView};

/// In words: whether the message left, waits or was given up, or why there is none.
pub fn fate(line: &ChannelStory, zone: &TimeZone, paint: Paint) -> String {
    let Some(message) = &line.message else {
        return match &line.reason {
            Some(reason) => not_sent(reason, &line.channel, paint),
            None => paint.ink(Ink::Warning, "whether it was sent is no longer kept"),
        };
    };
    let at = message.settled_at.map(|at| format!(" at {}", second(at, zone))).unwrap_or_default();
    let doubts = format!("{}{}", arrived(message.doubts), crashed(message.crashes));
    let tries = match message.attempts + message.doubts {
        0 | 1 => doubts.clone(),
        many => format!(", attempt {many}{doubts}"),
    };
    let tried = tried(message.attempts + message.doubts);
    let (ink, head, rest) = match line.outcome.as_str() {
        "sent" => {
            let (ink, came) = arrival(message, zone);
            (ink, "sent", format!("{at}{tries}{}{came}", reply(message)))
        }
        "ready" => {
            let due = format!(" until {}{tried}{doubts}", moment(message.due, zone));
            (Ink::Warning, "waiting", format!("{due}{}", reply(message)))
        }
        "sending" => (Ink::Warning, "being sent", format!(" now{tries}")),
        "dead" => (Ink::Bad, "given up", format!("{at}{tries}{}", reply(message))),
        "expired" => (
            Ink::Bad,
            "expired",
            format!("{at}: its time had passed{tried}{doubts}{}", reply(message)),
        ),
        "withdrawn" => {
            (Ink::Warning, "withdrawn", format!("{at}: a newer message replaced it{tried}{doubts}"))
        }
        "discarded" => {
            (Ink::Warning, "discarded", format!("{at}: given up, and thrown away by an operator"))
        }
        "unreadable" => {
            let waits =
                ": another version of bellhop wrote it, and it waits for one that can read it";
            (Ink::Bad, "unreadable", waits.to_owned())
        }
        "unknown" => {
            let sent = times(message.attempts + message.doubts);
            let doubt = format!(": sent {sent}, and it may have arrived; it is not sent again");
            (Ink::Bad, "unknown", format!("{at}{doubt}{}", reply(message)))
        }
        other => (Ink::Plain, other, format!("{at}{tries}{}", reply(message))),
    };
    format!("{}{rest}", paint.ink(ink, head))
}

/// What the provider reported since, and how good that is.
fn arrival(message: &MessageView, zone: &TimeZone) -> (Ink, String) {
    let at = message.arrived_at.map(|at| format!(" at {}", second(at, zone))).unwrap_or_default();
    match message.arrival.as_deref() {
        None => (Ink::Good, String::new()),
        Some("delivered") => (Ink::Good, format!("; delivered{at}")),
        Some("undelivered") => (Ink::Bad, format!("; reported{at} as not delivered")),
        Some("complained") => (Ink::Bad, format!("; its reader complained{at}")),
        Some(other) => (Ink::Warning, format!("; {}{at}", printable(other))),
    }
}

/// The same, and below it the providers that were asked, a line each, where it took more than one,
/// and the devices, where it went to more than one.
pub fn fates(line: &ChannelStory, zone: &TimeZone, paint: Paint) -> String {
    let mut told = fate(line, zone, paint);
    let attempts = line.message.as_ref().map_or(&[][..], |message| &message.history);
    let mut below = |line: &str| {
        told.push_str(&format!("\n             {}", paint.ink(Ink::Faint, line)));
    };
    for AttemptView { n, at, provider, outcome, reply, devices, .. } in attempts {
        let (at, provider) = (moment(*at, zone), printable(provider));
        if attempts.len() > 1 {
            below(&format!("{n}. {at}  {provider}  {outcome}{}", spoken(reply)));
        }
        for DeviceView { device, outcome, reply } in devices.iter().filter(|_| devices.len() > 1) {
            let (device, outcome) = (printable(device), printable(outcome));
            below(&format!("   device {device}  {outcome}{}", spoken(reply)));
        }
    }
    told
}

/// What was said of it, if anything.
fn spoken(reply: &str) -> String {
    if reply.is_empty() { String::new() } else { format!(": {}", printable(reply)) }
}

/// The reason by its name, and in words.
pub fn not_sent(reason: &str, channel: &str, paint: Paint) -> String {
    let why = words::explained(reason, channel);
    format!("{} {why}", paint.ink(Ink::Warning, "not sent,"))
}

/// The channels that were never meant to carry it, in one line.
pub fn switched_off(channels: &[&str]) -> Option<String> {
    match channels {
        [] => None,
        [one] => Some(format!("{one} is off for this kind (kind_off)")),
        [most @ .., last] => {
            Some(format!("{} and {last} are off for this kind (kind_off)", most.join(", ")))
        }
    }
}

fn tried(times_tried: u32) -> String {
    if times_tried == 0 { String::new() } else { format!(", tried {}", times(times_tried)) }
}

/// How often it may have arrived though nobody said so.
fn arrived(doubts: u32) -> String {
    if doubts == 0 { String::new() } else { format!(", may have arrived {}", times(doubts)) }
}

/// How often Bellhop died while it had it in hand, and nothing of it had left.
fn crashed(crashes: u32) -> String {
    match crashes {
        0 => String::new(),
        1 => ", was being handled when bellhop died".to_owned(),
        many => format!(", was being handled {many} times when bellhop died"),
    }
}

fn times(count: u32) -> String {
    if count == 1 { "once".to_owned() } else { format!("{count} times") }
}

fn reply(message: &MessageView) -> String {
    match (&message.provider, &message.reply) {
        (Some(provider), Some(reply)) if !reply.is_empty() => {
            format!(", {} said: {}", printable(provider), printable(reply))
        }
        (Some(provider), _) if !provider.is_empty() => format!(", by {}", printable(provider)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::MessageStatus;
    use jiff::Timestamp;
    use std::collections::HashSet;

    fn line(status: &str) -> ChannelStory {
        let at: Timestamp = "2026-12-02T22:59:58Z".parse().unwrap();
        let (kind, channel) = ("booking.confirmed".to_owned(), "email".to_owned());
        let message = MessageView {
            message: "m1".to_owned(),
            kind: kind.clone(),
            channel: channel.clone(),
            client: "c1".to_owned(),
            booking: None,
            status: status.to_owned(),
            due: at,
            attempts: 2,
            doubts: 0,
            crashes: 0,
            provider: Some("relay".to_owned()),
            reply: Some("450 \x1b[2Jlater".to_owned()),
            settled_at: None,
            arrival: None,
            arrived_at: None,
            reason: None,
            history: Vec::new(),
            fallback_of: None,
            trace_id: None,
        };
        ChannelStory {
            at,
            cause: "k1".to_owned(),
            kind,
            client: "c1".to_owned(),
            booking: None,
            channel,
            outcome: status.to_owned(),
            reason: None,
            fallback_of: None,
            message: Some(message),
            queue: None,
        }
    }

    #[test]
    fn every_status_is_told_and_none_as_another() {
        let told: HashSet<String> = MessageStatus::ALL
            .into_iter()
            .map(|status| fate(&line(status.as_str()), &TimeZone::UTC, Paint::none()))
            .collect();
        assert_eq!(told.len(), MessageStatus::ALL.len());
    }

    #[test]
    fn what_each_of_several_devices_took_is_a_line() {
        let mut line = line("sent");
        let device = |device: &str, outcome: &str, reply: &str| DeviceView {
            device: device.to_owned(),
            outcome: outcome.to_owned(),
            reply: reply.to_owned(),
        };
        let of = |devices| AttemptView {
            n: 1,
            at: "2026-12-01T09:00:00Z".parse().unwrap(),
            provider: "gw".to_owned(),
            outcome: "accepted".to_owned(),
            reply: "200 OK".to_owned(),
            reference: None,
            devices,
        };
        let mut told = |devices| {
            line.message.as_mut().unwrap().history = vec![of(devices)];
            fates(&line, &TimeZone::UTC, Paint::none()).lines().skip(1).collect::<String>()
        };
        assert_eq!(told(vec![device("d0", "accepted", "200 OK")]), "");
        let two = told(vec![device("d0", "accepted", "200 OK"), device("d1", "not_asked", "")]);
        let words: Vec<&str> = two.split_whitespace().collect();
        assert_eq!(words.join(" "), "device d0 accepted: 200 OK device d1 not_asked");
    }

    #[test]
    fn what_may_have_arrived_is_told_with_how_often() {
        let told = |status: &str, attempts, doubts| {
            let mut line = line(status);
            if let Some(message) = &mut line.message {
                (message.attempts, message.doubts, message.reply) = (attempts, doubts, None);
            }
            fate(&line, &TimeZone::UTC, Paint::none())
        };
        for (line, expected) in [
            (
                told("unknown", 0, 3),
                "unknown: sent 3 times, and it may have arrived; it is not sent again, by relay",
            ),
            (told("sent", 1, 2), "sent, attempt 3, may have arrived 2 times, by relay"),
            (
                told("ready", 0, 1),
                "waiting until Wed 2 Dec 2026, 22:59, tried once, may have arrived once, by relay",
            ),
        ] {
            assert_eq!(line, expected);
        }
    }

    #[test]
    fn what_was_withdrawn_or_expired_may_have_arrived_as_well() {
        for (status, expected) in [
            (
                "withdrawn",
                "withdrawn: a newer message replaced it, tried once, may have arrived once",
            ),
            (
                "expired",
                "expired: its time had passed, tried once, may have arrived once, by relay",
            ),
        ] {
            let mut line = line(status);
            if let Some(message) = &mut line.message {
                (message.attempts, message.doubts, message.reply) = (0, 1, None);
            }
            assert_eq!(fate(&line, &TimeZone::UTC, Paint::none()), expected);
        }
    }

    #[test]
    fn what_was_reported_is_told_behind_what_was_said() {
        let mut line = line("sent");
        for (arrival, expected) in [
            ("delivered", "; delivered at 22:59:58"),
            ("undelivered", "; reported at 22:59:58 as not delivered"),
            ("complained", "; its reader complained at 22:59:58"),
        ] {
            if let Some(message) = &mut line.message {
                (message.reply, message.arrived_at) = (None, Some(message.due));
                message.arrival = Some(arrival.to_owned());
            }
            let told = fate(&line, &TimeZone::UTC, Paint::none());
            assert_eq!(told, format!("sent, attempt 2, by relay{expected}"));
        }
    }

    #[test]
    fn a_crash_is_no_doubt() {
        let mut line = line("ready");
        if let Some(message) = &mut line.message {
            (message.attempts, message.crashes, message.reply) = (0, 2, None);
        }
        let told = fate(&line, &TimeZone::UTC, Paint::none());
        let crashed = ", was being handled 2 times when bellhop died, by relay";
        assert_eq!(told, format!("waiting until Wed 2 Dec 2026, 22:59{crashed}"));
    }

    #[test]
    fn a_reply_cannot_steer_the_terminal() {
        let told = fate(&line("dead"), &TimeZone::UTC, Paint::none());
        assert_eq!(told, "given up, attempt 2, relay said: 450  [2Jlater");
    }
}
