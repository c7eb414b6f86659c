//! A tenant in virtual time beside what a store would hold of it. Each decision is held against
//! the [`super::promises`].

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::accounts::{
    events_say_what_happened, silent_commands_are_silent, tellings_and_messages_agree,
};
use super::chaos::{CLIENTS, SESSIONS};
use super::giving_up::Spoken;
use super::world::Typewriter;
use super::*;
use crate::domain::command::ScheduleSession;
use crate::domain::decide::{Ctx, Input, decide};
use crate::domain::decision::{Change, Record};
use crate::domain::event::Event;
use crate::domain::id::{CauseId, EntryId, TenantId};
use crate::domain::message::{Message, MessageId, Topic, Unsent};
use crate::domain::rehearsal::{Rehearsal, Stage};
use crate::domain::session::{PAGE_PEOPLE, Session};
use crate::domain::timer::Outage;

/// An offer as it was last made.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) shared: bool,
}

/// Watches one tenant, and remembers what a store would.
pub(super) struct Witness {
    pub(super) rehearsal: Rehearsal,
    tenant: TenantId,
    pub(super) plans: Plans,
    pub(super) provided: Channels,
    texts: Typewriter,
    pub(super) outages: Vec<Outage>,
    pub(super) now: Timestamp,
    page: usize,
    /// Whether pages may come after commands of the same instant.
    late: bool,
    /// What was decided to be said.
    pub(super) said: Vec<String>,
    /// The last time that a client heard of for a booking on a channel.
    pub(super) heard: HashMap<(BookingId, ClientId, Channel), (Kind, Timestamp)>,
    commands: u32,
    records: BTreeMap<String, Record>,
    pub(super) unsent: Vec<(Topic, Unsent)>,
    pub(super) waiting: Vec<Message>,
    /// What was said together.
    pub(super) spoken: Spoken,
    ids: HashSet<MessageId>,
    pub(super) offered: HashMap<EntryId, Offer>,
    pub(super) noticed: HashMap<ClientId, Vec<Timestamp>>,
    pub(super) reviewed: HashMap<ClientId, Timestamp>,
    /// Segments that are counted, by message.
    pub(super) counted: HashMap<MessageId, u32>,
    /// Who was to read the text messages that are counted.
    pub(super) texted: HashMap<MessageId, ClientId>,
    /// The segments of each day, as the store adds them up.
    pub(super) days: BTreeMap<i64, i64>,
    /// Who said that they will come, and when to.
    pub(super) expected: HashMap<BookingId, Timestamp>,
}

impl Witness {
    pub(super) fn new(settings: &Settings, provided: Channels) -> Self {
        Self::paged(settings, provided, PAGE_PEOPLE, false)
    }

    /// A decision reaches so few people; the next page may be late.
    pub(super) fn paged(settings: &Settings, provided: Channels, page: usize, late: bool) -> Self {
        let mut witness = Self {
            rehearsal: Rehearsal::default(),
            tenant: TenantId::parse("uno").unwrap(),
            plans: Plans::default(),
            provided,
            texts: Typewriter { segments: 1, counted: Arc::default() },
            outages: Vec::new(),
            now: at(NOON),
            page,
            late,
            said: Vec::new(),
            heard: HashMap::new(),
            commands: 0,
            records: BTreeMap::new(),
            unsent: Vec::new(),
            waiting: Vec::new(),
            spoken: Spoken::default(),
            ids: HashSet::new(),
            offered: HashMap::new(),
            noticed: HashMap::new(),
            reviewed: HashMap::new(),
            counted: HashMap::new(),
            texted: HashMap::new(),
            days: BTreeMap::new(),
            expected: HashMap::new(),
        };
        witness.command(0, &configure(settings.clone()));
        for number in 0..CLIENTS {
            let name = format!("c{number}");
            witness.command(0, &register(&name, reachable(&name)));
        }
        for number in 0..SESSIONS {
            let starts_at = at(NOON) + SignedDuration::from_hours(8 * (number as i64 + 1));
            let session = ScheduleSession {
                starts_at,
                ends_at: starts_at + SignedDuration::from_hours(1),
                ..yoga(&format!("s{number}"), 1)
            };
            witness.command(0, &Command::ScheduleSession(Box::new(session)));
        }
        witness
    }

    pub(super) fn command(&mut self, minutes: i64, command: &Command) {
        if minutes > 0 || !self.late {
            self.passes(minutes);
        }
        if self.is_premature(command) {
            return;
        }
        let cause = self.next_cause();
        let accepted = self.takes(&cause, Input::Command(command));
        if let Some(decision) = accepted {
            assert!(matches!(decision.events[0], Event::CommandAccepted { .. }));
            // Who says that they will come hears before that it moved.
            if !matches!(command, Command::ConfirmAttendance(_)) || !self.late {
                silent_commands_are_silent(command, &decision);
            }
            if is_about_plans(command) {
                self.plans_are_complete();
            }
            if let Command::EraseClient(client) = command {
                self.nothing_is_left_of(client);
            }
            self.repeating_it_does_nothing(command);
        }
        if !self.late {
            self.passes(0);
        }
    }

