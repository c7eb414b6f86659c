//! The policies of our queues, and what of them is in effect.

use regex::Regex;

use super::commands::Commands;
use super::management::{Seen, Standing};
use super::report::{Point, State};
use super::survey::Survey;
use crate::broker::{DEAD, Definition, PARTITIONS, Policy, in_effect};

/// A quorum queue is what a policy with one of these is for.
const APPLY_TO: [&str; 3] = ["all", "queues", "quorum_queues"];

/// A policy as it is to be set.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    pub policy: &'static str,
    pub pattern: &'static str,
    pub definition: Definition,
    pub priority: i64,
}

/// How the queues of one policy stand.
struct Found {
    /// Of the first queue with one: which, and what is wrong.
    faults: Option<(String, Vec<String>)>,
    /// How the policy must be set for all to be well.
    set: Set,
    /// The operator's policies that stand in the way even then.
    in_the_way: Vec<String>,
}

/// Both policies.
pub fn points(survey: &Survey, commands: &Commands) -> Vec<Point> {
    [&PARTITIONS, &DEAD].map(|policy| point(policy, survey, commands)).into()
}

/// The policies that are to be set.
pub fn to_set(survey: &Survey) -> Vec<Set> {
    let found = [&PARTITIONS, &DEAD].map(|policy| found(policy, survey).ok());
    let wrong = found.into_iter().flatten().filter(|found| found.faults.is_some());
    wrong.map(|found| found.set).collect()
}

fn point(policy: &'static Policy, survey: &Survey, commands: &Commands) -> Point {
    let what = format!("policy {}", policy.name);
    let found = match found(policy, survey) {
        Ok(found) => found,
        Err(why) => {
            let set = commands.set_policy(policy, &policy.definition(&Definition::new()), 0);
            return Point::new(State::NotChecked, what, why).mended_by([set]);
        }
    };
    match found.faults {
        None => Point::new(State::Ok, what, "is in effect"),
        Some((queue, faults)) => {
            let set = commands.set_policy(policy, &found.set.definition, found.set.priority);
            let clear = found.in_the_way.iter().map(|name| commands.clear_operator_policy(name));
            let says = format!("{queue} has {}", faults.join(", "));
            Point::new(State::Wrong, what, says).mended_by([set]).mended_by(clear)
        }
    }
}

fn found(policy: &'static Policy, survey: &Survey) -> Seen<Found> {
    let (users, operators) =
        (survey.sight.policies.as_ref(), survey.sight.operator_policies.as_ref());
    let (users, operators) = (users.map_err(Clone::clone)?, operators.map_err(Clone::clone)?);
    let ours = users.iter().find(|standing| standing.name == policy.name);
    let nothing = Definition::new();
    let given = ours.map_or(&nothing, |standing| &standing.definition);
    let definition = policy.definition(given);
    let pattern = matcher(policy.pattern)?;
    let names = survey.needs.queues.iter().map(|queue| queue.name.as_str());
    let mut found = Found {
        faults: None,
        set: Set {
            policy: policy.name,
            pattern: policy.pattern,
            definition,
            priority: ours.map_or(0, |standing| standing.priority),
        },
        in_the_way: Vec::new(),
    };
    for queue in names.filter(|name| pattern.is_match(name)) {
        let user = winner(users, queue)?;
        let operator = winner(operators, queue)?;
        let definition_of = |standing: Option<&Standing>| {
            standing.map(|of| of.definition.clone()).unwrap_or_default()
        };
        let limits = definition_of(operator);
        let faults = policy.faults(&in_effect(&definition_of(user), &limits));
        if faults.is_empty() {
            continue;
        }
        // Of several only the first is in effect: ours must come before all others.
        let others = matching(users, queue)?.into_iter().filter(|of| of.name != policy.name);
        let above = others.map(|of| of.priority.saturating_add(1)).max().unwrap_or(0);
        found.set.priority = found.set.priority.max(above);
        if let Some(operator) = operator
            && !policy.faults(&in_effect(&found.set.definition, &limits)).is_empty()
            && !found.in_the_way.contains(&operator.name)
        {
            found.in_the_way.push(operator.name.clone());
        }
        found.faults.get_or_insert_with(|| (queue.to_owned(), faults));
    }
    Ok(found)
}

