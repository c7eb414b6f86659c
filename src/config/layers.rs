//! Laying one document over another, and the environment over both.

use super::error::ConfigError;
use super::tree::{Node, Table, Value, parse_variable};

/// Variables with this prefix set keys: `BELLHOP__AMQP__PREFETCH` is `prefetch` in `[amqp]`.
const PREFIX: &str = "BELLHOP__";
/// Stands between the words, because keys themselves contain single underscores.
const SEPARATOR: &str = "__";

/// Lays `over` upon `base`: tables merge, everything else is replaced.
pub(super) fn overlay(base: &mut Node, over: Node) {
    match (&mut base.value, over.value) {
        (Value::Table(below), Value::Table(above)) => {
            base.place = over.place;
            for (key, node) in above {
                match below.get_mut(&key) {
                    Some(existing) => overlay(existing, node),
                    None => {
                        below.insert(key, node);
                    }
                }
            }
        }
        (value, above) => {
            *value = above;
            base.place = over.place;
        }
    }
}

/// Lays every variable that names a key over `base`, in the order of their names.
pub(super) fn overlay_environment(
    base: &mut Node,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<(), ConfigError> {
    let mut ours: Vec<_> = variables.filter(|(name, _)| name.starts_with(PREFIX)).collect();
    ours.sort();
    for (name, text) in ours {
        let mut node = parse_variable(&name, &text)?;
        let path = name[PREFIX.len()..].to_ascii_lowercase();
        for key in path.rsplit(SEPARATOR) {
            let place = node.place.clone();
            node = Node { value: Value::Table(Table::from([(key.to_owned(), node)])), place };
        }
        overlay(base, node);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse_document;
    use super::*;

    fn shape(node: &Node) -> String {
        match &node.value {
            Value::Table(table) => {
                let entries: Vec<_> =
                    table.iter().map(|(key, node)| format!("{key}={}", shape(node))).collect();
                format!("{{{}}}", entries.join(" "))
            }
            Value::List(items) => {
                format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(" "))
            }
            Value::Integer(number) => number.to_string(),
            Value::Ambiguous(text, _) | Value::Text(text) => format!("'{text}'"),
            other => other.describe().to_owned(),
        }
    }

    #[test]
    fn tables_merge_and_lists_are_replaced() {
        let mut base = parse_document("a", "[t]\nx = 1\ny = [1, 2]\n").unwrap();
        overlay(&mut base, parse_document("b", "[t]\ny = [3]\nz = 4\n").unwrap());
        assert_eq!(shape(&base), "{t={x=1 y=[3] z=4}}");
    }

    #[test]
    fn variables_reach_nested_keys_and_others_are_left_alone() {
        let mut base = parse_document("a", "[t.u]\nx_y = 1\n").unwrap();
        let variables = [("BELLHOP__T__U__X_Y", "2"), ("BELLHOP_T", "3"), ("PATH", "/bin")];
        let variables = variables.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned()));
        overlay_environment(&mut base, variables).unwrap();
        assert_eq!(shape(&base), "{t={u={x_y='2'}}}");
    }
}
