//! What holds in every history, however mad.
//!
//! `PROPTEST_CASES` sets how many histories are played; a failing one is shrunk, shown and
//! remembered by its seed in `proptest-regressions/`.

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;

use super::chaos::{Step, TENANTS, history};
use super::*;
use crate::domain::decision::Verdict;
use crate::domain::event::Event;
use crate::domain::message::{Facts, MessageId};
use crate::domain::policy::SkipReason;

/// How many histories are played where nobody says.
const CASES: u32 = 2000;

fn config() -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(CASES),
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_history_keeps_every_promise(steps in history(), provided in 0..3_usize) {
        let provided = [Channels::ALL, Channels::of(&[Channel::Email]), Channels::NONE][provided];
        let mut ledgers: [Ledger; TENANTS] = std::array::from_fn(|_| Ledger::new(provided));
        for step in steps {
            match step {
                Step::Command(tenant, minutes, command) => {
                    ledgers[tenant].command(minutes, &command);
                }
                Step::Sent(tenant, which) => ledgers[tenant].sent(which),
            }
        }
    }
}

/// A tenant beside what a store would hold of it.
struct Ledger {
    world: World,
    records: BTreeMap<String, Record>,
    unsent: Vec<(BookingId, Unsent)>,
    ids: HashSet<MessageId>,
}

impl Ledger {
    fn new(provided: Channels) -> Self {
        let world = World { provided, ..World::empty() };
        let records = BTreeMap::new();
        let mut ledger = Self { world, records, unsent: Vec::new(), ids: HashSet::new() };
        ledger.command(0, &configure(Settings::of_profile("Uno", Profile::Appointments)));
        for client in ["c0", "c1", "c2"] {
            ledger.command(0, &register(client, reachable(client)));
        }
        ledger
    }

    fn sent(&mut self, which: usize) {
        if which < self.unsent.len() {
            let (booking, message) = self.unsent.swap_remove(which);
            self.world.state.forget(&booking, message.id);
        }
    }

    fn command(&mut self, minutes: i64, command: &Command) {
        self.world.now += SignedDuration::from_mins(minutes);
        let before = self.world.state.clone();
        let Ok(decision) = self.world.decide(command) else {
            assert_eq!(self.world.state, before, "a refusal changed something");
            return;
        };
        self.world.commands -= 1;
        assert_eq!(self.world.decide(command).as_ref(), Ok(&decision), "decided otherwise");
        tellings_and_messages_agree(&decision);
        events_say_what_happened(&decision);
        self.messages_are_new_and_in_time(&decision);
        only_unsent_messages_are_superseded(&before, &decision);
        sequences_never_fall(&before, &decision);
        silent_commands_are_silent(command, &decision);
        self.keep(&decision);
        self.world.state.apply(&decision);
        self.a_restart_loses_nothing();
        self.nothing_old_is_left_to_say(&decision);
        self.repeating_it_sends_nothing(command);
    }

    fn keep(&mut self, decision: &Decision) {
        for record in &decision.records {
            let key = match record {
                Record::Settings(_) => String::new(),
                Record::Client(client) => format!("client {}", client.id),
                Record::Booking(booking) => format!("booking {}", booking.id),
            };
            self.records.insert(key, record.clone());
        }
        self.unsent.retain(|(booking, unsent)| {
            !decision.superseded.contains(&(booking.clone(), unsent.id))
        });
        for message in &decision.messages {
            let Some(booking) = message.booking() else { continue };
            let (id, kind, channel) = (message.id, message.kind, message.channel);
            let client = message.client.clone();
            self.unsent.push((booking.clone(), Unsent { id, kind, channel, client }));
        }
    }

    fn messages_are_new_and_in_time(&mut self, decision: &Decision) {
        for message in &decision.messages {
            assert!(self.ids.insert(message.id), "an id came twice");
            assert_eq!(message.due, self.world.now);
            if let Facts::Booking(facts) = &message.facts {
                assert_eq!(message.deadline, Some(facts.starts_at));
                assert!(message.due < facts.starts_at, "sent after the start");
            }
        }
    }

    fn a_restart_loses_nothing(&self) {
        // The unsent in an order of their own.
        let unsent = self.unsent.iter().rev().cloned();
        let restored = TenantState::restore(self.records.values().cloned(), unsent);
        assert_eq!(restored, self.world.state, "the store would tell another story");
    }

