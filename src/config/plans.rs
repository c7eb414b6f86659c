//! `[plans.<name>]`: what a tenant of that plan may use.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::domain::channel::{Channel, Channels};
use crate::domain::plan::{Plan, Plans};
use crate::domain::sender::{SenderDomain, SenderDomains};

use super::error::ConfigError;
use super::limits::Rates;
use super::section::Section;

/// The most domains of one list.
const SENDER_DOMAINS_MAX: usize = 10_000;

/// The plans; beside what each says, tenants may write in the name of these domains.
pub(super) fn read(
    section: &mut Section<'_>,
    sender_domains: SenderDomains,
) -> Result<Plans, ConfigError> {
    let mut plans = BTreeMap::new();
    for (name, node) in section.rest() {
        let plan = section.named(&name, node, read_plan)?;
        plans.insert(name, plan);
    }
    Ok(Plans::new(plans, sender_domains))
}

fn read_plan(section: &mut Section<'_>) -> Result<Plan, ConfigError> {
    let channels = section.texts("channels", 0..=Channel::ALL.len(), |name| {
        Channel::parse(name).ok_or_else(|| "must be email, sms, push or inbox".to_owned())
    })?;
    Ok(Plan {
        channels: channels.into_iter().collect::<Channels>(),
        custom_text: section.flag("custom_text")?,
        sender_domains: sender_domains(section)?,
        rates: rates(section)?,
    })
}

/// The table `rates`; none where it is left out.
fn rates(section: &mut Section<'_>) -> Result<BTreeMap<Channel, f64>, ConfigError> {
    let rates = section.optional_section("rates", Rates::read)?.unwrap_or_default();
    Ok(Channel::ALL.into_iter().filter_map(|channel| Some((channel, rates.of(channel)?))).collect())
}

/// The key `sender_domains`, here and in `[email]`; none where it is left out.
pub(super) fn sender_domains(section: &mut Section<'_>) -> Result<SenderDomains, ConfigError> {
    let domains = section.optional_texts("sender_domains", 0..=SENDER_DOMAINS_MAX, |text| {
        SenderDomain::parse(text)
            .ok_or_else(|| "must be a domain, such as example.com, *.example.com or *".to_owned())
    })?;
    Ok(domains.into_iter().flatten().collect())
}

/// Writes the domains as they stand in a file.
pub(super) fn serialize_domains<S: Serializer>(
    domains: &SenderDomains,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(domains.iter().map(ToString::to_string))
}

/// Writes the plans as they stand in a file.
pub(super) fn serialize<S: Serializer>(plans: &Plans, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Written {
        channels: Vec<Channel>,
        custom_text: bool,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        sender_domains: Vec<String>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        rates: BTreeMap<Channel, f64>,
    }
    let names = plans.names();
    let mut map = serializer.serialize_map(Some(names.len()))?;
    for (name, plan) in names.into_iter().filter_map(|name| Some((name, plans.get(name)?))) {
        let channels = Channel::ALL.into_iter().filter(|c| plan.channels.contains(*c)).collect();
        let sender_domains = plan.sender_domains.iter().map(ToString::to_string).collect();
        let (custom_text, rates) = (plan.custom_text, plan.rates.clone());
        map.serialize_entry(name, &Written { channels, custom_text, sender_domains, rates })?;
    }
    map.end()
}
