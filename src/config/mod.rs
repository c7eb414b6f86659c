//! What the operator decides, read once at the start.
//!
//! ```text
//! config/bellhop.toml (built in) ◀─ the operator's file ◀─ BELLHOP__SECTION__KEY
//!         └────────────── layers: one tree of values ──────────────┘
//!                        each knows its line or variable (tree)
//!                                        │
//!              section: taken key by key, typed, ranged, named in every error
//!                                        │
//!                    Config: plain structs, one file per table
//! ```
//!
//! There are no defaults in the code: the commented file holds them all, so that what an operator
//! reads there is what runs. A key is known if and only if some `read` asks for it.

mod actors;
mod amqp;
mod console;
mod context;
mod dispatch;
mod dkim;
mod email;
mod error;
mod gateway;
mod http;
mod http_gateway;
mod http_templates;
mod instance;
mod known;
mod layers;
mod limits;
mod links;
mod log;
mod names;
mod outbox;
mod plans;
mod prefix;
mod retention;
mod retry;
mod secret;
mod section;
mod shutdown;
mod smpp;
mod smtp;
mod sns;
mod span;
mod store;
mod telemetry;
mod telling;
mod token;
mod tree;
mod trust;
mod url;
mod values;
mod verifier;

use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::domain::channel::{Channel, Channels};
use crate::domain::plan::Plans;
use crate::gateways::Medium;

pub use actors::Actors;
pub use amqp::{Amqp, Host, Publishers};
pub use console::Console;
pub use context::Secrets;
pub use dispatch::{ChannelDispatch, Circuit, Dispatch};
pub use dkim::{Dkim, domain as dkim_domain, selector as dkim_selector};
pub use email::{Email, EmailProvider, EmailTransport};
pub use error::{ConfigError, Place, UnknownKey};
pub use gateway::{Gateway, GatewayTransport, Gateways};
pub use http::{Http, TOKENS_ONLY};
pub use http_gateway::{HttpGateway, HttpTerms};
pub use instance::Instance;
pub use limits::{Destination, Limits, Rates, Toward};
pub use links::Links;
pub use log::{Log, LogFormat};
pub use outbox::OutboxFolder;
pub use retention::Retention;
pub use retry::Retry;
pub use shutdown::{SHUTDOWN_MAX, Shutdown};
pub use smpp::Smpp;
pub use smtp::{Credentials, Smtp, SmtpUrl, Tls};
pub use sns::Sns;
pub use store::{Store, StoreUrl};
pub use telemetry::Telemetry;
pub use telling::Telling;
pub use token::Token;
pub use trust::Trust;
pub use url::SecretUrl;
pub use verifier::certificate_fault;

use context::Context;
use error::DEFAULTS_NAME;
use names::Names;
use section::Section;

/// The commented file with every key, its default and its unit.
pub const DEFAULTS: &str = include_str!("../../config/bellhop.toml");
/// Set by systemd for services with `LoadCredential=`.
const CREDENTIALS_DIRECTORY: &str = "CREDENTIALS_DIRECTORY";

/// Everything the operator decides. Debug output holds no secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Config {
    /// Where everything durable lives.
    pub store: Store,
    /// How long what is finished is kept.
    pub retention: Retention,
    /// The broker; absent: embedded mode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub amqp: Option<Amqp>,
    /// Commands in, and the pages for operators.
    pub http: Http,
    /// The pages for operators.
    pub console: Console,
    /// Links in messages that act; absent: no message has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links: Option<Links>,
    /// Who email comes from and who carries it.
    pub email: Email,
    /// Who carries text messages.
    pub sms: Gateways,
    /// Who carries mobile push.
    pub push: Gateways,
    /// Who carries what goes into the app's inbox.
    pub inbox: Gateways,
    /// What happens after a failure that may pass.
    pub retry: Retry,
    /// How much of each channel may be under way, and when a provider is left alone.
    pub dispatch: Dispatch,
    /// Which of several daemons this one is.
    pub instance: Instance,
    /// How much may be in memory or under way.
    pub limits: Limits,
    /// Tenant actors and what happens when one panics.
    pub actors: Actors,
    /// How long each phase of stopping may take.
    pub shutdown: Shutdown,
    /// What is logged, and how.
    pub log: Log,
    /// Where the steps of traces are sent.
    pub telemetry: Telemetry,
    /// What tenants may use.
    #[serde(serialize_with = "plans::serialize")]
    pub plans: Plans,
}

/// The process's environment for [`Config::load`]. Variables that are not UTF-8 are left out: none
/// of them is ours, and `std::env::vars` panics at them.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

impl Config {
    /// The channels for which there is a provider.
    pub fn channels(&self) -> Channels {
        Channels::NONE
            .with(Channel::Email, !self.email.providers.is_empty())
            .with(Channel::Sms, !self.sms.providers.is_empty())
            .with(Channel::Push, !self.push.providers.is_empty())
            .with(Channel::Inbox, !self.inbox.providers.is_empty())
    }

    /// The defaults, nothing over them.
    ///
    /// # Errors
    /// None in a released binary: a test reads the built-in file.
    #[cfg(test)]
    pub fn embedded() -> Result<Self, ConfigError> {
        Self::load(None, std::iter::empty())
    }