fn matching<'a>(policies: &'a [Standing], queue: &str) -> Seen<Vec<&'a Standing>> {
    let mut matching = Vec::new();
    for policy in policies.iter().filter(|of| APPLY_TO.contains(&of.apply_to.as_str())) {
        if matcher(&policy.pattern)?.is_match(queue) {
            matching.push(policy);
        }
    }
    Ok(matching)
}

/// Which of them the broker goes by.
fn winner<'a>(policies: &'a [Standing], queue: &str) -> Seen<Option<&'a Standing>> {
    Ok(matching(policies, queue)?.into_iter().max_by_key(|policy| policy.priority))
}

/// A regular expression of the broker's, whose language has more in it than ours.
pub fn matcher(pattern: &str) -> Seen<Regex> {
    // Nothing at all matches no name.
    let pattern = if pattern.is_empty() { "^$" } else { pattern };
    Regex::new(pattern).map_err(|_| format!("cannot read the pattern {pattern:?}"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::survey::Sight;
    use super::*;
    use crate::broker::Needs;
    use crate::domain::partition::Partitions;

    fn survey(users: Value, operators: Value) -> Survey {
        let sight = Sight {
            policies: Ok(serde_json::from_value(users).unwrap()),
            operator_policies: Ok(serde_json::from_value(operators).unwrap()),
            ..Sight::none("")
        };
        Survey {
            needs: Needs::of(&Partitions::new(2)),
            partitions: 2,
            version: None,
            vhost: "/".to_owned(),
            user: "bellhop".to_owned(),
            has_hash: None,
            exchanges: Vec::new(),
            queues: Vec::new(),
            beyond: Vec::new(),
            sight,
        }
    }

    fn policy(name: &str, pattern: &str, priority: i64, definition: Value) -> Value {
        json!({ "name": name, "pattern": pattern, "apply-to": "queues", "priority": priority,
            "definition": definition })
    }

    fn asked(of: &Policy) -> Value {
        policy(of.name, of.pattern, 0, Value::Object(of.definition(&Definition::new())))
    }

    fn states(survey: &Survey) -> [State; 2] {
        let points = points(survey, &Commands::new("/", None, None));
        [points[0].state, points[1].state]
    }

    #[test]
    fn what_is_asked_for_is_well_and_nothing_is_to_be_set() {
        let survey = survey(json!([asked(&PARTITIONS), asked(&DEAD)]), json!([]));
        assert_eq!(states(&survey), [State::Ok; 2]);
        assert!(to_set(&survey).is_empty());
    }

    #[test]
    fn without_any_both_are_to_be_set() {
        let survey = survey(json!([]), json!([]));
        assert_eq!(states(&survey), [State::Wrong; 2]);
        let set = to_set(&survey);
        assert_eq!([set[0].policy, set[1].policy], [PARTITIONS.name, DEAD.name]);
        assert_eq!(set[0].definition, PARTITIONS.definition(&Definition::new()));
    }

    #[test]
    fn another_policy_that_comes_first_is_gone_before() {
        let all = policy("ha", ".*", 5, json!({ "delivery-limit": 20 }));
        let survey = survey(json!([asked(&PARTITIONS), asked(&DEAD), all]), json!([]));
        assert_eq!(states(&survey), [State::Wrong; 2]);
        assert!(to_set(&survey).iter().all(|set| set.priority == 6));
    }

    #[test]
    fn an_operators_policy_is_named() {
        let tight = policy("tight", "^bellhop", 0, json!({ "delivery-limit": 20 }));
        let survey = survey(json!([asked(&PARTITIONS), asked(&DEAD)]), json!([tight]));
        let points = points(&survey, &Commands::new("/", None, None));
        assert_eq!(points[0].state, State::Wrong);
        assert_eq!(points[0].mend[1], "rabbitmqctl clear_operator_policy tight");
    }

    #[test]
    fn what_cannot_be_read_is_not_guessed() {
        let clever = policy("clever", "^(?!x)", 0, json!({}));
        assert_eq!(states(&survey(json!([clever]), json!([]))), [State::NotChecked; 2]);
    }
}
