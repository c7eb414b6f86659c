//! A broker of three nodes, of which any may be killed.

use std::{process::Command, sync::Arc};

use crate::proxy::Proxy;
use crate::support::broker::Broker;

/// See the module. Gone on drop.
#[derive(Debug)]
pub struct Nodes {
    nodes: Vec<Broker>,
    /// What everybody connects to.
    door: Proxy,
}

impl Nodes {
    /// Starts them, one after the other.
    pub async fn three() -> Self {
        let first = Broker::own().await;
        let second = Broker::joined(&first).await;
        let third = Broker::joined(&first).await;
        let nodes = Self { nodes: vec![first, second, third], door: Proxy::open().await };
        nodes.lead_to(0);
        nodes
    }

    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// The broker as those see it who connect to it.
    pub fn seen(&self) -> Arc<Broker> {
        Arc::new(self.nodes[0].behind(self.door.port()))
    }

    /// Whoever connects from now on is led to this node.
    pub fn lead_to(&self, node: usize) {
        self.door.leads_to(self.nodes[node].port());
    }

    /// The node that leads a queue; all must be there.
    pub async fn leader(&self, vhost: &str, queue: &str) -> usize {
        let leader = format!(
            "{{ok, Q}} = rabbit_amqqueue:lookup(rabbit_misc:r(<<\"{vhost}\">>, queue, \
             <<\"{queue}\">>)), element(2, amqqueue:get_pid(Q))"
        );
        let name = self.nodes[0].eval(leader).await;
        let is_it = |node: &Broker| name.contains(&format!("bellhop-{}@", node.port()));
        self.nodes.iter().position(is_it).unwrap_or_else(|| panic!("{name} is no node of ours"))
    }

    /// SIGKILL; the first one's port mapper, by which they find each other, lives on.
    pub fn kill(&self, node: usize) {
        let pid = std::fs::read_to_string(self.nodes[node].dir().join("rabbitmq/pid")).unwrap();
        let killed = Command::new("kill").args(["-KILL", pid.trim()]).status().unwrap();
        assert!(killed.success(), "node {node} was not there");
    }

    /// Starts it again.
    pub async fn start(&self, node: usize) {
        self.nodes[node].start().await;
    }
}
