//! Receipts that wait to be told.

use jiff::Timestamp;

use crate::domain::receipt::ReceiptId;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::receipts::{DueReceipt, NewReceipt, Taken};

impl Store {
    /// Keeps a report until its tenant has heard; the same one again is kept once.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn take_receipt(&self, receipt: &NewReceipt) -> Result<Taken, StoreError> {
        forward!(self.take_receipt(receipt))
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

    /// Looks at a receipt again then.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn defer_receipt(
        &self,
        receipt: ReceiptId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        forward!(self.defer_receipt(receipt, until))
    }

    /// A receipt is of no message.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn drop_receipt(&self, receipt: ReceiptId) -> Result<(), StoreError> {
        forward!(self.drop_receipt(receipt))
    }

    /// Whether a receipt has not been told yet.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn receipt_waits(&self, receipt: ReceiptId) -> Result<bool, StoreError> {
        forward!(self.receipt_waits(receipt))
    }
}
