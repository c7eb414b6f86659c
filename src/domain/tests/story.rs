//! A decision in words.

use super::*;
use crate::domain::decision::{Superseded, Verdict};
use crate::domain::event::{Event, Fate, MessageEvent};
use crate::domain::message::MessageId;
use crate::domain::policy::SkipReason;
use crate::domain::session::EntryState;
use crate::domain::timer::{DueTimer, Timer, TimerChange};

/// Knows what was unsent before the decision.
pub(super) struct Teller(BTreeMap<MessageId, (String, &'static str)>);

impl Teller {
    pub(super) fn new(before: &TenantState) -> Self {
        let unsent = before.unsent_topics().flat_map(|topic| before.unsent(topic));
        let named = unsent.map(|unsent| {
            let whose = format!("withdraw {} to {}", unsent.kind.as_str(), unsent.client);
            (unsent.id, (whose, unsent.channel.as_str()))
        });
        Self(named.collect())
    }

    /// The decision as lines: what changed, what is withdrawn, what is told, what is planned.
    pub(super) fn story(&self, decision: &Decision) -> Vec<String> {
        let mut lines: Vec<String> = decision.events.iter().filter_map(changed).collect();
        lines.extend(decision.erased.iter().map(|client| format!("{client} is erased")));
        lines.extend(self.withdrawn(decision));
        for telling in &decision.tellings {
            let verdicts = verdicts(&telling.channels);
            lines.push(format!("tell {} {}: {verdicts}", telling.client, telling.kind.as_str()));
        }
        lines.extend(decision.timers.iter().filter_map(planned));
        lines
    }

    fn withdrawn(&self, decision: &Decision) -> Vec<String> {
        let mut withdrawn: Vec<(&String, Vec<&str>)> = Vec::new();
        for Superseded { message, .. } in &decision.superseded {
            let (whose, channel) = &self.0[message];
            match withdrawn.iter_mut().find(|(known, _)| *known == whose) {
                Some((_, channels)) => channels.push(channel),
                None => withdrawn.push((whose, vec![channel])),
            }
        }
        // The order of ids says nothing.
        withdrawn.iter_mut().for_each(|(_, channels)| channels.sort_unstable());
        withdrawn.iter().map(|(whose, on)| format!("{whose}: {}", on.join(", "))).collect()
    }
}

/// An instant, briefly.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%d %b %H:%M").to_string()
}

fn verdicts(channels: &[(Channel, Verdict)]) -> String {
    let said = channels.iter().filter_map(|(channel, verdict)| match verdict {
        Verdict::Goes(_) => Some(channel.as_str().to_owned()),
        Verdict::Skipped(SkipReason::KindOff) => None,
        Verdict::Skipped(why) => Some(format!("no {} ({})", channel.as_str(), why.as_str())),
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() { "off".to_owned() } else { said.join(", ") }
}

fn changed(event: &Event) -> Option<String> {
    match event {
        Event::CommandAccepted { already_done: true, .. } => Some("already done".to_owned()),
        Event::BookingChanged { booking, state, starts_at, .. } => {
            Some(format!("{booking} is {}, {starts_at}", state.as_str()))
        }
        Event::SessionChanged { session, cancelled: true, .. } => {
            Some(format!("session {session} is cancelled"))
        }
        Event::SessionChanged { session, starts_at, capacity, .. } => {
            Some(format!("session {session} is at {}, {capacity} seats", instant(*starts_at)))
        }
        Event::QueueChanged { entry, client, state, .. } => {
            let state = match state {
                EntryState::Offered { until, shared, .. } => {
                    let how = if *shared { ", the first wins" } else { "" };
                    format!("offered until {}{how}", instant(*until))
                }
                state => state.as_str().to_owned(),
            };
            Some(format!("queue {entry} of {client} is {state}"))
        }
        Event::PaymentChanged { payment, state } => {
            Some(format!("payment {payment} is {}", state.as_str()))
        }
        Event::ClientSuppressed { client, channel, mark, .. } => {
            let why = mark.why.as_str();
            Some(format!("{client} is suppressed on {} ({why})", channel.as_str()))
        }
        Event::ClientReplied { client, matched, .. } => {
            Some(format!("{client} wrote: {}", matched.unwrap_or("something")))
        }
        Event::Message(MessageEvent { client, reply, fate, .. }) => {
            let why = match fate {
                Fate::Undelivered(failure) => format!(" ({})", failure.as_str()),
                _ => String::new(),
            };
            Some(format!("{}{why} to {client}: {reply}", fate.type_name()))
        }
        _ => None,
    }
}

fn planned(change: &TimerChange) -> Option<String> {
    match change {
        TimerChange::Set(DueTimer { due, timer, .. }) => {
            Some(format!("plan {} at {}", named(timer)?, instant(*due)))
        }
        TimerChange::Cancel(timer) => Some(format!("drop {}", named(timer)?)),
    }
}

fn named(timer: &Timer) -> Option<String> {
    Some(match timer {
        Timer::Reminder { booking, rule } => format!("reminder {} of {booking}", ruled(rule)),
        Timer::AttendanceCheck { booking } => format!("check of {booking}"),
        Timer::CountAttendance { session } => format!("count of {session}"),
        Timer::SessionPage { session, .. } => format!("the next page of {session}"),
        Timer::ErasurePage { done, .. } => format!("the next to forget behind {done}"),
        Timer::Review { booking } => format!("review of {booking}"),
        Timer::WinBack { client } => format!("win-back of {client}"),
        Timer::Broadcast { broadcast, .. } => format!("the next page of {broadcast}"),
        Timer::BroadcastTo { broadcast, client } => format!("{broadcast} to {client}"),
        Timer::PlanBookings { .. } => "the next bookings".to_owned(),
        Timer::PlanClients { .. } => "the next clients".to_owned(),
        Timer::Series { series, client } => format!("{series} to {client}"),
        Timer::OfferEnds { .. }
        | Timer::SessionStarts { .. }
        | Timer::BroadcastEnds { .. }
        | Timer::Retire { .. } => return None,
    })
}

fn ruled(rule: &LeadRule) -> String {
    match rule {
        LeadRule::Days(days) => format!("P{days}D"),
        LeadRule::Exact(seconds) => format!("PT{}M", seconds / 60),
        LeadRule::DaysAndExact { days, seconds } => format!("P{days}DT{}M", seconds / 60),
        LeadRule::At { days_before, at } => format!("P{days_before}D at {at}"),
    }
}
