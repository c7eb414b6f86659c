//! Bellhop tells a booking business's clients what happened to their booking.
//!
//! Read top to bottom the crate is one road:
//!
//! ```text
//! command ─▶ ingress ─▶ tenant: line ─▶ actor ─▶ decide() ─▶ committer ─▶ dispatcher ─▶ provider
//! AMQP/HTTP   parse     find/spawn    in memory     pure      one DB tx      bounded   SMTP/outbox
//!    ▲                                  ▲                     for many    retry, leases    │
//!    └── ack after commit               └── outcomes that matter ◀─────────────────────────┘
//! ```
//!
//! Imports go down only, in the order of the modules below; `tests/tidy.rs` checks it.

pub mod domain;

pub mod bounces;
pub mod clock;
pub mod content;
pub mod dkim;
pub mod gateways;
pub mod links;
pub mod telemetry;
pub mod traffic;
pub mod web;
pub mod wire;

pub mod config;

pub mod broker;
pub mod letters;
pub mod store;

pub mod egress;
mod plays;

pub mod actors;

pub mod ingress;
pub mod ops;

pub mod console;

pub mod app;
pub mod cli;
mod server;
pub mod shutdown;
