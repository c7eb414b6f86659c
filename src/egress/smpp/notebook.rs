//! What is remembered of what an SMSC tells, over all sessions with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::ears::Ears;
use crate::clock;
use crate::gateways::Heard;
use crate::gateways::smpp::{Kept, Pieces, Told, Writing};

/// See the module.
#[derive(Default)]
pub(super) struct Notebook {
    pieces: Mutex<Pieces>,
}

impl Notebook {
    /// Something was told; returns once it is kept.
    pub async fn hears(&self, provider: &Arc<str>, told: Told, ears: &dyn Ears) -> Kept {
        let heard = match told {
            Told::Nothing => return Kept::Yes,
            Told::Written(writing) => {
                let whole = lock(&self.pieces).takes(writing, clock::instant());
                return self.replies(provider, whole, ears).await;
            }
            Told::Receipt { id, report, said } => {
                Heard::Receipt { message: None, reference: Some(id), report, said }
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
}

fn kept(is_kept: bool) -> Kept {
    if is_kept { Kept::Yes } else { Kept::NotNow }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
