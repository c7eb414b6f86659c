//! What the broker must have for a daemon with so many partitions: said once here, declared by
//! [`super::topology`] at each start, and compared by `bellhop topology check`.

use crate::domain::partition::{Part, Partitions};

/// Where commands are published, with routing key `cmd.<tenant>`.
pub const COMMANDS_EXCHANGE: &str = "bellhop.commands";
/// Where events go, with routing key `<tenant>.<type>`.
pub const EVENTS_EXCHANGE: &str = "bellhop.events";
/// Where commands lie that could not be read, with the reason in their headers.
pub const DEAD_QUEUE: &str = "bellhop.commands.dead";
/// Spreads tenants over partitions; a tenant keeps its partition across broker restarts, which
/// a consistent-hash exchange does not promise.
pub const HASH_EXCHANGE: &str = "bellhop.commands.hash";
/// The type of that exchange (<https://www.rabbitmq.com/docs/modulus-hash-exchange>).
pub const HASH_KIND: &str = "x-modulus-hash";

const TOPIC: &str = "topic";
const TENANT_KEY: &str = "cmd.*";

/// A durable exchange without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    pub name: &'static str,
    /// `topic`, or [`HASH_KIND`].
    pub kind: &'static str,
}

/// A durable quorum queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    pub name: String,
    /// Has a single active consumer.
    pub one_reader: bool,
}

/// Where a binding leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Exchange(&'static str),
    Queue(String),
}

impl Target {
    /// The name of the exchange or queue.
    pub fn name(&self) -> &str {
        match self {
            Target::Exchange(name) => name,
            Target::Queue(name) => name,
        }
    }
}

/// A binding without arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    pub source: &'static str,
    pub target: Target,
    pub key: &'static str,
}

/// Everything, in an order in which it can be declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    pub exchanges: Vec<Exchange>,
    pub queues: Vec<Queue>,
    pub bindings: Vec<Binding>,
}

impl Needs {
    /// What so many partitions need.
    pub fn of(partitions: &Partitions) -> Self {
        let [commands, events] =
            [COMMANDS_EXCHANGE, EVENTS_EXCHANGE].map(|name| Exchange { name, kind: TOPIC });
        let mut needs = Self {
            exchanges: vec![commands, events],
            queues: vec![Queue { name: DEAD_QUEUE.to_owned(), one_reader: false }],
            bindings: Vec::new(),
        };
        let is_hashed = partitions.count() > 1;
        if is_hashed {
            needs.exchanges.push(Exchange { name: HASH_EXCHANGE, kind: HASH_KIND });
            needs.bind(COMMANDS_EXCHANGE, Target::Exchange(HASH_EXCHANGE), TENANT_KEY);
        }
        for name in partitions.all().map(Part::queue) {
            needs.queues.push(Queue { name: name.clone(), one_reader: true });
            let to = Target::Queue(name);
            if is_hashed {
                needs.bind(HASH_EXCHANGE, to, "");
            } else {
                needs.bind(COMMANDS_EXCHANGE, to, TENANT_KEY);
            }
        }
        needs
    }

    fn bind(&mut self, source: &'static str, target: Target, key: &'static str) {
        self.bindings.push(Binding { source, target, key });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_partition_needs_no_plugin() {
        let needs = Needs::of(&Partitions::new(1));
        assert!(needs.exchanges.iter().all(|exchange| exchange.kind == TOPIC));
        let queues: Vec<_> = needs.queues.iter().map(|queue| queue.name.as_str()).collect();
        assert_eq!(queues, [DEAD_QUEUE, "bellhop.p.00"]);
        let target = Target::Queue("bellhop.p.00".to_owned());
        let binding = Binding { source: COMMANDS_EXCHANGE, target, key: "cmd.*" };
        assert_eq!(needs.bindings, [binding]);
    }

    #[test]
    fn several_hang_on_the_exchange_that_hashes_and_on_nothing_else() {
        let needs = Needs::of(&Partitions::new(3));
        let bound: Vec<_> = needs.bindings.iter().map(|of| (of.source, of.target.name())).collect();
        let hashed = |queue| (HASH_EXCHANGE, queue);
        let queues = ["bellhop.p.00", "bellhop.p.01", "bellhop.p.02"].map(hashed);
        assert_eq!(bound, [&[(COMMANDS_EXCHANGE, HASH_EXCHANGE)][..], &queues].concat());
        assert_eq!(needs.exchanges.last().unwrap().kind, HASH_KIND);
        assert_eq!(needs.queues.len(), 4);
    }
}
