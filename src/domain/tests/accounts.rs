//! What a decision says of itself, held against what it does.

use std::collections::HashSet;

use super::*;
use crate::domain::decision::{Change, Record, Verdict};
use crate::domain::event::Event;
use crate::domain::policy::SkipReason;

pub(super) fn tellings_and_messages_agree(decision: &Decision) {
    let mut told = HashSet::new();
    for telling in &decision.tellings {
        let channels: Vec<Channel> = telling.channels.iter().map(|(channel, _)| *channel).collect();
        let some = matches!(
            telling.kind,
            Kind::NoticeManual | Kind::PaymentRequested | Kind::QueueAccepted
        );
        let all = channels == Channel::ALL;
        let is_spare = telling.fallback_of.is_some() && channels.len() == 1;
        assert!(
            all || is_spare || (some && channels.is_sorted() && !channels.is_empty()),
            "{telling:?}"
        );
        for (channel, verdict) in &telling.channels {
            let Verdict::Goes(id) = verdict else { continue };
            assert!(told.insert(*id), "two tellings claim one message");
            let message = decision.messages.iter().find(|message| message.id == *id).unwrap();
            assert_eq!(
                (message.kind, message.channel, &message.client, message.booking()),
                (telling.kind, *channel, &telling.client, telling.booking())
            );
        }
    }
    assert_eq!(told.len(), decision.messages.len(), "a message that nobody decided on");
}

pub(super) fn events_say_what_happened(decision: &Decision) {
    let mut skipped = 0;
    for event in &decision.events {
        match event {
            Event::BookingChanged { booking, state, starts_at } => {
                let written =
                    decision.changes.iter().filter_map(Change::record).any(|record| match record {
                        Record::Booking(b) => {
                            (&b.id, b.state, b.starts_at) == (booking, *state, *starts_at)
                        }
                        _ => false,
                    });
                assert!(written, "an event without its row");
            }
            Event::QueueChanged { entry, state, .. } => {
                let written = decision.changes.iter().filter_map(Change::record).any(|record| {
                    matches!(record, Record::Entry(e) if e.id == *entry && e.state == *state)
                });
                assert!(written, "an event without its row");
            }
            Event::MessageSkipped { .. } => skipped += 1,
            Event::CommandRejected(_) | Event::Message(_) => panic!("{event:?} is not decided"),
            _ => {}
        }
    }
    let verdicts = decision.tellings.iter().flat_map(|telling| &telling.channels);
    let silent = verdicts.filter(|(_, verdict)| match verdict {
        Verdict::Goes(_) => false,
        Verdict::Skipped(reason) => *reason != SkipReason::KindOff,
    });
    assert_eq!(silent.count(), skipped);
}

pub(super) fn silent_commands_are_silent(command: &Command, decision: &Decision) {
    let silent = matches!(
        command,
        Command::ConfigureTenant(_)
            | Command::UpdateClient(_)
            | Command::AnnotateBooking { .. }
            | Command::ConfirmAttendance(_)
            | Command::VerifyClientEmail(_)
            | Command::OptOut(_)
            | Command::OptIn(_)
    );
    assert!(!silent || (decision.messages.is_empty() && decision.superseded.is_empty()));
    // New settings may have a rule for which it is too late: that is recorded.
    let late =
        |kind| kind == Kind::BookingReminder && matches!(command, Command::ConfigureTenant(_));
    assert!(!silent || decision.tellings.iter().all(|telling| late(telling.kind)));
    if decision.events.contains(&Event::CommandAccepted { already_done: true }) {
        assert_eq!(decision.changes, []);
        assert_eq!(decision.tellings, []);
    }
}
