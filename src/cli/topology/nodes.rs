//! The cluster: alarms that are on now, and replicas that are missing.

use super::commands::Commands;
use super::management::{Node, Replicas};
use super::report::{Point, State, counted};
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::survey::Sight;
    use super::*;
    use crate::broker::Needs;
    use crate::domain::partition::Partitions;

    fn told(nodes: Value, members: &[&str], online: &[&str]) -> Vec<(State, String, Vec<String>)> {
        let queue = |name: &str| json!({ "name": name, "members": members, "online": online });
        let sight = Sight {
            nodes: Ok(serde_json::from_value(nodes).unwrap()),
            replicas: Ok(serde_json::from_value(json!([
                queue("bellhop.p.00"),
                queue("bellhop.x")
            ]))
            .unwrap()),
            ..Sight::none("")
        };
        let survey = Survey {
            needs: Needs::of(&Partitions::new(1)),
            partitions: 1,
            version: None,
            vhost: "/".to_owned(),
            user: "bellhop".to_owned(),
            has_hash: None,
            exchanges: Vec::new(),
            queues: Vec::new(),
            beyond: Vec::new(),
            sight,
        };
        let points = points(&survey, &Commands::new("/", None, None));
        points.into_iter().map(|point| (point.state, point.says, point.mend)).collect()
    }

    fn running(names: &[&str]) -> Value {
        names.iter().map(|name| json!({ "name": name, "running": true })).collect()
    }

    #[test]
    fn alarms_are_told_node_by_node() {
        let nodes = json!([
            { "name": "a", "running": true, "mem_alarm": true, "disk_free_alarm": true },
            { "name": "b" },
            { "name": "c", "running": true, "partitions": ["a"] },
        ]);
        let members = ["a", "b", "c"];
        let told = told(nodes, &members, &members);
        let states: Vec<_> = told.iter().map(|(state, says, _)| (*state, says.as_str())).collect();
        let alarm = "an alarm of its memory and disk is on: the broker takes nothing";
        assert_eq!(
            states,
            [
                (State::Wrong, alarm),
                (State::Warning, "is not running"),
                (State::Wrong, "is cut off from 1 node"),
                (State::Ok, "at least 3 of each queue"),
            ]
        );
        assert_eq!(told[0].2, ["rabbitmq-diagnostics alarms"]);
    }

    #[test]
    fn one_node_needs_no_replicas() {
        let told = told(running(&["a"]), &["a"], &["a"]);
        assert_eq!(told, [(State::Ok, "none; 1 node running".to_owned(), vec![])]);
    }

    #[test]
    fn a_queue_with_too_few_replicas_can_grow() {
        let told = told(running(&["a", "b", "c"]), &["b"], &["b"]);
        assert_eq!((told[1].0, told[1].1.as_str()), (State::Warning, "has 1 replica, not 3"));
        let nodes: Vec<_> = told[1].2.iter().map(|line| &line[..23]).collect();
        assert_eq!(nodes, ["rabbitmq-queues grow a ", "rabbitmq-queues grow c "]);
    }

    #[test]
    fn without_a_majority_it_stands_still() {
        let told = told(running(&["a", "b"]), &["a", "b"], &["a"]);
        assert_eq!(told[1].0, State::Wrong);
        assert_eq!(told[1].1, "1 of 2 replicas are there: it stands still");
    }
}
