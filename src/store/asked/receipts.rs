//! Receipts that wait to be told.

use jiff::Timestamp;

use crate::domain::receipt::ReceiptId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::receipts::{DueReceipt, NewReceipt, PutOff, Taken};

impl Store {
    /// Keeps reports until their tenants have heard, in one transaction; the same one again is kept
    /// once. All of them, or none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn take_receipts(&self, receipts: &[NewReceipt]) -> Result<Taken, StoreError> {
        forward!(self.take_receipts(receipts))
    }

    /// Receipts whose turn it is, the longest due first, at most `limit`, each with its message. A
    /// message that this version cannot read is as if there were none.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn due_receipts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueReceipt>, StoreError> {
        forward!(self.due_receipts(now, limit))
    }

    /// When the next receipt is to be looked at.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn next_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        forward!(self.next_receipt())
    }

    /// Looks at receipts again later, or not at all, in one transaction.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn put_receipts_off(&self, put_off: &[PutOff]) -> Result<(), StoreError> {
        forward!(self.put_receipts_off(put_off))
    }

    /// Whether a receipt has not been told yet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn receipt_waits(&self, receipt: ReceiptId) -> Result<bool, StoreError> {
        forward!(self.receipt_waits(receipt))
    }
}