    pub(super) fn bounced(&mut self, client: &ClientId, channel: Channel) {
        let cause = self.next_cause();
        // Of whoever was never known nothing bounces.
        let known = self.rehearsal.state().client(client).cloned();
        if let Some(client) = known {
            self.takes(&cause, Input::Bounced { client: &client, channel });
        }
    }

    /// What waits leaves, as far as it is still of use.
    pub(super) fn dispatch(&mut self) {
        for message in std::mem::take(&mut self.waiting) {
            if message.deadline.is_none_or(|deadline| self.now < deadline) {
                self.what_leaves_is_true(&message);
            }
        }
        self.rehearsal.dispatch();
        self.unsent.clear();
    }

    pub(super) fn sleep(&mut self, minutes: i64) {
        let (from, to) = (self.now, self.now + SignedDuration::from_mins(minutes));
        self.outages.push(Outage { from, to });
        self.now = to;
        self.fires(to);
    }

    /// Where offers become scarce.
    pub(super) fn near(&mut self, minutes: i64) {
        let Some(next) = self.next_session() else { return };
        let next = self.rehearsal.state().session(&next).unwrap().starts_at;
        let then = next - SignedDuration::from_mins(minutes);
        if then > self.now {
            self.fires(then);
            self.now = then;
        }
    }

    /// Everything that is planned comes.
    pub(super) fn at_last(mut self) {
        self.a_restart_loses_nothing();
        self.passes(60 * 24 * 400);
        self.dispatch();
        self.nothing_is_put_off_for_ever();
        let open = self.rehearsal.state().entries_after(None).filter(|entry| entry.state.is_open());
        assert_eq!(open.count(), 0, "somebody waits for ever");
        let is_left = self.rehearsal.state().sessions_after(None).any(|one| one.rest.is_some());
        assert!(!is_left, "a page never came");
        self.a_restart_loses_nothing();
        self.what_is_dropped_leaves_no_trace();
        self.what_is_long_over_is_let_go_of();
    }

    /// Every row, and all that was said, once nothing is due any more.
    pub(super) fn outcome(mut self) -> Vec<String> {
        self.passes(0);
        let rows = self.records.into_iter().map(|(key, record)| match record {
            Record::Session(session) => format!("{key}: {:?}", Session { pages: 0, ..session }),
            // Of what was given back the ids are those of other pages.
            Record::SmsUsage(usage) => format!("{key}: {}", usage.segments),
            record => format!("{key}: {record:?}"),
        });
        // Whether another page finds somebody who hears of the seat is not known on this one.
        for line in &mut self.said {
            *line = line.replace("passed_on: true", "passed_on: false");
        }
        rows.chain(self.said).collect()
    }

    pub(super) fn next_cause(&mut self) -> CauseId {
        self.commands += 1;
        CauseId::parse(&format!("command {}", self.commands)).unwrap()
    }

    /// Whether somebody is missed before their session has begun; nobody does that.
    fn is_premature(&self, command: &Command) -> bool {
        let Command::MissBooking(id) = command else { return false };
        let booking = self.rehearsal.state().booking(id);
        booking.is_some_and(|booking| booking.session.is_some() && !booking.started(self.now))
    }

    pub(super) fn passes(&mut self, minutes: i64) {
        let until = self.now + SignedDuration::from_mins(minutes);
        self.fires(until);
        self.now = until;
    }

    fn fires(&mut self, until: Timestamp) {
        while self.rehearsal.next_due().is_some_and(|due| due <= until) {
            let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
            let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
            let fired = rehearsal.fire_next(&stage, until, *now).unwrap();
            self.now = fired.at;
            let accepted = fired.decision.events.iter();
            let accepted = accepted.filter(|e| matches!(e, Event::CommandAccepted { .. }));
            assert_eq!(accepted.count(), 0, "no command came");
            self.a_timer_that_tells_leaves_a_word(&fired.timer.timer, &fired.decision);
            self.looks_at(&fired.decision);
        }
    }

    pub(super) fn takes(&mut self, cause: &CauseId, input: Input<'_>) -> Option<Decision> {
        let Self { rehearsal, tenant, plans, provided, texts, outages, now, page, .. } = self;
        let stage = Stage { tenant, plans, provided: *provided, texts, outages, page: *page };
        let decision = rehearsal.decides(&stage, *now, cause, input).ok()?;
        self.looks_at(&decision);
        Some(decision)
    }

