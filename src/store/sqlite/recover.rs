//! After a crash: what the run before had leased.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use crate::store::error::StoreError;
use crate::store::record::to_json;
use crate::store::slots::{self, Past, Run, Slot, Stage};
use crate::store::unit::Recovered;

/// What a message waits, in seconds, that the daemon had in hand when it died: the first time, the
/// second, and so on. It may be what the crashes come from.
const CRASH_PAUSES: [u64; 4] = [0, 5, 15, 60];

/// What only an earlier run needed, and what it could not read.
const LOOKED_AT_AGAIN: [&str; 4] = [
    "DELETE FROM commits WHERE lease <> $1",
    "UPDATE messages SET status = 'ready' WHERE status = 'unreadable'",
    // Nobody would claim what goes a way that nobody knows.
    "UPDATE messages SET status = 'unreadable' WHERE status = 'ready' AND (channel NOT IN \
     ('email', 'sms', 'push', 'inbox') \
     OR lane NOT IN ('urgent', 'transactional', 'scheduled', 'bulk'))",
    "UPDATE timers SET unreadable = 0 WHERE unreadable = 1",
];

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

impl Sqlite {
    /// See [`crate::store::Store::recover`].
    pub async fn recover(
        &self,
        run: &Run,
        now: Timestamp,
    ) -> Result<(Recovered, Vec<Slot>), StoreError> {
        let path = beside(&self.path);
        let past = Past::read(&path, &run.boot);
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let freed = async {
            let connection = writer.connection()?;
            let orphans = sqlx::query(
                "SELECT message, channel, lease, due_ms, doubts, crashes, superseded FROM messages \
                 WHERE status = 'sending' AND lease <> $1",
            )
            .bind(run.lease.to_string())
            .fetch_all(&mut *connection)
            .await?;
            let mut recovered = Recovered::default();
            let mut rows = Vec::with_capacity(orphans.len());
            for row in &orphans {
                rows.push(free(orphan(row)?, past.as_ref(), run, now, &mut recovered));
            }
            sqlx::query(
                "UPDATE messages SET status = 'ready', lease = NULL, doubts = v.value->>1, \
                 crashes = v.value->>2, due_ms = v.value->>3 FROM json_each($1) AS v \
                 WHERE messages.message = v.value->>0",
            )
            .bind(to_json(&rows)?)
            .execute(&mut *connection)
            .await?;
            for again in LOOKED_AT_AGAIN {
                sqlx::query(again).bind(run.lease.to_string()).execute(&mut *connection).await?;
            }
            Ok::<_, StoreError>(recovered)
        }
        .await;
        let recovered = writer.end(freed).await?;
        // Only now: what stood there is in the database.
        let slots = slots::begin(&path, run)
            .map_err(|error| StoreError::Unavailable(format!("{}: {error}", path.display())))?;
        Ok((recovered, slots))
    }
}

fn orphan(row: &SqliteRow) -> Result<Orphan, StoreError> {
    Ok(Orphan {
        message: row.try_get(0)?,
        channel: row.try_get(1)?,
        lease: row.try_get(2)?,
        due_ms: row.try_get(3)?,
        doubts: row.try_get(4)?,
        crashes: row.try_get(5)?,
        superseded: row.try_get::<i64, _>(6)? != 0,
    })
}

/// `[message, doubts, crashes, due]` of an orphan from now on.
fn free(
    orphan: Orphan,
    past: Option<&Past>,
    run: &Run,
    now: Timestamp,
    recovered: &mut Recovered,
) -> (String, u32, u32, i64) {
    let Orphan { message, channel, lease, due_ms, doubts, crashes, superseded } = orphan;
    let stage = past.map_or(Some(Stage::Left), |past| past.stage(&lease, &channel, &message));
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

/// The file of the slots: `bellhop.db-slots`, as SQLite names its own.
fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push("-slots");
    path.into()
}
