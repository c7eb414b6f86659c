//! `[sms]`, `[push]`, `[inbox]`: who carries messages other than email.

use std::sync::Arc;

use serde::Serialize;

use super::email::PROVIDERS_MAX;
use super::error::ConfigError;
use super::http_gateway::{HttpGateway, HttpTerms};
use super::names::{Names, RESERVED};
use super::outbox::OutboxFolder;
use super::prefix::{COUNTRIES_MAX, prefix};
use super::section::Section;
use super::smpp::{Connecting, SESSIONS, Smpp, SmppTerms};
use super::{http_templates, known};
use crate::domain::sender::can_be_answered;
use crate::gateways::http::{Plan, Templated};
use crate::gateways::{Medium, Reader, fcm, twilio, vonage, webpush};

/// Every kind of gateway: who reads its keys. One that is added has its line here.
const KINDS: &[Kind] = &[
    Kind { name: "store", carries: &[Medium::Inbox], read: store },
    Kind { name: "http", carries: ANY, read: http },
    Kind { name: "twilio", carries: SMS, read: |of, _, shared| by_keys(of, shared, twilio::read) },
    Kind { name: "vonage", carries: SMS, read: |of, _, shared| by_keys(of, shared, vonage::read) },
    Kind { name: "smpp", carries: SMS, read: smpp },
    Kind { name: "fcm", carries: PUSH, read: |of, _, shared| by_keys(of, shared, fcm::read) },
    Kind {
        name: "webpush",
        carries: PUSH,
        read: |of, _, shared| by_keys(of, shared, webpush::read),
    },
    Kind { name: "outbox", carries: ANY, read: outbox },
];
const SMS: &[Medium] = &[Medium::Sms];
const PUSH: &[Medium] = &[Medium::Push];
const ANY: &[Medium] = &[Medium::Sms, Medium::Push, Medium::Inbox];

/// One of `[sms]`, `[push]` and `[inbox]`.
#[derive(Debug, Clone, Serialize)]
pub struct Gateways {
    /// Names of their own; without any the channel is not provided.
    pub providers: Vec<Gateway>,
}

/// One of `[[sms.providers]]` and the like.
#[derive(Debug, Clone, Serialize)]
pub struct Gateway {
    /// `[A-Za-z0-9_-]{1,32}`; labels metrics and events.
    pub name: Arc<str>,
    /// `http`, `twilio`, `outbox` and so on.
    pub kind: &'static str,
    /// How messages leave.
    #[serde(flatten)]
    pub transport: GatewayTransport,
    /// Messages under way at once.
    pub connections: usize,
    /// Messages per second; absent: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// The share of the work against the other providers; 0 takes over when no other can.
    pub weight: u32,
    /// The beginnings of numbers that it may carry (E.164); empty: all. Text messages only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub countries: Vec<String>,
}

/// How messages leave: what belongs to a kind.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum GatewayTransport {
    /// To a gateway that speaks HTTP.
    Http(Box<HttpGateway>),
    /// To an SMSC, over sessions that stay. Text messages only.
    Smpp(Box<Smpp>),
    /// Into a folder, as `.json` files.
    Outbox(OutboxFolder),
    /// Into the store, where apps read it.
    Store {},
}

impl Gateways {
    /// `mail_leaves` for real: then there are no outboxes that nobody asked for. They are for
    /// trying out; files would pile up, count as sent and keep what was to be forgotten. What is
    /// kept in the store is read, and forgotten with the rest.
    pub(super) fn read(
        section: &mut Section<'_>,
        medium: Medium,
        names: &mut Names,
        mail_leaves: bool,
    ) -> Result<Self, ConfigError> {
        let is_left_out =
            mail_leaves && medium != Medium::Inbox && section.is_built_in("providers");
        let mut unused = Names::default();
        let names = if is_left_out { &mut unused } else { names };
        let mut providers =
            section.sections("providers", "provider_defaults", 0..=PROVIDERS_MAX, |section| {
                Gateway::read(section, medium, names)
            })?;
        if is_left_out {
            providers.clear();
        }
        Ok(Self { providers })
    }
}

