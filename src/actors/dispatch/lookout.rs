//! Looks ahead: where a message stands and when its turn is expected, and how many will be late by
//! the arithmetic of the limits.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::timeout;

use super::desk::Desk;
use super::ending::end_of;
use super::means::Means;
use super::names::Names;
use super::order::Order;
use super::view::{Prospect, Sought, Spot, View};
use super::whereabouts::{Asked, HeldIn, Reason, Whereabouts, instant};
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Lane;
use crate::domain::message::{MessageId, MessageStatus};
use crate::store::{Behind, OpenMessage, Queued, Store, StoreError, StoredMessage};
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use crate::traffic::{Ahead, Outlook, Position, Set};

/// A dispatcher that does not answer within this is busy: nothing is known then.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);
/// What will be late is counted so often.
const COUNT_EVERY: Duration = Duration::from_secs(10);
/// Of each lane's messages in the store so many are looked at for that: those first due.
const COUNTED_MAX: u32 = 10_000;
/// The most messages of one tenant in the store that are counted before one.
const BEFORE_MAX: u32 = 10_000;

/// See the module.
pub struct Lookout {
    store: Store,
    means: Arc<Means>,
    channels: [Watched; Channel::ALL.len()],
}

/// A channel that is looked at.
pub struct Watched {
    pub desk: Arc<Desk>,
    pub names: Names,
    late: Told,
}

impl Watched {
    pub fn new(desk: Arc<Desk>, names: Names) -> Self {
        let late = Told::new(
            "messages will miss their deadline by the limits' arithmetic: raise the rate or \
             connections of what they wait for (bellhop explain, bellhop providers), or slow \
             down whoever floods the lane",
            "no message will miss its deadline by the limits' arithmetic",
        );
        Self { desk, names, late }
    }
}

impl Lookout {
    /// Looks at these, in the order of the channels.
    pub fn new(
        store: Store,
        means: Arc<Means>,
        channels: [Watched; Channel::ALL.len()],
    ) -> Arc<Self> {
        Arc::new(Self { store, means, channels })
    }

    /// Where a message stands; `None` if there is none, or it has ended.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn whereabouts(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<Whereabouts>, StoreError> {
        let found = self.store.open_message(tenant, message).await?;
        let Some(OpenMessage { stored, status }) = found else { return Ok(None) };
        let watched = &self.channels[stored.message.channel as usize];
        let (now, lane) = (clock::now(), stored.message.kind.lane());
        let until = end_of(&stored, stored.first_due, &self.means.retry);
        let asked = Asked { lane, until, now, names: &watched.names };
        if status == MessageStatus::Ready && stored.message.due > now {
            let due = stored.message.due;
            return Ok(Some(asked.waits(HeldIn::Store, not_yet(&stored, due), Some(due))));
        }
        let sought = Sought { tenant: tenant.clone(), lane, message };
        let Some(View { spot, outlook, store_works }) = watched.view(sought).await else {
            // Nobody is behind the desk, or too busy to say.
            let held_in = match status {
                MessageStatus::Ready => HeldIn::Store,
                _ => HeldIn::Memory,
            };
            return Ok(Some(asked.waits(held_in, Reason::Turn, None)));
        };
        Ok(Some(match spot {
            Spot::UnderWay => asked.under_way(),
            Spot::Waits(_) if !store_works => asked.waits(HeldIn::Memory, Reason::Store, None),
            Spot::Behind(messages) => {
                asked.waits(HeldIn::Memory, Reason::Earlier { messages }, None)
            }
            Spot::Waits(place) => {
                let forecast = outlook.forecast(&place);
                asked.queues(HeldIn::Memory, place.ahead.of_tenant, forecast, outlook.now())
            }
            // It came or went between the two looks.
            Spot::Elsewhere if status != MessageStatus::Ready => asked.under_way(),
            Spot::Elsewhere => self.in_store(&asked, &stored, outlook).await?,
        }))
    }

    /// Of one that is due, and for which there is no room in memory.
    async fn in_store(
        &self,
        asked: &Asked<'_>,
        stored: &StoredMessage,
        outlook: Outlook<TenantId>,
    ) -> Result<Whereabouts, StoreError> {
        let (lane, tenant) = (asked.lane, &stored.tenant);
        let Behind { of_tenant, others } = self.store.behind(stored, asked.now, BEFORE_MAX).await?;
        let of_tenant = outlook.waiting(lane, tenant) + of_tenant;
        let outlook = outlook.with(lane, others);
        let forecast = outlook.forecast(&in_store(lane, tenant, of_tenant));
        Ok(asked.queues(HeldIn::Store, of_tenant, forecast, outlook.now()))
    }

    /// Counts what will be late on a channel, for as long as the daemon runs.
    pub async fn counts(self: Arc<Self>, channel: Channel) {
        let watched = &self.channels[channel as usize];
        loop {
            tokio::time::sleep(COUNT_EVERY).await;
            // What cannot be counted now is counted the next time; the store tells of itself.
            if let Ok(Some(messages)) = self.will_miss(channel).await {
                record::set_will_miss_deadline(channel.as_str(), messages);
                match messages {
                    0 => watched.late.worked(clock::instant()),
                    _ => {
                        let what = format!("{messages} on {}", channel.as_str());
                        watched.late.failed(clock::instant(), &what);
                    }
                }
            }
        }
    }

    /// How many of a channel's will be late, in memory and, as far as it is looked at, in the
    /// store; nothing where the dispatcher does not answer.
    ///
    /// # Errors
    /// If the store cannot be read.
    pub async fn will_miss(&self, channel: Channel) -> Result<Option<usize>, StoreError> {
        let watched = &self.channels[channel as usize];
        let asked = watched.desk.ask(Order::Foresee);
        let Ok(Some(Prospect { outlook, will_miss })) = timeout(ANSWERS_WITHIN, asked).await else {
            return Ok(None);
        };
        let mut all = will_miss;
        for lane in watched.desk.lanes_in_store() {
            let now = clock::now();
            let queued = self.store.queued(watched.desk.channel, lane, now, COUNTED_MAX).await?;
            all += late_in_store(&outlook, lane, &queued, now);
        }
        Ok(Some(all))
    }
}

