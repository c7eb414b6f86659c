//! Letters: a message with all that its text draws on, written for its channel.
//!
//! The daemon and `bellhop rehearse` write with one [`Stationery`], so that what is rehearsed is
//! what will be read.

use crate::content::{Catalogue, ContentError, Letter, Rendered};
use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::id::TenantId;
use crate::domain::message::Message;
use crate::domain::plan::Plans;
use crate::domain::settings::Settings;
use crate::domain::template::CustomText;
use crate::links::{Links, Unsubscribe};

/// What every letter of an installation is written with.
#[derive(Debug, Clone, Copy)]
pub struct Stationery<'a> {
    pub catalogue: &'a Catalogue,
    /// The operator's plans: which tenants have texts of their own.
    pub plans: &'a Plans,
    /// Who mails of tenants are from that name no sender, or one that they may not.
    pub from: &'a EmailAddress,
    /// Where links lead, if the operator says so.
    pub links: Option<&'a Links>,
}

/// A message as written.
#[derive(Debug)]
pub struct Written {
    /// What goes to the provider.
    pub rendered: Rendered,
    /// The link by which the client can stop such messages, as it stands in the text.
    pub unsubscribe: Option<String>,
}

impl Stationery<'_> {
    /// Writes a message. `custom` is the tenant's own text for it, which is used where the
    /// tenant's plan has any.
    ///
    /// # Errors
    /// As [`Catalogue::write`]: this message can never be sent.
    pub fn write(
        &self,
        tenant: &TenantId,
        message: &Message,
        settings: &Settings,
        client: &Client,
        custom: Option<&CustomText>,
    ) -> Result<Written, ContentError> {
        let own = self.plans.get(&settings.plan).is_some_and(|plan| plan.custom_text);
        let custom = custom.filter(|_| own);
        let link = self.unsubscribe(tenant, message, client);
        let unsubscribe = link.as_deref();
        let from = self.sender(settings);
        let letter = Letter { tenant, message, settings, client, custom, from, unsubscribe };
        let rendered = self.catalogue.write(&letter)?;
        Ok(Written { rendered, unsubscribe: link })
    }

    /// Who the tenant's mails are from. The operator may have taken the domain of its sender from
    /// the list since.
    pub fn sender<'s>(&'s self, settings: &'s Settings) -> &'s EmailAddress {
        let own = settings.sender.email.as_ref();
        own.filter(|own| self.plans.allow_sender(&settings.plan, own)).unwrap_or(self.from)
    }

    /// In emails that go to many; the same on every attempt.
    fn unsubscribe(&self, tenant: &TenantId, message: &Message, client: &Client) -> Option<String> {
        let has_one = message.channel == Channel::Email && message.kind.has_unsubscribe();
        let links = self.links.filter(|_| has_one)?;
        Some(links.unsubscribe(&Unsubscribe {
            tenant: tenant.clone(),
            client: message.client.clone(),
            known_since: client.known_since,
            kind: message.kind,
            channel: message.channel,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{BookingId, ClientId};
    use crate::domain::kind::{Kind, Profile};
    use crate::domain::message::{BookingFacts, Facts, MessageId};
    use crate::domain::sender::SenderDomains;
    use jiff::Timestamp;

    fn address(text: &str) -> EmailAddress {
        EmailAddress::parse(text).unwrap()
    }

    /// The calendar file of a confirmation by a salon whose own address is this.
    fn file(stationery: &Stationery<'_>, own: &EmailAddress) -> String {
        let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
        settings.sender.email = Some(own.clone());
        let client = Client::named(ClientId::parse("anna").unwrap(), "Anna");
        let facts = BookingFacts {
            booking: BookingId::parse("b1").unwrap(),
            starts_at: "2026-12-03T10:00:00Z".parse().unwrap(),
            ends_at: None,
            service: None,
            location: None,
            bring: None,
            moved_from: None,
            cancelled_by: None,
            reason: None,
            sequence: 0,
            awaits_confirmation: false,
            session: None,
            free_until: None,
            too_few: false,
            accepted: false,
            others: Vec::new(),
        };
        let message = Message {
            id: MessageId(uuid::Uuid::nil()),
            kind: Kind::BookingConfirmed,
            channel: Channel::Email,
            client: client.id.clone(),
            due: Timestamp::UNIX_EPOCH,
            deadline: None,
            facts: Facts::Booking(facts),
            segments: 0,
            fallback_of: None,
        };
        let tenant = TenantId::parse("salon-uno").unwrap();
        let written = stationery.write(&tenant, &message, &settings, &client, None).unwrap();
        let Rendered::Email(mail) = written.rendered else { unreachable!() };
        mail.calendar.unwrap().body
    }

    #[test]
    fn the_organizer_is_who_the_mail_is_from() {
        let (own, from) = (address("ciao@salone.example"), address("post@bellhop.example"));
        let catalogue = Catalogue::built_in().unwrap();
        for (domains, organizer) in [
            (SenderDomains::of(&own), "mailto:ciao@salone.example"),
            // The operator took it off the list.
            (SenderDomains::default(), "mailto:post@bellhop.example"),
        ] {
            let plans = Plans::new(Default::default(), domains);
            let stationery =
                Stationery { catalogue: &catalogue, plans: &plans, from: &from, links: None };
            let file = file(&stationery, &own);
            assert!(
                file.contains(&format!("ORGANIZER;CN=\"Salone Uno\":{organizer}\r\n")),
                "{file}"
            );
        }
    }
}
