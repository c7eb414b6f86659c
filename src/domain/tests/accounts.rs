//! What a decision says of itself, held against what it does.

use std::collections::{BTreeMap, HashSet};

use super::witness::Witness;
use super::*;
use crate::domain::decision::{Change, Record, Verdict};
use crate::domain::event::Event;
use crate::domain::message::MessageId;
use crate::domain::policy::{SkipReason, is_recent};
use crate::domain::spend::{SmsTerms, day_of};

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
            Event::BookingChanged { booking, state, starts_at, .. } => {
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
    if decision.events.contains(&Event::CommandAccepted { already_done: true, remark: None }) {
        assert_eq!(decision.changes, []);
        assert_eq!(decision.tellings, []);
    }
}

impl Witness {
    /// The operator counts text messages, and lets so many go to one client in 24 hours.
    pub(super) fn frugal(settings: &Settings, per_number: u32) -> Self {
        let terms = SmsTerms { per_number: Some(per_number), ..SmsTerms::default() };
        let mut witness = Self::new(settings, Channels::ALL);
        witness.dispatch();
        witness.plans = Plans::default().with_sms(terms);
        witness.texted.clear();
        witness
    }

    /// The segments that are used up are those of the month's messages, without the withdrawn.
    pub(super) fn what_never_left_is_not_counted(&mut self, decision: &Decision) {
        let erased = self.unsent.iter().filter_map(|(_, unsent)| {
            (Some(&unsent.client) == decision.erased.as_ref()).then_some(unsent.id)
        });
        for id in decision.superseded.iter().map(|gone| gone.message).chain(erased) {
            self.counted.remove(&id);
            self.texted.remove(&id);
        }
        self.counted.extend(decision.messages.iter().map(|message| (message.id, message.segments)));
        let texts = decision.messages.iter().filter(|message| message.channel == Channel::Sms);
        self.texted.extend(texts.map(|message| (message.id, message.client.clone())));
        if let Some(client) = &decision.erased {
            self.texted.retain(|_, reader| reader != client);
        }
        self.the_day_has_what_is_counted(decision);
        self.a_client_has_the_texts_that_are_counted();
        let usage = self.rehearsal.state().usage();
        let zone = &self.rehearsal.state().settings().unwrap().timezone;
        let of_month = |id: MessageId| {
            let day = id.decided_at().unwrap().to_zoned(zone.rules().clone()).date();
            (day.year(), day.month()) == (usage.year, usage.month)
        };
        let used = self.counted.iter().filter(|(id, _)| of_month(**id)).map(|(_, count)| count);
        assert_eq!(used.sum::<u32>(), usage.segments);
    }

    /// What the store adds up is what was decided on each day, without what never left.
    fn the_day_has_what_is_counted(&mut self, decision: &Decision) {
        for (day, change) in decision.spent.by_day(self.now) {
            *self.days.entry(day).or_default() += change;
        }
        let mut days = BTreeMap::new();
        for (id, segments) in &self.counted {
            *days.entry(day_of(id.decided_at().unwrap())).or_default() += i64::from(*segments);
        }
        let some = |days: &BTreeMap<i64, i64>| {
            days.iter().map(|(day, sum)| (*day, *sum)).filter(|(_, sum)| *sum != 0).collect()
        };
        let (stored, expected): (Vec<_>, Vec<_>) = (some(&self.days), some(&days));
        assert_eq!(stored, expected);
    }

    /// Those of the last 24 hours that left, or may still.
    fn a_client_has_the_texts_that_are_counted(&self) {
        if self.plans.sms().per_number.is_none() {
            return;
        }
        for client in self.rehearsal.state().clients_after(None) {
            let of = self.texted.iter().filter(|(_, reader)| **reader == client.id);
            let mut sent: Vec<Timestamp> = of.map(|(id, _)| id.decided_at().unwrap()).collect();
            sent.retain(|at| is_recent(*at, self.now));
            sent.sort_unstable();
            let counted = client.texted_at.iter().filter(|at| is_recent(**at, self.now));
            assert_eq!(counted.copied().collect::<Vec<_>>(), sent, "{}", client.id);
        }
    }
}
