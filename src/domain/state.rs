//! What is known of one tenant while its actor lives.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Bound, Range};
use std::sync::Arc;

use super::booking::Booking;
use super::broadcast::{Broadcast, BroadcastId};
use super::channel::Channel;
use super::client::Client;
use super::decision::{Change, Decision, Record, RecordKey, Superseded};
use super::erasure::Erasure;
use super::id::{BookingId, CauseId, ClientId, EntryId, PaymentId, SeriesId, SessionId};
use super::index::drop_from;
use super::kind::Kind;
use super::letter::{LetterChange, LetterFate};
use super::message::{Message, MessageId, Topic, Unsent};
use super::payment::Payment;
use super::receipt::ReceiptChange;
use super::roster::{Rank, Roster, Tally, enrol};
use super::session::{Entry, Session};
use super::settings::Settings;
use super::template::{self, CustomText, TemplateKey};
use super::usage::SmsUsage;

/// Everything that deciding a tenant's next input needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantState {
    settings: Option<Arc<Settings>>,
    clients: BTreeMap<ClientId, Arc<Client>>,
    bookings: BTreeMap<BookingId, Booking>,
    series: HashMap<SeriesId, BTreeSet<BookingId>>,
    /// Bookings that stand only.
    by_client: HashMap<ClientId, BTreeSet<BookingId>>,
    sessions: BTreeMap<SessionId, Session>,
    entries: BTreeMap<EntryId, Entry>,
    /// Open entries only.
    places: HashMap<ClientId, BTreeSet<EntryId>>,
    rosters: HashMap<SessionId, Roster>,
    payments: HashMap<PaymentId, Payment>,
    broadcasts: BTreeMap<BroadcastId, Arc<Broadcast>>,
    erasures: HashMap<CauseId, Arc<Erasure>>,
    templates: HashMap<TemplateKey, Arc<CustomText>>,
    usage: SmsUsage,
    unsent: HashMap<Topic, Vec<Unsent>>,
}

impl TenantState {
    /// The state that the stored rows describe.
    pub fn restore(
        records: impl IntoIterator<Item = Record>,
        unsent: impl IntoIterator<Item = (Topic, Unsent)>,
    ) -> Self {
        let mut state = Self::default();
        let is_erasure = |record: &Record| matches!(record, Record::Erasure(..));
        let (erasures, rows): (Vec<_>, Vec<_>) = records.into_iter().partition(is_erasure);
        // Rows that are not written yet are forgotten once all are there.
        for record in rows.into_iter().chain(erasures) {
            state.put(record);
        }
        for (topic, message) in unsent {
            state.remember(topic, message);
        }
        state
    }

    /// The tenant's settings, once configured.
    pub fn settings(&self) -> Option<&Arc<Settings>> {
        self.settings.as_ref()
    }

