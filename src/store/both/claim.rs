//! Leasing messages that are due.

use jiff::Timestamp;
use uuid::Uuid;

use super::backend::{Backend, Db, Writing};
use super::enclose::enclose;
use super::fair::Choice;
use super::fields::Fields;
use super::question::Question;
use super::stored::{MESSAGE_COLUMNS, id, stored_message};
use crate::domain::channel::Channel;
use crate::domain::kind::Lane;
use crate::domain::message::MessageId;
use crate::store::claim::{Claims, NextDue, Wanted};
use crate::store::error::StoreError;
use crate::store::record::{SHAPE, purged};
use crate::store::unit::{Incarnation, StoredMessage};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::claim_due`].
    pub async fn claim_due(
        &self,
        lease: Incarnation,
        now: Timestamp,
        channel: Channel,
        wanted: &[Wanted],
    ) -> Result<Claims, StoreError> {
        let mut writer = self.db.begin_as_owner(self.held.as_deref()).await?;
        let claimed = claim::<B>(&mut writer, lease, now, channel, wanted).await;
        writer.end(claimed).await
    }

    /// See [`crate::store::Store::give_back`].
    pub async fn give_back(
        &self,
        lease: Incarnation,
        channel: Channel,
        except: &[MessageId],
    ) -> Result<u64, StoreError> {
        let mut back = Question::new(
            "UPDATE messages SET status = 'ready', lease = NULL \
             WHERE status = 'sending' AND lease = $1 AND channel = $2 AND NOT (message",
        );
        back = back.bind(lease).bind(channel).among::<B>(except);
        back.push(")");
        self.write(back).await
    }

    /// See [`crate::store::Store::doubtful`].
    pub async fn doubtful(&self, limit: usize) -> Result<Vec<StoredMessage>, StoreError> {
        let rows = Question::new(format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages WHERE status = 'ready' AND doubts > 0 \
             AND NOT superseded ORDER BY message DESC LIMIT $1",
        ));
        let rows = rows.bind(limit).all(&self.db).await?;
        Ok(rows.iter().filter_map(|row| stored_message(row).ok()).collect())
    }

    /// See [`crate::store::Store::next_due`].
    pub async fn next_due(&self, channel: Channel) -> Result<NextDue, StoreError> {
        const OF_A_LANE: &str = "SELECT min(due_ms) FROM messages WHERE status = 'ready' \
                                 AND channel = $1 AND lane = $2";
        let mut next = NextDue::default();
        for lane in Lane::ALL {
            let due = Question::new(OF_A_LANE).bind(channel).bind(lane);
            next[lane as usize] = due.one(&self.db).await?.get(0)?;
        }
        Ok(next)
    }
}

/// One unreadable row must not hold up the rest: a message that cannot be read is set aside, and
/// one whose client, settings or text cannot be read is handed out without them.
async fn claim<B: Backend>(
    writer: &mut impl Writing,
    lease: Incarnation,
    now: Timestamp,
    channel: Channel,
    wanted: &[Wanted],
) -> Result<Claims, StoreError> {
    let (mut ids, mut looked) = (Vec::new(), Vec::with_capacity(wanted.len()));
    for wanted in wanted {
        let (chosen, lane) = Choice::new(channel, wanted, now).make::<B, _>(writer).await?;
        ids.extend(chosen);
        looked.push(lane);
    }
    if ids.is_empty() {
        return Ok(Claims { claimed: Vec::new(), looked });
    }
    let before = Question::new(B::DIALECT.before).bind(ids.clone()).bind(ids.len());
    for row in before.all_in(writer).await? {
        ids.push(id(&row.get::<String>(0)?)?);
    }
    let leased = format!("{} RETURNING {MESSAGE_COLUMNS}", B::DIALECT.lease);
    let rows = Question::new(leased).bind(lease).bind(ids).all_in(writer).await?;
    let mut messages = Vec::with_capacity(rows.len());
    let mut unreadable = Vec::new();
    for row in &rows {
        match stored_message(row) {
            Ok(stored) => messages.push(stored),
            Err(error) => unreadable.push((id(&row.get::<String>("message")?)?, error)),
        }
    }
    set_aside::<B>(writer, now, unreadable).await?;
    messages.sort_by_key(|stored| (stored.message.due, stored.message.id));
    Ok(Claims { claimed: enclose::<B>(writer, messages).await?, looked })
}

/// Messages that cannot be read wait, as they are, for a version that can; a secret no longer than
/// it is of use.
async fn set_aside<B: Backend>(
    writer: &mut impl Writing,
    now: Timestamp,
    unreadable: Vec<(Uuid, StoreError)>,
) -> Result<(), StoreError> {
    let Some((message_id, error)) = unreadable.first() else { return Ok(()) };
    let messages = unreadable.len();
    tracing::error!(messages, %message_id, %error, "messages are set aside, the first of them this");
    let ids: Vec<Uuid> = unreadable.iter().map(|(message, _)| *message).collect();
    let aside = Question::new(
        "UPDATE messages SET status = 'unreadable', lease = NULL, \
         shape = CASE WHEN secret AND deadline_ms <= $1 THEN $2 ELSE shape END, \
         facts = CASE WHEN secret AND deadline_ms <= $1 THEN $3 ELSE facts END WHERE message",
    );
    let aside = aside.bind(now).bind(SHAPE).bind(purged()?).among::<B>(ids);
    aside.run(writer).await?;
    Ok(())
}
