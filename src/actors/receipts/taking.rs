//! Reports on their way to the disk: those that come while one transaction is written share the
//! next.
//!
//! ```text
//!   take ─▶ waiting ─▶ whoever has the turn writes what waits, for all of them ─▶ durable
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::error::TryRecvError;
use tokio::sync::{Mutex as Turn, oneshot};

use crate::store::{NewReceipt, Store, StoreError, Taken};

/// Receipts of one transaction: fewer where fewer wait, and more only where one call brings more.
const AT_ONCE: usize = 256;
/// Calls that wait; the next are refused until they are fewer.
const WAITING_MAX: usize = 4096;

/// What came of one call, whoever wrote it.
type Answer = Result<Taken, StoreError>;

/// See the module.
pub struct Taking {
    store: Store,
    waiting: Mutex<VecDeque<Handed>>,
    turn: Turn<()>,
}

/// The receipts of one call, written together.
struct Handed {
    receipts: Vec<NewReceipt>,
    answer: oneshot::Sender<Answer>,
}

impl Taking {
    /// Nothing waits yet.
    pub fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store, waiting: Mutex::default(), turn: Turn::default() })
    }

    /// Resolves once all of them are durable, or none.
    pub async fn take(self: &Arc<Self>, receipts: Vec<NewReceipt>) -> Answer {
        if receipts.is_empty() {
            return Ok(Taken::Kept);
        }
        let (answer, mut written) = oneshot::channel();
        if !self.waits(Handed { receipts, answer }) {
            return Ok(Taken::Full);
        }
        let _turn = self.turn.lock().await;
        loop {
            match written.try_recv() {
                Ok(answer) => return answer,
                Err(TryRecvError::Closed) => return Err(fell()),
                Err(TryRecvError::Empty) => {}
            }
            // It goes on if whoever waits here is gone: others wait for it.
            let taking = self.clone();
            let wrote = tokio::spawn(async move { taking.write().await }).await;
            if matches!(wrote, Ok(false)) {
                // Then somebody writes them who does not wait here any more.
                return written.await.unwrap_or_else(|_| Err(fell()));
            }
        }
    }

    /// Whether there is room for them among those that wait.
    fn waits(&self, handed: Handed) -> bool {
        let mut waiting = self.waiting();
        if waiting.len() >= WAITING_MAX {
            waiting.retain(|handed| !handed.answer.is_closed());
        }
        let has_room = waiting.len() < WAITING_MAX;
        if has_room {
            waiting.push_back(handed);
        }
        has_room
    }

    /// Writes what waits, as far as it goes into one transaction; says whether anything did.
    async fn write(&self) -> bool {
        let (mut all, mut calls) = (Vec::new(), Vec::new());
        for Handed { receipts, answer } in self.next() {
            calls.push((receipts.len(), answer));
            all.extend(receipts);
        }
        if calls.is_empty() {
            return false;
        }
        match self.store.take_receipts(&all).await {
            // One of them is refused: the others are not to suffer for it.
            Err(StoreError::Refused(_)) if calls.len() > 1 => {
                for (count, answer) in calls {
                    let rest = all.split_off(count.min(all.len()));
                    let own = std::mem::replace(&mut all, rest);
                    let _ = answer.send(self.store.take_receipts(&own).await);
                }
            }
            taken => {
                for (_, answer) in calls {
                    let _ = answer.send(same(&taken));
                }
            }
        }
        true
    }

    fn next(&self) -> Vec<Handed> {
        let mut waiting = self.waiting();
        let (mut next, mut count) = (Vec::new(), 0);
        while let Some(handed) = waiting.pop_front() {
            if !next.is_empty() && count + handed.receipts.len() > AT_ONCE {
                waiting.push_front(handed);
                break;
            }
            count += handed.receipts.len();
            next.push(handed);
        }
        next
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Handed>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is true for all of them.
fn same(taken: &Answer) -> Answer {
    match taken {
        Ok(taken) => Ok(*taken),
        Err(error) => Err(StoreError::Unavailable(error.to_string())),
    }
}

fn fell() -> StoreError {
    StoreError::Unavailable("whoever wrote the receipts fell".to_owned())
}
