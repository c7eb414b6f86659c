//! What else was said with a message that is given up: asked before it goes another way.
//!
//! Two messages of one telling may be given up at once and have the same way out, which only one of
//! them is to take: they have turns.

use std::hash::{BuildHasher as _, RandomState};

use tokio::sync::{Mutex, MutexGuard};

use crate::actors::intake::Untold;
use crate::domain::channel::{Channel, Channels};
use crate::domain::message::MessageId;
use crate::store::{Store, StoredMessage};

/// So many tellings have a turn at once, at most.
const TURNS: usize = 64;

/// See the module.
#[derive(Debug)]
pub struct Ways {
    store: Store,
    turns: [Mutex<()>; TURNS],
    hasher: RandomState,
}

impl Ways {
    /// As the store knows them.
    pub fn new(store: Store) -> Self {
        let turns = std::array::from_fn(|_| Mutex::new(()));
        Self { store, turns, hasher: RandomState::new() }
    }

    /// Nobody else of the same telling has it.
    pub async fn turn(
        &self,
        StoredMessage { tenant, message, cause, .. }: &StoredMessage,
    ) -> MutexGuard<'_, ()> {
        let telling = (tenant, cause, message.kind, &message.client);
        let place = self.hasher.hash_one(telling) % TURNS as u64;
        let place = usize::try_from(place).unwrap_or_default();
        self.turns[place].lock().await
    }

    /// The channels on which the same was said, whatever became of that. `None` where another took
    /// the message's place already.
    ///
    /// # Errors
    /// If the store cannot be read: asked again later.
    pub async fn said_on(&self, stored: &StoredMessage) -> Result<Option<Channels>, Untold> {
        let own = stored.message.id;
        let ids: Vec<MessageId> = siblings(stored).into_iter().chain([own]).collect();
        let spoken = self.store.spoken(&stored.tenant, &ids).await;
        let spoken = spoken.map_err(|error| {
            tracing::warn!(message_id = %own, %error, "what else was said cannot be read");
            Untold::SetAside
        })?;
        let own = own.to_string();
        if spoken.iter().any(|one| one.fallback_of.as_ref() == Some(&own)) {
            return Ok(None);
        }
        let others = spoken.iter().filter(|one| one.message != own);
        Ok(Some(others.map(|one| one.channel).collect()))
    }
}

/// What the same decision would have called the message on each other channel.
fn siblings(StoredMessage { tenant, message, cause, .. }: &StoredMessage) -> Vec<MessageId> {
    let Some(decided) = message.id.decided_at() else { return Vec::new() };
    let (kind, topic) = (message.kind, message.facts.topic());
    let others = Channel::ALL.into_iter().filter(|channel| *channel != message.channel);
    let sibling = |channel| {
        let cause = cause.as_str();
        MessageId::derive(decided, tenant, cause, kind, channel, &message.client, topic.as_ref())
    };
    others.map(sibling).collect()
}
