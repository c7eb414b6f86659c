//! Who may do what: we ourselves enough, others no more than they need.

use regex::Regex;

use super::commands::{APP, Commands, OWN};
use super::management::{Permission, Seen, TopicPermission, User};
use super::policies::matcher;
use super::report::{Point, State};
use super::survey::Survey;
use crate::broker::{COMMANDS_EXCHANGE, EVENTS_EXCHANGE, Target};
use crate::config::Publishers;

/// By this name permissions know the exchange without one, which leads to every queue.
const DEFAULT_EXCHANGE: &str = "amq.default";
/// May do everything, and give himself what he may not.
const ADMINISTRATOR: &str = "administrator";
/// May publish in another user's name.
const IMPERSONATOR: &str = "impersonator";
/// Users who are told of, at most.
const USERS_TOLD_MAX: usize = 20;

/// A user's row, understood.
struct May {
    configure: Regex,
    write: Regex,
    read: Regex,
}

impl May {
    fn of(row: &Permission) -> Seen<Self> {
        let [configure, write, read] =
            [&row.configure, &row.write, &row.read].map(|it| matcher(it));
        Ok(Self { configure: configure?, write: write?, read: read? })
    }
}

/// Our own, then everybody else's.
pub fn points(survey: &Survey, publishers: Option<&Publishers>, commands: &Commands) -> Vec<Point> {
    let mut points = vec![own(survey, commands)];
    match others(survey, publishers, commands) {
        Ok(told) if told.is_empty() => {
            let says = "nobody but administrators may do more than publish commands";
            points.push(Point::new(State::Ok, "other users", says));
        }
        Ok(told) => points.extend(told),
        Err(why) => points.push(Point::new(State::NotChecked, "other users", why)),
    }
    points
}

fn own(survey: &Survey, commands: &Commands) -> Point {
    let what = format!("permissions of {}", survey.user);
    let lacking = match lacking(survey) {
        Ok(lacking) => lacking,
        Err(why) => return Point::new(State::NotChecked, what, why),
    };
    if lacking.is_empty() {
        return Point::new(State::Ok, what, "enough");
    }
    Point::new(State::Wrong, what, format!("may not {}", lacking.join(", ")))
        .mended_by([commands.set_permissions(&survey.user, OWN)])
}

/// What Bellhop does and may not do.
fn lacking(survey: &Survey) -> Seen<Vec<String>> {
    let rows = survey.sight.permissions.as_ref().map_err(Clone::clone)?;
    let Some(row) = rows.iter().find(|row| row.user == survey.user) else {
        return Ok(vec!["do anything".to_owned()]);
    };
    let may = May::of(row)?;
    let needs = &survey.needs;
    let queues = || needs.queues.iter().map(|queue| queue.name.as_str());
    let declared = needs.exchanges.iter().map(|exchange| exchange.name).chain(queues());
    // Whoever binds writes to one end and reads from the other.
    let targets = needs.bindings.iter().map(|binding| binding.target.name());
    let written = [COMMANDS_EXCHANGE, EVENTS_EXCHANGE, DEFAULT_EXCHANGE].into_iter().chain(targets);
    let consumed = needs.bindings.iter().filter_map(|binding| match &binding.target {
        Target::Queue(name) => Some(name.as_str()),
        Target::Exchange(_) => None,
    });
    let read = needs.bindings.iter().map(|binding| binding.source).chain(consumed);
    Ok([
        refused("configure", &may.configure, declared),
        refused("write", &may.write, written),
        refused("read", &may.read, read),
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// The first that is not allowed stands for all.
fn refused<'a>(verb: &str, may: &Regex, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut refused = names.filter(|name| !may.is_match(name));
    refused.next().map(|name| format!("{verb} {name}"))
}

fn others(
    survey: &Survey,
    publishers: Option<&Publishers>,
    commands: &Commands,
) -> Seen<Vec<Point>> {
    let rows = survey.sight.permissions.as_ref().map_err(Clone::clone)?;
    let users = survey.sight.users.as_ref().map_err(Clone::clone)?;
    let topics = survey.sight.topic_permissions.as_ref().map_err(Clone::clone)?;
    let mut points = Vec::new();
    for user in publishers.into_iter().flat_map(Publishers::users) {
        if !rows.iter().any(|row| row.user == user) {
            points.push(
                Point::new(State::Warning, of(user), "is in [amqp.publishers], and may do nothing")
                    .mended_by([commands.set_permissions(user, APP)]),
            );
        }
    }
    for row in rows.iter().filter(|row| row.user != survey.user) {
        let tags =
            users.iter().find(|user| user.name == row.user).map(User::tags).unwrap_or_default();
        points.extend(impersonates(row, &tags, commands));
        if !tags.contains(&ADMINISTRATOR) {
            let kept = publishers.is_some() || is_kept(topics, &row.user);
            points.extend(excess(row, kept, survey, commands)?);
        }
    }
    let count = points.len();
    points.truncate(USERS_TOLD_MAX);
    if count > USERS_TOLD_MAX {
        let says = format!("{} more are not as they should be", count - USERS_TOLD_MAX);
        points.push(Point::new(State::Warning, "other users", says));
    }
    Ok(points)
}

fn of(user: &str) -> String {
    format!("permissions of {user}")
}

fn is_kept(topics: &[TopicPermission], user: &str) -> bool {
    topics.iter().any(|topic| topic.user == user && topic.exchange == COMMANDS_EXCHANGE)
}

/// Whoever may claim to be somebody else makes `user_id` worthless.
fn impersonates(row: &Permission, tags: &[&str], commands: &Commands) -> Option<Point> {
    let others: Vec<&str> = tags.iter().copied().filter(|tag| *tag != IMPERSONATOR).collect();
    let says = "has the tag impersonator: the broker does not compare its user_id";
    (others.len() < tags.len()).then(|| {
        Point::new(State::Warning, of(&row.user), says)
            .mended_by([commands.set_tags(&row.user, &others)])
    })
}

/// What somebody may do beyond publishing commands of his tenants.
fn excess(row: &Permission, kept: bool, survey: &Survey, commands: &Commands) -> Seen<Vec<Point>> {
    let may = May::of(row)?;
    let queues = survey.needs.queues.iter().map(|queue| queue.name.as_str());
    let exchanges = survey.needs.exchanges.iter().map(|exchange| exchange.name);
    let ours: Vec<&str> = exchanges.chain(queues.clone()).collect();
    let configured = ours.iter().find(|name| may.configure.is_match(name));
    let sensitive = ours.iter().copied().filter(|name| *name != COMMANDS_EXCHANGE);
    let written = sensitive.chain([DEFAULT_EXCHANGE]).find(|name| may.write.is_match(name));
    let read = queues.clone().find(|name| may.read.is_match(name));
    let told: Vec<String> = [
        configured.map(|name| format!("configure {name}")),
        written.map(|name| format!("write {name}")),
        read.map(|name| format!("read {name}")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut points = Vec::new();
    if !told.is_empty() {
        let says = format!("may {}; an app needs no more than the command gives", told.join(", "));
        points.push(
            Point::new(State::Warning, of(&row.user), says)
                .mended_by([commands.set_permissions(&row.user, APP)]),
        );
    }
    if may.write.is_match(COMMANDS_EXCHANGE) && !kept {
        let says = "may publish for every tenant: no topic permission, no [amqp.publishers]";
        points.push(
            Point::new(State::Warning, of(&row.user), says)
                .mended_by([commands.set_topic_permissions(&row.user)]),
        );
    }
    Ok(points)
}
