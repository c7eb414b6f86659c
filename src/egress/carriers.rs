//! Who carries what: the providers of every channel.

#[cfg(test)]
use std::sync::Arc;

use crate::config::{
    Email, EmailProvider, EmailTransport as Settings, Gateway, GatewayTransport, Gateways,
    OutboxFolder,
};
use crate::domain::channel::{Channel, Channels};

use super::error::EgressError;
use super::mail::Mail;
use super::note::{InboxItem, Note, Notes, Push, Sms};
use super::outbox::Outbox;
use super::providers::{Providers, Terms, Transport};
#[cfg(test)]
use super::script::Script;
use super::smtp::{PER_CONNECTION, SmtpClient, tls_client_config, tls_of};
use super::tried::{Tried, Wanted};

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

    /// One provider of mail that follows a script, with so many connections.
    #[cfg(test)]
    pub fn scripted(script: &Arc<Script>, at_once: usize) -> Self {
        let name = Arc::from("scripted");
        let endpoint = "a script".to_owned();
        let terms = Terms { name: &name, endpoint, at_once, rate: None, weight: 1 };
        let transport = EmailTransport(Way::Scripted(script.clone()));
        Self {
            email: Providers::of([(terms, transport)].into_iter()),
            sms: Providers::of(std::iter::empty()),
            push: Providers::of(std::iter::empty()),
            inbox: Providers::of(std::iter::empty()),
        }
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

    /// Cuts off what is under way. What cannot have arrived counts as not tried.
    pub fn cut(&self) {
        self.email.cut();
        self.sms.cut();
        self.push.cut();
        self.inbox.cut();
    }
}

/// How mail leaves.
pub struct EmailTransport(Way);

enum Way {
    Smtp(Box<SmtpClient>),
    Outbox(Outbox),
    #[cfg(test)]
    Scripted(Arc<Script>),
}

impl Transport for EmailTransport {
    type Load = Mail;

    async fn send(&self, mail: &Mail, wanted: Wanted<'_>) -> Option<Tried> {
        match &self.0 {
            Way::Smtp(client) => client.send(mail, wanted).await,
            Way::Outbox(outbox) => Some(match wanted.leaves().await {
                Ok(()) => outbox.write(mail.id, "eml", mail.raw.clone()).await,
                Err(why) => Tried::kept_back(why),
            }),
            #[cfg(test)]
            Way::Scripted(script) => script.send(mail, wanted).await,
        }
    }

    fn cut(&self) {
        match &self.0 {
            Way::Smtp(client) => client.cut(),
            Way::Outbox(_) => {}
            #[cfg(test)]
            Way::Scripted(script) => script.cut(),
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
        let public = tls_client_config()?;
        let providers = email.providers.iter().map(|provider| {
            let EmailProvider { name, connections, rate, weight, transport } = provider;
            let (transport, at_once, endpoint) = match transport {
                Settings::Smtp(smtp) => {
                    let tls = tls_of(smtp, &public)?;
                    let client = SmtpClient::new(name, smtp, *connections, tls);
                    let endpoint = format!("{}:{}", smtp.url.host, smtp.url.port);
                    (Way::Smtp(Box::new(client)), connections * PER_CONNECTION, endpoint)
                }
                Settings::Outbox(of) => {
                    let endpoint = of.folder.display().to_string();
                    (Way::Outbox(Outbox::new(&of.folder)), *connections, endpoint)
                }
            };
            let terms = Terms { name, endpoint, at_once, rate: *rate, weight: *weight };
            Ok((terms, EmailTransport(transport)))
        });
        let providers: Vec<_> = providers.collect::<Result<_, EgressError>>()?;
        Ok(Self::of(providers.into_iter()))
    }
}

fn gateways<N: Note>(gateways: &Gateways) -> Providers<Notes<N>> {
    Providers::of(gateways.providers.iter().map(|gateway| {
        let Gateway { name, transport, connections, rate, weight } = gateway;
        let GatewayTransport::Outbox(OutboxFolder { folder, .. }) = transport;
        let endpoint = folder.display().to_string();
        let terms = Terms { name, endpoint, at_once: *connections, rate: *rate, weight: *weight };
        (terms, Notes::into_folder(folder))
    }))
}
