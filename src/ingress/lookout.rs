//! Looks whether what waits in the queues is delivered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;

use super::acks::Acks;
use super::stall::Stalls;
use crate::broker::{BrokerError, Gauge, Stall};
use crate::clock;
use crate::domain::partition::Part;

/// The queues that were asked, and how many commands waited in each.
type Looked = Result<Vec<(Part, u32)>, BrokerError>;

/// Asks the quiet queues of one session, without keeping it waiting.
pub struct Lookout {
    gauge: Arc<Gauge>,
    stalls: Stalls,
    /// Begun when, and what it finds.
    looking: Option<(Instant, BoxFuture<'static, Looked>)>,
}

impl Lookout {
    /// On these queues, which are stalled when what waits there does not come for so long.
    pub fn new(gauge: Gauge, parts: impl Iterator<Item = Part>, limit: Duration) -> Self {
        let stalls = Stalls::new(parts, limit, clock::instant());
        Self { gauge: Arc::new(gauge), stalls, looking: None }
    }

    /// A command came.
    pub fn came(&mut self, part: Part, tag: u64) {
        self.stalls.came(part, tag, clock::instant());
    }

    /// Begins to ask, if there is anything to ask and nobody is being asked.
    pub fn looks(&mut self) {
        let now = clock::instant();
        let parts = self.stalls.to_ask(now);
        if self.looking.is_some() || parts.is_empty() {
            return;
        }
        let gauge = self.gauge.clone();
        let looking = async move {
            let mut found = Vec::with_capacity(parts.len());
            for part in parts {
                if let Some(ready) = gauge.ready(part).await? {
                    found.push((part, ready));
                }
            }
            Ok(found)
        };
        self.looking = Some((now, looking.boxed()));
    }

    /// Whether somebody is being asked.
    pub fn is_looking(&self) -> bool {
        self.looking.is_some()
    }

    /// Resolves when the queues have answered; never while none is asked.
    ///
    /// # Errors
    /// [`BrokerError::Lost`].
    pub async fn looked(&mut self) -> Result<(Instant, Vec<(Part, u32)>), BrokerError> {
        let Some((asked, looking)) = &mut self.looking else { return std::future::pending().await };
        let (asked, found) = (*asked, looking.await);
        self.looking = None;
        Ok((asked, found?))
    }

    /// What was found says nothing against the broker where the session reads nothing, or has not
    /// acknowledged what came.
    ///
    /// # Errors
    /// [`BrokerError::Stalled`] where it does.
    pub fn judges(
        &mut self,
        (asked, found): (Instant, Vec<(Part, u32)>),
        reads: bool,
        acks: &Acks,
    ) -> Result<(), BrokerError> {
        for (part, ready) in found {
            let has_room = reads && acks.is_acknowledged_up_to(self.stalls.last(part));
            if self.stalls.waits(part, ready, has_room, asked) {
                return Err(BrokerError::Stalled(Stall::Undelivered(part)));
            }
        }
        Ok(())
    }
}
