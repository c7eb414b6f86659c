//! One session after the other, as long as the daemon runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::SmppClient;
use super::desk::Stage;
use super::ears::Ears;
use super::line::{Ended, Line};
use crate::clock;
use crate::domain::outcome::{Outcome, Scope};

/// The first and the longest pause before another session is tried.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// The least, where it is not let in: many an SMSC locks out who keeps knocking.
const PAUSE_REFUSED: Duration = Duration::from_secs(30);
/// Who waits to send is not told of a shorter pause.
const SHORT: Duration = Duration::from_secs(1);
/// How often it is looked whether a text waits too long for its other parts.
const OVERDUE_EVERY: Duration = Duration::from_secs(15);
/// A session that lasted so long was well: the next pause is the first again.
const WELL_AFTER: Duration = Duration::from_secs(30);

impl SmppClient {
    /// Keeps all sessions until [`SmppClient::close`]; what comes in goes to these ears.
    pub async fn runs(self: Arc<Self>, ears: Arc<dyn Ears>) {
        let sessions = (0..self.desk.sessions()).map(|bind| self.keeps(bind, &ears));
        let all = futures_util::future::join_all(sessions);
        tokio::select! {
            _ = all => {}
            () = self.hears_what_is_overdue(&ears) => {}
        }
    }

    async fn hears_what_is_overdue(&self, ears: &Arc<dyn Ears>) {
        loop {
            sleep(OVERDUE_EVERY).await;
            self.notebook.overdue(&self.provider, &**ears).await;
        }
    }

    async fn keeps(self: &Arc<Self>, bind: usize, ears: &Arc<dyn Ears>) {
        let mut pause = PAUSE;
        while !self.closing.is_cancelled() {
            let began = clock::instant();
            let ended = self.lives(bind, ears).await;
            if self.closing.is_cancelled() {
                break;
            }
            if ended.was_bound && clock::since(began) >= WELL_AFTER {
                pause = PAUSE;
            }
            let Ended { outcome, said, .. } = ended;
            self.bound.failed(&said);
            let is_refused = outcome == Outcome::Permanent(Scope::Configuration);
            let rest = if is_refused { pause.max(PAUSE_REFUSED) } else { pause };
            if rest >= SHORT {
                self.trouble.failed(clock::instant(), &format!("{}, {said}", self.provider));
                self.desk.becomes(bind, Stage::Resting(outcome, said));
            }
            tokio::select! {
                () = sleep(rest) => {}
                () = self.closing.cancelled() => {}
            }
            pause = (pause * 2).min(PAUSE_MAX);
        }
        self.desk.becomes(bind, Stage::Closed);
    }

    /// One session.
    async fn lives(self: &Arc<Self>, bind: usize, ears: &Arc<dyn Ears>) -> Ended {
        let dialled = tokio::select! {
            dialled = self.dialer.dial() => dialled,
            () = self.closing.cancelled() => Err("closed".to_owned()),
        };
        match dialled {
            Ok(stream) => Line::new(self, ears, bind).speaks(stream).await,
            Err(said) => Ended { outcome: Outcome::Transient, said, was_bound: false },
        }
    }
}
