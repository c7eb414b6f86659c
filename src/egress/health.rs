//! Whether a provider does its work, told in the log once and not at every message.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::clock;
use crate::domain::outcome::{Outcome, Scope};
use crate::telemetry::spell::{Say, Spell};

/// So many attempts in a row must fail before a provider is said to: one mailbox that is full for
/// now says nothing of it.
const FAILURES_IN_A_ROW: u32 = 3;

/// How a provider fares.
#[derive(Debug)]
pub(super) struct Health {
    endpoint: String,
    failures: AtomicU32,
    spell: Spell,
}

impl Health {
    /// Well, for all that is known. `endpoint` is what the log says of where it is.
    pub fn new(endpoint: String) -> Self {
        Self { endpoint, failures: AtomicU32::new(0), spell: Spell::default() }
    }

    /// An attempt has ended, with these words; so many messages wait for their turn.
    pub fn note(&self, provider: &str, outcome: &Outcome, reply: &str, waiting: usize) {
        let Some(served) = outcome.is_served() else { return };
        let endpoint = &*self.endpoint;
        let misconfigured = *outcome == Outcome::Permanent(Scope::Configuration);
        match self.judge(served, misconfigured) {
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
            None => {}
        }
    }

    /// What is wrong for certain need not be seen several times.
    fn judge(&self, served: bool, certain: bool) -> Option<Say> {
        if served {
            self.failures.store(0, Ordering::Relaxed);
            return self.spell.worked(clock::instant());
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < FAILURES_IN_A_ROW && !certain {
            return None;
        }
        self.spell.failed(clock::instant())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_fails_once_several_attempts_in_a_row_do() {
        let health = Health::new("mail.example:25".to_owned());
        let mut said =
            [false, false, true, false, false, false, true].map(|ok| health.judge(ok, false));
        assert!(matches!(said[6].take(), Some(Say::Over { failures: 1, .. })), "{said:?}");
        assert_eq!(said, [None, None, None, None, None, Some(Say::Begun), None]);
        let health = Health::new("mail.example:25".to_owned());
        assert_eq!(health.judge(false, true), Some(Say::Begun), "a wrong password is one at once");
    }
}
