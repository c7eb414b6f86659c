//! Saying the same thing not too often.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Lets one line through in each span and counts the rest.
#[derive(Debug)]
pub struct Seldom {
    every: Duration,
    state: Mutex<(Option<Instant>, u64)>,
}

impl Seldom {
    /// At most one line in this span.
    pub const fn every(every: Duration) -> Self {
        Self { every, state: Mutex::new((None, 0)) }
    }

    /// Whether a line is due, with how many were not said since the last.
    pub fn due(&self, now: Instant) -> Option<u64> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, unsaid) = *state;
        if last.is_some_and(|last| now.saturating_duration_since(last) < self.every) {
            state.1 += 1;
            return None;
        }
        *state = (Some(now), 0);
        Some(unsaid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn the_first_is_said_and_the_rest_is_counted() {
        let seldom = Seldom::every(Duration::from_secs(60));
        let start = clock::instant();
        let at = |seconds| seldom.due(start + Duration::from_secs(seconds));
        assert_eq!(
            [at(0), at(1), at(59), at(60), at(61), at(200)],
            [Some(0), None, None, Some(2), None, Some(1)]
        );
    }
}
