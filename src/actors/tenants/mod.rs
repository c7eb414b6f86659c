//! The tenants: each with one line for its inputs, and one actor for its state.
//!
//! ```text
//!                            Tenants: one table
//!              ┌───────────────── Tenancy ─────────────────┐
//!  Entry ─put─▶│ Line ── find ─▶ Guardian ── builds ─▶ Actor├─ units ─▶ Committer
//!              │  ▲ answers in order    │ pauses, parks │   │
//!              │  └──── run again ──────┴── Crashes ◀───┘   │◀─ left ── Dispatcher
//!              └────────────────────────────────────────────┘
//! ```
//!
//! A tenancy is in the table as long as its line has work, its actor lives, or a crash of its actor
//! is remembered; then it is forgotten, since anybody may name tenants that do not exist. The line
//! is what survives a crash: it knows which inputs were handed to the actor and not answered. The
//! actor has the state, and lives on for a while when the line has no work any more, so that the
//! next input finds it loaded.

mod actor;
mod crashes;
mod departures;
mod entry;
mod guardian;
mod line;
mod recent;
mod table;
mod tenancy;

#[cfg(test)]
mod tests;

pub use actor::{Decide, Rules};
pub use entry::{Entry, Reply};
pub use guardian::Guardian;
pub use table::Tenants;
