//! Everything that the check looks at, taken once: over AMQP, and from the management API as far
//! as there is one.

use super::management::{
    Bound, Feature, Management, Node, Permission, Replicas, Seen, Standing, TopicPermission, User,
};
use crate::broker::{
    BrokerError, COMMANDS_EXCHANGE, Exchange, Found, HASH_EXCHANGE, HASH_KIND, Needs, Probe, Queue,
    has_exchange_kind,
};
use crate::config::Amqp;
use crate::domain::partition::Partitions;

/// What the broker's own tools show.
const CONNECTION: &str = "bellhop topology check";
/// Bellhop's queues, of which there are at most 258.
const OUR_QUEUES: &str = "page=1&page_size=500&use_regex=true&name=%5Ebellhop%5C.";
const NO_MANAGEMENT: &str = "[amqp] management is not configured";

/// What stands on the broker, and what is needed.
pub struct Survey {
    pub needs: Needs,
    pub partitions: u16,
    pub version: Option<String>,
    pub vhost: String,
    /// Who we are.
    pub user: String,
    /// Whether the broker knows the type of exchange that several partitions need.
    pub has_hash: Option<bool>,
    pub exchanges: Vec<(Exchange, Found)>,
    pub queues: Vec<(Queue, Found)>,
    /// Partition queues beyond our number, and what waits in each.
    pub beyond: Vec<(String, u32)>,
    pub sight: Sight,
}

/// What the management API shows.
pub struct Sight {
    pub nodes: Seen<Vec<Node>>,
    /// The features that are switched on.
    pub features: Seen<Vec<String>>,
    pub policies: Seen<Vec<Standing>>,
    pub operator_policies: Seen<Vec<Standing>>,
    pub permissions: Seen<Vec<Permission>>,
    pub topic_permissions: Seen<Vec<TopicPermission>>,
    pub users: Seen<Vec<User>>,
    pub replicas: Seen<Vec<Replicas>>,
    /// What hangs on the exchange of commands.
    pub commands: Seen<Vec<Bound>>,
    /// What hangs on the one that spreads them.
    pub hash: Seen<Vec<Bound>>,
}

#[derive(serde::Deserialize)]
struct Page<T> {
    items: Vec<T>,
}

impl Survey {
    /// Looks at everything; the connection is left open.
    ///
    /// # Errors
    /// [`BrokerError::Lost`] if there is no connection, or it breaks.
    pub async fn take(
        settings: &Amqp,
        management: Option<&Management>,
    ) -> Result<(Self, Probe), BrokerError> {
        let partitions = Partitions::new(settings.partitions);
        let needs = Needs::of(&partitions);
        let probe = Probe::open(settings, CONNECTION).await?;
        let (vhost, user) = probe.place();
        let has_hash = if partitions.count() > 1 {
            has_exchange_kind(settings, CONNECTION, HASH_KIND).await?
        } else {
            None
        };
        let mut exchanges = Vec::new();
        for exchange in &needs.exchanges {
            // The broker would end the connection over a type that it does not know.
            let is_unknown = exchange.kind == HASH_KIND && has_hash == Some(false);
            let found = if is_unknown { Found::Absent } else { probe.exchange(exchange).await? };
            exchanges.push((*exchange, found));
        }
        let mut queues = Vec::new();
        for queue in &needs.queues {
            queues.push((queue.clone(), probe.queue(queue).await?));
        }
        let beyond = probe.beyond(partitions.count()).await?;
        let sight = match management {
            Some(management) => Sight::take(management, &vhost).await,
            None => Sight::none(NO_MANAGEMENT),
        };
        let survey = Self {
            partitions: partitions.count(),
            version: probe.version(),
            needs,
            vhost,
            user,
            has_hash,
            exchanges,
            queues,
            beyond,
            sight,
        };
        Ok((survey, probe))
    }

    /// Whether an exchange or queue is there, whatever it is like.
    pub fn is_there(&self, name: &str) -> bool {
        let exchanges = self.exchanges.iter().map(|(exchange, found)| (exchange.name, found));
        let queues = self.queues.iter().map(|(queue, found)| (queue.name.as_str(), found));
        exchanges.chain(queues).any(|(of, found)| of == name && *found != Found::Absent)
    }
}

impl Sight {
    /// Asks for everything; each may be refused by itself.
    async fn take(management: &Management, vhost: &str) -> Self {
        let of = async |exchange: &str| {
            let path = ["exchanges", vhost, exchange, "bindings", "source"];
            management.get::<Vec<Bound>>(&path, None).await
        };
        let features = management.get::<Vec<Feature>>(&["feature-flags"], None).await;
        let on = |all: Vec<Feature>| {
            let on = all.into_iter().filter(|feature| feature.state == "enabled");
            on.map(|feature| feature.name).collect()
        };
        let replicas = management.get::<Page<Replicas>>(&["queues", vhost], Some(OUR_QUEUES)).await;
        Self {
            nodes: management.get(&["nodes"], None).await,
            features: features.map(on),
            policies: management.get(&["policies", vhost], None).await,
            operator_policies: management.get(&["operator-policies", vhost], None).await,
            permissions: management.get(&["vhosts", vhost, "permissions"], None).await,
            topic_permissions: management.get(&["vhosts", vhost, "topic-permissions"], None).await,
            users: management.get(&["users"], None).await,
            replicas: replicas.map(|page| page.items),
            commands: of(COMMANDS_EXCHANGE).await,
            hash: of(HASH_EXCHANGE).await,
        }
    }

    /// Sees nothing, for one reason.
    pub fn none(why: &str) -> Self {
        fn unseen<T>(why: &str) -> Seen<T> {
            Err(why.to_owned())
        }
        Self {
            nodes: unseen(why),
            features: unseen(why),
            policies: unseen(why),
            operator_policies: unseen(why),
            permissions: unseen(why),
            topic_permissions: unseen(why),
            users: unseen(why),
            replicas: unseen(why),
            commands: unseen(why),
            hash: unseen(why),
        }
    }
}
