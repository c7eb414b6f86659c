//! A decision in the making.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::ctx::Ctx;
use crate::domain::booking::{Booking, Step, Transition, transition};
use crate::domain::called::called;
use crate::domain::client::Client;
use crate::domain::decision::{Change, Decision, Record, RecordKey, Superseded};
use crate::domain::event::Event;
use crate::domain::id::{BookingId, ClientId, EntryId, PaymentId, SeriesId, SessionId};
use crate::domain::kind::Kind;
use crate::domain::message::{MessageId, Topic, Unsent};
use crate::domain::payment::Payment;
use crate::domain::planning::{after_quiet, on_the_tick};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::remark::Remark;
use crate::domain::roster::Tally;
use crate::domain::session::{Entry, Session};
use crate::domain::settings::Settings;
use crate::domain::state::TenantState;
use crate::domain::timer::{DueTimer, Shelf, Timer, TimerChange};
use crate::domain::usage::SmsUsage;

/// Collects what follows from an input. What was put is read back from here, so that one step of
/// a decision sees the one before.
pub struct Draft<'a> {
    pub ctx: &'a Ctx<'a>,
    pub state: &'a TenantState,
    pub settings: &'a Settings,
    pub(super) decision: Decision,
    pub(super) usage: SmsUsage,
    clients: BTreeMap<ClientId, Arc<Client>>,
    sessions: BTreeMap<SessionId, Session>,
    pub(super) bookings: BTreeMap<BookingId, Booking>,
    pub(super) entries: BTreeMap<EntryId, Entry>,
    /// Of the sessions of which a booking or a place changed.
    pub(super) tallies: BTreeMap<SessionId, Tally>,
    /// How many more people this decision reaches.
    pub(super) room: usize,
    already_done: bool,
    /// What was asked for and cannot be had.
    pub(super) remark: Option<Remark>,
}

impl<'a> Draft<'a> {
    pub fn new(ctx: &'a Ctx<'a>, state: &'a TenantState, settings: &'a Settings) -> Self {
        Self {
            ctx,
            state,
            settings,
            decision: Decision::default(),
            usage: state.usage().clone(),
            clients: BTreeMap::new(),
            sessions: BTreeMap::new(),
            bookings: BTreeMap::new(),
            entries: BTreeMap::new(),
            tallies: BTreeMap::new(),
            room: ctx.page.max(1),
            already_done: false,
            remark: None,
        }
    }

    /// What follows from a command: it was accepted. Where everything is as asked, nothing does.
    pub fn accepted(mut self) -> Decision {
        if self.already_done {
            self.decision = Decision::default();
            self.usage = self.state.usage().clone();
        }
        let (already_done, remark) = (self.already_done, self.remark);
        let accepted = Event::CommandAccepted { already_done, remark };
        self.decision.events.insert(0, accepted);
        self.finished()
    }

    /// How many a decision reaches.
    pub fn page(&self) -> usize {
        self.ctx.page.max(1)
    }

    /// What follows from a timer.
    pub fn finished(mut self) -> Decision {
        if self.usage != *self.state.usage() {
            self.decision.changes.push(Record::SmsUsage(self.usage).into());
        }
        self.decision
    }

    /// Everything is as asked already.
    pub fn already_done(&mut self) {
        self.already_done = true;
    }

    pub fn client(&self, id: &ClientId) -> Result<Arc<Client>, Rejection> {
        let known = self.clients.get(id).or_else(|| self.state.client(id));
        known.cloned().ok_or_else(unknown_client)
    }

    pub fn holder(&self, booking: &Booking) -> Result<Arc<Client>, Rejection> {
        if booking.erased { Err(unknown_client()) } else { self.client(&booking.client) }
    }

    pub fn payer(&self, payment: &Payment) -> Result<Arc<Client>, Rejection> {
        if payment.erased { Err(unknown_client()) } else { self.client(&payment.client) }
    }

    /// A client who may book, wait and pay.
    pub fn living_client(&self, id: &ClientId) -> Result<Arc<Client>, Rejection> {
        let client = self.client(id)?;
        if client.deleted {
            let detail = format!("client: {} was deleted", called("client", id.as_str()));
            return Err(Rejection::new(RejectionReason::ClientDeleted, detail));
        }
        Ok(client)
    }

    /// The booking as it is by now: its session may have moved or been called off, and its page not
    /// have come yet.
    pub fn booking(&self, id: &BookingId) -> Result<Booking, Rejection> {
        let known = self.stored_booking(id).map(|booking| self.by_now(booking));
        known.ok_or_else(|| {
            Rejection::new(RejectionReason::UnknownBooking, "booking: there is no such booking")
        })
    }

