//! Leasing messages that are due.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Sqlite;
use super::enclose::enclose;
use super::fair::Choice;
use crate::domain::channel::Channel;
use crate::domain::id::{CauseId, ClientId, TenantId};
use crate::domain::kind::{Kind, Lane};
use crate::domain::message::{Message, MessageId};
use crate::store::claim::{Claims, NextDue, Wanted};
use crate::store::error::StoreError;
use crate::store::record::{SHAPE, facts, instant, purged, to_json};
use crate::store::unit::{Incarnation, StoredMessage};

impl Sqlite {
    /// See [`crate::store::Store::claim_due`].
    pub async fn claim_due(
        &self,
        lease: Incarnation,
        now: Timestamp,
        channel: Channel,
        wanted: &[Wanted],
    ) -> Result<Claims, StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let claimed = claim(writer.connection()?, lease, now, channel, wanted).await;
        writer.end(claimed).await
    }

    /// See [`crate::store::Store::give_back`].
    pub async fn give_back(
        &self,
        lease: Incarnation,
        channel: Channel,
        except: &[MessageId],
    ) -> Result<u64, StoreError> {
        let mut writer = self.writer().await?;
        let done = sqlx::query(
            "UPDATE messages SET status = 'ready', lease = NULL \
             WHERE status = 'sending' AND lease = $1 AND channel = $3 \
             AND message NOT IN (SELECT value FROM json_each($2))",
        )
        .bind(lease.to_string())
        .bind(to_json(except)?)
        .bind(channel.as_str())
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(done.rows_affected())
    }

    /// See [`crate::store::Store::doubtful`].
    pub async fn doubtful(&self, limit: usize) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = sqlx::query(
            "SELECT * FROM messages WHERE status = 'ready' AND doubts > 0 AND superseded = 0 \
             ORDER BY message DESC LIMIT $1",
        )
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.iter().filter_map(|row| stored_message(row).ok()).collect())
    }

    /// See [`crate::store::Store::next_due`].
    pub async fn next_due(&self, channel: Channel) -> Result<NextDue, StoreError> {
        const OF_A_LANE: &str = "SELECT min(due_ms) FROM messages WHERE status = 'ready' \
                                 AND channel = $1 AND lane = $2";
        let mut next = NextDue::default();
        for lane in Lane::ALL {
            let due: Option<i64> = sqlx::query_scalar(OF_A_LANE)
                .bind(channel.as_str())
                .bind(lane.as_str())
                .fetch_one(&self.readers)
                .await?;
            next[lane as usize] = due.map(instant).transpose()?;
        }
        Ok(next)
    }
}

/// One unreadable row must not hold up the rest: a message that cannot be read is set aside, and
/// one whose client, settings or text cannot be read is handed out without them.
async fn claim(
    connection: &mut SqliteConnection,
    lease: Incarnation,
    now: Timestamp,
    channel: Channel,
    wanted: &[Wanted],
) -> Result<Claims, StoreError> {
    let (mut ids, mut looked) = (Vec::new(), Vec::with_capacity(wanted.len()));
    for wanted in wanted {
        let (chosen, lane) = Choice::new(channel, wanted, now).make(connection).await?;
        ids.extend(chosen);
        looked.push(lane);
    }
    if ids.is_empty() {
        return Ok(Claims { claimed: Vec::new(), looked });
    }
    ids.extend(before(connection, &ids).await?);
    let rows = sqlx::query(
        "UPDATE messages SET status = 'sending', lease = $1 \
         WHERE message IN (SELECT value FROM json_each($2)) RETURNING *",
    )
    .bind(lease.to_string())
    .bind(to_json(&ids)?)
    .fetch_all(&mut *connection)
    .await?;
    let mut messages = Vec::with_capacity(rows.len());
    let mut unreadable = Vec::new();
    for row in &rows {
        match stored_message(row) {
            Ok(stored) => messages.push(stored),
            Err(error) => unreadable.push((row.try_get("message")?, error)),
        }
    }
    set_aside(connection, now, unreadable).await?;
    messages.sort_by_key(|stored| (stored.message.due, stored.message.id));
    Ok(Claims { claimed: enclose(connection, messages).await?, looked })
}

