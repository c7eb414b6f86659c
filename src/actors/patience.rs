//! Pauses that grow.

use std::time::Duration;

/// An exponential backoff between a first and a longest pause.
#[derive(Debug, Clone)]
pub struct Patience {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Patience {
    /// Pauses from `first`, doubling up to `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, next: first }
    }

    /// The pause to make now; the one after it is twice as long.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = (pause * 2).min(self.longest);
        pause
    }

    /// All is well: the next pause is the first again.
    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_longest_and_resets() {
        let s = Duration::from_secs;
        let mut patience = Patience::new(s(1), s(5));
        assert_eq!([(); 4].map(|()| patience.pause()), [s(1), s(2), s(4), s(5)]);
        patience.reset();
        assert_eq!(patience.pause(), s(1));
    }
}
