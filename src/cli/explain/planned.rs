//! What will still be told, in words.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::fate::{not_sent, switched_off};
use crate::cli::paint::{Ink, Paint};
use crate::cli::table::printable;
use crate::cli::times::moment;
use crate::domain::TenantState;
use crate::domain::decision::Verdict;
use crate::domain::foresight::Foreseen;
use crate::domain::id::BookingId;
use crate::domain::lead::LeadRule;
use crate::domain::planning::reminders;
use crate::domain::policy::SkipReason;
use crate::domain::timer::Timer;

const MINUTE_SECONDS: u32 = 60;
const HOUR_SECONDS: u32 = 60 * MINUTE_SECONDS;

/// When, what and why, and how on each channel.
pub fn story(
    foreseen: &Foreseen,
    about: &str,
    state: &TenantState,
    zone: &TimeZone,
    paint: Paint,
) -> String {
    let Foreseen { at, timer, telling } = foreseen;
    let why = paint.ink(Ink::Faint, &format!("({})", printable(&why(timer, *at, state))));
    let (at, client) = (moment(*at, zone), printable(telling.client.as_str()));
    let mut text = format!("  {at}  {} for {client}{about}  {why}\n", telling.kind.as_str());
    let mut off = Vec::new();
    for (channel, verdict) in &telling.channels {
        let channel = channel.as_str();
        let fate = match verdict {
            Verdict::Goes(_) => paint.ink(Ink::Good, "will be sent"),
            Verdict::Skipped(SkipReason::KindOff) => {
                off.push(channel);
                continue;
            }
            Verdict::Skipped(reason) => not_sent(reason.as_str(), channel, paint),
        };
        text.push_str(&format!("      {channel:<6} {fate}\n"));
    }
    if let Some(off) = switched_off(&off) {
        text.push_str(&format!("      {}\n", paint.ink(Ink::Faint, &off)));
    }
    text
}

/// What brings it about.
fn why(timer: &Timer, at: Timestamp, state: &TenantState) -> String {
    match timer {
        Timer::Reminder { booking, rule } => {
            format!("{} before it{}", lead(rule), quiet(booking, rule, at, state))
        }
        Timer::AttendanceCheck { .. } => "cancelling will soon cost something".to_owned(),
        Timer::OfferEnds { entry } => format!("the offer to place {entry} runs out"),
        Timer::Series { series, .. } => format!("the dates of series {series} together"),
        Timer::ErasurePage { .. } => "somebody was erased".to_owned(),
        Timer::Review { .. } => "after the visit".to_owned(),
        Timer::WinBack { .. } => "long since the last visit".to_owned(),
        Timer::CountAttendance { session } => {
            format!("who comes to session {session} is counted")
        }
        Timer::SessionStarts { session } => format!("session {session} starts"),
        Timer::SessionPage { session, .. } => format!("session {session} has changed"),
        Timer::Broadcast { broadcast, .. } => broadcast.to_string(),
        Timer::BroadcastTo { broadcast, .. } => format!("{broadcast}, after the quiet hours"),
        Timer::BroadcastEnds { broadcast } => format!("{broadcast} is over"),
        Timer::PlanBookings { .. } | Timer::PlanClients { .. } => "new settings".to_owned(),
        Timer::Retire { .. } => "what has long been over is let go of".to_owned(),
    }
}

/// Where the quiet hours move a reminder.
fn quiet(id: &BookingId, rule: &LeadRule, at: Timestamp, state: &TenantState) -> &'static str {
    let (Some(settings), Some(booking)) = (state.settings(), state.booking(id)) else { return "" };
    let Some(client) = state.client(&booking.client) else { return "" };
    let planned = reminders(settings, booking, client).into_iter();
    let Some(planned) = planned.into_iter().find(|planned| planned.rule == *rule) else {
        return "";
    };
    match settings.quiet_hours {
        Some(_) if at < planned.by_rule => ", before the quiet hours",
        Some(_) if at > planned.by_rule => ", after the quiet hours",
        _ => "",
    }
}

fn lead(rule: &LeadRule) -> String {
    let counted = |count: u32, what| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let exactly = |seconds: u32| match seconds {
        hours if hours % HOUR_SECONDS == 0 => counted(hours / HOUR_SECONDS, "hour"),
        minutes if minutes % MINUTE_SECONDS == 0 => counted(minutes / MINUTE_SECONDS, "minute"),
        seconds => counted(seconds, "second"),
    };
    match rule {
        LeadRule::Days(days) => counted(u32::from(*days), "day"),
        LeadRule::Exact(seconds) => exactly(*seconds),
        LeadRule::DaysAndExact { days, seconds } => {
            format!("{} and {}", counted(u32::from(*days), "day"), exactly(*seconds))
        }
        LeadRule::At { days_before, at } => {
            format!("at {}, {}", at.strftime("%H:%M"), counted(u32::from(*days_before), "day"))
        }
    }
}

/// For programs.
pub fn json(planned: &[Foreseen]) -> Value {
    let channel = |(channel, verdict): &(crate::domain::channel::Channel, Verdict)| match verdict {
        Verdict::Goes(_) => json!({ "channel": channel.as_str() }),
        Verdict::Skipped(reason) => {
            json!({ "channel": channel.as_str(), "reason": reason.as_str() })
        }
    };
    let one = |Foreseen { at, timer, telling }: &Foreseen| {
        let channels: Vec<Value> = telling.channels.iter().map(channel).collect();
        let mut one = json!({
            "due": at,
            "timer": timer,
            "kind": telling.kind.as_str(),
            "client": telling.client,
            "channels": channels,
        });
        if let Some(booking) = telling.booking() {
            one["booking"] = json!(booking);
        }
        one
    };
    planned.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(timer: &Timer) -> String {
        why(timer, Timestamp::UNIX_EPOCH, &TenantState::default())
    }

    #[test]
    fn leads_in_words() {
        let said = |rule: &str| {
            let booking = BookingId::parse("b1").unwrap();
            said(&Timer::Reminder { booking, rule: LeadRule::parse(rule).unwrap() })
        };
        for (rule, words) in [
            ("P1D", "1 day before it"),
            ("P2W", "14 days before it"),
            ("PT24H", "24 hours before it"),
            ("PT90M", "90 minutes before it"),
            ("P1DT2H", "1 day and 2 hours before it"),
            ("PT1S", "1 second before it"),
        ] {
            assert_eq!(said(rule), words);
        }
        let eve = LeadRule::At { days_before: 1, at: jiff::civil::time(18, 0, 0, 0) };
        assert_eq!(lead(&eve), "at 18:00, 1 day");
    }
}
