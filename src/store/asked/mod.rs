//! What [`Store`](super::Store) is asked beside the daily round, by subject.

mod letters;
mod timers;
mod uptime;
mod views;
