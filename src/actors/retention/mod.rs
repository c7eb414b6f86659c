//! What is finished is kept for a while, and goes then.
//!
//! ```text
//!   one subject after the other, when its time has come
//!     look     a page of rows that may be old, beside whoever writes
//!     choose   which of them are to go
//!     shed     a few rows in a transaction of their own, as many as it writes in a few ms
//!     pause    many times as long, longer where somebody writes      ([`mod@pace`])
//!   what they took of the file is given back, likewise
//! ```
//!
//! A subject that has much to go gives way to the others after a while and goes on where it was.
//! That is kept in memory only: after a start it is looked for from the first row.

mod pace;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::time::{sleep, sleep_until};

use crate::clock;
use crate::config;
use crate::store::{Choice, Cursor, Key, Search, Store, StoreError, What, choose};
use crate::telemetry::record;
use crate::telemetry::spell::Told;
use pace::{Pace, Sort};

/// Rows that are looked at together.
const LOOKED_AT: u32 = 500;
/// So long one subject goes on before the others have their turn.
const TURN: Duration = Duration::from_secs(30);
/// How often it is looked for what is old: this part of how long it is kept…
const SHARE_OF_SPAN: u32 = 16;
/// …but not more often than this…
const EVERY_MIN: Duration = Duration::from_millis(200);
/// …nor less often…
const EVERY_MAX: Duration = Duration::from_secs(5 * 60);
/// …except where every row must be looked at.
const EVERY_MAX_OF_ALL: Duration = Duration::from_secs(24 * 3600);
/// The first time after a start, at the latest.
const FIRST: Duration = Duration::from_secs(60);
/// Looking takes at most one part in so many of the time.
const SHARE_OF_TIME: u32 = 20;
/// How long a store is left alone that does not answer.
const STORE_PAUSE: Duration = Duration::from_secs(5);

/// Sees to it that what is old goes.
pub struct Retention {
    store: Store,
    spans: config::Retention,
    /// Who publishes events, where somebody does.
    publisher: Option<&'static str>,
    /// How many wait for the one that writes.
    waiting: Box<dyn Fn() -> u64 + Send + Sync>,
    trouble: Told,
}

/// A subject, how far it is, and when it goes on.
struct Round {
    what: What,
    /// Behind which it goes on; nothing at the beginning.
    behind: Option<Key>,
    at: Instant,
}

