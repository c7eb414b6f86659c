//! The steps of traces, for a collector of them.
//!
//! A command that an upstream app sent in a trace which is kept has a span; so has a timer that it
//! set, each message that follows from it, and each attempt at one:
//!
//! ```text
//!   (the app's span) ─▶ command ─┬─▶ message ─┬─▶ attempt ─▶ (the gateway's own)
//!                                │            └─▶ attempt
//!                                └─▶ timer ───▶ message ─▶ …
//! ```
//!
//! No trace begins here, and without a collector nothing is put together. Spans hold ids of
//! commands, messages and tenants, and nothing of clients.

use jiff::Timestamp;

pub use super::span::{Role, Span};
use crate::clock;
use crate::domain::trace::TraceContext;

impl Span {
    /// A step that begins now within a trace, in a span of `its` own. `None` where nobody is to
    /// hear of it.
    pub fn begin(
        within: Option<TraceContext>,
        role: Role,
        its: impl FnOnce(TraceContext) -> TraceContext,
        name: impl FnOnce() -> String,
    ) -> Option<Box<Self>> {
        let within = within.filter(|within| within.is_sampled() && is_collected())?;
        let now = clock::now();
        Some(Box::new(Self {
            trace: its(within),
            parent: within.span_id(),
            role,
            name: name(),
            began: now,
            ended: now,
            attributes: Vec::new(),
            fault: None,
        }))
    }

    /// The same, begun then.
    #[must_use]
    pub fn since(mut self: Box<Self>, began: Option<Timestamp>) -> Box<Self> {
        self.began = began.unwrap_or(self.began).min(self.ended);
        self
    }

    /// The same, with something to say of it.
    #[must_use]
    pub fn with(mut self: Box<Self>, name: &'static str, value: impl ToString) -> Box<Self> {
        self.attributes.push((name, value.to_string()));
        self
    }

    /// It is over, and has failed if there is a `fault`. Never waits.
    #[allow(clippy::boxed_local, reason = "whoever holds one until then holds little")]
    pub fn ends(mut self: Box<Self>, fault: Option<&str>) {
        self.ended = clock::now().max(self.began);
        self.fault = fault.map(str::to_owned);
        hand_over(*self);
    }
}

#[cfg(all(feature = "otlp", not(test)))]
use super::otlp::{hand_over, is_collected};

#[cfg(test)]
use heard::{hand_over, is_collected};

/// Built without a way to a collector.
#[cfg(not(any(test, feature = "otlp")))]
const fn is_collected() -> bool {
    false
}

#[cfg(not(any(test, feature = "otlp")))]
fn hand_over(_: Span) {}

/// What a test hears that collects the spans of its own thread.
#[cfg(test)]
pub mod heard {
    use std::cell::RefCell;

    use super::Span;
    use crate::telemetry::otlp;

    thread_local! {
        static HEARD: RefCell<Option<Vec<Span>>> = const { RefCell::new(None) };
    }

    /// From now on they are collected.
    pub fn begin() {
        HEARD.set(Some(Vec::new()));
    }

    /// Those that have ended so far.
    pub fn all() -> Vec<Span> {
        HEARD.with_borrow(|heard| heard.clone().unwrap_or_default())
    }

    pub(super) fn is_collected() -> bool {
        HEARD.with_borrow(Option::is_some) || otlp::is_collected()
    }

    pub(super) fn hand_over(span: Span) {
        let left = HEARD.with_borrow_mut(|heard| match heard {
            Some(heard) => {
                heard.push(span);
                None
            }
            None => Some(span),
        });
        if let Some(span) = left {
            otlp::hand_over(span);
        }
    }
}
