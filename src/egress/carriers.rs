//! Who carries what: the providers of every channel.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::config::{
    Config, Email, EmailProvider, EmailTransport as Settings, Gateway, GatewayTransport, Gateways,
    HttpGateway,
};

use crate::domain::channel::{Channel, Channels};

use super::error::EgressError;
use super::http::HttpClient;
use super::mail::Mail;
use super::note::{InboxItem, Notes};
use super::outbox::Outbox;
use super::providers::{Providers, Terms, Transport};
use super::push::PushTransport;
#[cfg(test)]
use super::script::Script;
use super::smpp::SmppClient;
use super::sms::{Listener, SmsTransport};
use super::smtp::{PER_CONNECTION, SmtpClient, tls_by, tls_client_config, tls_of};
use super::tried::{Tried, Wanted};

/// Whoever carries mail.
pub type EmailProviders = Providers<EmailTransport>;

/// The providers of every channel.
pub struct Carriers {
    pub email: EmailProviders,
    /// For text messages.
    pub sms: Providers<SmsTransport>,
    /// For mobile push.
    pub push: Providers<PushTransport>,
    /// For the app's inbox.
    pub inbox: Providers<InboxTransport>,
}

impl Carriers {
    /// Sets up what is configured. Connects to nothing yet.
    ///
    /// # Errors
    /// [`EgressError::NoTls`].
    pub fn new(config: &Config) -> Result<Self, EgressError> {
        let public = tls_client_config()?;
        Ok(Self {
            email: email_providers(&config.email, &public)?,
            sms: sms_providers(config, &public)?,
            push: push_providers(config, &public)?,
            inbox: inbox_providers(config, &public)?,
        })
    }

