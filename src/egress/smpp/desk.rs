//! Which sessions there are, and who has a seat at them.
//!
//! ```text
//!   opening ──▶ bound ⇄ paused          opening: who comes waits
//!     ▲           │                     paused, resting: who comes hears why, at once
//!     └─ resting ◀┘ ──▶ closed
//! ```

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::time::{Instant as Deadline, timeout_at};

use super::job::Job;
use crate::clock;
use crate::domain::outcome::Outcome;
use crate::egress::bound::Bound;
use crate::gateways::smpp::Came;

/// How a session stands.
#[derive(Debug, Clone)]
pub(super) enum Stage {
    /// There soon is one.
    Opening,
    /// Messages may go.
    Bound,
    /// The SMSC wants none before.
    Paused(Instant),
    /// There is none for a time, and this is why.
    Resting(Outcome, String),
    /// There will be none any more.
    Closed,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Desk {
    binds: Mutex<Vec<Bind>>,
    /// As many as there are sessions.
    bells: Vec<Notify>,
    /// How many messages may be with each session.
    seats: usize,
    changed: Notify,
    /// Whoever looks on.
    bound: Arc<Bound>,
}

#[derive(Debug)]
struct Bind {
    stage: Stage,
    /// Seats that are taken.
    taken: usize,
    jobs: VecDeque<Job>,
}

/// A message's place at a session. Dropped, it is another's.
#[derive(Debug)]
pub(super) struct Seat<'a> {
    desk: &'a Desk,
    bind: usize,
}

/// Whether a message that comes now can go.
enum Found {
    Seat(usize),
    Nothing(Came),
    Soon,
}

impl Desk {
    /// None is open yet.
    pub fn new(bound: Arc<Bound>, seats: usize) -> Self {
        let (_, sessions) = bound.sessions();
        let new = || Bind { stage: Stage::Opening, taken: 0, jobs: VecDeque::new() };
        Self {
            binds: Mutex::new(std::iter::repeat_with(new).take(sessions).collect()),
            bells: std::iter::repeat_with(Notify::new).take(sessions).collect(),
            seats,
            changed: Notify::new(),
            bound,
        }
    }

    /// How many sessions there may be.
    pub fn sessions(&self) -> usize {
        self.bells.len()
    }

