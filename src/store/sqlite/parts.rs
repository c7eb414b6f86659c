//! Parts of texts, by the names that providers gave them.

use sqlx::sqlite::SqliteConnection;

use super::Sqlite;
use crate::domain::message::MessageId;
use crate::domain::part::Named;
use crate::domain::receipt::ReceiptId;
use crate::store::error::StoreError;

impl Sqlite {
    /// See [`crate::store::Store::name_part`].
    pub async fn name_part(&self, provider: &str, named: &Named) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query(
            "INSERT INTO parts (message, part, parts, provider, reference) \
             SELECT message, $2, $3, $4, $5 FROM messages \
             WHERE message = $1 AND told_from IS NOT -1 \
             ON CONFLICT (message, part) DO UPDATE SET parts = excluded.parts, \
                provider = excluded.provider, reference = excluded.reference, arrived = 0",
        )
        .bind(named.message.to_string())
        .bind(named.part)
        .bind(named.parts)
        .bind(provider)
        .bind(&named.reference)
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(())
    }

    /// See [`crate::store::Store::part_arrived`].
    pub async fn part_arrived(
        &self,
        receipt: ReceiptId,
        message: MessageId,
        part: u32,
    ) -> Result<bool, StoreError> {
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let arrived = arrived(writer.connection()?, receipt, message, part).await;
        writer.end(arrived).await
    }
}

async fn arrived(
    connection: &mut SqliteConnection,
    receipt: ReceiptId,
    message: MessageId,
    part: u32,
) -> Result<bool, StoreError> {
    let message = message.to_string();
    // Some providers call several parts the same, and tell of them once.
    sqlx::query(
        "UPDATE parts SET arrived = 1 WHERE message = $1 AND reference = (\
            SELECT reference FROM parts WHERE message = $1 AND part = $2)",
    )
    .bind(&message)
    .bind(part)
    .execute(&mut *connection)
    .await?;
    let all = "SELECT coalesce(sum(arrived) >= max(parts), 0) FROM parts WHERE message = $1";
    let all: bool = sqlx::query_scalar(all).bind(&message).fetch_one(&mut *connection).await?;
    if !all {
        let drop = sqlx::query("DELETE FROM receipts WHERE seq = $1").bind(receipt.0);
        drop.execute(&mut *connection).await?;
    }
    Ok(all)
}
