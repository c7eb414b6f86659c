//! How much of the month's text messages is used up.

use serde::{Deserialize, Serialize};

/// SMS segments of one calendar month in the venue's zone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SmsUsage {
    /// The year.
    pub year: i16,
    /// The month, from 1.
    pub month: i8,
    /// Segments that were handed out.
    pub segments: u32,
}
