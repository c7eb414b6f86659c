//! `bellhop template variables`: what a tenant's own text can name.

use clap::Args;
use serde_json::{Value, json};

use super::names::kind;
use crate::cli::args::Format;
use crate::cli::paint::{Ink, Paint};
use crate::cli::print::print;
use crate::cli::table::{Cell, Table};
use crate::content::{Name, names};
use crate::domain::kind::Kind;

/// Of which texts.
#[derive(Debug, Args)]
pub struct VariablesArgs {
    /// Only those in texts of this kind, such as booking.reminder.
    #[arg(long, value_parser = kind)]
    kind: Option<Kind>,
    /// For people or for programs.
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// Prints them.
pub fn variables(args: &VariablesArgs) -> anyhow::Result<()> {
    let names = names(args.kind);
    match args.format {
        Format::Table => print(&table(&names).render(Paint::for_stdout())),
        Format::Json => print(&format!("{:#}\n", names.iter().map(json).collect::<Value>())),
    }
}

fn table(names: &[Name]) -> Table {
    let mut table = Table::new(&["NAME", "TYPE", "EXAMPLE", "WHAT IT IS"]);
    for it in names {
        let name = Cell::new(Ink::Strong, &it.name);
        let type_name = Cell::new(Ink::Faint, it.type_name);
        table.row(vec![name, type_name, (&it.example).into(), (&it.meaning).into()]);
    }
    table
}

fn json(it: &Name) -> Value {
    let kinds: Vec<&str> = it.kinds.iter().map(|kind| kind.as_str()).collect();
    json!({
        "name": it.name, "type": it.type_name, "example": it.example, "meaning": it.meaning,
        "kinds": kinds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_s_names_are_listed_with_type_and_example() {
        let listed = table(&names(Some(Kind::BookingCancelled))).render(Paint::none());
        for expected in ["client.first_name  text", "when.weekday", "Thursday", "by "] {
            assert!(listed.contains(expected), "{expected}: {listed}");
        }
        assert!(!listed.contains("balance"), "{listed}");
        let one = json(&names(None)[0]);
        assert_eq!(one["name"], "client.name");
        assert_eq!(one["example"], "Anna Rossi");
        assert_eq!(one["kinds"].as_array().unwrap().len(), Kind::ALL.len());
    }
}
