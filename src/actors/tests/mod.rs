//! The core as a whole, in one thread and in a time of its own.
//!
//! ```text
//!   test ── commands ─▶ ┌──────────────── Universe ────────────────┐
//!    ▲                  │ Life: the real core, until it stops, or   │
//!    │ answers, rows,   │       dies with whatever was on its way   │
//!    └─ mails, the time ┤ Tampering: the real store, that fails,    │
//!                       │       stalls or loses its answer          │
//!                       │ Script: a provider that does as it is told│
//!                       └───────────────────────────────────────────┘
//! ```
//!
//! Time stands still while anything is done, be it by SQLite's threads, and jumps to the next timer
//! when nothing is: an hour passes at once, in the order in which it would. So whatever a test
//! holds up waits, and nothing depends on how fast the machine is.
//!
//! A life that stops leaves nothing behind: that is looked at after each.

mod life;
mod salon;
mod universe;

mod ahead;
mod announcer;
mod bounces;
mod contradictions;
mod departures;
mod dispatch;
mod erasures;
mod fairness;
mod fallbacks;
mod floods;
mod guardian;
mod intake;
mod last_word;
mod measures;
mod receipts;
mod refused;
mod road;
mod senders;
mod tasks;
mod traces;
mod unknown;
mod weights;
mod withdrawn;
