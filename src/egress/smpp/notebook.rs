//! What is remembered of what an SMSC tells, over all sessions with it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::ears::Ears;
use crate::clock;
use crate::gateways::Heard;
use crate::gateways::smpp::{Kept, Pieces, Repeats, Seen, Told, Whole, Writing};

/// See the module.
#[derive(Default)]
pub(super) struct Notebook {
    repeats: Mutex<Repeats>,
    pieces: Mutex<Pieces>,
}

/// A text, until it is known whether it is kept. Dropped before, it is not.
struct Coming<'a> {
    notebook: &'a Notebook,
    mark: String,
    is_kept: bool,
}

impl Drop for Coming<'_> {
    fn drop(&mut self) {
        lock(&self.notebook.repeats).came(&self.mark, self.is_kept, clock::instant());
    }
}

impl Notebook {
    /// Something was told over this session; returns once it is kept.
    pub async fn hears(
        &self,
        provider: &Arc<str>,
        session: u64,
        told: Told,
        ears: &dyn Ears,
    ) -> Kept {
        let heard = match told {
            Told::Nothing => return Kept::Yes,
            Told::Written(writing) => return self.reads(provider, session, writing, ears).await,
            Told::Receipt { id, report, said } => {
                Heard::Receipt { message: None, reference: Some(id), report, said }
            }
        };
        kept(ears.hear(provider, heard).await)
    }

    /// A session is over; what was answered over it within the last `silence` may not have arrived.
    pub fn ends(&self, session: u64, silence: Duration) {
        lock(&self.repeats).ends(session, silence, clock::instant());
    }

    /// Texts whose other parts are waited for no longer.
    pub async fn overdue(&self, provider: &Arc<str>, ears: &dyn Ears) {
        let late = lock(&self.pieces).overdue(clock::instant());
        self.replies(provider, late, ears).await;
    }

    async fn reads(
        &self,
        provider: &Arc<str>,
        session: u64,
        writing: Writing,
        ears: &dyn Ears,
    ) -> Kept {
        let (now, mark) = (clock::instant(), writing.mark.clone());
        let seen = lock(&self.repeats).takes(&mark, session, now, clock::now());
        let id = match seen {
            Seen::New(id) => id,
            Seen::Kept => return Kept::Yes,
            Seen::Coming => return Kept::NotNow,
        };
        let mut coming = Coming { notebook: self, mark, is_kept: false };
        let whole = lock(&self.pieces).takes(writing, id, now);
        coming.is_kept = self.replies(provider, whole, ears).await;
        kept(coming.is_kept)
    }

    async fn replies(&self, provider: &Arc<str>, whole: Vec<Whole>, ears: &dyn Ears) -> bool {
        let mut all = true;
        for whole in whole {
            let Whole { id, from, to, text, .. } = whole.clone();
            let heard = Heard::Reply { id: Some(id), from, to, text };
            match ears.hear(provider, heard).await {
                true => lock(&self.pieces).was_kept(&whole),
                false => all = false,
            }
        }
        all
    }
}

fn kept(is_kept: bool) -> Kept {
    if is_kept { Kept::Yes } else { Kept::NotNow }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
