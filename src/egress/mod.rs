//! Out of the house: what carries a message to the world, and what became of it.
//!
//! [`compose`] writes the email that a message's content and addresses make; a provider sends it
//! and answers with an [`Attempt`](crate::domain::outcome::Attempt). Nothing here retries (save
//! one connection that had gone stale while idle), logs an outcome or knows a tenant: that is the
//! dispatcher's.
//!
//! ```text
//! EmailParts ─▶ compose ─▶ Mail ─▶ EmailProviders ─▶ EmailProvider ─▶ smtp | outbox ─▶ Attempt
//!                                  (by weight)       (turns: how many
//!                                                     at once, how often)
//! ```

pub mod error;
pub mod mail;
mod outbox;
mod providers;
mod quoted_printable;
mod redact;
mod smtp;
mod turns;

pub use error::EgressError;
pub use mail::{Letterhead, Mail, compose};
pub use providers::{EmailProvider, EmailProviders};
pub use turns::TURN_WAIT_MAX;