    pub fn session(&self, id: &SessionId) -> Result<Session, Rejection> {
        self.known_session(id).cloned().ok_or_else(|| {
            Rejection::new(RejectionReason::UnknownSession, "session: there is no such session")
        })
    }

    /// The place as it is by now, likewise.
    pub fn entry(&self, id: &EntryId) -> Result<Entry, Rejection> {
        let known = self.entries.get(id).or_else(|| self.state.entry(id));
        known.map(|entry| self.entry_by_now(entry)).ok_or_else(|| {
            Rejection::new(
                RejectionReason::UnknownEntry,
                "entry: there is no such place in a queue",
            )
        })
    }

    pub(super) fn known_session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id).or_else(|| self.state.session(id))
    }

    pub fn payment(&self, id: &PaymentId) -> Result<Payment, Rejection> {
        self.state.payment(id).cloned().ok_or_else(|| {
            Rejection::new(RejectionReason::UnknownPayment, "payment: there is no such payment")
        })
    }

    /// Those of a client's bookings in a series that are so, as their rows are or will be.
    pub fn series(
        &self,
        series: &SeriesId,
        client: &ClientId,
        which: impl Fn(&Booking) -> bool,
    ) -> Vec<Booking> {
        let stored = self.state.series(series).filter(|b| !self.bookings.contains_key(&b.id));
        let changed = self.bookings.values().filter(|b| b.series.as_ref() == Some(series));
        let own = stored.chain(changed).filter(|booking| booking.client == *client);
        own.filter(|booking| which(booking)).cloned().collect()
    }

    pub fn event(&mut self, event: Event) {
        self.decision.events.push(event);
    }

    pub fn put(&mut self, record: Record) {
        if matches!(record, Record::Booking(_) | Record::Session(_)) && !self.holds_rows() {
            self.plan_retiring();
        }
        match &record {
            Record::Client(client) => {
                self.clients.insert(client.id.clone(), client.clone());
            }
            Record::Booking(booking) => {
                self.recount_booking(booking);
                self.bookings.insert(booking.id.clone(), booking.clone());
            }
            Record::Session(session) => {
                self.sessions.insert(session.id.clone(), session.clone());
            }
            Record::Entry(entry) => {
                self.recount_entry(entry);
                self.entries.insert(entry.id.clone(), entry.clone());
            }
            _ => {}
        }
        self.decision.changes.push(record.into());
    }

    /// The row is not kept any more. It is not read again by the same decision.
    /// What is about to be written will once have long been over.
    fn plan_retiring(&mut self) {
        let due = self.ctx.now.checked_add(self.ctx.plans.kept()).unwrap_or(Timestamp::MAX);
        self.set_timer(due, Timer::Retire { shelf: Shelf::Bookings { after: None } });
    }

    /// Whether there is a row that will once be over, or is to be written.
    fn holds_rows(&self) -> bool {
        let is_new = self.bookings.is_empty() && self.sessions.is_empty();
        !is_new || self.state.rows() > 0
    }

    /// Whether such a row is left when this decision has dropped what it drops.
    pub fn keeps_rows(&self) -> bool {
        let changes = self.decision.changes.iter();
        let dropped = changes.filter(|change| matches!(change, Change::Drop(_))).count();
        self.state.rows() > dropped
    }

    pub fn drop_record(&mut self, key: RecordKey) {
        self.decision.changes.push(Change::Drop(key));
    }

    fn recount_booking(&mut self, booking: &Booking) {
        let Some(session) = &booking.session else { return };
        let mut tally = self.tally(session);
        if let Some(old) = self.stored_booking(&booking.id) {
            tally.drop_booking(old);
        }
        tally.add_booking(booking);
        self.tallies.insert(session.clone(), tally);
    }

    fn recount_entry(&mut self, entry: &Entry) {
        let mut tally = self.tally(&entry.session);
        if let Some(old) = self.entries.get(&entry.id).or_else(|| self.state.entry(&entry.id)) {
            tally.drop_entry(old);
        }
        tally.add_entry(entry);
        self.tallies.insert(entry.session.clone(), tally);
    }

    /// Writes a booking whose state or time changed, and says so upstream.
    pub fn put_booking(&mut self, booking: Booking) {
        self.event(Event::BookingChanged {
            booking: booking.id.clone(),
            state: booking.state,
            starts_at: booking.starts_at,
            attendance_confirmed: booking.attendance_confirmed,
        });
        self.put(Record::Booking(booking));
    }

    /// Writes a session, and says so upstream.
    pub fn put_session(&mut self, session: Session) {
        self.event(Event::SessionChanged {
            session: session.id.clone(),
            cancelled: session.cancelled,
            starts_at: session.starts_at,
            capacity: session.capacity,
        });
        self.put(Record::Session(session));
    }

    /// Writes a place in a queue, and says so upstream.
    pub fn put_entry(&mut self, entry: Entry) {
        self.event(Event::QueueChanged {
            entry: entry.id.clone(),
            session: entry.session.clone(),
            client: entry.client.clone(),
            state: entry.state,
        });
        self.put(Record::Entry(entry));
    }

    /// Withdraws what this client has not been sent about the topic yet, and returns the kinds.
    /// What another client is still to hear stays true: that it is no longer theirs.
    pub fn supersede(&mut self, topic: &Topic, client: &ClientId) -> Vec<Kind> {
        self.supersede_only(topic, client, |_| true)
    }

    /// The same of some kinds only.
    pub fn supersede_only(
        &mut self,
        topic: &Topic,
        client: &ClientId,
        which: impl Fn(Kind) -> bool,
    ) -> Vec<Kind> {
        let state = self.state;
        let unsent = state.unsent(topic).iter();
        let mut kinds = Vec::new();
        for unsent in unsent.filter(|one| one.client == *client && which(one.kind)) {
            kinds.push(unsent.kind);
            if !self.decision.superseded.iter().any(|known| known.message == unsent.id) {
                let Unsent { id: message, channel, .. } = *unsent;
                let topic = topic.clone();
                self.decision.superseded.push(Superseded { message, topic, channel });
                self.never_left(unsent);
            }
        }
        kinds
    }

    pub fn set_timer(&mut self, due: Timestamp, timer: Timer) {
        let due = on_the_tick(due);
        self.decision.timers.push(TimerChange::Set(DueTimer { due, timer, trace: None }));
    }

    /// Everything personal about the client is forgotten, and what they were still to be told.
    pub fn erase(&mut self, client: ClientId) {
        let state = self.state;
        let unsent = state.unsent_topics().flat_map(|topic| state.unsent(topic));
        let mut own: Vec<&Unsent> = unsent.filter(|unsent| unsent.client == client).collect();
        let known: HashSet<MessageId> =
            self.decision.superseded.iter().map(|known| known.message).collect();
        own.retain(|own| !known.contains(&own.id));
        own.sort_unstable_by_key(|own| own.id);
        for unsent in own {
            self.never_left(unsent);
        }
        self.drop_record(RecordKey::Client(client.clone()));
        self.decision.erased = Some(client);
    }

    pub fn cancel_timer(&mut self, timer: Timer) {
        self.decision.timers.push(TimerChange::Cancel(timer));
    }
}