    pub fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// The clients behind this one, in the order of their ids.
    pub fn clients_after(&self, id: Option<&ClientId>) -> impl Iterator<Item = &Arc<Client>> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.clients.range::<ClientId, _>((from, Bound::Unbounded)).map(|(_, client)| client)
    }

    pub fn booking(&self, id: &BookingId) -> Option<&Booking> {
        self.bookings.get(id)
    }

    /// Every booking, in the order of their ids.
    pub fn bookings(&self) -> impl Iterator<Item = &Booking> {
        self.bookings.values()
    }

    /// The bookings behind this one, in the order of their ids.
    pub fn bookings_after(&self, id: Option<&BookingId>) -> impl Iterator<Item = &Booking> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.bookings.range::<BookingId, _>((from, Bound::Unbounded)).map(|(_, booking)| booking)
    }

    /// The bookings of a series, whatever became of them.
    pub fn series(&self, id: &SeriesId) -> impl Iterator<Item = &Booking> {
        self.series.get(id).into_iter().flatten().filter_map(|booking| self.bookings.get(booking))
    }

    /// A client's open bookings.
    pub fn open_bookings(&self, client: &ClientId) -> impl Iterator<Item = &Booking> {
        self.standing_bookings(client).filter(|booking| booking.state.is_open())
    }

    /// A client's bookings of which something may still become.
    pub fn standing_bookings(&self, client: &ClientId) -> impl Iterator<Item = &Booking> {
        let ids = self.by_client.get(client).into_iter().flatten();
        ids.filter_map(|id| self.bookings.get(id))
    }

    /// How many have a seat of a session, or wait for one.
    pub fn tally(&self, session: &SessionId) -> Tally {
        self.rosters.get(session).map(Roster::tally).unwrap_or_default()
    }

    /// A session's open bookings behind this one, in the order of their ids.
    pub fn seats_after(
        &self,
        session: &SessionId,
        id: Option<&BookingId>,
    ) -> impl Iterator<Item = &Booking> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        let roster = self.rosters.get(session).into_iter();
        let ids =
            roster.flat_map(move |r| r.seats().range::<BookingId, _>((from, Bound::Unbounded)));
        ids.filter_map(|id| self.bookings.get(id))
    }

    /// A session's bookings whose clients were noted as having come before it began, in the order
    /// of their ids.
    pub fn early(&self, session: &SessionId) -> impl Iterator<Item = &Booking> {
        let roster = self.rosters.get(session).into_iter();
        roster.flat_map(Roster::early).filter_map(|id| self.bookings.get(id))
    }

    /// Who has this rank at these places of a session's queue, in the order of joining.
    pub fn line(
        &self,
        session: &SessionId,
        rank: Rank,
        places: Range<u64>,
    ) -> impl Iterator<Item = &Entry> {
        let roster = self.rosters.get(session).into_iter();
        let ids = roster.flat_map(move |roster| roster.line(rank).range(places.clone()));
        ids.filter_map(|(_, id)| self.entries.get(id))
    }

    pub fn session(&self, id: &SessionId) -> Option<&Session> {
        self.sessions.get(id)
    }

    /// The sessions behind this one, in the order of their ids.
    pub fn sessions_after(&self, id: Option<&SessionId>) -> impl Iterator<Item = &Session> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.sessions.range::<SessionId, _>((from, Bound::Unbounded)).map(|(_, session)| session)
    }

    /// A place in a queue.
    pub fn entry(&self, id: &EntryId) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// The places in any queue behind this one, in the order of their ids.
    pub fn entries_after(&self, id: Option<&EntryId>) -> impl Iterator<Item = &Entry> {
        let from = id.map_or(Bound::Unbounded, Bound::Excluded);
        self.entries.range::<EntryId, _>((from, Bound::Unbounded)).map(|(_, entry)| entry)
    }

    /// How many bookings, sessions and places in queues there are, whatever became of them.
    pub fn rows(&self) -> usize {
        self.bookings.len() + self.sessions.len() + self.entries.len()
    }

    /// A client's places of which a seat may still come, in the order of their ids.
    pub fn places(&self, client: &ClientId) -> impl Iterator<Item = &Entry> {
        let ids = self.places.get(client).into_iter().flatten();
        ids.filter_map(|id| self.entries.get(id))
    }

    pub fn payment(&self, id: &PaymentId) -> Option<&Payment> {
        self.payments.get(id)
    }

    /// Every payment, in no order.
    pub fn payments(&self) -> impl Iterator<Item = &Payment> {
        self.payments.values()
    }

    pub fn broadcast(&self, id: &BroadcastId) -> Option<&Arc<Broadcast>> {
        self.broadcasts.get(id)
    }

    /// Every broadcast.
    pub fn broadcasts(&self) -> impl Iterator<Item = &Arc<Broadcast>> {
        self.broadcasts.values()
    }

    /// What is still to be forgotten of somebody.
    pub fn erasure(&self, name: &CauseId) -> Option<&Arc<Erasure>> {
        self.erasures.get(name)
    }

    /// All that is still to be forgotten of anybody.
    pub fn erasures(&self) -> impl Iterator<Item = &Arc<Erasure>> {
        self.erasures.values()
    }

    /// How many texts of its own the tenant has.
    pub fn template_count(&self) -> usize {
        self.templates.len()
    }

    /// One of the tenant's own texts.
    pub fn template(&self, key: &TemplateKey) -> Option<&Arc<CustomText>> {
        self.templates.get(key)
    }

    /// The tenant's own text that this client is to read, if there is one.
    pub fn custom_text(
        &self,
        kind: Kind,
        channel: Channel,
        client: &Client,
    ) -> Option<&Arc<CustomText>> {
        if self.templates.is_empty() {
            return None;
        }
        let settings = self.settings.as_ref()?;
        let find = |key: &TemplateKey| self.templates.get(key);
        template::choose(find, kind, channel, client.locale.as_ref(), &settings.locale)
    }

    /// The text messages that were used up.
    pub fn usage(&self) -> &SmsUsage {
        &self.usage
    }

    /// The messages about a topic that are not known to have left, by id.
    pub fn unsent(&self, topic: &Topic) -> &[Unsent] {
        self.unsent.get(topic).map_or(&[], Vec::as_slice)
    }

    /// The topics that have unsent messages, in no order.
    pub fn unsent_topics(&self) -> impl Iterator<Item = &Topic> {
        self.unsent.keys()
    }

    /// Takes over what was decided.
    pub fn apply(&mut self, decision: &Decision) {
        for change in &decision.changes {
            match change {
                Change::Put(record) => self.put(record.clone()),
                Change::Drop(key) => self.drop_record(key),
            }
        }
        for Superseded { topic, message, .. } in &decision.superseded {
            self.forget(topic, *message);
        }
        for message in &decision.messages {
            let Some(topic) = message.facts.topic() else { continue };
            let Message { id, kind, channel, segments, .. } = *message;
            let client = message.client.clone();
            self.remember(topic, Unsent { id, kind, channel, client, segments });
        }
        for ReceiptChange { message, topic, arrival, .. } in &decision.receipts {
            // It has left, if nobody knew.
            if let (Some(topic), Some(_)) = (topic, arrival) {
                self.forget(topic, *message);
            }
        }
        for LetterChange { fate, .. } in &decision.letters {
            if let LetterFate::Again { topic: Some(topic), unsent, .. } = fate {
                self.forget(topic, unsent.id);
                self.remember(topic.clone(), unsent.clone());
            }
        }
        if let Some(client) = &decision.erased {
            self.unsent.retain(|_, messages| {
                messages.retain(|message| message.client != *client);
                !messages.is_empty()
            });
        }
    }

    /// A message about this topic left, or never will: it can no longer be replaced.
    pub fn forget(&mut self, topic: &Topic, id: MessageId) {
        if let Some(messages) = self.unsent.get_mut(topic) {
            messages.retain(|message| message.id != id);
            if messages.is_empty() {
                self.unsent.remove(topic);
            }
        }
    }

    /// Ordered by id, so that the same messages are the same state in whatever order they came.
    fn remember(&mut self, topic: Topic, message: Unsent) {
        let messages = self.unsent.entry(topic).or_default();
        let place = messages.partition_point(|other| other.id < message.id);
        messages.insert(place, message);
    }

    fn put(&mut self, record: Record) {
        match record {
            Record::Settings(settings) => self.settings = Some(settings),
            Record::Client(client) => {
                self.clients.insert(client.id.clone(), client);
            }
            Record::Booking(booking) => self.put_booking(booking),
            Record::Session(session) => {
                self.sessions.insert(session.id.clone(), session);
            }
            Record::Entry(entry) => self.put_entry(entry),
            Record::Payment(payment) => drop(self.payments.insert(payment.id.clone(), payment)),
            Record::Broadcast(broadcast) => {
                self.broadcasts.insert(broadcast.id.clone(), broadcast);
            }
            Record::Erasure(name, erasure) => {
                self.forget_rows(&erasure);
                self.erasures.insert(name, erasure);
            }
            Record::Template(key, text) => {
                self.templates.insert(key, text);
            }
            Record::SmsUsage(usage) => self.usage = usage,
        }
    }

    /// It is as if there had never been such a row.
    fn drop_record(&mut self, key: &RecordKey) {
        match key {
            RecordKey::Settings => self.settings = None,
            RecordKey::Client(id) => drop(self.clients.remove(id)),
            RecordKey::Booking(id) => self.drop_booking(id),
            RecordKey::Session(id) => drop(self.sessions.remove(id)),
            RecordKey::Entry(id) => self.drop_entry(id),
            RecordKey::Payment(id) => drop(self.payments.remove(id)),
            RecordKey::Broadcast(id) => drop(self.broadcasts.remove(id)),
            RecordKey::Erasure(name) => drop(self.erasures.remove(name)),
            RecordKey::Template(key) => drop(self.templates.remove(key)),
            RecordKey::SmsUsage => self.usage = SmsUsage::default(),
        }
    }

    /// What is written already stays: it may have changed since.
    fn forget_rows(&mut self, erasure: &Erasure) {
        for id in erasure.bookings() {
            if let Some(booking) = self.bookings.get(id).filter(|booking| !booking.erased) {
                self.put_booking(booking.forgotten());
            }
        }
        for id in &erasure.payments {
            if let Some(payment) = self.payments.get_mut(id).filter(|payment| !payment.erased) {
                *payment = payment.forgotten();
            }
        }
    }

    fn put_booking(&mut self, booking: Booking) {
        self.drop_booking(&booking.id);
        if let Some(series) = &booking.series {
            self.series.entry(series.clone()).or_default().insert(booking.id.clone());
        }
        if booking.stands() {
            self.by_client.entry(booking.client.clone()).or_default().insert(booking.id.clone());
        }
        if let Some(session) = &booking.session {
            enrol(&mut self.rosters, session, |roster| roster.add_booking(&booking));
        }
        self.bookings.insert(booking.id.clone(), booking);
    }

    fn drop_booking(&mut self, id: &BookingId) {
        let Some(old) = self.bookings.remove(id) else { return };
        drop_from(&mut self.by_client, &old.client, id);
        if let Some(series) = &old.series {
            drop_from(&mut self.series, series, id);
        }
        if let Some(session) = &old.session {
            enrol(&mut self.rosters, session, |roster| roster.drop_booking(&old));
        }
    }

    fn drop_entry(&mut self, id: &EntryId) {
        let Some(old) = self.entries.remove(id) else { return };
        drop_from(&mut self.places, &old.client, id);
        enrol(&mut self.rosters, &old.session, |roster| roster.drop_entry(&old));
    }

    fn put_entry(&mut self, entry: Entry) {
        self.drop_entry(&entry.id);
        if entry.state.is_open() {
            self.places.entry(entry.client.clone()).or_default().insert(entry.id.clone());
        }
        enrol(&mut self.rosters, &entry.session, |roster| roster.add_entry(&entry));
        self.entries.insert(entry.id.clone(), entry);
    }
}