/// What was decided before these messages about the same thing, to the same client on the same
/// channel, and waits as well, perhaps in another lane: it comes along, so that it leaves before
/// them. At most as many again. What was refused and waits to be tried again does not: it will be
/// late in any case.
async fn before(
    connection: &mut SqliteConnection,
    ids: &[String],
) -> Result<Vec<String>, StoreError> {
    let before = sqlx::query_scalar(
        "SELECT DISTINCT older.message FROM json_each($1) AS chosen \
         CROSS JOIN messages AS newer ON newer.message = chosen.value \
         CROSS JOIN messages AS older ON older.tenant = newer.tenant \
            AND older.client = newer.client AND older.channel = newer.channel \
         WHERE older.status = 'ready' AND older.message < newer.message \
         AND older.due_ms <= newer.due_ms \
         AND (older.topic = newer.topic OR older.booking = newer.booking) \
         AND older.message NOT IN (SELECT value FROM json_each($1)) LIMIT $2",
    )
    .bind(to_json(&ids)?)
    .bind(i64::try_from(ids.len()).unwrap_or(i64::MAX));
    Ok(before.fetch_all(connection).await?)
}

/// Messages that cannot be read wait, as they are, for a version that can; a secret no longer than
/// it is of use.
async fn set_aside(
    connection: &mut SqliteConnection,
    now: Timestamp,
    unreadable: Vec<(String, StoreError)>,
) -> Result<(), StoreError> {
    let Some((message_id, error)) = unreadable.first() else { return Ok(()) };
    let messages = unreadable.len();
    tracing::error!(messages, message_id, %error, "messages are set aside, the first of them this");
    let ids: Vec<&String> = unreadable.iter().map(|(message, _)| message).collect();
    sqlx::query(
        "UPDATE messages SET status = 'unreadable', lease = NULL, \
         shape = iif(secret = 1 AND deadline_ms <= $2, $3, shape), \
         facts = iif(secret = 1 AND deadline_ms <= $2, $4, facts) \
         WHERE message IN (SELECT value FROM json_each($1))",
    )
    .bind(to_json(&ids)?)
    .bind(now.as_millisecond())
    .bind(SHAPE)
    .bind(purged()?)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

pub(super) fn stored_message(row: &SqliteRow) -> Result<StoredMessage, StoreError> {
    let corrupt = |why: String| StoreError::Corrupt { what: "message", why };
    let text = |column: &str| row.try_get::<String, _>(column);
    let count = |column: &str| row.try_get::<u32, _>(column);
    let deadline: Option<i64> = row.try_get("deadline_ms")?;
    let first_due: Option<i64> = row.try_get("first_due_ms")?;
    let fallback_of: Option<String> = row.try_get("fallback_of")?;
    let id = |text: String| text.parse().map(MessageId).map_err(|_| corrupt("id".to_owned()));
    let message = Message {
        id: id(text("message")?)?,
        kind: Kind::parse(&text("kind")?).ok_or_else(|| corrupt("kind".to_owned()))?,
        channel: Channel::parse(&text("channel")?).ok_or_else(|| corrupt("channel".to_owned()))?,
        client: ClientId::parse(&text("client")?).map_err(|error| corrupt(error.to_string()))?,
        due: instant(row.try_get("due_ms")?)?,
        deadline: deadline.map(instant).transpose()?,
        facts: facts(row.try_get("shape")?, row.try_get("facts")?)?,
        segments: count("segments")?,
        fallback_of: fallback_of.map(id).transpose()?,
        link_code: row.try_get("link_code")?,
    };
    let first_due = first_due.map(instant).transpose()?.unwrap_or(message.due);
    Ok(StoredMessage {
        tenant: TenantId::parse(&text("tenant")?).map_err(|error| corrupt(error.to_string()))?,
        message,
        cause: CauseId::parse(&text("cause")?).map_err(|error| corrupt(error.to_string()))?,
        attempts: count("attempts")?,
        first_due,
        doubts: count("doubts")?,
        crashes: count("crashes")?,
        superseded: row.try_get::<i64, _>("superseded")? != 0,
    })
}
