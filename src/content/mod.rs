//! What messages say: from decided facts to the parts of an email.
//!
//! ```text
//! Letter ─▶ language ─▶ view ─▶ phrases of (kind, channel) ─▶ page ─▶ text │ HTML layout
//!  facts     client,    values    subject, opening, …                └──▶ calendar file
//!            tenant,    as shown
//!            English
//! ```
//!
//! A **phrase** is one short piece of plain text with values in it, written once per language;
//! both alternatives of an email are laid out around the same phrases, so that they cannot
//! disagree. Phrases hold no markup: only the one HTML layout does, and it escapes all it is given.
//!
//! Adding a language is adding a folder under `templates/` (`language.toml` for dates and labels,
//! one `<kind>.<channel>.toml` for each kind and channel) and naming it in [`embedded`]; a file
//! that is missing does not compile.
//!
//! Nothing here does I/O or reads a clock.

mod calendar;
mod catalogue;
mod dates;
mod embedded;
mod error;
mod ical;
mod language;
pub mod parts;
mod plain;
mod view;

#[cfg(test)]
mod tests;

pub use catalogue::{Catalogue, Letter};
pub use error::ContentError;
pub use parts::{CalendarPart, EmailParts};
