//! The cluster: alarms that are on now, and replicas that are missing.

use super::commands::Commands;
use super::management::{Node, Replicas};
use super::report::{Point, State};
use super::survey::Survey;

/// So many replicas make a quorum queue that outlives the loss of a node.
const REPLICAS: usize = 3;

/// Each node's alarms, then the queues' replicas.
pub fn points(survey: &Survey, commands: &Commands) -> Vec<Point> {
    const WHAT: &str = "alarms";
    let nodes = match &survey.sight.nodes {
        Ok(nodes) => nodes,
        Err(why) => return vec![Point::new(State::NotChecked, WHAT, why)],
    };
    let mut points: Vec<_> = nodes.iter().filter_map(|node| trouble(node, commands)).collect();
    if points.is_empty() {
        let says = format!("none; {} running", counted(nodes.len(), "node"));
        points.push(Point::new(State::Ok, WHAT, says));
    }
    points.extend(replicas(survey, nodes, commands));
    points
}

fn trouble(node: &Node, commands: &Commands) -> Option<Point> {
    let what = format!("node {}", node.name);
    if !node.running {
        return Some(Point::new(State::Warning, what, "is not running"));
    }
    let alarms = [(node.mem_alarm, "memory"), (node.disk_free_alarm, "disk")];
    let on: Vec<_> = alarms.iter().filter(|(on, _)| *on).map(|(_, of)| *of).collect();
    let says = if !on.is_empty() {
        format!("an alarm of its {} is on: the broker takes nothing", on.join(" and "))
    } else if !node.partitions.is_empty() {
        format!("is cut off from {}", counted(node.partitions.len(), "node"))
    } else {
        return None;
    };
    Some(Point::new(State::Wrong, what, says).mended_by([commands.alarms()]))
}

fn replicas(survey: &Survey, nodes: &[Node], commands: &Commands) -> Vec<Point> {
    let running: Vec<&str> =
        nodes.iter().filter(|node| node.running).map(|node| node.name.as_str()).collect();
    if nodes.len() < 2 {
        return Vec::new();
    }
    let queues = match &survey.sight.replicas {
        Ok(queues) => queues,
        Err(why) => return vec![Point::new(State::NotChecked, "replicas", why)],
    };
    let wanted = REPLICAS.min(nodes.len());
    let ours = |queue: &&Replicas| survey.needs.queues.iter().any(|of| of.name == queue.name);
    let mut points = Vec::new();
    for queue in queues.iter().filter(ours) {
        let (members, online) = (queue.members.len(), queue.online.len());
        let what = format!("queue {}", queue.name);
        if online <= members / 2 {
            let says = format!("{online} of {members} replicas are there: it stands still");
            points.push(Point::new(State::Wrong, what, says));
        } else if members < wanted {
            let says = format!("has {}, not {wanted}", counted(members, "replica"));
            let free = running.iter().filter(|name| !queue.members.iter().any(|of| of == *name));
            let grow = free.take(wanted - members).map(|name| commands.grow(name));
            points.push(Point::new(State::Warning, what, says).mended_by(grow));
        }
    }
    if points.is_empty() {
        points.push(Point::new(State::Ok, "replicas", format!("at least {wanted} of each queue")));
    }
    points
}

fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
