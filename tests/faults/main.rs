//! Bellhop while everything around it, and it itself, breaks again and again: apps publish a
//! random mix of commands, a fault happens in the midst of it, and in the end every command, mail
//! and event is compared with a model that shares no code with Bellhop.
//!
//! ```text
//!  Model ─▶ Traffic ─▶ broker ─▶ daemons ─▶ sink
//!    │         │          ▲         ▲         │
//!    │         │          └─ faults ┘         │
//!    └─────────┴──▶ Evidence ◀── Books ◀──────┘
//! ```
//!
//! A round or two of those faults that are quick are part of every run of the tests; those that
//! take longer are ignored there. `tests/run faults --rounds N` makes as many as one likes of all,
//! and prints a table.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

#[path = "../integration/support/mod.rs"]
mod support;

mod active;
mod books;
mod broker;
mod clock;
mod cluster;
mod database;
mod disk;
mod evidence;
mod fuzz;
mod ledger;
mod letters;
mod model;
mod nodes;
mod proxy;
mod salon;
mod seed;
mod stage;
mod studio;
mod table;
mod traffic;
mod wire;
