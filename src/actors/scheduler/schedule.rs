//! What those who change timers and the one who fires them share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use tokio::sync::Notify;

use super::agenda::Agenda;
use crate::actors::answer::Answer;
use crate::clock;
use crate::domain::id::TenantId;
use crate::domain::rejection::RejectionReason;
use crate::domain::timer::{DueTimer, TimerChange};

/// What committer, lines and scheduler share.
#[derive(Debug, Default)]
pub struct Schedule {
    agenda: Mutex<Agenda>,
    changed: Notify,
}

impl Schedule {
    /// These changes are durable.
    pub fn changed(&self, tenant: &TenantId, changes: &[TimerChange]) {
        if !changes.is_empty() {
            self.agenda().changed(tenant, changes, clock::now());
            self.changed.notify_one();
        }
    }

    /// The wall clock was set, and what pauses in the store was moved.
    pub fn shift(&self, by: SignedDuration) {
        self.agenda().shift(by);
        self.changed.notify_one();
    }

    /// Resolves when a commit changed something.
    pub async fn was_changed(&self) {
        self.changed.notified().await;
    }

    /// What is in memory.
    pub fn agenda(&self) -> MutexGuard<'_, Agenda> {
        self.agenda.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A timer that was handed in.
pub struct Flight {
    pub schedule: Arc<Schedule>,
    pub tenant: TenantId,
    pub timer: DueTimer,
}

impl Flight {
    pub fn landed(&self, answer: &Answer) {
        let (tenant, timer) = (&self.tenant, &self.timer);
        let (now, mut agenda) = (clock::now(), self.schedule.agenda());
        match answer {
            Answer::Accepted { .. } | Answer::Rejected(_) => agenda.fired(tenant, timer),
            Answer::SetAside(why) if why.reason == RejectionReason::TenantParked => {
                agenda.refused(tenant, timer, now);
            }
            Answer::SetAside(_) => {
                let until = agenda.failed(tenant, timer, now);
                tracing::error!(%tenant, timer = ?timer.timer, %until, "timer left alone");
            }
        }
    }
}

/// Nobody may have answered: the next pass finds it again.
impl Drop for Flight {
    fn drop(&mut self) {
        self.schedule.agenda().lost(&self.tenant, &self.timer);
    }
}
