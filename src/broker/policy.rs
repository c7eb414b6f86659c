//! What the operator's policies must say of our queues. Bellhop declares what queues *are*; how
//! long they may grow and how often they redeliver is the broker's policy, so that it can be
//! changed without declaring anything anew.

use serde_json::{Map, Value, json};

use super::needs::DEAD_QUEUE;

/// A policy's definition, or what of several is in effect.
pub type Definition = Map<String, Value>;

/// Deliveries of one command that ended with its connection. Low numbers give up innocents: each
/// counts with everything that was in flight beside it.
const RETURNS_MIN: i64 = 1000;
/// For whom looks into the dead queue and puts back what he sees.
const LOOKS_MIN: i64 = 1_000_000;
/// 4 GiB, where nothing is said yet.
const LENGTH_BYTES: i64 = 4 << 30;
/// By quorum queues taken for no limit, from RabbitMQ 4.0 on.
const NO_LIMIT: i64 = -1;
const LENGTH: [&str; 2] = ["max-length", "max-length-bytes"];
/// The broker compares these of an operator's policy with those of a user's, and takes the lower.
const NUMBERS: [&str; 5] =
    ["delivery-limit", "expires", "max-length", "max-length-bytes", "message-ttl"];

/// One policy, and which queues it is for.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    pub name: &'static str,
    /// A regular expression of the names of queues.
    pub pattern: &'static str,
    rules: &'static [(&'static str, Rule)],
}

#[derive(Debug, Clone, Copy)]
enum Rule {
    /// A number, at least; or no limit.
    AtLeast(i64),
    /// This text.
    Is(&'static str),
    /// Some bound of the queue's length.
    Length,
    /// Not said at all.
    Absent,
}

/// Of the partition queues.
pub const PARTITIONS: Policy = Policy {
    name: "bellhop-partitions",
    pattern: r"^bellhop\.p\.",
    rules: &[
        ("delivery-limit", Rule::AtLeast(RETURNS_MIN)),
        // A full queue refuses the publisher, who knows; otherwise it drops the oldest. Dead
        // letters go at least once only with it.
        ("overflow", Rule::Is("reject-publish")),
        ("max-length-bytes", Rule::Length),
        ("dead-letter-strategy", Rule::Is("at-least-once")),
        ("dead-letter-exchange", Rule::Is("")),
        ("dead-letter-routing-key", Rule::Is(DEAD_QUEUE)),
        ("message-ttl", Rule::Absent),
        ("expires", Rule::Absent),
    ],
};

/// Of the queue of what was given up: nothing leaves it but by hand.
pub const DEAD: Policy = Policy {
    name: "bellhop-dead",
    pattern: r"^bellhop\.commands\.dead$",
    rules: &[
        ("delivery-limit", Rule::AtLeast(LOOKS_MIN)),
        ("max-length", Rule::Absent),
        ("max-length-bytes", Rule::Absent),
        ("message-ttl", Rule::Absent),
        ("expires", Rule::Absent),
    ],
};

impl Policy {
    /// What is wrong with `effect`, which is what the broker goes by; nothing if all is well.
    pub fn faults(&self, effect: &Definition) -> Vec<String> {
        let faults = self.rules.iter().filter(|(key, rule)| !rule.holds(key, effect));
        faults.map(|(key, rule)| rule.fault(key, effect)).collect()
    }

    /// What the policy is to say: whatever `given` says beside, and may say, is kept.
    pub fn definition(&self, given: &Definition) -> Definition {
        let mut definition = given.clone();
        for (key, rule) in self.rules.iter().filter(|(key, rule)| !rule.holds(key, given)) {
            match rule.value() {
                Some(value) => definition.insert((*key).to_owned(), value),
                None => definition.remove(*key),
            };
        }
        definition
    }
}

impl Rule {
    fn holds(self, key: &str, effect: &Definition) -> bool {
        let found = effect.get(key);
        match self {
            Rule::AtLeast(least) => {
                let number = found.and_then(Value::as_i64);
                number.is_some_and(|number| number >= least || number == NO_LIMIT)
            }
            Rule::Is(text) => found.and_then(Value::as_str) == Some(text),
            Rule::Length => {
                let lengths = LENGTH.iter().filter_map(|key| effect.get(*key)?.as_i64());
                lengths.max().is_some_and(|length| length > 0)
            }
            Rule::Absent => found.is_none(),
        }
    }

