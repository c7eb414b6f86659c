//! How long it is certain that nobody else has taken the store over.
//!
//! ```text
//!   sign of life ──── certain ────▶ 3 s ──── not certain ────▶ 5 s: others may take over
//! ```
//!
//! The server's clock tells others how old the last sign is; ours how long ago we began to give it,
//! which is earlier. A process that stood still finds that it is not certain any more before it
//! sends anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;

/// So long after a sign of life nothing leaves any more.
const CERTAIN_FOR: Duration = Duration::from_secs(3);

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Hold(Arc<Mutex<Option<Instant>>>);

impl Hold {
    /// It was taken over, and nobody else had it at this instant.
    pub fn begins(&self, instant: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(instant);
    }

    /// Nobody else had it at this instant either.
    pub fn extends(&self, instant: Instant) {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *since = since.map(|before| before.max(instant));
    }

    /// Somebody else has it, or may have it.
    pub fn loses(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether nobody else can have it by now.
    pub fn is_certain(&self) -> bool {
        self.is_certain_at(clock::instant())
    }

    fn is_certain_at(&self, now: Instant) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| now.saturating_duration_since(since) < CERTAIN_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_certain_for_a_while_and_never_again_once_it_is_lost() {
        let began = clock::instant();
        let after = |seconds| began + Duration::from_secs(seconds);
        let hold = Hold::default();
        assert!(!hold.is_certain_at(began), "nobody has it yet");
        hold.begins(began);
        assert!(hold.is_certain_at(after(2)) && !hold.is_certain_at(after(3)));
        hold.extends(after(2));
        hold.extends(after(1));
        assert!(hold.is_certain_at(after(4)) && !hold.is_certain_at(after(5)));
        hold.loses();
        hold.extends(after(9));
        assert!(!hold.is_certain_at(after(9)));
    }
}