    /// A seat, once there is one.
    ///
    /// # Errors
    /// If there is none for a time, or none in time: nothing was tried.
    pub async fn seat(&self, patience: Duration) -> Result<Seat<'_>, Came> {
        let deadline = Deadline::from_std(clock::instant() + patience);
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            match self.find(clock::instant()) {
                Found::Seat(bind) => return Ok(Seat { desk: self, bind }),
                Found::Nothing(came) => return Err(came),
                Found::Soon => {}
            }
            if timeout_at(deadline, changed).await.is_err() {
                return Err(Came::nothing(Outcome::Transient, "no session had room in time", true));
            }
        }
    }

    fn find(&self, now: Instant) -> Found {
        let mut binds = self.binds();
        let has_room =
            |bind: &&mut Bind| matches!(bind.stage, Stage::Bound) && bind.taken < self.seats;
        let free = binds.iter_mut().enumerate().filter(|(_, bind)| has_room(bind));
        if let Some((place, bind)) = free.min_by_key(|(_, bind)| bind.taken) {
            bind.taken += 1;
            return Found::Seat(place);
        }
        let is_soon = |bind: &Bind| match bind.stage {
            Stage::Opening | Stage::Bound => true,
            Stage::Paused(until) => until <= now,
            Stage::Resting(..) | Stage::Closed => false,
        };
        if binds.iter().any(is_soon) {
            return Found::Soon;
        }
        let paused = binds.iter().filter_map(|bind| match bind.stage {
            Stage::Paused(until) => Some(until),
            _ => None,
        });
        if let Some(until) = paused.min() {
            let after = Some(until.saturating_duration_since(now));
            let throttled = Outcome::Throttled { after };
            return Found::Nothing(Came::nothing(throttled, "the SMSC asked for less", false));
        }
        let resting = binds.iter().find_map(|bind| match &bind.stage {
            Stage::Resting(outcome, said) => Some(Came::nothing(outcome.clone(), said, true)),
            _ => None,
        });
        Found::Nothing(
            resting
                .unwrap_or_else(|| Came::nothing(Outcome::Transient, "no session is open", true)),
        )
    }

    /// A session stands otherwise now. Where messages cannot go, those that wait are given back.
    pub fn becomes(&self, bind: usize, stage: Stage) -> Vec<Job> {
        let mut binds = self.binds();
        let Some(bind) = binds.get_mut(bind) else { return Vec::new() };
        let keeps = matches!(stage, Stage::Bound);
        bind.stage = stage;
        let jobs = if keeps { VecDeque::new() } else { std::mem::take(&mut bind.jobs) };
        // Who is asked for less is let in all the same.
        let is_in = |bind: &&Bind| matches!(bind.stage, Stage::Bound | Stage::Paused(_));
        self.bound.are(binds.iter().filter(is_in).count());
        drop(binds);
        self.changed.notify_waiters();
        jobs.into()
    }

    /// The next message that was handed to a session.
    pub fn job(&self, bind: usize) -> Option<Job> {
        self.binds().get_mut(bind)?.jobs.pop_front()
    }

    /// Whether one waits.
    pub fn has_job(&self, bind: usize) -> bool {
        self.binds().get(bind).is_some_and(|bind| !bind.jobs.is_empty())
    }

    /// Rings when a message is handed to a session.
    pub fn bell(&self, bind: usize) -> Option<&Notify> {
        self.bells.get(bind)
    }

    /// Whether an SMSC wants no messages now.
    #[cfg(test)]
    pub fn is_paused(&self) -> bool {
        self.binds().iter().any(|bind| matches!(bind.stage, Stage::Paused(_)))
    }

    fn binds(&self) -> MutexGuard<'_, Vec<Bind>> {
        // Nothing in here panics half way, so a poisoned lock still guards sound sessions.
        self.binds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat<'_> {
    /// Hands a message to the session, if it still is one.
    ///
    /// # Errors
    /// The message, of which nothing was written.
    pub fn hands(&self, job: Job) -> Result<(), Box<Job>> {
        let mut binds = self.desk.binds();
        let bind = binds.get_mut(self.bind);
        match bind.filter(|bind| matches!(bind.stage, Stage::Bound)) {
            Some(bind) => bind.jobs.push_back(job),
            None => return Err(Box::new(job)),
        }
        drop(binds);
        if let Some(bell) = self.desk.bell(self.bind) {
            bell.notify_one();
        }
        Ok(())
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        if let Some(bind) = self.desk.binds().get_mut(self.bind) {
            bind.taken = bind.taken.saturating_sub(1);
        }
        self.desk.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn desk(sessions: usize) -> Desk {
        Desk::new(Arc::new(Bound::new("smsc".into(), sessions)), 1)
    }

    async fn refusal(desk: &Desk) -> (Outcome, String) {
        let came = desk.seat(SECOND).await.unwrap_err();
        (came.outcome, came.said)
    }

    #[tokio::test(start_paused = true)]
    async fn a_seat_is_at_a_session_that_is_bound_and_has_room() {
        let desk = desk(2);
        let busy = (Outcome::Transient, "no session had room in time".to_owned());
        assert_eq!(refusal(&desk).await, busy, "opening");
        desk.becomes(1, Stage::Bound);
        let seat = desk.seat(SECOND).await.unwrap();
        assert_eq!(refusal(&desk).await, busy, "taken");
        drop(seat);
        assert!(desk.seat(SECOND).await.is_ok());
    }

    #[tokio::test]
    async fn who_looks_on_sees_how_many_sessions_are_bound() {
        let desk = desk(3);
        for (bind, stage, bound) in [
            (0, Stage::Opening, 0),
            (0, Stage::Bound, 1),
            (2, Stage::Bound, 2),
            (2, Stage::Paused(clock::instant() + SECOND), 2),
            (0, Stage::Resting(Outcome::Transient, "refused".to_owned()), 1),
            (2, Stage::Closed, 0),
        ] {
            desk.becomes(bind, stage.clone());
            assert_eq!(desk.bound.sessions(), (bound, 3), "{bind} {stage:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_where_none_is_hears_why_at_once() {
        let desk = desk(2);
        desk.becomes(0, Stage::Resting(Outcome::Transient, "refused".to_owned()));
        desk.becomes(1, Stage::Paused(clock::instant() + SECOND));
        let throttled = Outcome::Throttled { after: Some(SECOND) };
        assert_eq!(refusal(&desk).await.0, throttled);
        desk.becomes(1, Stage::Closed);
        assert_eq!(refusal(&desk).await, (Outcome::Transient, "refused".to_owned()));
        desk.becomes(0, Stage::Closed);
        assert_eq!(refusal(&desk).await.1, "no session is open");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_called_once_there_is_one() {
        let desk = desk(1);
        let opens = async {
            tokio::task::yield_now().await;
            desk.becomes(0, Stage::Bound);
        };
        let (seat, ()) = tokio::join!(desk.seat(SECOND), opens);
        assert!(seat.is_ok());
    }
}
