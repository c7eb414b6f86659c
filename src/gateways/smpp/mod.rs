//! SMPP 3.4: how text messages are handed to an SMSC over a connection that stays, and what it
//! tells over the same. Pure: bytes and the time go in; bytes to write, and what happened, come
//! out.
//!
//! ```text
//!  a text ──compose──▶ Letter: a submit_sm for each part
//!                         │ takes                          chunk
//!  bytes  ──reads──▶ ┌────▼────┐ ──────────────────────────────▶ bytes to write
//!  time   ──passes─▶ │ Session │  event
//!                    └────▲────┘ ──▶ Bound │ Named │ Came │ Told │ Over
//!                         └ answers: what was told is kept      │
//!                                                               ▼
//!     whole texts ◀─ Pieces ◀─ Repeats: is it new? ◀─── Told::Written
//! ```
//!
//! The codec is `rusmpp-core`; what it cannot read it cannot read as a whole, so each PDU's header
//! is read here ([`frames`]): a status is understood even where the rest is not.
//!
//! What is certain of a message follows from what was written of it and what was answered
//! ([`letter`]). Its first part goes ahead alone, so that a refusal, which is mostly one of the
//! message or of the moment, leaves nothing half sent.

mod addresses;
mod alphabet;
mod compose;
mod event;
mod frames;
mod ids;
mod letter;
mod manners;
mod pieces;
mod receipt;
mod repeats;
mod session;
mod status;
mod submit;
mod text;
mod told;
mod window;

#[cfg(test)]
mod tests;

pub use addresses::Numbering;
pub use alphabet::Alphabet;
pub use compose::{Addressed, compose};
pub use event::{Chunk, Event, Over};
pub use ids::Ids;
pub use letter::{Came, Letter, Ticket};
pub use manners::{Manners, PASSWORD_MAX_BYTES, SYSTEM_ID_MAX_BYTES, SYSTEM_TYPE_MAX_BYTES};
pub use pieces::{Pieces, Whole};
pub use repeats::{Repeats, Seen};
pub use session::Session;
pub use submit::LongText;
pub use told::{Kept, Told, Writing};
