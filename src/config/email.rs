//! `[email]`: who it comes from and who carries it.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::bounces::ReturnPath;
use crate::dkim::Signers;
use crate::domain::address::EmailAddress;
use crate::domain::sender::SenderDomains;

use super::dkim::{Dkim, KEYS_MAX};
use super::error::ConfigError;
use super::names::{Names, RESERVED};
use super::outbox::OutboxFolder;
use super::plans::{sender_domains, serialize_domains};
use super::section::Section;
use super::smtp::{Smtp, SmtpUrl};
use super::telling::Telling;

/// The most providers; each has a pool and metrics of its own.
pub(super) const PROVIDERS_MAX: usize = 32;
/// The length of a `feedback_id`, in characters.
const FEEDBACK_ID_CHARS: std::ops::RangeInclusive<usize> = 5..=15;

/// `[email]`.
#[derive(Debug, Clone, Serialize)]
pub struct Email {
    /// The sender of tenants that name none.
    pub from: EmailAddress,
    /// The domains, beside that of `from`, in whose name tenants of any plan may write.
    #[serde(serialize_with = "serialize_domains", skip_serializing_if = "SenderDomains::is_empty")]
    pub sender_domains: SenderDomains,
    /// Where mails come back to, an address for each; absent: to their sender.
    #[serde(serialize_with = "shown", skip_serializing_if = "Option::is_none")]
    pub return_path: Option<ReturnPath>,
    /// By what large receivers tell this installation from others, in what they report of all
    /// mails together; absent: nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub feedback_id: Option<String>,
    /// In whose name mails are signed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dkim: Vec<Dkim>,
    /// At least one, with names of their own.
    pub providers: Vec<EmailProvider>,
}

/// One of `[[email.providers]]`.
#[derive(Debug, Clone, Serialize)]
pub struct EmailProvider {
    /// `[A-Za-z0-9_-]{1,32}`; labels metrics and events.
    pub name: Arc<str>,
    /// How mail leaves.
    #[serde(flatten)]
    pub transport: EmailTransport,
    /// Connections, or files being written, at once.
    pub connections: usize,
    /// Messages per second over all connections; absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The share of the work against the other providers; 0 takes over when no other can.
    pub weight: u32,
    /// Whether the server signs what it is handed.
    #[serde(rename = "dkim", skip_serializing_if = "std::ops::Not::not")]
    pub signs: bool,
}

/// How mail leaves: the key `kind` and what belongs to it.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum EmailTransport {
    /// To a server.
    Smtp(Box<Smtp>),
    /// Into a folder, as `.eml` files.
    Outbox(OutboxFolder),
}

impl Email {
    /// Every domain in whose name tenants of any plan may write.
    pub(super) fn all_sender_domains(&self) -> SenderDomains {
        let mut domains = SenderDomains::of(&self.from);
        domains.extend(self.sender_domains.iter().cloned());
        domains
    }

    pub(super) fn read(section: &mut Section<'_>, names: &mut Names) -> Result<Self, ConfigError> {
        let from = section
            .text("from", |text| EmailAddress::parse(text).map_err(|why| why.to_string()))?;
        let sender_domains = sender_domains(section)?;
        let return_path = section.optional_text("return_path", |text| {
            ReturnPath::parse(text).map_err(|why| why.to_string())
        })?;
        let feedback_id = section.optional_text("feedback_id", feedback_id)?;
        let providers =
            section.sections("providers", "provider_defaults", 1..=PROVIDERS_MAX, |section| {
                EmailProvider::read(section, names, return_path.as_ref())
            })?;
        let dkim = section.optional_sections("dkim", 0..=KEYS_MAX, Dkim::read)?;
        Ok(Self { from, sender_domains, return_path, feedback_id, dkim, providers })
    }

    /// What signs mails.
    pub fn signers(&self) -> Signers {
        Signers::new(self.dkim.iter().map(Dkim::signer).collect())
    }

