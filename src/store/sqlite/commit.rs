//! One transaction for many units and outcomes, in two trips to SQLite's thread.
//!
//! The first begins it, raises revisions and takes commands; if somebody was there before, it
//! ends there. The second writes everything else and commits. Several statements go in one text,
//! because each trip costs two thread switches, which on a busy machine is most of a commit.

use std::collections::{BTreeSet, HashSet};

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::{Sqlite, fence, rows};
use crate::domain::id::TenantId;
use crate::store::error::{CommitError, StoreError};
use crate::store::record::from_json;
use crate::store::unit::{Batch, Incarnation};

/// `$1` revisions, `$2` inbox. Answers with two lists: tenants whose stored revision is another,
/// and tenants whose command was taken before.
///
/// Lists, because each row that comes back from SQLite's thread may cost a wake-up.
const TAKE: &str = "
    BEGIN IMMEDIATE;
    INSERT INTO tenants (tenant, revision)
        SELECT value->>0, 0 FROM jsonb_each($1) WHERE value->>1 = 0 ON CONFLICT DO NOTHING;
    SELECT json_group_array(value->>0) FROM jsonb_each($1) AS step WHERE NOT EXISTS (
        SELECT 1 FROM tenants
        WHERE tenant = step.value->>0 AND revision = step.value->>1);
    SELECT json_group_array(value->>0) FROM jsonb_each($2) AS entry WHERE EXISTS (
        SELECT 1 FROM inbox
        WHERE tenant = entry.value->>0 AND command = entry.value->>1);
    UPDATE tenants SET revision = step.value->>2 FROM jsonb_each($1) AS step
        WHERE tenants.tenant = step.value->>0 AND tenants.revision = step.value->>1;
    INSERT INTO inbox (tenant, command, body_hash, rejection, detail, at_ms)
        SELECT value->>0, value->>1, unhex(value->>2), value->>3, value->>4, value->>5
        FROM jsonb_each($2) WHERE true ON CONFLICT DO NOTHING;
";

/// `$1` records, `$2` tellings, `$3` messages, `$4` superseded, `$5` events, `$6` settled.
/// Answers with the list of messages whose lease held.
///
/// The events of a message are true only where its lease holds, so they are written before the
/// outcome ends the lease.
const WRITE: &str = "
    INSERT INTO records (tenant, kind, id, shape, body)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4 FROM jsonb_each($1)
        WHERE true ON CONFLICT (tenant, kind, id) DO UPDATE
        SET shape = excluded.shape, body = excluded.body;
    INSERT INTO tellings (tenant, cause, kind, client, booking, channels, at_ms)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6
        FROM jsonb_each($2);
    INSERT INTO messages (tenant, message, kind, channel, client, booking, cause, status,
            shape, facts, due_ms, deadline_ms, lease)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
            value->>7, value->>8, value->>9, value->>10, value->>11, value->>12
        FROM jsonb_each($3);
    UPDATE messages SET superseded = 1, due_ms = min(due_ms, old.value->>2)
        FROM jsonb_each($4) AS old
        WHERE messages.message = old.value->>1 AND messages.tenant = old.value->>0
        AND messages.status IN ('ready', 'sending');
    INSERT INTO events (tenant, id, type, cause, data, at_ms)
        SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5
        FROM jsonb_each($5) AS event
        WHERE value->>6 IS NULL OR EXISTS (
            SELECT 1 FROM messages WHERE message = event.value->>6 AND tenant = event.value->>0
            AND status = 'sending' AND lease = event.value->>7)
        ORDER BY event.key;
    SELECT json_group_array(message) FROM messages, jsonb_each($6) AS v
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status = 'sending' AND messages.lease = v.value->>2;
    UPDATE messages SET status = v.value->>3, lease = NULL, attempts = v.value->>5,
            doubts = v.value->>6, provider = v.value->>7, reply = v.value->>8,
            due_ms = iif(superseded = 1, min(v.value->>4, v.value->>9), v.value->>4),
            settled_ms = iif(v.value->>3 = 'ready', NULL, v.value->>9)
        FROM jsonb_each($6) AS v
        WHERE messages.message = v.value->>1 AND messages.tenant = v.value->>0
        AND messages.status = 'sending' AND messages.lease = v.value->>2;
    COMMIT;
";

impl Sqlite {
    /// See [`crate::store::Store::commit`].
    pub async fn commit(
        &self,
        batch: &Batch<'_>,
        lease: Incarnation,
    ) -> Result<Vec<usize>, CommitError> {
        let mut writer = self.writer().await?;
        let connection = writer.connection()?;
        let written = take_and_write(connection, batch, lease).await;
        if written.is_err() {
            let _ = sqlx::query("ROLLBACK").execute(&mut *connection).await;
        }
        writer.finished();
        written
    }
}

async fn take_and_write(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
    lease: Incarnation,
) -> Result<Vec<usize>, CommitError> {
    let stale = take(connection, batch).await?;
    if !stale.is_empty() {
        return Err(CommitError::Stale(stale.into_iter().collect()));
    }
    let held = sqlx::query(WRITE)
        .bind(rows::records(&batch.units)?)
        .bind(rows::tellings(&batch.units)?)
        .bind(rows::messages(&batch.units, lease)?)
        .bind(rows::superseded(&batch.units)?)
        .bind(rows::events(batch, lease)?)
        .bind(rows::settled(&batch.settled, lease)?)
        // To the end: a reader who stops at the first row leaves the rest unwritten.
        .fetch_all(&mut *connection)
        .await?;
    let lists = held.iter().map(list).collect::<Result<Vec<_>, _>>()?;
    let held: HashSet<String> = lists.into_iter().flatten().collect();
    let places = batch.settled.iter().enumerate();
    Ok(places
        .filter(|(_, settled)| held.contains(&settled.message.to_string()))
        .map(|(place, _)| place)
        .collect())
}

/// Returns the tenants whose units are not to be written.
async fn take(
    connection: &mut SqliteConnection,
    batch: &Batch<'_>,
) -> Result<BTreeSet<TenantId>, StoreError> {
    let (steps, mut stale) = fence::claimed(&batch.units);
    let answers = sqlx::query(TAKE)
        .bind(rows::revisions(&steps)?)
        .bind(rows::inbox(&batch.units)?)
        .fetch_all(&mut *connection)
        .await?;
    for row in &answers {
        for tenant in list(row)? {
            let tenant = TenantId::parse(&tenant);
            stale.insert(tenant.map_err(|error| StoreError::Refused(error.to_string()))?);
        }
    }
    Ok(stale)
}

fn list(row: &SqliteRow) -> Result<Vec<String>, StoreError> {
    from_json("list", row.try_get(0)?)
}
