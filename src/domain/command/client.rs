//! What is said of clients, and what they want.

use std::collections::BTreeSet;

use crate::domain::address::{EmailAddress, PhoneNumber};
use crate::domain::booking::Party;
use crate::domain::channel::Channel;
use crate::domain::client::Contact;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::zone::Zone;

/// A new client.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterClient {
    /// Chosen by the upstream app.
    pub client: ClientId,
    /// How the person is called.
    pub name: String,
    pub profile: ClientFields,
    /// Who registered them.
    pub by: Option<Party>,
}

/// A change to a client: what is absent stays.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateClient {
    pub client: ClientId,
    pub name: Option<String>,
    pub profile: ClientFields,
}

/// What may be said of a client, each field optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientFields {
    pub email: Option<Contact<EmailAddress>>,
    pub phone: Option<Contact<PhoneNumber>>,
    /// Language; `Some(None)` for the tenant's.
    pub locale: Option<Option<Locale>>,
    /// Zone; `Some(None)` for the venue's.
    pub timezone: Option<Option<Zone>>,
    /// Whether the address is proved.
    pub email_verified: Option<bool>,
    /// App installations.
    pub push_tokens: Option<Vec<String>>,
    pub tags: Option<BTreeSet<String>>,
    /// Whether enrolled in the centre.
    pub enrolled: Option<bool>,
}

/// What a client wants or does not want; absent means all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub client: ClientId,
    pub channel: Option<Channel>,
    pub kind: Option<Kind>,
}
