//! How much waits, as metrics and for the board: what should have left, wherever it waits, and what
//! was given up.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::board::{Board, Counting, LateTenant, Queue};
use super::trouble::patience;
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::kind::Lane;
use crate::store::{Backlog, Late, Store, StoreError, Unread, Waiting};
use crate::telemetry::metrics::UPKEEP_EVERY;
use crate::telemetry::record;
use crate::telemetry::spell::Told;

/// Counting takes at most one part in so many of the time: a large backlog is counted less often.
const SHARE_OF_TIME: u32 = 20;
/// The label of messages for which no provider was asked yet.
const NOBODY: &str = "none";
/// The most tenants of one lane that are known to be late.
const LATE_MAX: u32 = 20;

/// Reports what waits in the store, what is to happen, and what was given up, for as long as the
/// daemon runs. A task of its own: a slow store must not keep the watchdog waiting.
///
/// `cursor` is the name of the one who publishes events, where somebody does; `providers` are told
/// of though nothing waits for them.
pub async fn report(
    store: Store,
    cursor: Option<&'static str>,
    providers: Vec<Label>,
    board: Arc<Board>,
) {
    let trouble = Told::new("what waits cannot be counted", "what waits is counted again");
    let nobody = Channel::ALL.map(|channel| (channel, Arc::from(NOBODY)));
    let mut labels: HashSet<Label> = providers.into_iter().chain(nobody).collect();
    loop {
        let started = clock::instant();
        match measure(&store, cursor, &mut labels).await {
            Ok(counting) => {
                trouble.worked(clock::instant());
                board.note(counting);
            }
            Err(error) => trouble.failed(clock::instant(), &error),
        }
        let pause = clock::since(started).saturating_mul(SHARE_OF_TIME);
        tokio::time::sleep(pause.max(UPKEEP_EVERY)).await;
    }
}

/// A channel, and who is asked on it.
pub type Label = (Channel, Arc<str>);

async fn measure(
    store: &Store,
    cursor: Option<&str>,
    labels: &mut HashSet<Label>,
) -> Result<Counting, StoreError> {
    let now = clock::now();
    let mut unpublished = None;
    if let Some(cursor) = cursor {
        let Unread { events, since } = store.unread_events(cursor).await?;
        let age = since.map(|since| age(since, now)).unwrap_or_default();
        record::set_events_unpublished(count(events), age);
        unpublished = Some(Queue { messages: count(events), oldest: age });
    }
    let Backlog { waiting, dead, unknown, unreadable, unreadable_timers } =
        store.backlog(now).await?;
    let timers = store.count_timers().await?;
    record::set_timers_pending(count(timers));
    record::set_dead_letters("dead", count(dead));
    record::set_dead_letters("unknown", count(unknown));
    record::set_dead_letters("unreadable", count(unreadable));
    record::set_unreadable_timers(count(unreadable_timers));
    let mut lanes = Vec::with_capacity(Lane::ALL.len());
    for lane in Lane::ALL {
        let queue = Queue::of(waiting.iter().filter(|waiting| waiting.kind.lane() == lane), now);
        lanes.push(queue);
        record::set_queue_depth(lane.as_str(), queue.messages);
        record::set_oldest_due(lane.as_str(), queue.oldest);
    }
    let queues = by_provider(&waiting, now);
    labels.extend(queues.keys().cloned());
    for label in &*labels {
        let Queue { messages, oldest } = queues.get(label).copied().unwrap_or_default();
        record::set_unsettled(label.0.as_str(), &label.1, messages, oldest);
    }
    let late = late(store, &lanes, now).await?;
    Ok(Counting { at: now, lanes, late, dead, unknown, unreadable, timers, unpublished })
}

/// Whose messages wait beyond their lane's patience; nothing is asked of a lane that is in time.
async fn late(
    store: &Store,
    lanes: &[Queue],
    now: Timestamp,
) -> Result<Vec<LateTenant>, StoreError> {
    let mut found = Vec::new();
    for (lane, queue) in Lane::ALL.into_iter().zip(lanes) {
        let patience = patience(lane);
        if queue.oldest <= patience {
            continue;
        }
        let since = now.checked_sub(patience).unwrap_or(now);
        let of_lane = store.late(lane, since, LATE_MAX).await?;
        found.extend(of_lane.into_iter().map(|Late { tenant, messages, first_due }| {
            let queue = Queue { messages: count(messages), oldest: age(first_due, now) };
            LateTenant { tenant, lane, queue }
        }));
    }
    Ok(found)
}

fn age(since: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(since)).unwrap_or_default()
}

impl Queue {
    fn of<'a>(waiting: impl Iterator<Item = &'a Waiting>, now: Timestamp) -> Self {
        waiting.fold(Self::default(), |mut queue, waiting| {
            queue.take(waiting, now);
            queue
        })
    }

    fn take(&mut self, waiting: &Waiting, now: Timestamp) {
        self.messages += count(waiting.messages);
        self.oldest = self.oldest.max(age(waiting.first_due, now));
    }
}

fn by_provider(waiting: &[Waiting], now: Timestamp) -> HashMap<Label, Queue> {
    let mut queues: HashMap<Label, Queue> = HashMap::new();
    for waiting in waiting {
        let provider = Arc::from(waiting.provider.as_deref().unwrap_or(NOBODY));
        queues.entry((waiting.channel, provider)).or_default().take(waiting, now);
    }
    queues
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kind::Kind;

    #[test]
    fn what_waits_is_counted_by_lane_and_by_provider() {
        let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
        let waiting = |kind, provider: Option<&str>, messages, second| Waiting {
            channel: Channel::Email,
            kind,
            provider: provider.map(str::to_owned),
            messages,
            first_due: at(second),
        };
        let all = [
            waiting(Kind::BookingConfirmed, Some("relay"), 580, 0),
            waiting(Kind::BookingCancelled, None, 4, 50),
            waiting(Kind::NoticeManual, Some("relay"), 1, 90),
        ];
        let queue = |messages, seconds| Queue { messages, oldest: Duration::from_secs(seconds) };
        let lane = |lane| Queue::of(all.iter().filter(|one| one.kind.lane() == lane), at(100));
        assert_eq!(lane(Lane::Transactional), queue(584, 100));
        assert_eq!(lane(Lane::Bulk), queue(1, 10));
        assert_eq!(lane(Lane::Urgent), queue(0, 0));
        let queues = by_provider(&all, at(100));
        assert_eq!(queues[&(Channel::Email, Arc::from("relay"))], queue(581, 100));
        assert_eq!(queues[&(Channel::Email, Arc::from(NOBODY))], queue(4, 50));
    }
}
