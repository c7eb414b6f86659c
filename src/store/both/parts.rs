//! Parts of texts, by the names that providers gave them.

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::question::Question;
use crate::domain::message::MessageId;
use crate::domain::part::Named;
use crate::domain::receipt::ReceiptId;
use crate::store::error::StoreError;

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::name_part`].
    pub async fn name_part(&self, provider: &str, named: &Named) -> Result<(), StoreError> {
        let mut writer = self.db.begin().await?;
        let written = name::<B>(&mut writer, provider, named).await;
        writer.end(written).await
    }

    /// See [`crate::store::Store::part_arrived`].
    pub async fn part_arrived(
        &self,
        receipt: ReceiptId,
        message: MessageId,
        part: u32,
    ) -> Result<bool, StoreError> {
        let mut writer = self.db.begin().await?;
        let arrived = arrived::<B>(&mut writer, receipt, message, part).await;
        writer.end(arrived).await
    }
}

async fn name<B: Backend>(
    writer: &mut impl Writing,
    provider: &str,
    named: &Named,
) -> Result<(), StoreError> {
    lock::<B>(writer, named.message).await?;
    let name = Question::new(
        "INSERT INTO parts (message, part, parts, provider, reference) \
         SELECT message, $2, $3, $4, $5 FROM messages \
         WHERE message = $1 AND coalesce(told_from, 0) <> -1 \
         ON CONFLICT (message, part) DO UPDATE SET parts = excluded.parts, \
            provider = excluded.provider, reference = excluded.reference, arrived = false",
    );
    let name = name.bind(named.message).bind(named.part).bind(named.parts);
    name.bind(provider).bind(&named.reference).run(writer).await?;
    Ok(())
}

async fn arrived<B: Backend>(
    writer: &mut impl Writing,
    receipt: ReceiptId,
    message: MessageId,
    part: u32,
) -> Result<bool, StoreError> {
    lock::<B>(writer, message).await?;
    // Some providers call several parts the same, and tell of them once.
    let arrive = Question::new(
        "UPDATE parts SET arrived = true WHERE message = $1 AND reference = (\
            SELECT reference FROM parts WHERE message = $1 AND part = $2)",
    );
    arrive.bind(message).bind(part).run(writer).await?;
    let all = Question::new(
        "SELECT coalesce(count(*) FILTER (WHERE arrived) >= max(parts), false) FROM parts \
         WHERE message = $1",
    );
    let all: bool = all.bind(message).one_in(writer).await?.get(0)?;
    if !all {
        let drop = Question::new("DELETE FROM receipts WHERE seq = $1").bind(receipt.0);
        drop.run(writer).await?;
    }
    Ok(all)
}

/// Of two that change a message's parts at once, one sees what the other did; and what is erased
/// meanwhile stays so.
async fn lock<B: Backend>(writer: &mut impl Writing, message: MessageId) -> Result<(), StoreError> {
    if let Some(lock) = B::DIALECT.lock_message {
        Question::new(lock).bind(message).all_in(writer).await?;
    }
    Ok(())
}
