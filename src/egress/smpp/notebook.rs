//! What is remembered of an SMSC's ids and of texts in parts, over all sessions with it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant as Deadline, timeout_at};

use super::ears::Ears;
use crate::clock;
use crate::domain::message::MessageId;
use crate::domain::receipt::Report;
use crate::gateways::Heard;
use crate::gateways::smpp::{Fate, Kept, Ledger, Pieces, Told, Writing};

/// A receipt may overtake the answer that makes its id known. The store waits for one whose message
/// is one part; for one of several it is waited here so long.
const EARLY_MAX: Duration = Duration::from_secs(2);

/// See the module.
#[derive(Default)]
pub(super) struct Notebook {
    ledger: Mutex<Ledger>,
    pieces: Mutex<Pieces>,
    /// Messages of several parts whose ids are not all known.
    long: AtomicUsize,
    noted: Notify,
}

/// A message of several parts is under way.
pub(super) struct Long<'a>(&'a Notebook);

impl Drop for Long<'_> {
    fn drop(&mut self) {
        self.0.long.fetch_sub(1, Ordering::AcqRel);
        self.0.noted.notify_waiters();
    }
}

impl Notebook {
    /// A message of several parts is under way.
    pub fn long(&self) -> Long<'_> {
        self.long.fetch_add(1, Ordering::AcqRel);
        Long(self)
    }

    /// A part of a message has an id.
    pub fn takes(&self, id: String, message: MessageId, part: usize, parts: usize) {
        lock(&self.ledger).takes(id, message, part, parts);
        self.noted.notify_waiters();
    }

    /// Something was told; returns once it is kept.
    pub async fn hears(&self, provider: &Arc<str>, told: Told, ears: &dyn Ears) -> Kept {
        let heard = match told {
            Told::Nothing => return Kept::Yes,
            Told::Written(writing) => {
                let whole = lock(&self.pieces).takes(writing, clock::instant());
                return self.replies(provider, whole, ears).await;
            }
            Told::Receipt { id, report: None, said } => {
                Heard::Receipt { message: None, reference: Some(id), report: None, said }
            }
            Told::Receipt { id, report: Some(report), said } => {
                let (message, report) = match self.fate(&id, report).await {
                    Fate::Open(_) => return Kept::Yes,
                    Fate::Unknown => (None, report),
                    Fate::Known(message, report) => (Some(message), report),
                };
                Heard::Receipt { message, reference: Some(id), report: Some(report), said }
            }
        };
        kept(ears.hear(provider, heard).await)
    }

    /// Texts whose other parts are waited for no longer.
    pub async fn overdue(&self, provider: &Arc<str>, ears: &dyn Ears) {
        let late = lock(&self.pieces).overdue(clock::instant());
        self.replies(provider, late, ears).await;
    }

    async fn replies(&self, provider: &Arc<str>, whole: Vec<Writing>, ears: &dyn Ears) -> Kept {
        let mut all = true;
        for Writing { from, to, text, .. } in whole {
            all &= ears.hear(provider, Heard::Reply { id: None, from, to, text }).await;
        }
        kept(all)
    }

    async fn fate(&self, id: &str, report: Report) -> Fate {
        let deadline = Deadline::from_std(clock::instant() + EARLY_MAX);
        loop {
            let noted = self.noted.notified();
            tokio::pin!(noted);
            noted.as_mut().enable();
            {
                let mut ledger = lock(&self.ledger);
                if ledger.knows(id) || self.long.load(Ordering::Acquire) == 0 {
                    return ledger.tells(id, report);
                }
            }
            if timeout_at(deadline, noted).await.is_err() {
                return lock(&self.ledger).tells(id, report);
            }
        }
    }
}

fn kept(is_kept: bool) -> Kept {
    if is_kept { Kept::Yes } else { Kept::NotNow }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
