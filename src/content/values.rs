//! A view's values for the template engine.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object};

use super::clocks::Moment;
use super::variables::{CLIENT_FIELDS, MOMENT_FIELDS, TENANT_FIELDS, Variable, variables};
use super::view::View;
use crate::domain::booking::Party;
use crate::domain::kind::Kind;

/// A handful of named values: built for one letter, so that looking them up one by one is cheaper
/// than putting them in order first.
#[derive(Debug)]
struct Named(Vec<(&'static str, Value)>);

impl Object for Named {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

impl View<'_> {
    /// What a text about this kind can name, for the template engine.
    pub fn values(&self, kind: Kind) -> Value {
        let values = variables(kind).iter().map(|it| (it.name(), self.value(*it)));
        Value::from_object(Named(values.collect()))
    }

    fn value(&self, variable: Variable) -> Value {
        match variable {
            Variable::Client => {
                let first = self.client.split_whitespace().next().unwrap_or_default();
                named(&CLIENT_FIELDS, [Value::from(&self.client), Value::from(first)])
            }
            Variable::Tenant => named(&TENANT_FIELDS, [Value::from(&self.tenant)]),
            Variable::Service => text(&self.service),
            Variable::Location => text(&self.location),
            Variable::Bring => text(&self.bring),
            Variable::When => moment(&self.when),
            Variable::By => match self.by {
                Some(Party::Client) => Value::from("client"),
                Some(Party::Staff) => Value::from("staff"),
                None => Value::from(()),
            },
            Variable::Reason => text(&self.reason),
            Variable::MovedFrom => moment(&self.moved_from),
            Variable::AwaitsConfirmation => Value::from(self.awaits_confirmation),
            Variable::TooFew => Value::from(self.too_few),
            Variable::Cancelled => Value::from(self.cancelled),
            Variable::Until => moment(&self.until),
            Variable::Shared => Value::from(self.shared),
            Variable::PassedOn => Value::from(self.passed_on),
            Variable::Accepted => Value::from(self.accepted),
            Variable::Amount => self.amount.as_deref().map_or(Value::from(()), Value::from),
            Variable::Payment => text(&self.payment),
            Variable::Direct => Value::from(self.direct),
            Variable::Description => text(&self.description),
            Variable::Balance => text(&self.balance),
            Variable::Link => text(&self.link),
            Variable::Required => Value::from(self.required),
            Variable::Title => text(&self.title),
            Variable::Body => text(&self.body),
            Variable::LastVisit => moment(&self.last_visit),
        }
    }
}

fn text(text: &Option<Cow<'_, str>>) -> Value {
    text.as_ref().map_or(Value::from(()), Value::from)
}

fn moment(moment: &Option<Moment>) -> Value {
    moment.as_ref().map_or(Value::from(()), |moment| {
        let Moment { full, brief, short, date, time, weekday } = moment;
        named(&MOMENT_FIELDS, [full, brief, short, date, time, weekday].map(Value::from))
    })
}

fn named<const N: usize>(fields: &[&'static str; N], values: [Value; N]) -> Value {
    Value::from_object(Named(fields.iter().copied().zip(values).collect()))
}
