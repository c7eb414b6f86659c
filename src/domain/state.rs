//! What is known of one tenant while its actor lives.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::booking::Booking;
use super::channel::Channel;
use super::client::Client;
use super::decision::{Decision, Record};
use super::id::{BookingId, ClientId, SeriesId};
use super::kind::Kind;
use super::message::{Message, MessageId};
use super::settings::Settings;

/// A message that is not known to have left yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsent {
    /// Which message.
    pub id: MessageId,
    /// What it is about.
    pub kind: Kind,
    /// How it goes.
    pub channel: Channel,
    /// To whom.
    pub client: ClientId,
}

/// Everything that deciding a tenant's next command needs.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TenantState {
    settings: Option<Arc<Settings>>,
    clients: HashMap<ClientId, Arc<Client>>,
    bookings: HashMap<BookingId, Booking>,
    series: HashMap<SeriesId, BTreeSet<BookingId>>,
    unsent: HashMap<BookingId, Vec<Unsent>>,
}

impl TenantState {
    /// The state that the stored rows describe.
    pub fn restore(
        records: impl IntoIterator<Item = Record>,
        unsent: impl IntoIterator<Item = (BookingId, Unsent)>,
    ) -> Self {
        let mut state = Self::default();
        for record in records {
            state.put(record);
        }
        for (booking, message) in unsent {
            state.remember(booking, message);
        }
        state
    }

    /// The tenant's settings, once configured.
    pub fn settings(&self) -> Option<&Arc<Settings>> {
        self.settings.as_ref()
    }

    /// A client.
    pub fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// A booking.
    pub fn booking(&self, id: &BookingId) -> Option<&Booking> {
        self.bookings.get(id)
    }

    /// Every booking, in no order.
    pub fn bookings(&self) -> impl Iterator<Item = &Booking> {
        self.bookings.values()
    }

    /// The bookings of a series, whatever became of them.
    pub fn series(&self, id: &SeriesId) -> impl Iterator<Item = &Booking> {
        self.series.get(id).into_iter().flatten().filter_map(|booking| self.bookings.get(booking))
    }

    /// The messages about a booking that are not known to have left, by id.
    pub fn unsent(&self, id: &BookingId) -> &[Unsent] {
        self.unsent.get(id).map_or(&[], Vec::as_slice)
    }

    /// Takes over what was decided.
    pub fn apply(&mut self, decision: &Decision) {
        for record in &decision.records {
            self.put(record.clone());
        }
        for (booking, id) in &decision.superseded {
            self.forget(booking, *id);
        }
        for message in &decision.messages {
            let Some(booking) = message.booking() else { continue };
            let Message { id, kind, channel, .. } = *message;
            let client = message.client.clone();
            self.remember(booking.clone(), Unsent { id, kind, channel, client });
        }
    }

    /// A message about this booking left, or never will: it can no longer be replaced.
    pub fn forget(&mut self, booking: &BookingId, id: MessageId) {
        if let Some(messages) = self.unsent.get_mut(booking) {
            messages.retain(|message| message.id != id);
            if messages.is_empty() {
                self.unsent.remove(booking);
            }
        }
    }

    /// Ordered by id, so that the same messages are the same state in whatever order they came.
    fn remember(&mut self, booking: BookingId, message: Unsent) {
        let messages = self.unsent.entry(booking).or_default();
        let place = messages.partition_point(|other| other.id < message.id);
        messages.insert(place, message);
    }

    fn put(&mut self, record: Record) {
        match record {
            Record::Settings(settings) => self.settings = Some(settings),
            Record::Client(client) => {
                self.clients.insert(client.id.clone(), client);
            }
            Record::Booking(booking) => {
                if let Some(series) = &booking.series {
                    self.series.entry(series.clone()).or_default().insert(booking.id.clone());
                }
                self.bookings.insert(booking.id.clone(), booking);
            }
        }
    }
}