    /// What is allowed, and hardly meant.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.unsigned().into_iter().chain(self.believed()).collect()
    }

    /// Whoever answers in Amazon's place is believed what becomes of mails.
    fn believed(&self) -> impl Iterator<Item = String> {
        self.providers.iter().filter_map(|provider| {
            let EmailTransport::Smtp(smtp) = &provider.transport else { return None };
            let base = smtp.sns()?.base_url.as_ref()?;
            let name = &provider.name;
            Some(format!(
                "email provider {name}: sns_base_url is for trying things out: what {base} \
                 says became of mails is believed"
            ))
        })
    }

    /// Mails that nobody signs: most receivers take them for forged.
    fn unsigned(&self) -> Option<String> {
        let unsigned =
            |of: &&EmailProvider| matches!(of.transport, EmailTransport::Smtp(_)) && !of.signs;
        let provider = self.providers.iter().find(unsigned)?;
        let (name, domain) = (&provider.name, self.from.ascii_domain());
        (!self.signers().know(&domain)).then(|| {
            format!(
                "email provider {name}: nobody is known to sign mails from {domain}: add \
                 [[email.dkim]] for it, or say dkim = true where the server signs them"
            )
        })
    }

    /// Whether mail leaves for real, and not into files only.
    pub(super) fn leaves(&self) -> bool {
        self.providers.iter().any(|of| !matches!(of.transport, EmailTransport::Outbox(_)))
    }
}

/// As Gmail wants it: <https://support.google.com/mail/answer/6254652>.
fn feedback_id(text: &str) -> Result<String, String> {
    let sound = FEEDBACK_ID_CHARS.contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    let (least, most) = (FEEDBACK_ID_CHARS.start(), FEEDBACK_ID_CHARS.end());
    let why = || format!("must have {least} to {most} letters, digits, hyphens and underscores");
    sound.then(|| text.to_owned()).ok_or_else(why)
}

fn shown<S: Serializer>(path: &Option<ReturnPath>, serializer: S) -> Result<S::Ok, S::Error> {
    path.as_ref().map(ReturnPath::to_string).serialize(serializer)
}

enum TransportKind {
    Smtp,
    Outbox,
}

impl EmailProvider {
    fn read(
        section: &mut Section<'_>,
        names: &mut Names,
        return_path: Option<&ReturnPath>,
    ) -> Result<Self, ConfigError> {
        let name = names.read(section)?;
        let kind = section.text("kind", |kind| match kind {
            "smtp" => Ok(TransportKind::Smtp),
            "outbox" => Ok(TransportKind::Outbox),
            _ => Err("must be \"smtp\" or \"outbox\"".to_owned()),
        })?;
        let folder = OutboxFolder::read(section)?;
        let url = section.optional_secret("url", "smtp://not-read.invalid", SmtpUrl::parse)?;
        let smtp = Smtp::read(section)?;
        let telling = Telling::read(section, return_path)?;
        if telling.is_some() && &*name == RESERVED {
            return Err(section.invalid("name", "must not be \"mail\": bounces are reported there"));
        }
        let meaningless = |key| section.invalid(key, "has no meaning for kind \"outbox\"");
        let transport = match (kind, url, telling) {
            (TransportKind::Outbox, _, Some(telling)) => return Err(meaningless(telling.key())),
            (TransportKind::Outbox, Some(_), None) => return Err(meaningless("url")),
            (TransportKind::Outbox, None, None) => EmailTransport::Outbox(folder),
            (TransportKind::Smtp, Some(url), telling) => {
                EmailTransport::Smtp(Box::new(smtp(url, telling)))
            }
            (TransportKind::Smtp, None, _) => {
                return Err(section.invalid("url", "is missing: kind \"smtp\" needs it"));
            }
        };
        Ok(Self {
            name,
            transport,
            connections: section.count("connections", 1..=1000)?,
            rate: section.optional_number("rate", 0.001..=100_000.0)?,
            weight: section.count("weight", 0..=1000)?,
            signs: section.flag("dkim")?,
        })
    }
}
