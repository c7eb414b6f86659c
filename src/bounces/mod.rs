//! Mails by which other mail servers report: bounces (RFC 3464) and complaints (RFC 5965).
//!
//! ```text
//!  multipart/report ─┬─ text                          for people
//!                    ├─ message/delivery-status       what became of it       ┐
//!                    │  or message/feedback-report    that it was unwanted    ├─▶ Told
//!                    └─ message/rfc822, or its headers: our Message-ID        ┘
//! ```
//!
//! Which message it is also the address says to which it came back, where each has its own
//! ([`ReturnPath`]); by that even a bounce in no such form is understood, if it has a status code.
//!
//! Whatever else comes back to a sender's address, such as an answer from a holiday, tells nothing.
//! Nothing here does I/O; what is read of a mail is bounded, and no address is kept.

mod mime;
mod report;
mod return_path;

pub use mime::MAIL_MAX_BYTES;
pub use report::{Told, read};
pub use return_path::ReturnPath;