impl Watched {
    async fn view(&self, sought: Sought) -> Option<View> {
        let asked = self.desk.ask(|reply| Order::Find(sought, reply));
        timeout(ANSWERS_WITHIN, asked).await.ok().flatten()
    }
}

/// Why a message in the store is not due yet.
fn not_yet(stored: &StoredMessage, until: Timestamp) -> Reason {
    if stored.doubts > 0 {
        Reason::Doubt { until }
    } else if stored.attempts > 0 || stored.crashes > 0 {
        Reason::Retry { until }
    } else if until > stored.first_due + SignedDuration::from_millis(1) {
        // It paid no attempt: a provider asked for a pause, or an earlier one is in doubt.
        Reason::Retry { until }
    } else {
        Reason::Time { until }
    }
}

/// Those of these messages, in the order in which they are due, whose turn comes too late.
fn late_in_store(
    outlook: &Outlook<TenantId>,
    lane: Lane,
    queued: &[Queued],
    now: Timestamp,
) -> usize {
    let mut counts: HashMap<&TenantId, usize> = HashMap::new();
    let places: Vec<(usize, &Queued)> = queued
        .iter()
        .map(|queued| {
            let before = counts.entry(&queued.tenant).or_default();
            *before += 1;
            (*before - 1, queued)
        })
        .collect();
    let elsewhere = counts.iter().map(|(tenant, count)| ((*tenant).clone(), *count));
    let (at, outlook) = (outlook.now(), outlook.clone().with(lane, elsewhere.collect::<Vec<_>>()));
    let is_late = |before: usize, Queued { tenant, deadline }: &Queued| {
        let of_tenant = outlook.waiting(lane, tenant) - counts[tenant] + before;
        let forecast = outlook.forecast(&in_store(lane, tenant, of_tenant));
        forecast.expected > at
            && deadline.is_some_and(|end| instant(now, forecast.expected - at) >= end)
    };
    places.into_iter().filter(|(before, queued)| is_late(*before, queued)).count()
}

/// A place in the store: which destination it has is not known there.
fn in_store(lane: Lane, tenant: &TenantId, of_tenant: usize) -> Position<TenantId> {
    let ahead = Ahead { of_flow: of_tenant, of_tenant };
    Position { lane, tenant: tenant.clone(), rule: None, barred: Set::NONE, ahead }
}