/// The booking in its next state, or `None` if it already is as asked.
pub fn step(
    draft: &mut Draft<'_>,
    id: &BookingId,
    step: Step,
) -> Result<Option<Booking>, Rejection> {
    let mut booking = draft.booking(id)?;
    match transition(booking.state, step, booking.started(draft.ctx.now)) {
        Transition::To(state) => {
            booking.state = state;
            Ok(Some(booking))
        }
        Transition::AlreadyDone => {
            draft.already_done();
            Ok(None)
        }
        Transition::Illegal => Err(illegal(&booking, step.participle())),
    }
}

fn unknown_client() -> Rejection {
    Rejection::new(RejectionReason::UnknownClient, "client: there is no such client")
}

/// The refusal of a step that the booking's state does not allow.
pub fn illegal(booking: &Booking, participle: &str) -> Rejection {
    let (booking, state) = (called("booking", booking.id.as_str()), booking.state.as_str());
    let detail = format!("{booking} is {state} and cannot be {participle}");
    Rejection::new(RejectionReason::IllegalTransition, detail)
}

/// The session may still change, and be booked.
pub fn check_open(draft: &Draft<'_>, session: &Session) -> Result<(), Rejection> {
    let called = || called("session", session.id.as_str());
    if session.cancelled {
        let detail = format!("{} was called off", called());
        return Err(Rejection::new(RejectionReason::SessionCancelled, detail));
    }
    if session.started(draft.ctx.now) {
        let detail = format!("{} has begun", called());
        return Err(Rejection::new(RejectionReason::SessionStarted, detail));
    }
    Ok(())
}

/// When the quiet hours that the client is in are over; woken late, a timer may find them.
pub fn quiet_until(draft: &Draft<'_>, client: &Client) -> Option<Timestamp> {
    let loud = after_quiet(draft.settings, client, draft.ctx.now);
    (loud > draft.ctx.now).then_some(loud)
}
