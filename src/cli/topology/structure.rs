//! Exchanges, queues and what connects them.

use super::commands::{Commands, OWN};
use super::management::Bound;
use super::report::{Point, State, counted};
use super::survey::Survey;
use crate::broker::{Binding, COMMANDS_EXCHANGE, Found, HASH_EXCHANGE, HASH_KIND, Target};
use crate::domain::partition::Part;

/// The plugin, the exchanges, the queues, and those that are too many.
pub fn points(survey: &Survey, commands: &Commands) -> Vec<Point> {
    let mut points = Vec::from_iter(plugin(survey, commands));
    for (exchange, found) in &survey.exchanges {
        let what = format!("exchange {}", exchange.name);
        let as_needed = format!("{}, durable", exchange.kind);
        let again = commands.delete_exchange(exchange.name);
        points.push(stands(survey, commands, what, found, &as_needed, again));
    }
    let (mut well, mut waiting) = (0, 0);
    for (queue, found) in &survey.queues {
        if let (Found::Same(count), true) = (found, queue.one_reader) {
            well += 1;
            waiting += u64::from(*count);
            continue;
        }
        let what = format!("queue {}", queue.name);
        let again = commands.delete_queue(&queue.name);
        points.push(stands(survey, commands, what, found, "quorum, durable", again));
    }
    if well > 0 {
        let says = format!(
            "{well} of {}: quorum, single active consumer, durable; messages that wait: {waiting}",
            survey.partitions
        );
        points.push(Point::new(State::Ok, "partition queues", says));
    }
    points
        .extend(survey.beyond.iter().map(|(queue, count)| beyond(survey, commands, queue, *count)));
    points
}

fn plugin(survey: &Survey, commands: &Commands) -> Option<Point> {
    if survey.partitions == 1 {
        return None;
    }
    let what = format!("exchange type {HASH_KIND}");
    Some(match survey.has_hash {
        Some(true) => Point::new(State::Ok, what, "the broker has it"),
        Some(false) => {
            let says = format!(
                "the broker does not have it, and {} partitions need it: a plugin on each node, \
                 in core from RabbitMQ 4.3 on",
                survey.partitions
            );
            Point::new(State::Wrong, what, says).mended_by([commands.enable_sharding()])
        }
        None => Point::new(State::NotChecked, what, "the broker does not tell"),
    })
}

fn stands(
    survey: &Survey,
    commands: &Commands,
    what: String,
    found: &Found,
    as_needed: &str,
    again: String,
) -> Point {
    match found {
        Found::Same(0) => Point::new(State::Ok, what, as_needed),
        Found::Same(count) => {
            Point::new(State::Ok, what, format!("{as_needed}; messages that wait: {count}"))
        }
        Found::Absent => {
            Point::new(State::Wrong, what, "is not there").mended_by([commands.apply()])
        }
        Found::Other(said) => {
            let says = format!(
                "is not what it must be ({said}): stop the publishers, let it run empty, delete it"
            );
            Point::new(State::Wrong, what, says).mended_by([again, commands.apply()])
        }
        Found::Denied(said) => Point::new(State::Wrong, what, said)
            .mended_by([commands.set_permissions(&survey.user, OWN)]),
    }
}

fn beyond(survey: &Survey, commands: &Commands, queue: &str, count: u32) -> Point {
    let what = format!("queue {queue}");
    let partitions = survey.partitions;
    match count {
        0 => {
            let says = format!("is not one of the {partitions} partitions, and empty");
            Point::new(State::Warning, what, says).mended_by([commands.delete_queue(queue)])
        }
        _ => {
            let messages = counted(usize::try_from(count).unwrap_or(usize::MAX), "message");
            let says = format!(
                "is not one of the {partitions} partitions, and holds {messages} that nobody \
                 reads: stop the publishers, set amqp.partitions back until it is empty"
            );
            Point::new(State::Wrong, what, says)
        }
    }
}

/// The bindings. One too few loses commands, or refuses them; one too many has them read twice,
/// or moves tenants to other partitions than Bellhop computes.
pub fn bindings(survey: &Survey, commands: &Commands) -> Vec<Point> {
    const WHAT: &str = "bindings";
    let sources = if survey.partitions == 1 {
        vec![(COMMANDS_EXCHANGE, &survey.sight.commands)]
    } else {
        vec![(COMMANDS_EXCHANGE, &survey.sight.commands), (HASH_EXCHANGE, &survey.sight.hash)]
    };
    let mut points = Vec::new();
    for (source, bound) in sources {
        let bound = match bound {
            Ok(bound) => bound,
            Err(why) => {
                points.push(Point::new(State::NotChecked, format!("{WHAT} of {source}"), why));
                continue;
            }
        };
        for binding in missing(survey, source, bound) {
            let what = format!("binding {source} to {}", binding.target.name());
            let says = format!("is not there, with the key {:?}", binding.key);
            points.push(Point::new(State::Wrong, what, says).mended_by([commands.apply()]));
        }
        for bound in bound.iter().filter(|bound| is_too_many(survey, source, bound)) {
            let Bound { destination, destination_type, routing_key, properties_key } = bound;
            let what = format!("binding {source} to {destination}");
            let says = format!("is one too many, with the key {routing_key:?}");
            let kind = if destination_type == "queue" { 'q' } else { 'e' };
            let unbind = commands.unbind(source, kind, destination, properties_key);
            points.push(Point::new(State::Wrong, what, says).mended_by([unbind]));
        }
    }
    if points.is_empty() {
        let says = format!("{}, and none too many", survey.needs.bindings.len());
        points.push(Point::new(State::Ok, WHAT, says));
    }
    points
}

/// What is needed of a source and not there.
pub fn missing<'a>(survey: &'a Survey, source: &str, bound: &[Bound]) -> Vec<&'a Binding> {
    let needed = survey.needs.bindings.iter().filter(|binding| binding.source == source);
    needed.filter(|binding| !bound.iter().any(|bound| is_same(binding, bound))).collect()
}

fn is_same(binding: &Binding, bound: &Bound) -> bool {
    let kind = match binding.target {
        Target::Exchange(_) => "exchange",
        Target::Queue(_) => "queue",
    };
    bound.destination_type == kind
        && bound.destination == binding.target.name()
        && bound.routing_key == binding.key
}

/// Others may listen to commands; but what hashes must have our queues alone, each once.
fn is_too_many(survey: &Survey, source: &str, bound: &Bound) -> bool {
    let is_needed = survey
        .needs
        .bindings
        .iter()
        .any(|binding| binding.source == source && is_same(binding, bound));
    let is_ours = bound.destination == HASH_EXCHANGE || is_part(&bound.destination);
    !is_needed && (source == HASH_EXCHANGE || is_ours)
}

fn is_part(queue: &str) -> bool {
    let number = queue.strip_prefix("bellhop.p.").and_then(|number| number.parse().ok());
    number.is_some_and(|number| Part::new(number).queue() == queue)
}
