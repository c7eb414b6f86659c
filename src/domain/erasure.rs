//! Who is erased, as long as not all of theirs is written.
//!
//! A person may have thousands of bookings. For whoever looks they are nobody's at once; the rows
//! follow page by page, and what was told of each booking is forgotten with it. Whoever gets the
//! id meanwhile is somebody else: what is to be forgotten is named one by one.

use serde::{Deserialize, Serialize};

use super::id::{BookingId, ClientId, PaymentId};

/// What is still to be forgotten of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    pub client: ClientId,
    /// The bookings that were ahead.
    pub open: Vec<BookingId>,
    /// Those behind.
    pub over: Vec<BookingId>,
    /// Payments, settled or not.
    pub payments: Vec<PaymentId>,
}

/// One row of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left<'a> {
    /// A booking that was ahead.
    Open(&'a BookingId),
    /// One behind.
    Over(&'a BookingId),
    Payment(&'a PaymentId),
}

impl Erasure {
    /// How many rows it is.
    pub fn size(&self) -> usize {
        self.open.len() + self.over.len() + self.payments.len()
    }

    pub fn bookings(&self) -> impl Iterator<Item = &BookingId> {
        self.open.iter().chain(&self.over)
    }

    /// All rows, those first by which seats become free.
    pub fn rows(&self) -> impl Iterator<Item = Left<'_>> {
        let open = self.open.iter().map(Left::Open);
        let over = self.over.iter().map(Left::Over);
        open.chain(over).chain(self.payments.iter().map(Left::Payment))
    }
}
