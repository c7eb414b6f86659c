//! Whole emails: what each kind says, and that no value can make it say anything else.

mod files;
mod hostile;
mod letters;

use jiff::Timestamp;
use uuid::Uuid;

use super::{Catalogue, EmailParts, Letter};
use crate::domain::address::EmailAddress;
use crate::domain::booking::Party;
use crate::domain::channel::Channel;
use crate::domain::client::{Client, Contact};
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::kind::{Kind, Profile};
use crate::domain::message::{BookingFacts, Facts, Message, MessageId};
use crate::domain::settings::Settings;
use crate::domain::zone::Zone;

/// Every kind that has a text.
const KINDS: [Kind; 6] = [
    Kind::BookingPending,
    Kind::BookingConfirmed,
    Kind::BookingDeclined,
    Kind::BookingCancelled,
    Kind::BookingRescheduled,
    Kind::AccountWelcome,
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A letter's parts, owned, for a test to bend.
struct Desk {
    tenant: TenantId,
    settings: Settings,
    client: Client,
    facts: BookingFacts,
}

impl Desk {
    /// A haircut in Rome, everything known.
    fn full() -> Self {
        let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
        settings.timezone = Zone::parse("Europe/Rome").unwrap();
        settings.sender.email = Some(EmailAddress::parse("ciao@salone-uno.example").unwrap());
        let mut client = Client::named(ClientId::parse("c1").unwrap(), "Anna Rossi");
        client.email = Contact::Known(EmailAddress::parse("anna@example.com").unwrap());
        let facts = BookingFacts {
            booking: BookingId::parse("b1").unwrap(),
            starts_at: at("2026-12-03T09:00:00Z"),
            ends_at: Some(at("2026-12-03T09:45:00Z")),
            service: Some("Haircut".to_owned()),
            location: Some("Via Roma 1, Milano".to_owned()),
            moved_from: None,
            cancelled_by: None,
            reason: None,
            sequence: 0,
            awaits_confirmation: false,
        };
        Self { tenant: TenantId::parse("salon-uno").unwrap(), settings, client, facts }
    }

    /// The same, with nothing known but the start.
    fn bare() -> Self {
        let mut desk = Self::full();
        (desk.facts.ends_at, desk.facts.service, desk.facts.location) = (None, None, None);
        desk.settings.sender.email = None;
        desk
    }

    fn cancelled_by(mut self, party: Party, reason: Option<&str>) -> Self {
        self.facts.cancelled_by = Some(party);
        self.facts.reason = reason.map(str::to_owned);
        self
    }

    fn message(&self, kind: Kind) -> Message {
        let facts = match kind {
            Kind::AccountWelcome => Facts::Account,
            _ => Facts::Booking(self.facts.clone()),
        };
        Message {
            id: MessageId(Uuid::nil()),
            kind,
            channel: Channel::Email,
            client: self.client.id.clone(),
            due: at("2026-12-01T08:00:00Z"),
            deadline: None,
            facts,
        }
    }

    fn email(&self, kind: Kind) -> EmailParts {
        let (message, catalogue) = (self.message(kind), Catalogue::built_in().unwrap());
        let letter = Letter {
            tenant: &self.tenant,
            message: &message,
            settings: &self.settings,
            client: &self.client,
        };
        catalogue.email(&letter).unwrap()
    }

    /// Subject and text as one reads them.
    fn read(&self, kind: Kind) -> String {
        let email = self.email(kind);
        format!("Subject: {}\n\n{}", email.subject, email.text)
    }

    fn calendar(&self, kind: Kind) -> String {
        self.email(kind).calendar.unwrap().body.replace("\r\n ", "")
    }
}
