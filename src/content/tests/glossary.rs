//! That the documentation of tenants' own texts and the code say the same.

use std::collections::BTreeMap;

use super::*;
use crate::content::names;
use crate::content::variables::{Variable, variables};
use crate::domain::template::{CustomText, TemplateKey};
use crate::domain::texts::Texts;

const DOCUMENT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/templates.md"));

/// The table of names.
fn table() -> String {
    let mut table = String::from("| name | type | example | what it is |\n|---|---|---|---|\n");
    for it in names(None) {
        let (name, example) = (&it.name, &it.example);
        table += &format!("| `{name}` | {} | {example} | {} |\n", it.type_name, it.meaning);
    }
    table
}

/// The table of kinds, those with the same names in one row.
fn kinds() -> String {
    let mut rows: Vec<(Vec<Kind>, &[Variable])> = Vec::new();
    for kind in Kind::ALL {
        match rows.iter_mut().find(|(_, known)| *known == variables(*kind)) {
            Some((kinds, _)) => kinds.push(*kind),
            None => rows.push((vec![*kind], variables(*kind))),
        }
    }
    let mut table = String::from("| kinds | names |\n|---|---|\n");
    for (kinds, known) in rows {
        let kinds: Vec<_> = kinds.iter().map(|kind| format!("`{}`", kind.as_str())).collect();
        let known: Vec<_> = known.iter().map(|known| format!("`{}`", known.name())).collect();
        table += &format!("| {} | {} |\n", kinds.join(", "), known.join(", "));
    }
    table
}

#[test]
fn the_document_lists_every_name_of_every_kind() {
    for table in [table(), kinds()] {
        assert!(DOCUMENT.contains(&table), "docs/templates.md lacks this:\n\n{table}");
    }
}

#[test]
fn every_documented_name_can_be_used_and_says_something() {
    for it in names(None) {
        assert!(!it.example.is_empty() && it.example != "none", "{it:?}");
        for kind in &it.kinds {
            let body = match it.type_name {
                "condition" => format!("{{% if {} %}}a{{% else %}}b{{% endif %}}", it.name),
                _ => format!("x {{{{ {} }}}}", it.name),
            };
            let key =
                TemplateKey { kind: *kind, channel: Channel::Email, locale: Locale::english() };
            let checked = CATALOGUE.check(&key, &CustomText { subject: None, body });
            assert_eq!(checked, Ok(()), "{} {}", kind.as_str(), it.name);
        }
    }
}

#[test]
fn every_variable_of_a_kind_is_documented_once() {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for it in names(None) {
        *seen.entry(it.name).or_default() += 1;
    }
    assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    for kind in Kind::ALL {
        let of_kind = names(Some(*kind));
        for variable in variables(*kind) {
            let name = variable.name();
            let is = |it: &crate::content::Name| it.name.split('.').next() == Some(name);
            assert!(of_kind.iter().any(is), "{} {name}", kind.as_str());
        }
    }
    assert!(names(Some(Kind::StaffBookingRequested)).is_empty());
}
