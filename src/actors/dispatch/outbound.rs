//! The desks of all channels, as those see them who hand messages in and withdraw them.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::desk::Desk;
use super::order::{Arrived, Order};
use super::room::Wish;
use super::standing::ProviderStanding;
use crate::actors::post::Post;
use crate::actors::space::Space;
use crate::config::Dispatch;
use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::Message;
use crate::store::Slot;

/// A dispatcher that does not answer within this is busy, or has just fallen.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub struct Outbound {
    desks: [Arc<Desk>; Channel::ALL.len()],
    shifted_ms: Arc<AtomicI64>,
    erasures: AtomicU64,
}

impl Outbound {
    /// Nobody stands behind the desks yet. The slots are shared out as the configuration says.
    pub fn new(config: &Dispatch, mut slots: Vec<Slot>, space: &Arc<Space>) -> Arc<Self> {
        let shifted_ms = Arc::new(AtomicI64::new(0));
        let desks = Channel::ALL.map(|channel| {
            let of = config.of(channel);
            let slots = slots.split_off(slots.len().saturating_sub(of.slots));
            Arc::new(Desk::new(channel, config, slots, shifted_ms.clone(), space.clone()))
        });
        Arc::new(Self { desks, shifted_ms, erasures: AtomicU64::new(0) })
    }

    /// A channel's desk.
    pub fn desk(&self, channel: Channel) -> &Arc<Desk> {
        &self.desks[channel as usize]
    }

    /// Reserves room for messages that were decided at that instant; says for which. What is due
    /// only later waits in the store.
    pub fn reserve(&self, tenant: &TenantId, messages: &[Message], now: Timestamp) -> Vec<bool> {
        let mut reserved = vec![false; messages.len()];
        for desk in &self.desks {
            let places = 0..messages.len();
            let is_mine = |message: &Message| message.channel == desk.channel && message.due <= now;
            let mine: Vec<usize> = places.filter(|place| is_mine(&messages[*place])).collect();
            let wishes = mine.iter().map(|place| Wish::of(&messages[*place]));
            for (place, has_room) in mine.iter().zip(desk.reserve(tenant, wishes)) {
                reserved[*place] = has_room;
            }
        }
        reserved
    }

    /// Gives reserved room back.
    pub fn release(&self, tenant: &TenantId, messages: &[Message], reserved: &[bool]) {
        for (message, _) in messages.iter().zip(reserved).filter(|(_, reserved)| **reserved) {
            self.desk(message.channel).release(message.kind.lane(), tenant);
        }
    }

    /// Messages come in for which room was reserved.
    pub fn hand(&self, posts: Vec<Post>) {
        if posts.is_empty() {
            return;
        }
        let mut of: [Vec<Post>; Channel::ALL.len()] = Default::default();
        for post in posts {
            of[post.stored.message.channel as usize].push(post);
        }
        for (desk, posts) in self.desks.iter().zip(of).filter(|(_, posts)| !posts.is_empty()) {
            desk.hand(posts);
        }
    }

    /// A client was erased: nothing of what is here may reach them.
    pub fn forget(&self, tenant: &TenantId, client: &ClientId) {
        self.forgot();
        self.desks.iter().for_each(|desk| desk.forget(tenant, client));
    }

    /// What was told a client who was erased is forgotten, or more of it.
    pub fn forgot(&self) {
        self.erasures.fetch_add(1, Ordering::Release);
    }

    /// How often a client was erased, or more forgotten of one, since the start.
    pub fn erasures(&self) -> u64 {
        self.erasures.load(Ordering::Acquire)
    }

    /// The wall clock was set: what is to be tried again is due so much later or earlier.
    pub fn shift(&self, by: SignedDuration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(0);
        self.shifted_ms.fetch_add(millis, Ordering::AcqRel);
        self.desks.iter().for_each(|desk| desk.tell(Order::Shifted(by)));
    }

    /// The channels of which something is due while nothing was finished for long.
    pub fn stalled(&self) -> Vec<Channel> {
        let stalled = self.desks.iter().filter(|desk| desk.is_stalled());
        stalled.map(|desk| desk.channel).collect()
    }

    /// An operator's limits on a channel are other ones.
    pub fn is_limited(&self, channel: Channel) {
        self.desk(channel).tell(Order::Limited);
    }

    /// Messages of a channel arrived, as their providers say.
    pub fn arrived(&self, channel: Channel, arrived: Vec<Arrived>) {
        if !arrived.is_empty() {
            self.desk(channel).tell(Order::Arrived(arrived));
        }
    }

    /// How every provider stands; of which channel nobody says so in time, where one does not.
    pub async fn providers(&self) -> Result<Vec<ProviderStanding>, Channel> {
        let mut providers = Vec::new();
        for desk in &self.desks {
            let asked = timeout(ANSWERS_WITHIN, desk.ask(Order::Look)).await;
            let standing = asked.ok().flatten().ok_or(desk.channel)?;
            providers.extend(standing.providers);
        }
        Ok(providers)
    }

    /// Whether nothing is here or on its way.
    #[cfg(test)]
    pub fn is_empty(&self) -> bool {
        self.desks.iter().all(|desk| desk.is_empty())
    }
}
