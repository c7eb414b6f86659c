//! Whether a provider does its work, told in the log once and not at every message.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;
use crate::domain::outcome::{Outcome, Scope};
use crate::telemetry::spell::{Say, Spell};

/// So many attempts in a row must fail before a provider is said to: one mailbox that is full for
/// now says nothing of it.
const FAILURES_IN_A_ROW: u32 = 3;
/// Whoever did its work so lately is not said to fail for one connection that it refuses.
const JUST_SERVED: Duration = Duration::from_secs(10);

/// How a provider fares.
#[derive(Debug)]
pub(super) struct Health {
    endpoint: String,
    failures: AtomicU32,
    /// When it last did its work.
    served: Mutex<Option<Instant>>,
    spell: Spell,
}

impl Health {
    /// Well, for all that is known. `endpoint` is what the log says of where it is.
    pub fn new(endpoint: String) -> Self {
        let (failures, served) = (AtomicU32::new(0), Mutex::default());
        Self { endpoint, failures, served, spell: Spell::default() }
    }

    /// An attempt has ended, with these words; so many messages wait for their turn. What is
    /// `of_provider` failed before the message was mentioned.
    pub fn note(
        &self,
        provider: &str,
        outcome: &Outcome,
        of_provider: bool,
        reply: &str,
        waiting: usize,
    ) {
        let Some(served) = outcome.is_served() else { return };
        let endpoint = &*self.endpoint;
        let misconfigured = *outcome == Outcome::Permanent(Scope::Configuration);
        let now = clock::instant();
        let certain = misconfigured || (of_provider && !self.has_just_served(now));
        match self.judge(served, certain, now) {
            Some(Say::Begun) if misconfigured => {
                let what = "the provider's configuration is wrong";
                tracing::error!(provider, endpoint, reply, waiting, "{what}");
            }
            Some(Say::Begun) => {
                tracing::warn!(provider, endpoint, reply, waiting, "a provider fails");
            }
            Some(Say::GoesOn { lasts, failures }) => {
                let seconds = lasts.as_secs();
                tracing::warn!(
                    provider,
                    endpoint,
                    reply,
                    waiting,
                    seconds,
                    failures,
                    "a provider still fails"
                );
            }
            Some(Say::Over { lasted, failures }) => {
                let seconds = lasted.as_secs();
                tracing::info!(provider, endpoint, seconds, failures, "a provider works again");
            }
            None if served => {}
            None => tracing::debug!(provider, endpoint, reply, waiting, "an attempt fails"),
        }
    }

    /// A server that takes so many connections and no more refuses some, and fails nobody.
    fn has_just_served(&self, now: Instant) -> bool {
        let served = *self.served.lock().unwrap_or_else(PoisonError::into_inner);
        served.is_some_and(|served| now.saturating_duration_since(served) < JUST_SERVED)
    }

    /// What is wrong for certain need not be seen several times.
    fn judge(&self, served: bool, certain: bool, now: Instant) -> Option<Say> {
        if served {
            self.failures.store(0, Ordering::Relaxed);
            *self.served.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
            return self.spell.worked(now);
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < FAILURES_IN_A_ROW && !certain {
            return None;
        }
        self.spell.failed(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_fails_once_several_attempts_in_a_row_do() {
        let health = Health::new("mail.example:25".to_owned());
        let now = clock::instant();
        let mut said =
            [false, false, true, false, false, false, true].map(|ok| health.judge(ok, false, now));
        assert!(matches!(said[6].take(), Some(Say::Over { failures: 1, .. })), "{said:?}");
        assert_eq!(said, [None, None, None, None, None, Some(Say::Begun), None]);
        let health = Health::new("mail.example:25".to_owned());
        assert_eq!(
            health.judge(false, true, now),
            Some(Say::Begun),
            "no connection is one at once"
        );
    }

    #[test]
    fn a_server_that_serves_others_may_refuse_a_connection() {
        let health = Health::new("mail.example:25".to_owned());
        let now = clock::instant();
        assert!(!health.has_just_served(now));
        health.judge(true, false, now);
        assert!(health.has_just_served(now + Duration::from_secs(9)));
        assert!(!health.has_just_served(now + Duration::from_secs(10)));
    }
}