impl Gateway {
    /// What is allowed, and hardly meant; `is_addressed` where providers are told our own address.
    pub(super) fn remarks(&self, medium: Medium, is_addressed: bool) -> Vec<String> {
        let who = format!("{} provider {}", medium.noun(), self.name);
        let exposed = self.exposed().map(|target| {
            format!(
                "{who}: {target} is not encrypted: whoever is in between reads its messages and \
                 its secrets"
            )
        });
        let needs_address = match &self.transport {
            GatewayTransport::Http(http) => {
                http.gateway.hears().is_some_and(|hears| hears.needs_address())
            }
            _ => false,
        };
        let is_deaf = needs_address && !is_addressed;
        let deaf = is_deaf.then(|| {
            format!(
                "{who}: nothing that it reports is heard, nor what clients write back: [http] \
                 public_url does not say where it reaches the daemon"
            )
        });
        let name = self.sender().filter(|sender| !can_be_answered(sender));
        let unanswerable = name.map(|name| {
            format!(
                "{who}: nobody can answer {name:?}, neither by STOP nor by yes: let it write under a \
                 number, if tenants without one of their own ask for answers"
            )
        });
        exposed.into_iter().chain(deaf).chain(unanswerable).collect()
    }

    /// Who writes where a tenant says nothing of it, as far as it is said here.
    fn sender(&self) -> Option<&str> {
        match &self.transport {
            GatewayTransport::Http(http) => http.gateway.sender(),
            GatewayTransport::Smpp(_)
            | GatewayTransport::Outbox(_)
            | GatewayTransport::Store {} => None,
        }
    }

    /// Where its messages go, if others may read along on the way.
    fn exposed(&self) -> Option<String> {
        match &self.transport {
            GatewayTransport::Http(http) => {
                let target = http.gateway.target().filter(|target| target.is_exposed())?;
                Some(format!("http://{target}"))
            }
            GatewayTransport::Smpp(smpp) => {
                smpp.url.is_exposed().then(|| format!("smpp://{}", smpp.url.target()))
            }
            GatewayTransport::Outbox(_) | GatewayTransport::Store {} => None,
        }
    }

    fn read(
        section: &mut Section<'_>,
        medium: Medium,
        names: &mut Names,
    ) -> Result<Self, ConfigError> {
        let name = names.read(section)?;
        let kind = section.text("kind", |kind| Kind::parse(kind, medium))?;
        if &*name == RESERVED {
            return Err(section.invalid("name", "must not be \"mail\": bounces are reported there"));
        }
        let shared = Shared::read(section, medium)?;
        let transport = (kind.read)(section, medium, shared)?;
        let countries = match medium {
            Medium::Sms => countries(section)?,
            Medium::Push | Medium::Inbox => Vec::new(),
        };
        let says_nothing = section.is_built_in("connections");
        let connections = section.count("connections", 1..=1000)?;
        let connections = match &transport {
            GatewayTransport::Smpp(_) if says_nothing => SESSIONS,
            _ => connections,
        };
        Ok(Self {
            name,
            kind: kind.name,
            transport,
            connections,
            rate: section.optional_number("rate", 0.001..=100_000.0)?,
            weight: section.count("weight", 0..=1000)?,
            countries,
        })
    }
}

/// What stands in the key `kind`.
struct Kind {
    name: &'static str,
    /// Where there is such a gateway.
    carries: &'static [Medium],
    /// Reads the keys that no other kind has.
    read: fn(&mut Section<'_>, Medium, Shared) -> Result<GatewayTransport, ConfigError>,
}

impl Kind {
    fn parse(text: &str, medium: Medium) -> Result<&'static Self, String> {
        let mut known = KINDS.iter().filter(|kind| kind.carries.contains(&medium));
        known.clone().find(|kind| kind.name == text).ok_or_else(|| {
            let last = known.next_back().map(|kind| format!("\"{}\"", kind.name));
            let others: Vec<String> = known.map(|kind| format!("\"{}\"", kind.name)).collect();
            format!("must be {} or {}", others.join(", "), last.unwrap_or_default())
        })
    }
}

