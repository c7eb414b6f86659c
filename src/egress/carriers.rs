//! Who carries what: the providers of every channel.

use std::sync::Arc;

use crate::config::{Email, EmailTransport as Settings, Gateway, GatewayTransport, Gateways};
use crate::domain::channel::{Channel, Channels};
use crate::domain::outcome::Outcome;

use super::error::EgressError;
use super::mail::Mail;
use super::note::{InboxItem, Note, Notes, Push, Sms};
use super::outbox::Outbox;
use super::providers::{Providers, Terms, Transport, Wanted};
use super::smtp::{PER_CONNECTION, SmtpClient, tls_client_config};

/// All providers for email.
pub type EmailProviders = Providers<EmailTransport>;

/// The providers of every channel.
pub struct Carriers {
    /// For email.
    pub email: EmailProviders,
    /// For text messages.
    pub sms: Providers<Notes<Sms>>,
    /// For mobile push.
    pub push: Providers<Notes<Push>>,
    /// For the app's inbox.
    pub inbox: Providers<Notes<InboxItem>>,
}

impl Carriers {
    /// Sets up what is configured. Connects to nothing yet.
    ///
    /// # Errors
    /// [`EgressError::NoTls`].
    pub fn new(
        email: &Email,
        sms: &Gateways,
        push: &Gateways,
        inbox: &Gateways,
    ) -> Result<Self, EgressError> {
        Ok(Self {
            email: EmailProviders::new(email)?,
            sms: gateways(sms),
            push: gateways(push),
            inbox: gateways(inbox),
        })
    }

    /// The channels for which there is a provider.
    pub fn channels(&self) -> Channels {
        Channels::NONE
            .with(Channel::Email, !self.email.is_empty())
            .with(Channel::Sms, !self.sms.is_empty())
            .with(Channel::Push, !self.push.is_empty())
            .with(Channel::Inbox, !self.inbox.is_empty())
    }

    /// Closes every provider.
    pub async fn close(&self) {
        self.email.close().await;
        self.sms.close().await;
        self.push.close().await;
        self.inbox.close().await;
    }
}

/// How mail leaves.
pub struct EmailTransport(Way);

enum Way {
    Smtp(Box<SmtpClient>),
    Outbox(Outbox),
}

impl Transport for EmailTransport {
    type Load = Mail;

    async fn send(&self, mail: &Mail, wanted: Wanted<'_>) -> (Outcome, String) {
        match &self.0 {
            Way::Smtp(client) => client.send_while(mail, wanted).await,
            Way::Outbox(outbox) => outbox.write(mail.id, "eml", mail.raw.clone()).await,
        }
    }

    async fn close(&self) {
        if let Way::Smtp(client) = &self.0 {
            client.close().await;
        }
    }
}

impl EmailProviders {
    /// Sets up what is configured. Connects to nothing yet.
    ///
    /// # Errors
    /// [`EgressError::NoTls`].
    pub fn new(email: &Email) -> Result<Self, EgressError> {
        let tls = tls_client_config()?;
        Ok(Self::of(email.providers.iter().map(|provider| {
            let (name, connections) = (&provider.name, provider.connections);
            let (transport, at_once) = match &provider.transport {
                Settings::Smtp(smtp) => {
                    let client = SmtpClient::new(name, smtp, connections, Arc::clone(&tls));
                    (Way::Smtp(Box::new(client)), connections * PER_CONNECTION)
                }
                Settings::Outbox { folder } => (Way::Outbox(Outbox::new(folder)), connections),
            };
            let (rate, weight) = (provider.rate, provider.weight);
            (Terms { name, at_once, rate, weight }, EmailTransport(transport))
        })))
    }
}

fn gateways<N: Note>(gateways: &Gateways) -> Providers<Notes<N>> {
    Providers::of(gateways.providers.iter().map(|gateway| {
        let Gateway { name, transport, connections, rate, weight } = gateway;
        let GatewayTransport::Outbox { folder } = transport;
        let terms = Terms { name, at_once: *connections, rate: *rate, weight: *weight };
        (terms, Notes::into_folder(folder))
    }))
}
