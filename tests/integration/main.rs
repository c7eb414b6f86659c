//! Bellhop as its neighbours see it: the real binary between a real RabbitMQ and a mail sink,
//! with faults. Run by `tests/run`, which starts the services.
//!
//! One binary for all scenarios, one module each; [`support`] is the stage they play on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

mod alarms;
mod broker;
mod channels;
mod cli;
mod dispatch;
mod doubts;
mod encrypted;
mod events;
mod failover;
mod fairness;
mod gateway;
mod harness;
mod http;
mod kills;
mod last_word;
mod letters;
mod malformed;
mod measures;
mod memory;
mod openapi;
mod panics;
mod poison;
mod reading;
mod replays;
mod replies;
mod slow_peers;
mod smtp;
mod stop;
mod storm;
mod strangers;
mod support;
mod timers;
mod unsubscribe;