    /// Providers of mail that follow scripts, each with so many connections.
    #[cfg(test)]
    pub fn scripted(scripts: &[Arc<Script>], at_once: usize) -> Self {
        let providers = scripts.iter().enumerate().map(|(place, script)| {
            let (name, endpoint) = (Arc::from(format!("script-{place}")), "a script".to_owned());
            let terms = Terms {
                name,
                kind: "script",
                endpoint,
                at_once,
                rate: None,
                weight: 1,
                countries: Vec::new(),
                bound: None,
            };
            (terms, EmailTransport(Way::Scripted(script.clone())))
        });
        Self {
            email: Providers::of(providers),
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

    /// On what terms the providers of a channel take messages, in the order of the configuration.
    pub fn terms(&self, channel: Channel) -> Vec<Terms> {
        match channel {
            Channel::Email => self.email.terms(),
            Channel::Sms => self.sms.terms(),
            Channel::Push => self.push.terms(),
            Channel::Inbox => self.inbox.terms(),
        }
    }

    /// Those that speak to us over connections of ours.
    pub fn listeners(&self) -> Vec<Listener> {
        self.sms.transports().filter_map(SmsTransport::listener).collect()
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

/// How messages reach the app's mailboxes and boards.
pub struct InboxTransport(InboxWay);

enum InboxWay {
    /// The store's own.
    Store,
    Http(Box<HttpClient>),
    Outbox(Notes<InboxItem>),
}

impl Transport for InboxTransport {
    type Load = InboxItem;

    async fn send(&self, item: &InboxItem, wanted: Wanted<'_>) -> Option<Tried> {
        match &self.0 {
            InboxWay::Store => Some(item.put()),
            InboxWay::Http(client) => client.send(item, wanted).await,
            InboxWay::Outbox(notes) => notes.send(item, wanted).await,
        }
    }

    fn cut(&self) {
        if let InboxWay::Http(client) = &self.0 {
            client.cut();
        }
    }

    async fn close(&self) {
        if let InboxWay::Http(client) = &self.0 {
            client.close();
        }
    }
}

impl EmailProviders {
    /// Sets up what is configured. Connects to nothing yet.
    ///
    /// # Errors
    /// [`EgressError::NoTls`].
    pub fn new(email: &Email) -> Result<Self, EgressError> {
        email_providers(email, &tls_client_config()?)
    }
}

fn email_providers(
    email: &Email,
    public: &Arc<ClientConfig>,
) -> Result<EmailProviders, EgressError> {
    let providers = email.providers.iter().map(|provider| {
        let EmailProvider { name, connections, rate, weight, transport, .. } = provider;
        let (transport, at_once, endpoint, kind) = match transport {
            Settings::Smtp(smtp) => {
                let tls = tls_of(smtp, public)?;
                let client = SmtpClient::new(name, smtp, *connections, tls);
                let endpoint = format!("{}:{}", smtp.url.host, smtp.url.port);
                (Way::Smtp(Box::new(client)), connections * PER_CONNECTION, endpoint, "smtp")
            }
            Settings::Outbox(of) => {
                let endpoint = of.folder.display().to_string();
                (Way::Outbox(Outbox::new(&of.folder)), *connections, endpoint, "outbox")
            }
        };
        let (name, rate, weight) = (name.clone(), *rate, *weight);
        let countries = Vec::new();
        let terms = Terms { name, kind, endpoint, at_once, rate, weight, countries, bound: None };
        Ok((terms, EmailTransport(transport)))
    });
    let providers: Vec<_> = providers.collect::<Result<_, EgressError>>()?;
    Ok(Providers::of(providers.into_iter()))
}

fn sms_providers(
    config: &Config,
    public: &Arc<ClientConfig>,
) -> Result<Providers<SmsTransport>, EgressError> {
    providers(&config.sms, |gateway| {
        Ok(match &gateway.transport {
            GatewayTransport::Http(http) => {
                Some(SmsTransport::by(client(config, gateway, http, public)?))
            }
            GatewayTransport::Smpp(smpp) => {
                let tls = tls_by(smpp.trust.as_ref(), public)?;
                let Gateway { name, connections, .. } = gateway;
                Some(SmsTransport::over(SmppClient::new(name, smpp, *connections, tls)))
            }
            GatewayTransport::Outbox(of) => {
                Some(SmsTransport::in_files(Notes::into_folder(&of.folder)))
            }
            // Nothing but the inbox is configured so.
            GatewayTransport::Store {} => None,
        })
    })
}

fn push_providers(
    config: &Config,
    public: &Arc<ClientConfig>,
) -> Result<Providers<PushTransport>, EgressError> {
    let mut clients = Vec::new();
    for gateway in &config.push.providers {
        if let GatewayTransport::Http(http) = &gateway.transport {
            let client = Arc::new(client(config, gateway, http, public)?);
            clients.push((&gateway.name, client));
        }
    }
    let all: Arc<[_]> = clients.iter().map(|(_, client)| client.clone()).collect();
    providers(&config.push, |gateway| {
        Ok(match &gateway.transport {
            GatewayTransport::Http(_) => {
                let own = clients.iter().find(|(name, _)| **name == gateway.name);
                own.map(|(_, own)| PushTransport::by(own.clone(), all.clone()))
            }
            GatewayTransport::Outbox(of) => {
                Some(PushTransport::in_files(Notes::into_folder(&of.folder)))
            }
            // As above; an SMSC carries text messages only.
            GatewayTransport::Store {} | GatewayTransport::Smpp(_) => None,
        })
    })
}

fn inbox_providers(
    config: &Config,
    public: &Arc<ClientConfig>,
) -> Result<Providers<InboxTransport>, EgressError> {
    providers(&config.inbox, |gateway| {
        let way = match &gateway.transport {
            GatewayTransport::Store {} => InboxWay::Store,
            GatewayTransport::Http(http) => {
                InboxWay::Http(Box::new(client(config, gateway, http, public)?))
            }
            GatewayTransport::Outbox(of) => InboxWay::Outbox(Notes::into_folder(&of.folder)),
            // It carries text messages only.
            GatewayTransport::Smpp(_) => return Ok(None),
        };
        Ok(Some(InboxTransport(way)))
    })
}

/// The providers of a channel, each with what `transport` makes of it.
fn providers<T: Transport>(
    gateways: &Gateways,
    transport: impl Fn(&Gateway) -> Result<Option<T>, EgressError>,
) -> Result<Providers<T>, EgressError> {
    let providers = gateways
        .providers
        .iter()
        .map(|gateway| Ok(transport(gateway)?.map(|transport| (terms(gateway), transport))));
    let providers: Vec<_> = providers.collect::<Result<_, EgressError>>()?;
    Ok(Providers::of(providers.into_iter().flatten()))
}

fn client(
    config: &Config,
    gateway: &Gateway,
    http: &HttpGateway,
    public: &Arc<ClientConfig>,
) -> Result<HttpClient, EgressError> {
    let tls = tls_by(http.terms.trust.as_ref(), public)?;
    let hooks = config.http.public_url.as_deref();
    let hook = hooks.map(|url| format!("{url}/hooks/{}", gateway.name));
    Ok(HttpClient::new(http, gateway.connections, tls, hook))
}

fn terms(gateway: &Gateway) -> Terms {
    let Gateway { name, kind, transport, connections, rate, weight, countries } = gateway;
    let endpoint = match transport {
        GatewayTransport::Http(http) => match http.gateway.target() {
            Some(target) => target.to_string(),
            None => "as each message says".to_owned(),
        },
        GatewayTransport::Smpp(smpp) => smpp.url.target(),
        GatewayTransport::Outbox(of) => of.folder.display().to_string(),
        GatewayTransport::Store {} => "the store".to_owned(),
    };
    let at_once = match transport {
        GatewayTransport::Smpp(smpp) => *connections * smpp.manners.window,
        _ => *connections,
    };
    Terms {
        name: name.clone(),
        kind,
        endpoint,
        at_once,
        rate: *rate,
        weight: *weight,
        countries: countries.clone(),
        bound: None,
    }
}
