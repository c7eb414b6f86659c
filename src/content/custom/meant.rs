//! Which of the names there are was meant.

use crate::content::variables::Variable;
use crate::domain::suggest::closest;

/// A name as it is written, and a way in which it may be miswritten.
struct Way {
    typed: String,
    path: String,
}

/// The name that was probably meant, as it is written in a text: `client.name` for `cleint`,
/// `client_name` or `name`.
pub(super) fn name(known: &[Variable], typed: &str) -> Option<String> {
    let ways: Vec<Way> = known.iter().flat_map(|variable| ways(*variable)).collect();
    let typed = typed.to_lowercase();
    let meant = closest(&typed, ways.iter().map(|way| way.typed.as_str()))?;
    ways.iter().find(|way| way.typed == meant).map(|way| way.path.clone())
}

/// The field that was probably meant, with the variable's name before it.
pub(super) fn field(variable: Variable, typed: &str) -> Option<String> {
    let meant = closest(&typed.to_lowercase(), variable.fields().iter().copied())?;
    Some(path(variable, meant))
}

/// The variable alone, each field with it, and each field without it.
fn ways(variable: Variable) -> Vec<Way> {
    let fields = variable.fields();
    let name = variable.name().to_owned();
    let first = fields.first().map_or_else(|| name.clone(), |field| path(variable, field));
    let alone = Way { typed: name.clone(), path: first };
    let spelled = fields.iter().flat_map(|field| {
        let both = format!("{name}_{field}");
        [both, (*field).to_owned()].map(|typed| Way { typed, path: path(variable, field) })
    });
    std::iter::once(alone).chain(spelled).collect()
}

fn path(variable: Variable, field: &str) -> String {
    format!("{}.{field}", variable.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::variables::variables;
    use crate::domain::kind::Kind;

    #[test]
    fn the_nearest_name_is_meant() {
        let meant = |typed| name(variables(Kind::BookingRescheduled), typed);
        for (typed, path) in [
            ("cleint", "client.name"),
            ("client_name", "client.name"),
            ("clientname", "client.name"),
            ("name", "client.name"),
            ("first_name", "client.first_name"),
            ("firstname", "client.first_name"),
            ("CLIENT", "client.name"),
            ("Service", "service"),
            ("tenant_name", "tenant.name"),
            ("servce", "service"),
            ("wehn", "when.full"),
            ("date", "when.date"),
            ("weekday", "when.weekday"),
            ("when_time", "when.time"),
            ("moved_form", "moved_from.full"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(path), "{typed}");
        }
        for stranger in ["unicorn", "employee", "x"] {
            assert_eq!(meant(stranger), None, "{stranger}");
        }
        assert_eq!(field(Variable::When, "ful").as_deref(), Some("when.full"));
        assert_eq!(field(Variable::Client, "phone"), None);
    }
}
