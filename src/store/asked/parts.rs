//! Parts of texts, by the names that providers gave them.

use crate::domain::message::MessageId;
use crate::domain::part::Named;
use crate::domain::receipt::ReceiptId;
use crate::store::Store;
use crate::store::error::StoreError;

impl Store {
    /// A provider has named a part of a message after its attempt was over: receipts find the
    /// message by it from now on. Nothing where there is no such message, or its reader was erased.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn name_part(&self, provider: &str, named: &Named) -> Result<(), StoreError> {
        forward!(self.name_part(provider, named))
    }

    /// A part has arrived, by this receipt. Says whether all of its message have by now: then the
    /// receipt still waits; else it is gone. Of two parts that arrive at once one sees the other.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn part_arrived(
        &self,
        receipt: ReceiptId,
        message: MessageId,
        part: u32,
    ) -> Result<bool, StoreError> {
        forward!(self.part_arrived(receipt, message, part))
    }
}