/// Keys with defaults, which are there for whatever kind.
struct Shared {
    folder: OutboxFolder,
    method: String,
    terms: HttpTerms,
    /// Of text messages only.
    smpp: Option<SmppTerms>,
}

impl Shared {
    fn read(section: &mut Section<'_>, medium: Medium) -> Result<Self, ConfigError> {
        Ok(Self {
            folder: OutboxFolder::read(section)?,
            method: section.text("method", |method| Ok(method.to_owned()))?,
            terms: HttpTerms::read(section)?,
            smpp: match medium {
                Medium::Sms => Some(SmppTerms::read(section)?),
                Medium::Push | Medium::Inbox => None,
            },
        })
    }
}

fn http(
    section: &mut Section<'_>,
    medium: Medium,
    Shared { method, terms, .. }: Shared,
) -> Result<GatewayTransport, ConfigError> {
    let plan = http_templates::read(section, medium, method)?
        .ok_or_else(|| section.invalid("url", "is missing: kind \"http\" needs it"))?;
    let gateway = Templated::compile(&plan, medium)
        .map_err(|fault| section.invalid(&fault.key, fault.why))?;
    let written = toml::Table::try_from(&plan)
        .map_err(|error| section.invalid("kind", format!("cannot be shown: {error}")))?;
    let gateway = Arc::new(gateway);
    Ok(GatewayTransport::Http(Box::new(HttpGateway { written, gateway, terms })))
}

/// A kind that knows its provider.
fn by_keys(
    section: &mut Section<'_>,
    Shared { terms, .. }: Shared,
    reader: Reader,
) -> Result<GatewayTransport, ConfigError> {
    if terms.idempotent {
        return Err(section.invalid("idempotent", "has no meaning for this kind"));
    }
    let (gateway, written) = known::read(section, reader)?;
    Ok(GatewayTransport::Http(Box::new(HttpGateway { written, gateway, terms })))
}

fn smpp(
    section: &mut Section<'_>,
    _: Medium,
    Shared { terms, smpp, .. }: Shared,
) -> Result<GatewayTransport, ConfigError> {
    let smpp = smpp.ok_or_else(|| section.invalid("kind", "carries text messages only"))?;
    let HttpTerms { trust, connect_timeout, answer_timeout, .. } = terms;
    let connecting = Connecting { trust, connect_timeout, answer_timeout };
    Ok(GatewayTransport::Smpp(Box::new(Smpp::read(section, smpp, connecting)?)))
}

fn outbox(
    section: &mut Section<'_>,
    medium: Medium,
    Shared { folder, method, .. }: Shared,
) -> Result<GatewayTransport, ConfigError> {
    let plan = http_templates::read(section, medium, method)?;
    without_url(section, plan, "outbox")?;
    Ok(GatewayTransport::Outbox(folder))
}

fn store(
    section: &mut Section<'_>,
    medium: Medium,
    Shared { method, .. }: Shared,
) -> Result<GatewayTransport, ConfigError> {
    let plan = http_templates::read(section, medium, method)?;
    without_url(section, plan, "store")?;
    Ok(GatewayTransport::Store {})
}

/// A folder or the store may stand in for a gateway whose other keys are still there.
fn without_url(section: &Section<'_>, plan: Option<Plan>, kind: &str) -> Result<(), ConfigError> {
    let why = || format!("has no meaning for kind \"{kind}\"");
    plan.map_or(Ok(()), |_| Err(section.invalid("url", why())))
}

fn countries(section: &mut Section<'_>) -> Result<Vec<String>, ConfigError> {
    let countries = section.optional_texts("countries", 1..=COUNTRIES_MAX, prefix);
    Ok(countries?.unwrap_or_default())
}
