//! Letters: a message with all that its text draws on, written for its channel.
//!
//! The daemon and `bellhop rehearse` write with one [`Stationery`], so that what is rehearsed is
//! what will be read; and deciding counts with a [`Pen`] what a text will take with its link.

mod acting;

pub use acting::{Pen, object};

use self::acting::act;
use crate::content::{Catalogue, ContentError, Letter, Rendered};
use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::client::Client;
use crate::domain::id::TenantId;
use crate::domain::message::Message;
use crate::domain::plan::Plans;
use crate::domain::settings::Settings;
use crate::domain::template::CustomText;
use crate::domain::texts::Said;
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
    /// The link by which the client can act, likewise.
    pub link: Option<String>,
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
        let custom = custom.filter(|_| self.plans.allow_custom_text(&settings.plan));
        let unsubscribe = self.unsubscribe(tenant, message, client);
        let link = self.link(tenant, message, settings, client);
        let from = self.sender(settings);
        let (out, link_in) = (unsubscribe.as_deref(), link.as_deref());
        let letter = Letter {
            tenant,
            message,
            settings,
            client,
            custom,
            from,
            unsubscribe: out,
            link: link_in,
        };
        let rendered = self.catalogue.write(&letter)?;
        Ok(Written { rendered, unsubscribe, link })
    }

    /// The link by which the client can act on what a message tells; the same on every attempt.
    pub fn link(
        &self,
        tenant: &TenantId,
        message: &Message,
        settings: &Settings,
        client: &Client,
    ) -> Option<String> {
        if let Some(code) = &message.link_code {
            return self.links.map(|links| links.short(code));
        }
        let Message { kind, facts, channel, due, .. } = message;
        let (kind, custom, due) = (*kind, None, *due);
        let said = Said { tenant, settings, client, kind, facts, custom, due };
        act(self.links?, &said, *channel)
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
mod tests;
