//! What messages say: from decided facts to the words of a channel.
//!
//! ```text
//! Letter ─▶ language ─▶ view ─▶ phrases of (kind, channel) ─┬▶ email ─▶ text │ HTML │ calendar
//!  facts     client,    values   or the tenant's own text   ├▶ SMS ───▶ segments, encoding
//!            tenant,    as shown                            ├▶ push ──▶ title, body
//!            English                                        └▶ inbox ─▶ title, body
//! ```
//!
//! A **phrase** is one short piece of plain text with values in it, written once per language;
//! both alternatives of an email are laid out around the same phrases, so that they cannot
//! disagree. Phrases hold no markup: only the one HTML layout does, and it escapes all it is given.
//!
//! Adding a language is adding a folder under `templates/` (`language.toml` for dates, money and
//! labels, one `<kind>.toml` for each kind) and naming it in [`embedded`]; a file that is missing
//! does not compile.
//!
//! Three sorts of words come from outside, and each has its treatment: values ([`plain`]: one
//! line, no controls, and no links in what a client wrote), a notice's body (lines), and a
//! tenant's own templates ([`custom`]).
//!
//! [`page`] writes what stands behind a link in a message, in the same words and colours.
//!
//! Nothing here does I/O or reads a clock.

mod accent;
mod acting;
mod alerts;
mod calendar;
mod catalogue;
mod clocks;
mod custom;
mod dates;
mod details;
mod email;
mod embedded;
mod error;
mod glossary;
mod gsm;
mod html;
mod ical;
mod language;
mod matter;
mod money;
mod page;
pub mod parts;
mod passage;
mod pattern;
mod phrases;
mod plain;
mod spelling;
mod text;
mod texts;
mod together;
mod values;
mod variables;
mod view;
mod writer;
mod years;
mod zones;

#[cfg(test)]
mod tests;

pub use acting::{Affair, Standing};
pub use catalogue::Catalogue;
pub use error::ContentError;
pub use glossary::{Name, names};
pub use matter::Letter;
pub use page::{Page, WebPage};
pub use parts::{
    CalendarPart, EmailParts, InboxParts, PUSH_BODY_MAX_CHARS, PUSH_TITLE_MAX_CHARS, PushParts,
    Rendered, SMS_SEGMENTS_MAX, SUBJECT_MAX_CHARS, SmsEncoding, SmsText,
};
pub use passage::which_of_two;
