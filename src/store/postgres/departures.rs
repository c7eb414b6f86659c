//! What leaves, as others read it.

use sqlx::Row as _;
use uuid::Uuid;

use super::pulse::Pulse;
use super::server::Server;
use crate::domain::message::MessageId;
use crate::store::departures::{Board, Departed, Departures, Noted};
use crate::store::error::StoreError;
use crate::store::unit::Incarnation;

/// That a run's other rows are all there.
const WHOLE: i32 = -1;

const READ: &str = "SELECT run, slot, message FROM departures";
/// `$1` run, `$2` slots, `$3` their messages. Says whether the rest is there, and which were
/// withdrawn.
const WRITE: &str = "WITH written AS ( \
        INSERT INTO departures (run, slot, message) SELECT $1, slot, message \
        FROM unnest($2::integer[], $3::uuid[]) AS line(slot, message) ORDER BY slot \
        ON CONFLICT (run, slot) DO UPDATE SET message = excluded.message) \
    SELECT EXISTS (SELECT 1 FROM departures WHERE run = $1 AND slot = -1), \
        ARRAY(SELECT message FROM messages WHERE message = ANY($3) AND superseded)";

/// Likewise; and that this is all there is.
const WRITE_ALL: &str = "WITH written AS ( \
        INSERT INTO departures (run, slot, message) SELECT $1, slot, message \
        FROM (SELECT slot, message FROM unnest($2::integer[], $3::uuid[]) AS line(slot, message) \
            UNION ALL SELECT -1, NULL) AS line ORDER BY slot DESC \
        ON CONFLICT (run, slot) DO UPDATE SET message = excluded.message) \
    SELECT true, ARRAY(SELECT message FROM messages WHERE message = ANY($3) AND superseded)";

/// A run's rows.
struct Lines {
    run: Incarnation,
    pulse: Pulse,
}

impl Server {
    /// See [`crate::store::both::backend::Backend::departed`].
    pub async fn read_departed(&self) -> Result<Departed, StoreError> {
        let rows = self.pulse.rows(sqlx::query(READ)).await?;
        let (mut whole, mut departed) = (Departed::new(), Departed::new());
        for row in &rows {
            let run: Uuid = row.try_get(0)?;
            if row.try_get::<i32, _>(1)? == WHOLE {
                whole.entry(run).or_default();
            } else if let Some(message) = row.try_get::<Option<Uuid>, _>(2)? {
                departed.entry(run).or_default().insert(MessageId(message));
            }
        }
        for (run, left) in &mut whole {
            left.extend(departed.remove(run).unwrap_or_default());
        }
        Ok(whole)
    }

    /// See [`crate::store::both::backend::Backend::departures`].
    pub async fn begin_departures(&self, run: Incarnation) -> Result<Departures, StoreError> {
        self.pulse.run(sqlx::query("DELETE FROM departures")).await?;
        let lines = Lines { run, pulse: self.pulse.clone() };
        lines.write_all(&[]).await?;
        Ok(Departures::on(lines))
    }
}

impl Board for Lines {
    async fn write(&self, slots: &[(u32, Option<MessageId>)]) -> Result<Noted, StoreError> {
        self.note(WRITE, slots).await
    }

    async fn write_all(&self, slots: &[(u32, Option<MessageId>)]) -> Result<Noted, StoreError> {
        self.note(WRITE_ALL, slots).await
    }
}

impl Lines {
    async fn note(
        &self,
        statement: &'static str,
        slots: &[(u32, Option<MessageId>)],
    ) -> Result<Noted, StoreError> {
        let (slots, messages) = columns(slots);
        let write = sqlx::query(statement).bind(self.run).bind(slots).bind(messages);
        let rows = self.pulse.rows(write).await?;
        let Some(row) = rows.first() else { return Ok(Noted::default()) };
        let withdrawn: Vec<Uuid> = row.try_get(1)?;
        let withdrawn = withdrawn.into_iter().map(MessageId).collect();
        Ok(Noted { is_whole: row.try_get(0)?, withdrawn })
    }
}

fn columns(slots: &[(u32, Option<MessageId>)]) -> (Vec<i32>, Vec<Option<Uuid>>) {
    let number = |slot: u32| i32::try_from(slot).unwrap_or(i32::MAX);
    slots.iter().map(|(slot, message)| (number(*slot), message.map(|id| id.0))).unzip()
}
