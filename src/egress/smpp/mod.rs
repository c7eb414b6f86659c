//! SMPP 3.4: sessions with an SMSC that stay, so that what it tells comes in.
//!
//! ```text
//!   runs ─▶ dial ─▶ line ───────────▶ over ─▶ rest ─┐     one of these a connection, as long as
//!    ▲               │ ▲                            │     the daemon runs
//!    └───────────────┼─┼────────────────────────────┘
//!               told │ │ jobs
//!                    ▼ │
//!        ears ◀─ notebook   desk ◀─ send: a seat, its leave to go, a job; then what came of it
//! ```
//!
//! What is said to the SMSC is decided by [`Session`], which is pure; here are the connection, the
//! clock and the waiting. A message waits for a *seat* at a session that is bound: only then it
//! asks for its leave, and what fails until then was not taken. It has left once it is handed to
//! the session, which is not done before all that goes ahead of it is written; if the connection
//! ends before its first byte, it was not taken either.
//!
//! `query_sm` asks for a message by the id that its SMSC gave it; of one in doubt there is none, as
//! the answer that did not come would have brought it. So nobody is asked. An answer that comes
//! late makes its receipts known all the same.
//!
//! [`Session`]: crate::gateways::smpp::Session

mod bind;
mod desk;
mod dial;
mod ears;
mod flight;
mod job;
mod line;
mod notebook;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustls::ClientConfig;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::bound::Bound;
use super::note::Sms;
use super::said::Said;
use super::tried::{Tried, Wanted};
use crate::clock;
use crate::config::Smpp;
use crate::domain::outcome::{Outcome, Scope};
use crate::gateways::smpp::{Addressed, Came, Letter, Ticket, compose};
use crate::telemetry::spell::Told;
use desk::Desk;
use dial::Dialer;
pub use ears::Ears;
use job::{Course, Job};
use notebook::Notebook;

/// The longest wait for a seat: past it the message is tried again later, perhaps elsewhere.
const SEAT_WAIT_MAX: Duration = Duration::from_secs(30);

/// Sends to one SMSC. How many messages at once is for the caller to limit.
pub(super) struct SmppClient {
    provider: Arc<str>,
    settings: Smpp,
    dialer: Dialer,
    bound: Arc<Bound>,
    desk: Desk,
    notebook: Notebook,
    tickets: AtomicU64,
    /// How many sessions there were.
    lines: AtomicU64,
    trouble: Told,
    closing: CancellationToken,
    cut: CancellationToken,
}

impl SmppClient {
    /// Connects to nothing yet: see [`SmppClient::runs`].
    pub fn new(
        provider: &Arc<str>,
        settings: &Smpp,
        connections: usize,
        tls: Arc<ClientConfig>,
    ) -> Self {
        let bound = Arc::new(Bound::new(provider.clone(), connections));
        Self {
            provider: provider.clone(),
            dialer: Dialer::new(settings, tls),
            desk: Desk::new(bound.clone(), settings.manners.window),
            bound,
            settings: settings.clone(),
            notebook: Notebook::default(),
            tickets: AtomicU64::new(0),
            lines: AtomicU64::new(0),
            trouble: Told::new("an SMSC does not let us in", "an SMSC lets us in again"),
            closing: CancellationToken::new(),
            cut: CancellationToken::new(),
        }
    }

    /// How its sessions stand, for whoever looks on.
    pub fn bound(&self) -> &Arc<Bound> {
        &self.bound
    }

    /// Tries once. `None` if it was cut off before anything of it could be taken.
    pub async fn send(&self, sms: &Sms, wanted: Wanted<'_>) -> Option<Tried> {
        let letter = match self.letter(sms) {
            Ok(letter) => letter,
            // Another gateway may have room for it.
            Err(why) => {
                let outcome = Outcome::Permanent(Scope::Provider);
                return Some(Tried::message(outcome, Said::by_us(why)));
            }
        };
        let course = Arc::<Course>::default();
        tokio::select! {
            biased;
            tried = self.attempt(letter, &course, wanted) => Some(tried),
            () = self.cut.cancelled() => match course.is_stopped() {
                true => None,
                false => Some(in_doubt("submit_sm: cut off by a stop")),
            },
        }
    }

    fn letter(&self, sms: &Sms) -> Result<Letter, String> {
        let left = sms.heading.deadline.map(|deadline| deadline.duration_since(clock::now()));
        let message = Addressed {
            message: sms.heading.message,
            from: sms.from.as_deref(),
            to: sms.to.as_str(),
            text: &sms.text,
            seconds_left: left.map(|left| u64::try_from(left.as_secs()).unwrap_or(0)),
        };
        compose(&message, &self.settings.manners)
    }

    async fn attempt(&self, letter: Letter, course: &Arc<Course>, wanted: Wanted<'_>) -> Tried {
        let seat = match self.desk.seat(SEAT_WAIT_MAX).await {
            Ok(seat) => seat,
            Err(came) => return tried(came),
        };
        if let Err(why) = wanted.leaves().await {
            return Tried::kept_back(why);
        }
        let (reply, answered) = oneshot::channel();
        let ticket = Ticket(self.tickets.fetch_add(1, Ordering::Relaxed));
        let job = Job { ticket, letter, course: course.clone(), reply };
        if seat.hands(job).is_err() {
            return tried(lost_before());
        }
        match answered.await {
            Ok(came) => tried(came),
            // Whoever had it panicked.
            Err(_) if course.is_stopped() => tried(lost_before()),
            Err(_) => in_doubt("submit_sm: no answer"),
        }
    }

    /// Asks nobody again; sessions take their leave once nothing is under way.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Ends what is under way: it had its time.
    pub fn cut(&self) {
        self.cut.cancel();
    }
}

fn tried(came: Came) -> Tried {
    let Came { outcome, said, of_provider, ids } = came;
    let reference = ids.first().cloned().flatten().filter(|_| outcome == Outcome::Accepted);
    let is_of_several = ids.len() > 1 && ids.iter().any(Option::is_some);
    let parts = if is_of_several { ids } else { Vec::new() };
    Tried { of_provider, reference, parts, ..Tried::message(outcome, Said::by_us(said)) }
}

fn in_doubt(said: &str) -> Tried {
    Tried::message(Outcome::InDoubt, Said::by_us(said))
}

/// The session ended before anything of the message was written.
fn lost_before() -> Came {
    Came::nothing(Outcome::Transient, "submit_sm: connection closed", true)
}
