//! Mails by which other mail servers report: bounces (RFC 3464) and complaints (RFC 5965).
//!
//! ```text
//!  multipart/report ─┬─ text                          for people
//!                    ├─ message/delivery-status       what became of it       ┐
//!                    │  or message/feedback-report    that it was unwanted    ├─▶ Told
//!                    └─ message/rfc822, or its headers: our Message-ID        ┘
//! ```
//!
//! Whatever else comes back to a sender's address, such as an answer from a holiday, tells nothing.
//! Nothing here does I/O; what is read of a mail is bounded, and no address is kept.

mod mime;
mod report;

pub use mime::MAIL_MAX_BYTES;
pub use report::{Told, read};
