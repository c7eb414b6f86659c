//! Handing commands in over HTTP, and waiting until each is durable.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;

use super::body::Held;
use crate::actors::{Answer, Busy, Coming, Intake};
use crate::domain::id::CommandId;
use crate::wire::Received;

/// The door, for those who wait for an answer.
#[derive(Clone)]
pub struct Taking {
    pub intake: Arc<Intake>,
    /// How long they wait.
    pub patience: Duration,
}

/// Why it is not known that all of them are durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotTaken {
    /// As many as may be are in flight, in all or of one tenant; nothing was taken.
    Busy(Busy),
    /// The inbox cannot be read; nothing was taken.
    StoreDown,
    /// The daemon stops. They may have been taken.
    Stopping,
    /// It takes too long. They may still be taken.
    NotYet,
}

impl Taking {
    /// Hands the commands in and waits until each is durable. The room that they take is `held`
    /// until then, even where nobody waits any more.
    ///
    /// # Errors
    /// [`NotTaken`]: the same commands may be sent again.
    pub async fn take(
        &self,
        batch: Vec<Received>,
        held: Held,
    ) -> Result<Vec<(CommandId, Answer)>, NotTaken> {
        let seats = self.intake.seats(&batch).map_err(NotTaken::Busy)?;
        let mut waiting = Vec::with_capacity(batch.len());
        let mut commands = Vec::with_capacity(batch.len());
        for (received, seat) in batch.into_iter().zip(seats) {
            let (answer, answered) = oneshot::channel();
            waiting.push((received.id.clone(), answered));
            let held = held.clone();
            let reply: Box<dyn FnOnce(Answer) + Send + Sync> = Box::new(move |result| {
                drop(held);
                // The client may have hung up.
                let _ = answer.send(result);
            });
            commands.push(Coming { received, reply, seat: Some(seat) });
        }
        // In a task of its own: a client that hangs up must not leave half a batch behind.
        let intake = self.intake.clone();
        let taking =
            tokio::spawn(async move { intake.take(commands).await.map_err(|(error, _)| error) });
        let all = async {
            match taking.await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(NotTaken::StoreDown),
                Err(_) => return Err(NotTaken::Stopping),
            }
            let mut answers = Vec::with_capacity(waiting.len());
            for (id, answered) in waiting {
                answers.push((id, answered.await.map_err(|_| NotTaken::Stopping)?));
            }
            Ok(answers)
        };
        tokio::time::timeout(self.patience, all).await.unwrap_or(Err(NotTaken::NotYet))
    }
}
