//! Letters: a message with all that its text draws on, written for its channel.
//!
//! The daemon and `bellhop rehearse` write with one [`Hand`], so that what is rehearsed is what
//! will be read.

use crate::content::{Catalogue, ContentError, Letter, Rendered};
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
pub struct Hand<'a> {
    /// The texts.
    pub catalogue: &'a Catalogue,
    /// The operator's plans: which tenants have texts of their own.
    pub plans: &'a Plans,
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

impl Hand<'_> {
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
        let letter = Letter { tenant, message, settings, client, custom, unsubscribe };
        let rendered = self.catalogue.write(&letter)?;
        Ok(Written { rendered, unsubscribe: link })
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
