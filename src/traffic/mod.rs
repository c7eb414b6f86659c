//! Who goes next on a channel: a machine without I/O, and without a clock of its own.
//!
//! ```text
//!  push ──▶ flow ──▶ tenant ──▶ lane ──▶ next ──▶ a slot, a provider, every limit in hand
//!            │ ▲    (round     (deficit  │ ▲
//!    parked ◀┘ └─    robin)     round    │ └──── came back
//!   until a limit               robin)   │
//!   opens, or a place is free            └──── which lane: smooth weighted, with reserves
//! ```
//!
//! Which of several providers takes it goes by their weights, as far as each has its share of its
//! own: who delivers slowly loses some of it for a while.
//!
//! What nobody waits for keeps a provider's queue short, where somebody's message may come that is.
//!
//! When a message's turn is expected is reckoned from an [`Outlook`]: how much waits, and how the
//! limits stand.
//!
//! What may not leave yet parks its own flow, takes no slot and is not looked at again before its
//! limit opens; nobody behind another tenant waits for it.

mod circuit;
mod congestion;
mod crowd;
mod foresight;
mod lanes;
mod machine;
mod meter;
mod openings;
mod outlook;
mod pace;
mod provider;
mod ring;
mod share;
mod ticket;
mod trips;
mod way;
mod window;

#[cfg(test)]
mod tests;

pub use circuit::{State, Terms, Verdict};
pub use machine::Traffic;
pub use outlook::{Ahead, Forecast, Outlook, Position, WaitsFor};
pub use provider::{Offer, PROVIDERS_MAX, Provider, Providers, Set};
pub use share::{Moved, SLOW, WHOLE, Why};
pub use ticket::{Departure, HeldUp, Next, Plan, Rule, Ticket, Trip};
