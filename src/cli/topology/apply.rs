//! `--apply`: what can be done safely. Nothing is deleted, and nothing that stands is declared
//! as something else.

use serde_json::json;

use super::management::Management;
use super::policies::{Set, to_set};
use super::structure::missing;
use super::survey::Survey;
use crate::broker::{Binding, Found, HASH_KIND, Probe};

/// Declares what is missing and sets the policies; returns what was done and what could not be.
pub async fn apply(survey: &Survey, probe: &Probe, management: Option<&Management>) -> Vec<String> {
    let mut told = Vec::new();
    let waiting = survey.beyond.iter().find(|(_, count)| *count > 0);
    if let Some((queue, _)) = waiting {
        told.push(format!(
            "declared nothing: commands wait in {queue}, which is none of the partitions"
        ));
    } else {
        declare(survey, probe, &mut told).await;
    }
    if let Some(management) = management {
        for set in to_set(survey) {
            let done = put(management, &survey.vhost, &set).await;
            told.push(outcome(&format!("set the policy {}", set.policy), done));
        }
    }
    if told.is_empty() {
        told.push("there was nothing to do".to_owned());
    }
    told
}

async fn declare(survey: &Survey, probe: &Probe, told: &mut Vec<String>) {
    let mut there: Vec<&str> = Vec::new();
    let can_hash = survey.has_hash != Some(false);
    for (exchange, found) in &survey.exchanges {
        let is_known = exchange.kind != HASH_KIND || can_hash;
        if *found == Found::Absent && is_known {
            let done = probe.declare_exchange(exchange).await;
            there.extend(done.is_ok().then_some(exchange.name));
            told.push(outcome(&format!("declared the exchange {}", exchange.name), done));
        }
    }
    for (queue, found) in &survey.queues {
        if *found == Found::Absent {
            let done = probe.declare_queue(queue).await;
            there.extend(done.is_ok().then_some(queue.name.as_str()));
            told.push(outcome(&format!("declared the queue {}", queue.name), done));
        }
    }
    for binding in unbound(survey) {
        let is_there = |name: &str| there.contains(&name) || survey.is_there(name);
        if is_there(binding.source) && is_there(binding.target.name()) {
            let done = probe.bind(binding).await;
            let what = format!("bound {} to {}", binding.source, binding.target.name());
            told.push(outcome(&what, done));
        }
    }
}

/// What is known to be missing, or all where that cannot be seen: binding twice is binding once.
fn unbound(survey: &Survey) -> Vec<&Binding> {
    let sight = &survey.sight;
    let bound =
        [&sight.commands, &sight.hash].map(|bound| bound.as_deref().unwrap_or_default()).concat();
    let exchanges = survey.needs.exchanges.iter();
    exchanges.flat_map(|exchange| missing(survey, exchange.name, &bound)).collect()
}

async fn put(management: &Management, vhost: &str, set: &Set) -> Result<(), String> {
    let body = json!({
        "pattern": set.pattern, "apply-to": "queues", "priority": set.priority,
        "definition": set.definition,
    });
    management.put(&["policies", vhost, set.policy], &body).await
}

fn outcome<E: std::fmt::Display>(what: &str, done: Result<(), E>) -> String {
    match done {
        Ok(()) => what.to_owned(),
        Err(why) => format!("not {what}: {why}"),
    }
}
