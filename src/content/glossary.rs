//! What a tenant's own texts can name, told to whoever writes one.

use super::custom::sample;
use super::variables::{Variable, variables};
use super::view::View;
use crate::domain::kind::Kind;

/// One name that can stand in a tenant's own text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    /// As it is written between `{{` and `}}`.
    pub name: String,
    /// `text`, or `condition`: true or false, to be asked by `{% if %}`.
    pub type_name: &'static str,
    /// What it may say.
    pub example: String,
    pub meaning: String,
    /// In which kinds' texts it can stand.
    pub kinds: Vec<Kind>,
}

/// The names in texts of this kind, or of all; none for an alert to staff, which has no text of a
/// tenant's own.
pub fn names(kind: Option<Kind>) -> Vec<Name> {
    let view = sample::full();
    let of = |variable: &Variable| {
        let has = |kind: &Kind| variables(*kind).contains(variable);
        Kind::ALL.iter().copied().filter(has).collect::<Vec<Kind>>()
    };
    let known = Variable::ALL.iter().map(|variable| (*variable, of(variable)));
    known
        .filter(|(_, kinds)| kind.is_none_or(|kind| kinds.contains(&kind)))
        .flat_map(|(variable, kinds)| paths(variable, &kinds, &view))
        .collect()
}

/// The variable, or each of its fields where it has some.
fn paths(variable: Variable, kinds: &[Kind], view: &View<'_>) -> Vec<Name> {
    let Some(kind) = kinds.first() else { return Vec::new() };
    let value = view.values(*kind).get_attr(variable.name()).unwrap_or_default();
    let is_condition = variable.is_condition();
    let entry = |name: String, example: &minijinja::Value, meaning: String| Name {
        name,
        type_name: if is_condition { "condition" } else { "text" },
        example: if is_condition { "true".to_owned() } else { example.to_string() },
        meaning,
        kinds: kinds.to_vec(),
    };
    match variable.fields() {
        [] => vec![entry(variable.name().to_owned(), &value, meaning(variable).to_owned())],
        fields => fields
            .iter()
            .map(|field| {
                let name = format!("{}.{field}", variable.name());
                let example = value.get_attr(field).unwrap_or_default();
                entry(name, &example, format!("{}{}", meaning(variable), form(field)))
            })
            .collect(),
    }
}

fn meaning(variable: Variable) -> &'static str {
    match variable {
        Variable::Client => "the client",
        Variable::Tenant => "the tenant",
        Variable::Service => "the service's name, or the session's activity",
        Variable::Location => "where it takes place; a link where that is online",
        Variable::Bring => "what to bring, as the service's settings say",
        Variable::When => "the start",
        Variable::MovedFrom => "the start before it was moved",
        Variable::Until => "the deadline",
        Variable::By => "who cancelled: `client` or `staff`",
        Variable::Reason => "why; of a payment, what for",
        Variable::AwaitsConfirmation => "whether the tenant has still to agree",
        Variable::TooFew => "whether too few signed up",
        Variable::Cancelled => "whether the session was cancelled; otherwise it has begun",
        Variable::Shared => "whether several were offered the place",
        Variable::PassedOn => "whether the place has gone to someone else",
        Variable::Accepted => "whether the client accepted an offer; otherwise it came to them",
        Variable::Amount => "how much, as the language writes money",
        Variable::Payment => "the payment's reference",
        Variable::Direct => "whether it is charged without asking",
        Variable::Description => "what was sold",
        Variable::Balance => "what the client has left",
        Variable::Link => {
            "where to go, or where the client can act; not always there where it is for acting"
        }
        Variable::Required => "whether the tenant sends emails to verified addresses only",
        Variable::Title => "the headline of what the tenant wrote",
        Variable::Body => "the text of what the tenant wrote",
        Variable::LastVisit => "the last visit",
    }
}

/// What a field makes of it.
fn form(field: &str) -> &'static str {
    match field {
        "name" => "'s name",
        "first_name" => "'s name: only its first word",
        "full" => ", for a sentence",
        "brief" => ", for a subject",
        "short" => ", for a text message",
        "date" => ": only the day",
        "time" => ": only the time",
        "weekday" => ": only the day of the week",
        _ => "",
    }
}
