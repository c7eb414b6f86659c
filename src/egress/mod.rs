//! Out of the house: what carries a message to the world, and what became of it.
//!
//! [`compose`] writes the email that a message's content and addresses make; what goes by SMS,
//! push or inbox is a [`note`]. A provider sends it and answers with an
//! [`Attempt`](crate::domain::outcome::Attempt). Nothing here retries (save one connection that had
//! gone stale while idle), logs an outcome or knows a tenant: that is the dispatcher's.
//!
//! ```text
//! EmailParts ─▶ compose ─▶ Mail ─┐
//! Sms │ Push │ InboxItem ────────┴▶ Provider ─▶ Transport ──────▶ Attempt
//!                                   (of a channel) (smtp │ http │ smpp │ store │ outbox)
//! ```

mod bound;
mod carriers;
#[cfg(test)]
mod certified;
mod devices;
mod errand;
pub mod error;
mod header_text;
mod headers;
mod health;
mod http;
pub mod mail;
mod multipart;
pub mod note;
mod outbox;
mod personal;
mod providers;
mod push;
mod quoted;
mod quoted_printable;
mod redact;
mod said;
#[cfg(test)]
pub mod script;
mod smpp;
mod sms;
mod smtp;
mod tried;
mod wire_address;

pub use bound::Bound;
pub use carriers::{Carriers, EmailProviders, EmailTransport};
pub use error::EgressError;
pub use headers::Letterhead;
pub use http::Pages;
pub use mail::{Mail, compose};
pub use note::{BoardPost, Heading, InboxItem, Push, Sms};
pub use outbox::Keeper;
pub use personal::Personal;
pub use providers::{Made, Provider, Providers, Terms, Transport};
pub use said::Said;
pub use smpp::Ears;
pub use sms::Listener;
pub use tried::{Permission, Tried, UNWANTED, Wanted};
pub use wire_address::WireAddress;
