//! The wall clock was set: what pauses is moved with it.
//!
//! A pause and a date are both instants in a row. What was due already by the old clock, and what
//! is to be tried again, only pauses; anything else is a date that somebody was told, or that
//! follows the sun, and stays.

use super::backend::Writing;
use super::question::Question;
use crate::store::error::StoreError;
use crate::store::uptime::Shift;

/// `$1` by how much in milliseconds, `$2` what the clock would show, `$3` what it shows.
const WAITED: &str = "UPDATE messages SET first_due_ms = first_due_ms + $1 \
    WHERE status IN ('ready', 'sending') AND first_due_ms <= $2";

/// Forward, what was due already is due still; back, it would wait for its old time to come
/// again. What was settled between the step and now is in the new time already: forward it lies
/// behind `$3`; back, it is tried again once too early at worst.
const MESSAGES: &str = "UPDATE messages SET due_ms = due_ms + $1 \
    WHERE status = 'ready' AND CASE WHEN $1 > 0 \
        THEN due_ms > $2 AND due_ms <= $3 AND attempts + doubts + crashes > 0 \
        ELSE due_ms > $3 AND (due_ms <= $2 OR attempts + doubts + crashes > 0) END";

/// Likewise. Only the timer of a series is a pause and no date; forward, it may as well come at
/// once.
const TIMERS: &str = "UPDATE timers SET due_ms = due_ms + $1 \
    WHERE $1 < 0 AND due_ms > $3 AND (due_ms <= $2 OR key LIKE '{\"timer\":\"series\",%')";

/// Part of the transaction that writes the sign of life: done once, or not at all.
pub async fn pauses(writer: &mut impl Writing, shift: Shift) -> Result<(), StoreError> {
    let by = i64::try_from(shift.by().as_millis()).unwrap_or(0);
    for statement in [WAITED, MESSAGES, TIMERS] {
        let moved = Question::new(statement).bind(by).bind(shift.from).bind(shift.to);
        moved.run(writer).await?;
    }
    Ok(())
}
