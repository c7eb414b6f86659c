//! What is known of one tenant while its actor lives.

use std::collections::{HashMap, HashSet};
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
    series: HashSet<SeriesId>,
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
            state.unsent.entry(booking).or_default().push(message);
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

    /// Whether a booking of this series was made before.
    pub fn knows_series(&self, id: &SeriesId) -> bool {
        self.series.contains(id)
    }

    /// The messages about a booking that are not known to have left.
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
            self.remember(message);
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

    fn remember(&mut self, message: &Message) {
        let Some(booking) = message.booking() else { return };
        self.unsent.entry(booking.clone()).or_default().push(Unsent {
            id: message.id,
            kind: message.kind,
            channel: message.channel,
            client: message.client.clone(),
        });
    }

    fn put(&mut self, record: Record) {
        match record {
            Record::Settings(settings) => self.settings = Some(settings),
            Record::Client(client) => {
                self.clients.insert(client.id.clone(), client);
            }
            Record::Booking(booking) => {
                self.series.extend(booking.series.clone());
                self.bookings.insert(booking.id.clone(), booking);
            }
        }
    }
}
