//! A decision in words.

use super::*;
use crate::domain::decision::Verdict;
use crate::domain::event::Event;
use crate::domain::policy::SkipReason;

/// The decision as lines; `before` knows what was unsent.
pub(super) fn story(before: &TenantState, decision: &Decision) -> Vec<String> {
    let mut lines = Vec::new();
    for event in &decision.events {
        match event {
            Event::CommandAccepted { already_done: true } => lines.push("already done".to_owned()),
            Event::BookingChanged { booking, state, starts_at } => {
                lines.push(format!("{booking} is {}, {starts_at}", state.as_str()));
            }
            _ => {}
        }
    }
    let mut withdrawn: Vec<(String, Vec<&str>)> = Vec::new();
    for (booking, id) in &decision.superseded {
        let unsent = before.unsent(booking).iter().find(|unsent| unsent.id == *id).unwrap();
        let whose = format!("withdraw {} to {}", unsent.kind.as_str(), unsent.client);
        match withdrawn.iter_mut().find(|(known, _)| *known == whose) {
            Some((_, channels)) => channels.push(unsent.channel.as_str()),
            None => withdrawn.push((whose, vec![unsent.channel.as_str()])),
        }
    }
    lines.extend(withdrawn.iter().map(|(whose, on)| format!("{whose}: {}", on.join(", "))));
    for telling in &decision.tellings {
        let verdicts = telling.channels.iter().filter_map(|(channel, verdict)| match verdict {
            Verdict::Goes(_) => Some(channel.as_str().to_owned()),
            Verdict::Skipped(SkipReason::KindOff) => None,
            Verdict::Skipped(why) => Some(format!("no {} ({})", channel.as_str(), why.as_str())),
        });
        let verdicts: Vec<String> = verdicts.collect();
        let verdicts = if verdicts.is_empty() { "off".to_owned() } else { verdicts.join(", ") };
        lines.push(format!("tell {} {}: {verdicts}", telling.client, telling.kind.as_str()));
    }
    lines
}