    fn value(self) -> Option<Value> {
        match self {
            Rule::AtLeast(least) => Some(json!(least)),
            Rule::Is(text) => Some(json!(text)),
            Rule::Length => Some(json!(LENGTH_BYTES)),
            Rule::Absent => None,
        }
    }

    fn fault(self, key: &str, effect: &Definition) -> String {
        match (self, effect.get(key)) {
            (Rule::Length, _) => "no max-length or max-length-bytes".to_owned(),
            (Rule::Absent, Some(found)) => format!("{key} is {found}, and may not be set"),
            (Rule::AtLeast(_), None) => {
                format!("no {key} (RabbitMQ 4.0 and later take 20)")
            }
            (Rule::AtLeast(least), Some(found)) => format!("{key} is {found}, less than {least}"),
            (_, None) => format!("no {key}"),
            (Rule::Is(text), Some(found)) => format!("{key} is {found}, not {text:?}"),
        }
    }
}

/// What is in effect of a user's policy and an operator's
/// (<https://www.rabbitmq.com/docs/policies#operator-policies>).
pub fn in_effect(users: &Definition, operators: &Definition) -> Definition {
    let mut effect = users.clone();
    for (key, value) in operators {
        let lower = match (effect.get(key).and_then(Value::as_i64), value.as_i64()) {
            (Some(ours), Some(theirs)) if NUMBERS.contains(&key.as_str()) => ours <= theirs,
            _ => false,
        };
        if !lower {
            effect.insert(key.clone(), value.clone());
        }
    }
    effect
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(value: Value) -> Definition {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn what_is_asked_for_is_well() {
        for policy in [PARTITIONS, DEAD] {
            let asked = policy.definition(&Definition::new());
            assert_eq!(policy.faults(&asked), Vec::<String>::new(), "{}", policy.name);
            assert_eq!(policy.definition(&asked), asked);
        }
    }

    #[test]
    fn each_key_is_missed_and_told() {
        let asked = PARTITIONS.definition(&Definition::new());
        for key in asked.keys() {
            let mut effect = asked.clone();
            effect.remove(key);
            let faults = PARTITIONS.faults(&effect);
            assert!(faults.len() == 1 && faults[0].contains(key.as_str()), "{key}: {faults:?}");
        }
        for (key, value, fault) in [
            ("delivery-limit", json!(20), "delivery-limit is 20, less than 1000"),
            ("overflow", json!("drop-head"), "overflow is \"drop-head\", not \"reject-publish\""),
            ("message-ttl", json!(60_000), "message-ttl is 60000, and may not be set"),
        ] {
            let mut effect = asked.clone();
            effect.insert(key.to_owned(), value);
            assert_eq!(PARTITIONS.faults(&effect), [fault]);
            assert_eq!(PARTITIONS.definition(&effect), asked);
        }
    }

    #[test]
    fn what_the_operator_chose_stays() {
        let chosen = definition(json!({
            "delivery-limit": 5000, "max-length": 10_000, "queue-leader-locator": "balanced",
            "expires": 1,
        }));
        let mended = PARTITIONS.definition(&chosen);
        assert_eq!(mended["delivery-limit"], 5000);
        assert_eq!(mended["queue-leader-locator"], "balanced");
        assert!(!mended.contains_key("max-length-bytes") && !mended.contains_key("expires"));
        assert_eq!(PARTITIONS.faults(&mended), Vec::<String>::new());
        let unlimited = definition(json!({ "delivery-limit": -1 }));
        assert_eq!(DEAD.faults(&unlimited), Vec::<String>::new());
    }

    #[test]
    fn an_operators_policy_can_only_tighten() {
        let [users, operators] = [
            json!({ "delivery-limit": 1000, "max-length": 5, "overflow": "reject-publish" }),
            json!({ "delivery-limit": 20, "max-length": 9, "expires": 7 }),
        ]
        .map(definition);
        let effect = json!({
            "delivery-limit": 20, "max-length": 5, "overflow": "reject-publish", "expires": 7,
        });
        assert_eq!(Value::Object(in_effect(&users, &operators)), effect);
    }
}