    fn looks_at(&mut self, decision: &Decision) {
        self.only_unsent_messages_are_superseded(decision);
        self.what_never_left_is_not_counted(decision);
        self.keep(decision);
        tellings_and_messages_agree(decision);
        events_say_what_happened(decision);
        self.timers_lie_ahead(decision);
        self.what_will_be_over_is_looked_at();
        for message in &decision.messages {
            assert!(self.ids.insert(message.id), "an id came twice");
            self.a_message_may_go(message);
            self.nobody_hears_it_twice(message);
        }
        for record in decision.changes.iter().filter_map(Change::record) {
            if let Record::Entry(entry) = record {
                self.an_offer_is_made_once_and_in_time(entry);
                self.nobody_forfeits_a_turn_for_an_outage(entry, decision);
            }
        }
        self.seats_are_given_in_order();
        self.what_waits_is_planned();
        self.nobody_has_two_seats_of_a_session();
        self.who_said_so_meant_this_date(decision);
        self.nothing_old_is_left_to_say(decision);
    }

    fn keep(&mut self, decision: &Decision) {
        self.spoken.hears(decision);
        for change in &decision.changes {
            match change {
                Change::Put(record) => {
                    self.records.insert(format!("{:?}", record.key()), record.clone());
                }
                Change::Drop(key) => {
                    self.records.remove(&format!("{key:?}"));
                }
            }
        }
        let gone = |id: MessageId| decision.superseded.iter().any(|gone| gone.message == id);
        self.unsent.retain(|(_, unsent)| !gone(unsent.id));
        self.waiting.retain(|message| !gone(message.id));
        for message in &decision.messages {
            self.waiting.push(message.clone());
            let Some(topic) = message.facts.topic() else { continue };
            let Message { id, kind, channel, segments, .. } = *message;
            let client = message.client.clone();
            self.unsent.push((topic, Unsent { id, kind, channel, client, segments }));
        }
        if let Some(client) = &decision.erased {
            self.unsent.retain(|(_, unsent)| unsent.client != *client);
            self.waiting.retain(|message| message.client != *client);
        }
    }

    /// And the same is decided by who remembers and by who has read it.
    pub(super) fn a_restart_loses_nothing(&self) {
        // The unsent in an order of their own.
        let unsent = self.unsent.iter().rev().cloned();
        let restored = TenantState::restore(self.records.values().cloned(), unsent);
        assert_eq!(restored, *self.rehearsal.state(), "the store would tell another story");
        let cause = CauseId::parse("again").unwrap();
        for command in [erase("c0"), delete("c1"), call_off("s0"), resize("s1", 9)] {
            let one = self.decide(&cause, self.rehearsal.state(), &command);
            assert_eq!(one, self.decide(&cause, &restored, &command));
        }
    }

    /// Whichever row is kept no longer: what remembers it and what has read the others are the
    /// same.
    fn what_is_dropped_leaves_no_trace(&self) {
        let unsent = || self.unsent.iter().rev().cloned();
        for (name, dropped) in &self.records {
            let others = self.records.iter().filter(|(other, _)| *other != name);
            let restored = TenantState::restore(others.map(|(_, record)| record.clone()), unsent());
            let mut state = self.rehearsal.state().clone();
            let changes = vec![Change::Drop(dropped.key())];
            state.apply(&Decision { changes, ..Decision::default() });
            assert_eq!(restored, state, "{name}");
        }
    }

    fn repeating_it_does_nothing(&mut self, command: &Command) {
        // Each of these is a new one.
        if matches!(
            command,
            Command::RecordSale { .. }
                | Command::SendLink { .. }
                | Command::PostInbox { .. }
                | Command::VerifyAllEmails { .. }
        ) {
            return;
        }
        // Whoever asked for a seat while others were to be asked first, and cannot be told of an
        // offer, may ask for it once those were.
        if let Command::RequestBooking(request) = command
            && let Ok(entry) = EntryId::parse(request.booking.as_str())
            && self.rehearsal.state().entry(&entry).is_some_and(|entry| !entry.state.is_open())
        {
            return;
        }
        let cause = CauseId::parse("once more").unwrap();
        let Ok(decision) = self.decide(&cause, self.rehearsal.state(), command) else { return };
        assert_eq!(decision.events, [Event::CommandAccepted { already_done: true, remark: None }]);
        assert_eq!(decision.changes, []);
        assert_eq!(decision.messages, []);
        assert_eq!(decision.tellings, []);
        assert_eq!(decision.superseded, []);
    }

    fn decide(
        &self,
        cause: &CauseId,
        state: &TenantState,
        command: &Command,
    ) -> Result<Decision, Rejection> {
        let Self { tenant, plans, provided, texts, outages, now, page, .. } = self;
        let ctx = Ctx {
            tenant,
            cause,
            now: *now,
            plans,
            provided: *provided,
            texts,
            outages,
            page: *page,
            sms_left: u32::MAX,
        };
        decide(&ctx, state, Input::Command(command))
    }
}

/// Whether what lies ahead may be planned otherwise by it.
fn is_about_plans(command: &Command) -> bool {
    matches!(
        command,
        Command::ConfigureTenant(_)
            | Command::RegisterClient(_)
            | Command::UpdateClient(_)
            | Command::ConfirmBooking(_)
            | Command::RescheduleBooking { .. }
            | Command::RescheduleSession { .. }
            | Command::ReassignBooking { .. }
            | Command::AcceptOffer { .. }
    )
}
