//! Lead times of reminders, in either of their two forms.

use std::borrow::Cow;
use std::fmt;

use jiff::civil::Time;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::domain::lead::LeadRule;
use crate::wire::scalar::{Parsed, Scalar};
use crate::wire::shape::List;
use crate::wire::whole::Whole;

/// The most reminders of one booking.
pub const REMINDERS_MAX: usize = 10;

/// The reminders of one booking.
pub type Reminders = List<Reminder, REMINDERS_MAX>;

impl From<Reminders> for Vec<LeadRule> {
    fn from(reminders: Reminders) -> Vec<LeadRule> {
        reminders.0.into_iter().map(|Reminder(rule)| rule).collect()
    }
}

/// One lead time: a span, or a day and a time of day.
#[derive(Debug, Clone, PartialEq)]
pub struct Reminder(pub LeadRule);

/// So many days before the start, at a wall-clock time in the venue's zone.
#[derive(serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DayAndTime {
    /// Calendar days before the start.
    days_before: Whole<0, 366>,
    /// Wall-clock time in the venue's zone.
    at: Parsed<Time>,
}

impl<'de> Deserialize<'de> for Reminder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = Reminder;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span such as \"P1D\", or {\"days_before\": 1, \"at\": \"18:00\"}")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Reminder, E> {
        <LeadRule as Scalar>::parse(text).map(Reminder).map_err(E::custom)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Reminder, A::Error> {
        let DayAndTime { days_before, at: Parsed(at) } =
            DayAndTime::deserialize(MapAccessDeserializer::new(map))?;
        let days_before = u16::try_from(days_before.0).map_err(A::Error::custom)?;
        Ok(Reminder(LeadRule::At { days_before, at }))
    }
}

impl JsonSchema for Reminder {
    fn schema_name() -> Cow<'static, str> {
        "Reminder".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let span = Parsed::<LeadRule>::json_schema(generator);
        let day_and_time = generator.subschema_for::<DayAndTime>();
        json_schema!({
            "description": "How long before the start a reminder goes.",
            "oneOf": [span, day_and_time],
        })
    }
}
