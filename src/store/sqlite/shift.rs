//! The wall clock was set: what pauses is moved with it.
//!
//! A pause and a date are both instants in a row. What was due already by the old clock, and what
//! is to be tried again, only pauses; anything else is a date that somebody was told, or that
//! follows the sun, and stays.

use sqlx::sqlite::SqliteConnection;

use crate::store::error::StoreError;
use crate::store::uptime::Shift;

/// `$1` by how much in milliseconds, `$2` what the clock would show, `$3` what it shows.
///
/// Forward, what was due already is due still; back, it would wait for its old time to come
/// again. What was settled between the step and now is in the new time already: forward it lies
/// behind `$3`; back, it is tried again once too early at worst.
const MESSAGES: &str = "
    UPDATE messages SET first_due_ms = first_due_ms + $1
        WHERE status IN ('ready', 'sending') AND first_due_ms <= $2;
    UPDATE messages SET due_ms = due_ms + $1
        WHERE status = 'ready' AND iif($1 > 0,
            due_ms > $2 AND due_ms <= $3 AND (attempts + doubts + crashes > 0),
            due_ms > $3 AND (due_ms <= $2 OR attempts + doubts + crashes > 0));
";

/// Likewise. Only the timer of a series is a pause and no date; forward, it may as well come at
/// once.
const TIMERS: &str = "
    UPDATE timers SET due_ms = due_ms + $1
        WHERE $1 < 0 AND due_ms > $3 AND (due_ms <= $2 OR key GLOB '{\"timer\":\"series\",*');
";

/// Part of the transaction that writes the sign of life: done once, or not at all.
pub async fn pauses(connection: &mut SqliteConnection, shift: Shift) -> Result<(), StoreError> {
    let by = shift.by().as_millis();
    for statement in [MESSAGES, TIMERS] {
        sqlx::query(statement)
            .bind(i64::try_from(by).unwrap_or(0))
            .bind(shift.from.as_millisecond())
            .bind(shift.to.as_millisecond())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}
