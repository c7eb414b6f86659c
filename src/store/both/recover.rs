//! After a crash: what the run before had leased.

use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::question::Question;
use crate::domain::message::MessageId;
use crate::store::departures::Departed;
use crate::store::error::StoreError;
use crate::store::record::to_json;
use crate::store::slots::{self, Others, Past, Run, Slot, Stage};
use crate::store::unit::Recovered;

/// What a message waits, in seconds, that the daemon had in hand when it died: the first time, the
/// second, and so on. It may be what the crashes come from.
const CRASH_PAUSES: [u64; 4] = [0, 5, 15, 60];

/// What only an earlier run needed.
const FORGOTTEN: &str = "DELETE FROM commits WHERE lease <> $1";

/// What an earlier run could not read.
const LOOKED_AT_AGAIN: [&str; 3] = [
    "UPDATE messages SET status = 'ready' WHERE status = 'unreadable'",
    // Nobody would claim what goes a way that nobody knows.
    "UPDATE messages SET status = 'unreadable' WHERE status = 'ready' AND (channel NOT IN \
     ('email', 'sms', 'push', 'inbox') \
     OR lane NOT IN ('urgent', 'transactional', 'scheduled', 'bulk'))",
    "UPDATE timers SET unreadable = 0 WHERE unreadable = 1",
];

/// What is known of runs that are over.
struct Known {
    past: Option<Past>,
    departed: Departed,
}

impl Known {
    /// How far the run with this lease had come with a message; `None` if it only waited in
    /// memory. What is not known for certain may have left.
    fn stage(&self, lease: &str, channel: &str, message: &str) -> Option<Stage> {
        if let Some(past) = self.past.as_ref().filter(|past| past.knows(lease, channel)) {
            return past.stage(message);
        }
        let (Ok(lease), Ok(message)) = (lease.parse::<Uuid>(), message.parse()) else {
            return Some(Stage::Left);
        };
        match self.departed.get(&lease) {
            Some(left) => left.contains(&MessageId(message)).then_some(Stage::Left),
            None => Some(Stage::Left),
        }
    }
}

/// What a dead run has leased.
#[derive(Debug)]
struct Orphan {
    message: String,
    channel: String,
    lease: String,
    due_ms: i64,
    doubts: u32,
    crashes: u32,
    superseded: bool,
}

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::recover`].
    pub async fn recover(
        &self,
        run: &Run,
        now: Timestamp,
    ) -> Result<(Recovered, Vec<Slot>), StoreError> {
        let path = self.db.slots_file();
        let known =
            Known { past: Past::read(&path, &run.boot), departed: self.db.departed().await? };
        let mut writer = self.db.begin().await?;
        let freed = free_all::<B>(&mut writer, &known, run, now).await;
        let recovered = writer.end(freed).await?;
        // Only now: what stood there is in the database.
        let departures = self.db.departures(run.lease).await?;
        let hold = self.db.hold();
        let others = departures.zip(hold).map(|(departures, hold)| Others { departures, hold });
        let slots = slots::begin(&path, run, others.as_ref())
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        Ok((recovered, slots))
    }
}

async fn free_all<B: Backend>(
    writer: &mut impl Writing,
    known: &Known,
    run: &Run,
    now: Timestamp,
) -> Result<Recovered, StoreError> {
    let orphans = Question::new(
        "SELECT message, channel, lease, due_ms, doubts, crashes, superseded FROM messages \
         WHERE status = 'sending' AND lease <> $1",
    );
    let orphans = orphans.bind(run.lease).all_in(writer).await?;
    let mut recovered = Recovered::default();
    let mut rows = Vec::with_capacity(orphans.len());
    for row in &orphans {
        rows.push(free(orphan(row)?, known, run, now, &mut recovered));
    }
    Question::new(B::DIALECT.free_orphans).bind(to_json(&rows)?).run(writer).await?;
    Question::new(FORGOTTEN).bind(run.lease).run(writer).await?;
    for again in LOOKED_AT_AGAIN {
        Question::new(again).run(writer).await?;
    }
    Ok(recovered)
}

fn orphan(row: &impl Fields) -> Result<Orphan, StoreError> {
    Ok(Orphan {
        message: row.get(0)?,
        channel: row.get(1)?,
        lease: row.get(2)?,
        due_ms: row.get(3)?,
        doubts: row.get(4)?,
        crashes: row.get(5)?,
        superseded: row.get(6)?,
    })
}

/// `[message, doubts, crashes, due]` of an orphan from now on.
fn free(
    orphan: Orphan,
    known: &Known,
    run: &Run,
    now: Timestamp,
    recovered: &mut Recovered,
) -> (String, u32, u32, i64) {
    let Orphan { message, channel, lease, due_ms, doubts, crashes, superseded } = orphan;
    let stage = known.stage(&lease, &channel, &message);
    let (doubts, crashes, pause) = match stage {
        Some(Stage::Left) => {
            recovered.in_doubt += 1;
            let of_channel = run.doubts.iter().find(|(of, _)| of.as_str() == channel);
            let pause = of_channel.and_then(|(_, pauses)| pauses.get(doubts as usize));
            // Where they are used up, whoever sends it next finds that it is unknown.
            (doubts + 1, crashes, pause.copied().unwrap_or_default())
        }
        Some(Stage::InHand) => {
            recovered.in_hand += 1;
            let pause = CRASH_PAUSES[CRASH_PAUSES.len().saturating_sub(1).min(crashes as usize)];
            (doubts, crashes + 1, Duration::from_secs(pause))
        }
        None => {
            recovered.waiting += 1;
            (doubts, crashes, Duration::ZERO)
        }
    };
    // It does not leave.
    let pause = if superseded { Duration::ZERO } else { pause };
    let now = now.as_millisecond();
    let due = match i64::try_from(pause.as_millis()) {
        Ok(0) | Err(_) => due_ms.min(now),
        Ok(pause) => now.saturating_add(pause),
    };
    (message, doubts, crashes, due)
}
