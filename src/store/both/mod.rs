//! What both databases are asked in the same words, by subject.
//!
//! A [`Question`](question::Question) is a statement with its values; a
//! [`Backend`](backend::Backend) answers it with rows whose columns are read alike
//! ([`Fields`](fields::Fields)). The few statements that the two say differently are in each one's
//! [`Dialect`](backend::Dialect). Only a batch is written in each one's own way; what is written,
//! and what the answer means, is here as well ([`commit`], [`rows`]).

mod asking;
pub mod backend;
mod backlog;
mod claim;
pub mod commit;
mod correspondents;
mod enclose;
mod enclosed;
mod events;
mod fair;
pub mod fields;
pub mod held;
mod jobs;
mod laid_aside;
mod letters;
mod load;
mod mailbox;
mod measures;
mod notes;
pub mod partitions;
mod parts;
pub mod question;
mod queue;
mod receipts;
mod recover;
mod retention;
pub mod rows;
mod shift;
mod stored;
mod tenants;
mod timers;
mod told;
mod uptime;
mod views;
