//! What [`Store`](super::Store) is asked beside the daily round, by subject.

mod letters;
mod queue;
mod receipts;
mod timers;
mod uptime;
mod views;
