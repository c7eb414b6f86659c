//! What a daemon says when it is ready.

use crate::config::{Config, Gateways};
use crate::store::{Store, StoreError};

/// What a daemon has found and will work with, in an operator's words. No secret is in it.
#[derive(Debug)]
pub struct Standing {
    /// Where the store is, and whether it was there.
    pub store: String,
    /// How many tenants are in it.
    pub tenants: u64,
    pub providers: String,
    /// The broker, if there is one.
    pub broker: String,
}

impl Standing {
    /// `found` says whether the store was there before it was opened.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn read(config: &Config, store: &Store, found: bool) -> Result<Self, StoreError> {
        let origin = if found { "found" } else { "created" };
        let broker = config.amqp.as_ref();
        Ok(Self {
            store: format!("{} ({origin})", config.store.url),
            tenants: store.count_tenants().await?,
            providers: providers(config),
            broker: broker.map_or_else(|| "none".to_owned(), |amqp| amqp.url.to_string()),
        })
    }
}

/// `email: relay, outbox; sms: none; …`.
fn providers(config: &Config) -> String {
    let gateways =
        |of: &Gateways| of.providers.iter().map(|of| of.name.to_string()).collect::<Vec<_>>();
    let mails = config.email.providers.iter().map(|of| of.name.to_string()).collect::<Vec<_>>();
    let all = [
        ("email", mails),
        ("sms", gateways(&config.sms)),
        ("push", gateways(&config.push)),
        ("inbox", gateways(&config.inbox)),
    ];
    let all = all.map(|(channel, names)| {
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        format!("{channel}: {names}")
    });
    all.join("; ")
}
