//! The stage for the scenarios.
//!
//! ```text
//!            ┌───────────────────────── World ─────────────────────────┐
//! Publisher ─▶ Vhost (of a Broker) ─▶ Daemon (the real binary) ─▶ Sink  │
//!            │   └─▶ Events            └─ config, store, log in a folder │
//!            └───────────────────────────────────────────────────────────┘
//! ```
//!
//! [`World::start`] sets all of it up in one line; each test has its own vhost, folder, ports
//! and processes, so that tests run beside each other. Everything is stopped on drop.

// Scenarios pick what they need; no single one needs all.
#![allow(dead_code)]

pub mod alone;
pub mod broker;
pub mod browser;
pub mod clean;
pub mod config;
pub mod daemon;
pub mod database;
pub mod events;
pub mod eventually;
pub mod following;
pub mod gateway;
pub mod http;
pub mod inside;
pub mod letters;
pub mod load;
pub mod outbox;
pub mod pooler;
pub mod ports;
pub mod postfix;
pub mod postgres_server;
pub mod publish;
pub mod raw_publish;
pub mod replies;
pub mod salon;
pub mod scripted_sink;
pub mod second;
pub mod services;
pub mod smsc;
pub mod smtp_sink;
pub mod store;
pub mod strict;
pub mod studio;
pub mod tamper;
pub mod vhost;
pub mod world;

#[allow(unused_imports)]
pub use {
    eventually::eventually,
    publish::{Command, Publisher, command},
    scripted_sink::{Behaviour, ScriptedSink},
    world::{Options, World},
};
