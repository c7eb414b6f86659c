//! The deliveries of one connection that are not acknowledged: what is wrong with each, and how
//! much memory they take together.
//!
//! The stream writes down what comes in before the client library sees it; the subscription
//! strikes out what was acknowledged. Between the two stands the bound in bytes that AMQP's
//! prefetch, which counts messages, lacks: beyond it nothing is read from the socket.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::properties::Flaw;

/// One delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrival {
    /// Its properties and its body.
    pub bytes: u64,
    /// Why the client library was shown none of its properties.
    pub flaw: Option<Flaw>,
    /// How often the broker took it back from a consumer that was gone.
    pub returns: u64,
    /// The publisher, as validated by the broker.
    pub user: Option<String>,
}

/// The open deliveries, by tag. Only one channel of a connection consumes.
#[derive(Debug)]
pub struct Arrivals {
    /// Beyond so many bytes nothing more is read.
    bytes_max: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    open: BTreeMap<u64, Arrival>,
    bytes: u64,
    /// The largest frame that the client library takes.
    frame_max: usize,
    /// Whoever waits for room.
    waits: Option<Waker>,
    /// The broker's, once it told.
    version: Option<String>,
}

impl Arrivals {
    /// Room for so many bytes; one delivery is taken whatever its size.
    pub fn new(bytes_max: u64) -> Self {
        let state = State {
            open: BTreeMap::new(),
            bytes: 0,
            frame_max: usize::MAX,
            waits: None,
            version: None,
        };
        Self { bytes_max, state: Mutex::new(state) }
    }

    /// What the connection's two ends agreed upon.
    pub fn bound_frames(&self, frame_max: usize) {
        self.state().frame_max = frame_max;
    }

    /// The largest frame that the client library takes.
    pub fn frame_max(&self) -> usize {
        self.state().frame_max
    }

    /// The broker greets.
    pub fn greeted(&self, version: String) {
        self.state().version = Some(version);
    }

    /// The broker's version, if it told.
    pub fn version(&self) -> Option<String> {
        self.state().version.clone()
    }

    /// A delivery comes in.
    pub fn opened(&self, tag: u64, arrival: Arrival) {
        let mut state = self.state();
        state.bytes += arrival.bytes;
        state.open.insert(tag, arrival);
    }

    /// What is known of an open delivery.
    pub fn get(&self, tag: u64) -> Arrival {
        self.state().open.get(&tag).cloned().unwrap_or_default()
    }

    /// These are acknowledged.
    pub fn closed(&self, tags: impl IntoIterator<Item = u64>) {
        let mut state = self.state();
        for tag in tags {
            if let Some(arrival) = state.open.remove(&tag) {
                state.bytes -= arrival.bytes;
            }
        }
        if state.has_room(self.bytes_max)
            && let Some(waker) = state.waits.take()
        {
            drop(state);
            waker.wake();
        }
    }

    /// Everything up to this tag is acknowledged.
    pub fn closed_up_to(&self, tag: u64) {
        let tags: Vec<u64> = self.state().open.range(..=tag).map(|(tag, _)| *tag).collect();
        self.closed(tags);
    }

    /// Whether nothing more is read until something is acknowledged.
    pub fn is_full(&self) -> bool {
        !self.state().has_room(self.bytes_max)
    }

    /// Resolves when there is room for more.
    pub fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.has_room(self.bytes_max) {
            return Poll::Ready(());
        }
        state.waits = Some(cx.waker().clone());
        Poll::Pending
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What stands alone must not wait for itself.
    fn has_room(&self, bytes_max: u64) -> bool {
        self.bytes <= bytes_max || self.open.len() <= 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: u64) -> Arrival {
        Arrival { bytes, ..Arrival::default() }
    }

    fn has_room(arrivals: &Arrivals) -> bool {
        let ready = arrivals.poll_room(&Context::from_waker(Waker::noop())).is_ready();
        assert_eq!(ready, !arrivals.is_full());
        ready
    }

    #[test]
    fn bytes_are_bounded_and_one_always_passes() {
        let arrivals = Arrivals::new(100);
        arrivals.opened(1, of(1_000));
        assert!(has_room(&arrivals), "alone it is taken");
        arrivals.opened(2, of(1));
        assert!(!has_room(&arrivals));
        arrivals.closed([1]);
        assert!(has_room(&arrivals));
        arrivals.opened(3, of(60));
        arrivals.opened(4, of(60));
        assert!(!has_room(&arrivals));
        arrivals.closed_up_to(3);
        assert!(has_room(&arrivals));
        arrivals.closed_up_to(9);
        assert_eq!(arrivals.state().bytes, 0);
    }
}
