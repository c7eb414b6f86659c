//! What a text is about and for whom.

use jiff::Timestamp;

use crate::domain::address::EmailAddress;
use crate::domain::client::Client;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::message::{Facts, Message};
use crate::domain::settings::Settings;
use crate::domain::template::CustomText;

/// A message with all that its text draws on.
#[derive(Debug, Clone, Copy)]
pub struct Letter<'a> {
    pub tenant: &'a TenantId,
    pub message: &'a Message,
    /// How the tenant is called, and its language and zone.
    pub settings: &'a Settings,
    pub client: &'a Client,
    /// The tenant's own text for this kind, channel and language, where it is to be used.
    pub custom: Option<&'a CustomText>,
    /// By email: who it is from; the organizer in its calendar file (RFC 5546 §3.2 requires one).
    pub from: &'a EmailAddress,
    /// By email: the link by which the client can stop such messages, where there is one.
    pub unsubscribe: Option<&'a str>,
    /// The link by which the client can act on what it tells, where there is one.
    pub link: Option<&'a str>,
}

/// What the words depend on: a letter without its envelope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matter<'a> {
    pub kind: Kind,
    /// When it is told.
    pub due: Timestamp,
    pub facts: &'a Facts,
    pub settings: &'a Settings,
    pub client: &'a Client,
    pub custom: Option<&'a CustomText>,
    /// By which the client can act.
    pub link: Option<&'a str>,
}

impl<'a> Matter<'a> {
    /// The locales to write in, in order of preference: the client's, where a client reads it, and
    /// the tenant's.
    pub fn locales(&self) -> [Option<&'a Locale>; 2] {
        let client = self.client.locale.as_ref().filter(|_| !self.kind.is_alert());
        [client, Some(&self.settings.locale)]
    }
}

impl<'a> From<&Letter<'a>> for Matter<'a> {
    fn from(letter: &Letter<'a>) -> Self {
        let Letter { message, settings, client, custom, link, .. } = *letter;
        // What staff are told is what it is about.
        let facts = match &message.facts {
            Facts::Staff(alert) => &alert.of,
            facts => facts,
        };
        Self { kind: message.kind, due: message.due, facts, settings, client, custom, link }
    }
}