impl Retention {
    /// `publisher` is the name of the one who publishes events, where somebody does; `waiting` says
    /// how many wait for the one that writes.
    pub fn new(
        store: Store,
        spans: config::Retention,
        publisher: Option<&'static str>,
        waiting: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Arc<Self> {
        let trouble = Told::new("what is old cannot be removed", "what is old is removed again");
        Arc::new(Self { store, spans, publisher, waiting: Box::new(waiting), trouble })
    }

    /// For as long as the daemon runs.
    pub async fn run(self: Arc<Self>) {
        let mut pace = Pace::default();
        let began = clock::instant();
        let mut rounds = What::ALL.map(|what| {
            record::retention_removed(what.as_str(), 0);
            record::set_retention_behind(what.as_str(), Duration::ZERO);
            Round { what, behind: None, at: began + self.every(what).min(FIRST) }
        });
        // An earlier run may have left something free.
        let mut is_free = true;
        loop {
            for round in rounds.iter_mut().filter(|round| round.at <= clock::instant()) {
                is_free |= self.turn(round, &mut pace).await;
            }
            if is_free {
                is_free = self.judged(self.shrink(&mut pace).await).unwrap_or(true);
            }
            let next = rounds.iter().map(|round| round.at).min();
            sleep_until(next.unwrap_or_else(clock::instant).into()).await;
        }
    }

    /// A subject's turn; says whether anything went.
    async fn turn(&self, round: &mut Round, pace: &mut Pace) -> bool {
        let (began, mut gone, mut looking) = (clock::instant(), 0, Duration::ZERO);
        loop {
            match self.judged(self.page(round, pace, &mut looking).await) {
                None => {
                    round.at = clock::instant() + STORE_PAUSE;
                    return gone > 0;
                }
                Some(went) => gone += went,
            }
            if round.behind.is_none() {
                break;
            }
            if clock::since(began) >= TURN {
                round.at = clock::instant();
                return gone > 0;
            }
        }
        record::set_retention_behind(round.what.as_str(), Duration::ZERO);
        let rest = self.every(round.what).max(looking.saturating_mul(SHARE_OF_TIME));
        round.at = clock::instant() + rest;
        if gone > 0 {
            tracing::debug!(what = round.what.as_str(), gone, "kept no more");
        }
        gone > 0
    }

    /// The next page of a subject; says how many rows went. The time that looking took is added.
    async fn page(
        &self,
        round: &mut Round,
        pace: &mut Pace,
        looking: &mut Duration,
    ) -> Result<u64, StoreError> {
        let what = round.what;
        let (began, now) = (clock::instant(), clock::now());
        let cut_ms = cut(now, what.span(&self.spans));
        let published = self.published(what).await?;
        let (behind, published) = (round.behind.as_ref(), published.as_ref());
        let search = Search { what, behind, cut_ms, published };
        let page = self.store.old_rows(&search, LOOKED_AT).await?;
        let took = clock::since(began);
        *looking += took;
        let Choice { keys, oldest_ms, next } = choose(what, page, cut_ms, now.as_millisecond());
        if let Some(oldest_ms) = oldest_ms {
            record::set_retention_behind(what.as_str(), millis(cut_ms - oldest_ms));
        }
        sleep(pace::after_looking(took)).await;
        let (mut left, mut gone) = (&keys[..], 0);
        while !left.is_empty() {
            let most = pace.most(Sort::Rows(what));
            let (some, rest) = left.split_at(left.len().min(most));
            let shed =
                self.store.shed(what, some, cut_ms, u32::try_from(most).unwrap_or(1)).await?;
            pace.took(Sort::Rows(what), some.len(), shed.took);
            record::retention_removed(what.as_str(), shed.gone);
            gone += shed.gone;
            left = rest;
            sleep(pace::after(&shed, (self.waiting)())).await;
        }
        // What could not go is not looked at again and again.
        round.behind = next.filter(|_| what != What::Jobs || gone > 0);
        Ok(gone)
    }

    async fn published(&self, what: What) -> Result<Option<Cursor>, StoreError> {
        match self.publisher {
            Some(name) if what == What::Events => self.store.cursor(name).await.map(Some),
            _ => Ok(None),
        }
    }

    /// Gives back what is free, for a turn's time; says whether there may be more.
    async fn shrink(&self, pace: &mut Pace) -> Result<bool, StoreError> {
        let began = clock::instant();
        while clock::since(began) < TURN {
            let most = pace.most(Sort::Pages);
            let shed = self.store.shrink(u32::try_from(most).unwrap_or(1)).await?;
            if shed.gone == 0 {
                return Ok(false);
            }
            pace.took(Sort::Pages, usize::try_from(shed.gone).unwrap_or(most), shed.took);
            sleep(pace::after(&shed, (self.waiting)())).await;
        }
        Ok(true)
    }

    fn every(&self, what: What) -> Duration {
        let most = if what == What::Inbox { EVERY_MAX_OF_ALL } else { EVERY_MAX };
        (what.span(&self.spans) / SHARE_OF_SPAN).clamp(EVERY_MIN, most)
    }

    fn judged<T>(&self, done: Result<T, StoreError>) -> Option<T> {
        match done {
            Ok(done) => {
                self.trouble.worked(clock::instant());
                Some(done)
            }
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                None
            }
        }
    }
}

/// What was kept since before this has been kept that long.
pub fn cut(now: Timestamp, span: Duration) -> i64 {
    let span = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    now.as_millisecond().saturating_sub(span)
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::store::Holder;
    use crate::store::tamper::{Fault, Tampering};

    #[tokio::test]
    async fn each_subject_has_its_turn_and_one_that_fails_has_it_again_soon() {
        let folder = tempfile::tempdir().unwrap();
        let (file, holder) = (folder.path().join("bellhop.db"), Holder::new(uuid::Uuid::nil(), 1));
        let tampering = Arc::new(Tampering::default());
        let store = Store::open_sqlite(&file, 1, &holder).await.unwrap().tampered(&tampering);
        tokio::time::pause();
        (0..2).for_each(|_| tampering.next("old_rows", Fault::Fails));
        let spans = Config::embedded().unwrap().retention;
        let running = tokio::spawn(Retention::new(store, spans, None, || 0).run());
        let after = async |pause| {
            sleep(pause).await;
            tampering.calls("old_rows")
        };
        let (second, all) = (Duration::from_secs(1), What::ALL.len());
        assert_eq!(after(FIRST - second).await, 0);
        assert_eq!(after(2 * second).await, all, "each once");
        assert_eq!(after(STORE_PAUSE).await, all + 2, "what failed, and nothing else");
        assert_eq!(after(EVERY_MAX).await, 2 * all + 1, "all but the ids of commands");
        assert!(!running.is_finished());
        running.abort();
    }

    #[test]
    fn what_was_kept_so_long_was_kept_since_then() {
        let now = Timestamp::from_millisecond(10_000).unwrap();
        assert_eq!(cut(now, Duration::from_secs(3)), 7_000);
        assert_eq!(cut(now, Duration::MAX), 10_000 - i64::MAX);
    }
}
