//! What [`Store`](super::Store) is asked beside the daily round, by subject.

mod instances;
mod letters;
mod mailbox;
mod measures;
mod parts;
mod queue;
mod receipts;
mod retention;
mod tenants;
mod timers;
mod told;
mod uptime;
mod views;
