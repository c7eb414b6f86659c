//! That somebody says what became of a delivery.

use tokio::sync::mpsc;

use super::gate::reply_id;
use crate::broker::{BrokerError, ReplyAddress};
use crate::domain::event::Event;
use crate::domain::id::{CommandId, TenantId};
use crate::domain::trace::TraceContext;
use crate::wire::{EventEnvelope, encode};

/// A delivery that is done: its command is durable, or it lies in the dead queue.
pub struct Done {
    /// Whose command it was, if it was handed in.
    pub tenant: Option<TenantId>,
    /// What the publisher is told, if they asked.
    pub result: Option<ResultEvent>,
}

/// What the publisher is told who asked for the result.
pub struct ResultEvent {
    /// The publisher's own queue.
    pub to: ReplyAddress,
    pub id: String,
    pub body: Vec<u8>,
}

impl ResultEvent {
    /// That this became of a command, which was sent in this trace.
    pub fn of(
        to: ReplyAddress,
        tenant: &TenantId,
        command: &CommandId,
        trace: Option<TraceContext>,
        event: &Event,
    ) -> Option<Self> {
        let id = reply_id(tenant, command);
        let envelope = EventEnvelope {
            seq: 0,
            partition: None,
            id: &id,
            type_name: event.type_name(),
            time: crate::clock::now(),
            tenant: tenant.as_str(),
            causation: Some(command.as_str()),
            trace: trace.map(|trace| trace.deciding(tenant, command.as_str())),
            data: &encode(event),
        };
        let body = serde_json::to_vec(&envelope).ok()?;
        Some(Self { to, id, body })
    }
}

/// What became of a delivery. An error ends the session: what is not acknowledged comes again on
/// the next one.
pub struct Ended {
    pub tag: u64,
    pub result: Result<Done, BrokerError>,
}

/// Is kept once. Dropped by whoever panicked, it says so: or the delivery would stay open, and
/// hold up what comes behind it, for as long as the connection lives.
pub struct Promise {
    tag: u64,
    heard: Option<mpsc::UnboundedSender<Ended>>,
}

impl Promise {
    /// That of a delivery, to a session.
    pub fn new(tag: u64, session: mpsc::UnboundedSender<Ended>) -> Self {
        Self { tag, heard: Some(session) }
    }

    /// Says what became of the delivery.
    pub fn keep(mut self, result: Result<Done, BrokerError>) {
        self.say(result);
    }

    fn say(&mut self, result: Result<Done, BrokerError>) {
        if let Some(session) = self.heard.take() {
            // The session may be over.
            let _ = session.send(Ended { tag: self.tag, result });
        }
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        self.say(Err(BrokerError::panicked()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_dropped_is_heard_of_too() {
        let (session, mut heard) = mpsc::unbounded_channel();
        let promise = Promise::new(7, session.clone());
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            let _promise = promise;
            panic!("on purpose");
        }));
        assert!(broken.is_err());
        let Ok(Ended { tag: 7, result: Err(BrokerError::Lost(_)) }) = heard.try_recv() else {
            panic!("nobody heard");
        };
        Promise::new(8, session).keep(Ok(Done { tenant: None, result: None }));
        assert!(matches!(heard.try_recv(), Ok(Ended { tag: 8, result: Ok(_) })));
        assert!(heard.try_recv().is_err(), "and only once");
    }
}
