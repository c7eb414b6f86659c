//! Bellhop as its neighbours see it: the real binary between a real RabbitMQ and a mail sink,
//! with faults. Run by `tests/run`, which starts the services.
//!
//! One binary for all scenarios, one module each; [`support`] is the stage they play on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::disallowed_methods)]

mod acting;
mod alarms;
mod answers;
mod backups;
mod bounces;
mod broker;
mod channels;
mod cli;
mod console;
mod dashboard;
mod day;
mod dispatch;
mod dkim;
mod doubts;
mod encrypted;
mod events;
mod failover;
mod fairness;
mod fallback;
mod gateway;
mod harness;
mod http;
mod kills;
mod laid_aside;
mod last_word;
mod lessons;
mod letters;
mod mail_reports;
mod mailbox;
mod malformed;
mod measures;
mod memory;
mod moving;
mod openapi;
mod pages;
mod panics;
mod partitions;
mod poison;
mod pooler;
mod postfix;
mod postgres;
mod publishers;
mod push;
mod reading;
mod receipts;
mod reload;
mod replays;
mod replies;
mod retention;
mod ses;
mod slow_peers;
mod smsc;
mod smtp;
mod stalled;
mod standby;
mod standstill;
mod stop;
mod storm;
mod strangers;
mod support;
mod timers;
mod topology;
mod traces;
mod twilio;
mod units;
mod unsubscribe;