    /// The defaults, with the operator's file over them and the environment over both.
    ///
    /// # Errors
    /// Says what the operator should correct, and where.
    #[cfg(test)]
    pub fn load(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        Self::load_for(file, environment, Secrets::All)
    }

    /// The same for whoever uses only some of the secrets: the files of the others need not be
    /// there. All else is checked.
    ///
    /// # Errors
    /// See [`Config::load`].
    pub fn load_for(
        file: Option<&Path>,
        environment: impl Iterator<Item = (String, String)>,
        secrets: Secrets,
    ) -> Result<Self, ConfigError> {
        let Some(path) = file else {
            return Self::layered(None, environment, secrets);
        };
        let text = std::fs::read_to_string(path)
            .map_err(|why| ConfigError::Unreadable { path: path.to_owned(), why })?;
        Self::layered(Some((&path.display().to_string(), &text)), environment, secrets)
    }

    /// Like [`Config::load`], from text; `name` stands for the file in error messages.
    ///
    /// # Errors
    /// Says what should be corrected, and on which line.
    pub fn parse(name: &str, text: &str) -> Result<Self, ConfigError> {
        Self::layered(Some((name, text)), std::iter::empty(), Secrets::All)
    }

    fn layered(
        file: Option<(&str, &str)>,
        environment: impl Iterator<Item = (String, String)>,
        secrets: Secrets,
    ) -> Result<Self, ConfigError> {
        let environment: Vec<_> = environment.collect();
        let credentials = environment.iter().find(|(name, _)| name == CREDENTIALS_DIRECTORY);
        let context = Context::new(credentials.map(|(_, folder)| folder.into()), secrets);
        let mut tree = tree::parse_document(DEFAULTS_NAME, DEFAULTS)?;
        if let Some((name, text)) = file {
            layers::overlay(&mut tree, tree::parse_document(name, text)?);
        }
        layers::overlay_environment(&mut tree, environment.into_iter())?;
        let config = Section::read(String::new(), tree, &context, Self::read)?;
        context.finish()?;
        Ok(config)
    }

    fn read(root: &mut Section<'_>) -> Result<Self, ConfigError> {
        let mut names = Names::default();
        let email = root.section("email", |section| Email::read(section, &mut names))?;
        let leaves = email.leaves();
        let mut gateways = |root: &mut Section<'_>, channel, of| {
            root.section(channel, |section| Gateways::read(section, of, &mut names, leaves))
        };
        let sms = gateways(root, "sms", Medium::Sms)?;
        let push = gateways(root, "push", Medium::Push)?;
        let inbox = gateways(root, "inbox", Medium::Inbox)?;
        let sender_domains = email.all_sender_domains();
        let limits = root.section("limits", Limits::read)?;
        let retention = root.section("retention", Retention::read)?;
        let http = root.section("http", Http::read)?;
        let plans = root.section("plans", |section| plans::read(section, sender_domains))?;
        Ok(Self {
            store: root.section("store", Store::read)?,
            instance: root.section("instance", Instance::read)?,
            amqp: root.section("amqp", Amqp::read)?,
            console: root.section("console", |section| Console::read(section, &http))?,
            http,
            links: root.section("links", Links::read)?,
            email,
            sms,
            push,
            inbox,
            retry: root.section("retry", Retry::read)?,
            dispatch: root.section("dispatch", Dispatch::read)?,
            plans: plans.with_sms(limits.sms.terms()).with_kept(retention.kept()),
            retention,
            limits,
            actors: root.section("actors", Actors::read)?,
            shutdown: root.section("shutdown", Shutdown::read)?,
            log: root.section("log", Log::read)?,
            telemetry: root.section("telemetry", Telemetry::read)?,
        })
    }

    /// What is allowed, and hardly meant.
    pub fn remarks(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        let (batch, intake) = (self.http.batch_max, self.limits.intake_max);
        if batch > intake {
            remarks.push(format!(
                "http.batch_max is {batch}, but limits.intake_max is {intake}: a batch of more \
                 than {intake} commands is refused"
            ));
        }
        remarks.extend(self.retention.remarks(self.files_stay()));
        remarks.extend(self.email.remarks());
        remarks.extend(self.telemetry.remarks());
        let gateways =
            [(Medium::Sms, &self.sms), (Medium::Push, &self.push), (Medium::Inbox, &self.inbox)];
        for (medium, gateways) in gateways {
            let of_each = |of: &Gateway| of.remarks(medium, self.http.public_url.is_some());
            remarks.extend(gateways.providers.iter().flat_map(of_each));
        }
        remarks
    }

    /// The longest that a message lies in a folder, if any does.
    fn files_stay(&self) -> Option<Duration> {
        let mails = self.email.providers.iter().filter_map(|provider| match &provider.transport {
            EmailTransport::Outbox(folder) => Some(folder.keep_for),
            EmailTransport::Smtp(_) => None,
        });
        let gateways = [&self.sms, &self.push, &self.inbox].into_iter();
        let others = gateways.flat_map(|of| &of.providers).filter_map(|of| match &of.transport {
            GatewayTransport::Outbox(folder) => Some(folder.keep_for),
            _ => None,
        });
        mails.chain(others).max()
    }

    /// What is in force, as TOML, with `***` for every secret.
    pub fn describe(&self) -> String {
        toml::to_string(self).unwrap_or_else(|error| format!("# cannot be written: {error}\n"))
    }
}

#[cfg(test)]
mod tests;
