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
