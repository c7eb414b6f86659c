//! `[plans.<name>]`: what a tenant of that plan may use.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::domain::channel::{Channel, Channels};
use crate::domain::plan::{Plan, Plans};

use super::error::ConfigError;
use super::section::Section;

pub(super) fn read(section: &mut Section<'_>) -> Result<Plans, ConfigError> {
    let mut plans = BTreeMap::new();
    for (name, node) in section.rest() {
        let plan = section.named(&name, node, read_plan)?;
        plans.insert(name, plan);
    }
    Ok(Plans::new(plans))
}

fn read_plan(section: &mut Section<'_>) -> Result<Plan, ConfigError> {
    let channels = section.texts("channels", 0..=Channel::ALL.len(), |name| {
        Channel::parse(name).ok_or_else(|| "must be email, sms, push or inbox".to_owned())
    })?;
    Ok(Plan {
        channels: channels.into_iter().collect::<Channels>(),
        custom_text: section.flag("custom_text")?,
    })
}

/// Writes the plans as they stand in a file.
pub(super) fn serialize<S: Serializer>(plans: &Plans, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Written {
        channels: Vec<Channel>,
        custom_text: bool,
    }
    let names = plans.names();
    let mut map = serializer.serialize_map(Some(names.len()))?;
    for (name, plan) in names.into_iter().filter_map(|name| Some((name, plans.get(name)?))) {
        let channels = Channel::ALL.into_iter().filter(|c| plan.channels.contains(*c)).collect();
        map.serialize_entry(name, &Written { channels, custom_text: plan.custom_text })?;
    }
    map.end()
}
