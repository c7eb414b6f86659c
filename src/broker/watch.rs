//! What is told of the broker's coming and going: once for all connections to it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::BrokerError;
use crate::config::SecretUrl;
use crate::telemetry::record;
use crate::telemetry::spell::{Say, Spell};

/// Hears of every connection, and says once what they have in common.
#[derive(Debug)]
pub struct Watch {
    url: SecretUrl,
    spell: Spell,
    /// Whose connection is lost.
    without: Mutex<BTreeSet<&'static str>>,
    /// The connections from which the broker takes nothing.
    blocked: Mutex<usize>,
    /// Which of its nodes is asked next, counted without end.
    turn: AtomicUsize,
}

impl Watch {
    /// Nothing is known yet of the broker there.
    pub fn new(url: SecretUrl) -> Self {
        Self {
            url,
            spell: Spell::default(),
            without: Mutex::default(),
            blocked: Mutex::default(),
            turn: AtomicUsize::default(),
        }
    }

    /// Whose turn it is among the nodes, counted without end.
    pub fn turn(&self) -> usize {
        self.turn.load(Ordering::Relaxed)
    }

    /// The node whose turn this was cannot be used: it is the next one's, once for all who found
    /// that at the same time.
    pub fn passes(&self, turn: usize) {
        let next = turn.wrapping_add(1);
        let _ = self.turn.compare_exchange(turn, next, Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Somebody's connection failed, or was dropped though it was up.
    pub fn lost(&self, whose: &'static str, error: &BrokerError) {
        if let BrokerError::Stalled(stall) = error {
            record::broker_dropped(stall.as_str());
            let broker = &self.url;
            tracing::warn!(%broker, whose, "{stall}: the connection is dropped, and made anew");
            return;
        }
        self.without().insert(whose);
        match self.spell.failed(crate::clock::instant()) {
            Some(Say::GoesOn { lasts, .. }) => tracing::warn!(
                broker = %self.url, %error, for_s = lasts.as_secs(),
                "the broker still cannot be used"
            ),
            Some(_) => tracing::warn!(
                broker = %self.url, %error,
                "the broker cannot be used: commands in it and events for it wait"
            ),
            None => tracing::debug!(broker = %self.url, %error, whose, "the broker cannot be used"),
        }
    }

    /// Somebody's connection works.
    pub fn works(&self, whose: &'static str) {
        let mut without = self.without();
        without.remove(whose);
        if without.is_empty()
            && let Some(Say::Over { lasted, .. }) = self.spell.worked(crate::clock::instant())
        {
            tracing::info!(broker = %self.url, after_s = lasted.as_secs(), "the broker is back");
        }
    }

    /// The broker takes nothing from a connection.
    pub fn blocked(&self, reason: &str) {
        let mut blocked = self.blocked_ones();
        *blocked += 1;
        if *blocked == 1 {
            tracing::warn!(reason, "the broker takes nothing: an alarm of its memory or disk");
        }
    }

    /// It takes again what is published there.
    pub fn unblocked(&self) {
        if self.is_last_blocked() {
            tracing::info!("the broker takes again what is published");
        }
    }

    /// The connection from which it took nothing is gone; the next may fare no better.
    pub fn blocked_one_gone(&self) {
        self.is_last_blocked();
    }

    fn is_last_blocked(&self) -> bool {
        let mut blocked = self.blocked_ones();
        *blocked = blocked.saturating_sub(1);
        *blocked == 0
    }

    fn blocked_ones(&self) -> MutexGuard<'_, usize> {
        self.blocked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn without(&self) -> MutexGuard<'_, BTreeSet<&'static str>> {
        self.without.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn the_next_node_has_its_turn_once_for_all_who_found_the_one_before_gone() {
        let config = Config::parse("f", "[amqp]\nurl = \"amqp://mq.example\"\n").unwrap();
        let watch = Watch::new(config.amqp.unwrap().url);
        let (one, other) = (watch.turn(), watch.turn());
        watch.passes(one);
        watch.passes(other);
        assert_eq!(watch.turn(), one + 1);
    }
}
