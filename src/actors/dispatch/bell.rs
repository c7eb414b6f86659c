//! Who is behind a desk, and when they are woken.
//!
//! To be woken costs a dispatcher as much as what it does, and of most messages that come back it
//! only hears that nothing waits. So these orders lie until there is one that matters: they are
//! taken before it.

use actix::Recipient;
use actix::prelude::SendError;

use super::order::Order;

/// So many orders are left lying.
const LATER_MAX: usize = 256;

/// See the module.
#[derive(Debug)]
pub struct Bell {
    dispatcher: Option<Recipient<Order>>,
    /// Orders for which the dispatcher is not woken.
    later: Vec<Order>,
    /// Whether something waits for what comes back.
    waits: bool,
}

impl Bell {
    /// Nobody is there yet.
    pub fn new() -> Self {
        Self { dispatcher: None, later: Vec::new(), waits: true }
    }

    /// Whether somebody is there.
    pub fn is_heard(&self) -> bool {
        self.dispatcher.is_some()
    }

    /// Somebody is there, and knows what was left lying for whoever was there before.
    pub fn is_heard_by(&mut self, dispatcher: Recipient<Order>) {
        *self = Self { dispatcher: Some(dispatcher), ..Self::new() };
    }

    /// Nobody is there any more.
    pub fn falls_silent(&mut self) {
        *self = Self::new();
    }

    /// Gives the order back where nobody hears it.
    pub fn tell(&self, order: Order) -> Option<Order> {
        let Some(dispatcher) = &self.dispatcher else { return Some(order) };
        dispatcher.try_send(order).err().map(SendError::into_inner)
    }

    /// Tells it before anything else that comes, and wakes whoever is there if something waits for
    /// that.
    pub fn tell_in_time(&mut self, order: Order) {
        if self.waits || self.later.len() >= LATER_MAX {
            let _ = self.tell(order);
        } else {
            self.later.push(order);
        }
    }

    /// What was left lying.
    pub fn later(&mut self) -> Vec<Order> {
        std::mem::take(&mut self.later)
    }

    /// Whether something waits from now on. Returns what was left lying before that was said.
    pub fn waits(&mut self, waits: bool) -> Vec<Order> {
        self.waits = waits;
        if waits { self.later() } else { Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use actix::{Actor, Context, Handler};

    use super::*;

    /// Whoever is behind the desk, and how often they were woken.
    struct Sleeper(Arc<AtomicUsize>);

    impl Actor for Sleeper {
        type Context = Context<Self>;
    }

    impl Handler<Order> for Sleeper {
        type Result = ();

        fn handle(&mut self, _: Order, _: &mut Self::Context) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A bell that somebody hears.
    struct Heard {
        bell: Bell,
        woken: Arc<AtomicUsize>,
    }

    impl Heard {
        fn new() -> Self {
            let woken = Arc::<AtomicUsize>::default();
            let mut bell = Bell::new();
            bell.is_heard_by(Sleeper(woken.clone()).start().recipient());
            Self { bell, woken }
        }

        /// So many orders that may lie; how often somebody is woken by them.
        async fn tells(&mut self, orders: usize) -> usize {
            let before = self.woken.load(Ordering::Relaxed);
            for _ in 0..orders {
                self.bell.tell_in_time(Order::Wake);
            }
            // On one thread: whatever was told is handled before this goes on.
            for _ in 0..=orders {
                tokio::task::yield_now().await;
            }
            self.woken.load(Ordering::Relaxed) - before
        }
    }

    fn rings(story: impl AsyncFnOnce(Heard)) {
        actix::System::new().block_on(async { story(Heard::new()).await });
    }

    #[test]
    fn whoever_is_waited_for_is_woken_each_time() {
        rings(async |mut heard| {
            assert_eq!(heard.tells(3).await, 3, "nothing is known of them yet");
            assert_eq!(heard.bell.waits(false).len(), 0);
            assert_eq!(heard.bell.waits(true).len(), 0);
            assert_eq!(heard.tells(2).await, 2);
        });
    }

    #[test]
    fn what_is_left_lying_is_there_once_something_waits() {
        rings(async |mut heard| {
            heard.bell.waits(false);
            assert_eq!(heard.tells(3).await, 0);
            assert_eq!(heard.bell.waits(false).len(), 0, "it lies on");
            // Between the look at what waits and this, more may have come: none of it is lost.
            assert_eq!(heard.bell.waits(true).len(), 3);
            assert_eq!(heard.tells(1).await, 1);
            heard.bell.waits(false);
            heard.tells(2).await;
            assert_eq!((heard.bell.later().len(), heard.bell.later().len()), (2, 0));
        });
    }

    #[test]
    fn beyond_so_many_somebody_is_woken_all_the_same() {
        rings(async |mut heard| {
            heard.bell.waits(false);
            assert_eq!(heard.tells(LATER_MAX + 2).await, 2);
            assert_eq!(heard.bell.later().len(), LATER_MAX, "and finds the others");
        });
    }

    #[test]
    fn where_nobody_is_an_order_comes_back_and_the_next_one_begins_anew() {
        rings(async |mut heard| {
            heard.bell.waits(false);
            heard.tells(3).await;
            heard.bell.falls_silent();
            assert!(!heard.bell.is_heard() && heard.bell.tell(Order::Wake).is_some());
            heard.bell.is_heard_by(Sleeper(heard.woken.clone()).start().recipient());
            assert_eq!(heard.bell.later().len(), 0, "those were for another");
            assert_eq!(heard.tells(1).await, 1, "until it says that nothing waits");
        });
    }
}
