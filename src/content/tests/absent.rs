//! Values that are not known, in tenants' own texts: they say nothing, whatever is done with them.

use minijinja::Value;

use super::*;
use crate::content::custom::CustomTexts;
use crate::content::variables::{Variable, variables};
use crate::content::view::View;
use crate::domain::template::{CustomText, TemplateKey};
use crate::domain::texts::Texts;

const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/templates.md"));
const FILTERS: [&str; 4] = ["capitalize", "lower", "trim", "upper"];

fn own(body: &str) -> CustomText {
    CustomText { subject: None, body: format!("[{body}]") }
}

fn said(kind: Kind, values: &Value, body: &str) -> String {
    let said = CustomTexts::default().render(kind, &own(body), values);
    said.unwrap_or_else(|fault| panic!("{body}: {fault}")).body
}

/// Each name of the kind that says a text.
fn names(kind: Kind) -> impl Iterator<Item = String> {
    let says = |variable: &&Variable| !variable.is_condition();
    variables(kind).iter().filter(says).flat_map(|variable| match variable.fields() {
        [] => vec![variable.name().to_owned()],
        fields => fields.iter().map(|field| format!("{}.{field}", variable.name())).collect(),
    })
}

#[test]
fn what_is_not_known_says_nothing_through_every_filter() {
    for kind in Kind::ALL {
        let nothing = View::default().values(*kind);
        for name in names(*kind).filter(|name| !name.starts_with("tenant")) {
            for filter in FILTERS {
                for body in [
                    format!("{{{{ {name}|{filter} }}}}"),
                    format!("{{{{ {name}|{filter}|lower }}}}"),
                    format!("{{{{ ({name} or none)|{filter} }}}}"),
                    format!("{{% if {name}|{filter} %}}x{{% endif %}}"),
                ] {
                    assert_eq!(said(*kind, &nothing, &body), "[]", "{body}");
                }
                let stands_in = format!("{{{{ {name}|default('you')|{filter} }}}}");
                assert_eq!(said(*kind, &nothing, &stands_in).to_lowercase(), "[you]", "{name}");
            }
        }
    }
}

#[test]
fn what_is_not_known_is_false_in_every_question() {
    let kind = Kind::BookingCancelled;
    let nothing = View::default().values(kind);
    for question in [
        "service",
        "'a' in service",
        "service in 'a cut'",
        "not (not service)",
        "(service or reason) in 'a cut'",
        "service|trim in 'a cut'",
        "by in 'client' or 'x' in when.full",
        "not (service not in 'a cut')",
        "not ('a' not in service)",
        "service != none",
        "service == 'none' or service == ''",
        "client in 'Anna'",
    ] {
        let body = format!("{{% if {question} %}}yes{{% else %}}no{{% endif %}}");
        assert_eq!(said(kind, &nothing, &body), "[no]", "{question}");
    }
    for question in ["service == none", "service == None", "'a' not in service", "not service"] {
        let body = format!("{{{{ 'yes' if {question} else 'no' }}}}");
        assert_eq!(said(kind, &nothing, &body), "[yes]", "{question}");
    }
}

#[test]
fn what_is_known_is_found() {
    let kind = Kind::BookingCancelled;
    let view = View { service: Some("Haircut".into()), client: "Anna".into(), ..View::default() };
    for (body, text) in [
        ("{{ service|default('x') }}", "[Haircut]"),
        ("{% if 'air' in service and service in 'my Haircut' %}yes{% endif %}", "[yes]"),
        ("{% if client in 'Anna Rossi' and client not in 'Bea' %}yes{% endif %}", "[yes]"),
        ("{{ 'yes' if client in 'Anna' else none }}", "[yes]"),
    ] {
        assert_eq!(said(kind, &view.values(kind), body), text, "{body}");
    }
}

#[test]
fn what_is_true_or_false_is_asked_and_not_said() {
    let key =
        TemplateKey { kind: Kind::QueueOffered, channel: Channel::Push, locale: Locale::english() };
    for body in [
        "{{ not service }}",
        "{{ service == 'x' }}",
        "{{ 'x' in service }}",
        "{{ 'a' if service else service != 'b' }}",
        "{{ shared }}",
        "{{ shared|upper }}",
        "{{ service|default(true) }}",
    ] {
        let fault = CATALOGUE.check(&key, &own(body)).unwrap_err().to_string();
        assert!(fault.ends_with("is true or false: ask it by {% if %}"), "{body}: {fault}");
    }
    for body in
        ["{{ 'a' if shared and not service else 'b' }}", "{% if shared == true %}a{% endif %}"]
    {
        assert_eq!(CATALOGUE.check(&key, &own(body)), Ok(()), "{body}");
    }
}

#[test]
fn a_filter_leaves_what_is_not_known_to_the_next() {
    let kind = Kind::BookingReminder;
    let view = View { client: "Anna Rossi".into(), ..View::default() };
    for filter in FILTERS {
        let body = format!("{{{{ service|{filter}|default('your visit') }}}}");
        assert_eq!(said(kind, &view.values(kind), &body), "[your visit]", "{filter}");
    }
}

#[test]
fn the_document_s_examples_hold() {
    let kind = Kind::BookingReminder;
    let view = View { client: "Anna Rossi".into(), ..View::default() };
    for (example, text) in [
        ("{{ service or 'your visit' }}", "[your visit]"),
        ("{{ service|upper }}", "[]"),
        ("{{ service|default('your visit') }}", "[your visit]"),
    ] {
        assert!(DOCUMENT.contains(&format!("`{example}`")), "{example}");
        assert_eq!(said(kind, &view.values(kind), example), text, "{example}");
    }
    let whole = DOCUMENT.lines().find_map(|line| line.strip_prefix(" \"body\":\""));
    let whole = whole.and_then(|rest| rest.strip_suffix("\"}")).unwrap();
    assert_eq!(said(kind, &view.values(kind), whole), "[Anna, see you on  at !]");
}

#[test]
fn a_client_s_name_alone_says_something_because_everyone_has_one() {
    let key = TemplateKey {
        kind: Kind::AccountWelcome,
        channel: Channel::Push,
        locale: Locale::english(),
    };
    for body in ["{{ client.name }}", "{{ client }}", "{{ client.first_name }}"] {
        let text = CustomText { subject: None, body: body.to_owned() };
        assert_eq!(CATALOGUE.check(&key, &text), Ok(()), "{body}");
    }
}