    /// Once a booking changed, what its client is still to hear of it is what was just decided.
    fn nothing_old_is_left_to_say(&self, decision: &Decision) {
        for telling in &decision.tellings {
            let Some(booking) = &telling.booking else { continue };
            for unsent in self.world.state.unsent(booking) {
                let new = decision.messages.iter().any(|message| message.id == unsent.id);
                assert!(new || unsent.client != telling.client, "{unsent:?} is out of date");
            }
        }
    }

    fn repeating_it_sends_nothing(&mut self, command: &Command) {
        let before = self.world.state.clone();
        let Ok(decision) = self.world.decide(command) else { return };
        assert_eq!(decision.events, [Event::CommandAccepted { already_done: true }]);
        assert_eq!(decision.messages, []);
        assert_eq!(decision.tellings, []);
        assert_eq!(decision.superseded, []);
        self.world.state.apply(&decision);
        assert_eq!(self.world.state, before);
    }
}

fn tellings_and_messages_agree(decision: &Decision) {
    let mut told = HashSet::new();
    for telling in &decision.tellings {
        let channels: Vec<Channel> = telling.channels.iter().map(|(channel, _)| *channel).collect();
        assert_eq!(channels, Channel::ALL, "one verdict for each channel");
        for (channel, verdict) in &telling.channels {
            let Verdict::Goes(id) = verdict else { continue };
            assert!(told.insert(*id), "two tellings claim one message");
            let message = decision.messages.iter().find(|message| message.id == *id).unwrap();
            assert_eq!(
                (message.kind, message.channel, &message.client, message.booking()),
                (telling.kind, *channel, &telling.client, telling.booking.as_ref())
            );
        }
    }
    assert_eq!(told.len(), decision.messages.len(), "a message that nobody decided on");
}

fn events_say_what_happened(decision: &Decision) {
    assert!(matches!(decision.events[0], Event::CommandAccepted { .. }));
    let mut skipped = 0;
    for event in &decision.events[1..] {
        match event {
            Event::BookingChanged { booking, state, starts_at } => {
                let written = decision.records.iter().any(|record| match record {
                    Record::Booking(b) => {
                        (&b.id, b.state, b.starts_at) == (booking, *state, *starts_at)
                    }
                    _ => false,
                });
                assert!(written, "an event without its row");
            }
            Event::MessageSkipped { .. } => skipped += 1,
            other => panic!("{other:?} follows from no command"),
        }
    }
    let verdicts = decision.tellings.iter().flat_map(|telling| &telling.channels);
    let silent = verdicts.filter(|(_, verdict)| match verdict {
        Verdict::Goes(_) => false,
        Verdict::Skipped(reason) => *reason != SkipReason::KindOff,
    });
    assert_eq!(silent.count(), skipped);
}

fn only_unsent_messages_are_superseded(before: &TenantState, decision: &Decision) {
    let mut seen = HashSet::new();
    for (booking, id) in &decision.superseded {
        assert!(seen.insert(*id), "superseded twice");
        let unsent = before.unsent(booking).iter().find(|unsent| unsent.id == *id);
        let unsent = unsent.expect("superseded what was not unsent");
        let instead = decision.tellings.iter().any(|telling| {
            telling.client == unsent.client && telling.booking.as_ref() == Some(booking)
        });
        assert!(instead, "withdrawn, and nothing decided in its place");
    }
}

fn sequences_never_fall(before: &TenantState, decision: &Decision) {
    for record in &decision.records {
        let Record::Booking(booking) = record else { continue };
        let old = before.booking(&booking.id).map_or(0, |booking| booking.sequence);
        assert!(booking.sequence >= old);
    }
}

fn silent_commands_are_silent(command: &Command, decision: &Decision) {
    let silent = matches!(
        command,
        Command::ConfigureTenant(_) | Command::UpdateClient(_) | Command::AnnotateBooking { .. }
    );
    assert!(!silent || (decision.tellings.is_empty() && decision.superseded.is_empty()));
    if decision.events.contains(&Event::CommandAccepted { already_done: true }) {
        assert_eq!(decision.records, []);
        assert_eq!(decision.tellings, []);
    }
}
