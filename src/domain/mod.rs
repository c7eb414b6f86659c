//! The rules: what a command means for a tenant's bookings and who hears of it.
//!
//! Nothing here does I/O, reads a clock or knows a wire format. [`decide`] is the heart: a pure
//! function of (context, state, input) that returns the next rows, events, messages and, for
//! every message that will *not* be sent, the recorded reason. The daemon, the rehearsal and the
//! property tests all run this one function.
//!
//! Vocabulary comes first ([`id`], [`kind`], [`channel`], [`settings`], [`client`], [`booking`]),
//! then the decision ([`command`], [`decide`], [`policy`]) and last what becomes of a message once
//! it exists ([`message`], [`outcome`], [`retry`]).
//!
//! `serde` derives here are the *persisted* shape; the wire has its own types.

pub mod address;
pub mod booking;
pub mod broadcast;
pub mod called;
pub mod channel;
pub mod client;
pub mod command;
pub mod decide;
pub mod decision;
pub mod deed;
pub mod erasure;
pub mod event;
pub mod fallen;
pub mod foresight;
pub mod gained;
pub mod id;
pub mod index;
pub mod invalid;
pub mod kind;
pub mod lead;
pub mod letter;
pub mod locale;
pub mod message;
pub mod money;
pub mod named;
pub mod outcome;
pub mod part;
pub mod partition;
pub mod payment;
pub mod plan;
pub mod planning;
pub mod policy;
pub mod preference;
pub mod quiet;
pub mod receipt;
pub mod refused;
pub mod rehearsal;
pub mod rejection;
pub mod remark;
pub mod reply;
pub mod retry;
pub mod roster;
pub mod secret;
pub mod sender;
pub mod session;
pub mod settings;
pub mod sms;
pub mod span;
pub mod spend;
pub mod state;
pub mod status;
pub mod suggest;
pub mod template;
pub mod text;
pub mod texts;
pub mod timer;
pub mod told;
pub mod trace;
pub mod usage;
pub mod zone;

#[cfg(test)]
mod tests;

pub use decide::{Ctx, Input, decide, may_go_again};
pub use decision::Decision;
pub use rejection::{Rejection, RejectionReason};
pub use state::TenantState;
