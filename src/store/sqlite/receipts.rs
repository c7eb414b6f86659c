//! Receipts that wait to be told.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use super::claim::stored_message;
use crate::domain::id::TenantId;
use crate::domain::message::MessageStatus;
use crate::domain::part::Part;
use crate::domain::receipt::{Arrival, ReceiptId, Report, Reported, Standing};
use crate::store::error::StoreError;
use crate::store::receipts::{DueReceipt, Found, NewReceipt, RECEIPTS_MAX, Taken};
use crate::store::record::instant;
use crate::store::unit::StoredMessage;

/// A message that is named by its provider is the latest that got this name, or a part of which
/// did.
const DUE: &str = "SELECT r.seq AS r_seq, r.provider AS r_provider, r.message AS r_message, \
        r.reference AS r_reference, r.report AS r_report, r.said AS r_said, r.at_ms AS r_at, \
        r.tries AS r_tries, p.part AS p_part, p.arrived AS p_arrived, p.parts - 1 \
            - (SELECT count(*) FROM parts AS other WHERE other.message = p.message \
                AND other.part <> p.part \
                AND (other.arrived = 1 OR other.reference = p.reference)) AS p_missing, m.* \
    FROM (SELECT * FROM receipts WHERE due_ms <= $1 ORDER BY due_ms, seq LIMIT $2) AS r \
    LEFT JOIN messages AS m ON m.message = coalesce(r.message, (SELECT max(named.message) FROM ( \
        SELECT a.message FROM attempts AS a \
            WHERE a.reference = r.reference AND a.provider = r.provider \
        UNION ALL SELECT q.message FROM parts AS q \
            WHERE q.reference = r.reference AND q.provider = r.provider) AS named)) \
    LEFT JOIN parts AS p ON p.message = m.message AND p.parts > 1 \
        AND p.reference = r.reference AND p.provider = r.provider \
    ORDER BY r.due_ms, r.seq";

impl Sqlite {
    /// See [`crate::store::Store::take_receipt`].
    pub async fn take_receipt(&self, receipt: &NewReceipt) -> Result<Taken, StoreError> {
        let NewReceipt { provider, message, reference, report, said, at } = receipt;
        let mut writer = self.writer().await?;
        let waiting: i64 =
            sqlx::query_scalar("SELECT coalesce(max(seq) - min(seq), 0) FROM receipts")
                .fetch_one(&mut *writer.connection()?)
                .await?;
        if waiting >= RECEIPTS_MAX {
            writer.finished();
            return Ok(Taken::Full);
        }
        sqlx::query(
            "INSERT INTO receipts (provider, message, reference, report, said, at_ms, due_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
        )
        .bind(provider)
        .bind(message.map(|message| message.to_string()))
        .bind(reference)
        .bind(report.as_str())
        .bind(said)
        .bind(at.as_millisecond())
        .execute(writer.connection()?)
        .await?;
        writer.finished();
        Ok(Taken::Kept)
    }

    /// See [`crate::store::Store::due_receipts`].
    pub async fn due_receipts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueReceipt>, StoreError> {
        let rows = sqlx::query(DUE).bind(now.as_millisecond()).bind(limit);
        let rows = rows.fetch_all(&self.readers).await?;
        rows.iter().map(due).collect()
    }

    /// See [`crate::store::Store::next_receipt`].
    pub async fn next_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        let next = sqlx::query_scalar::<_, Option<i64>>("SELECT min(due_ms) FROM receipts");
        next.fetch_one(&self.readers).await?.map(instant).transpose()
    }

    /// See [`crate::store::Store::defer_receipt`].
    pub async fn defer_receipt(
        &self,
        receipt: ReceiptId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        sqlx::query("UPDATE receipts SET due_ms = $2, tries = tries + 1 WHERE seq = $1")
            .bind(receipt.0)
            .bind(until.as_millisecond())
            .execute(writer.connection()?)
            .await?;
        writer.finished();
        Ok(())
    }

    /// See [`crate::store::Store::drop_receipt`].
    pub async fn drop_receipt(&self, receipt: ReceiptId) -> Result<(), StoreError> {
        let mut writer = self.writer().await?;
        let drop = sqlx::query("DELETE FROM receipts WHERE seq = $1").bind(receipt.0);
        drop.execute(writer.connection()?).await?;
        writer.finished();
        Ok(())
    }

    /// See [`crate::store::Store::receipt_waits`].
    pub async fn receipt_waits(&self, receipt: ReceiptId) -> Result<bool, StoreError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM receipts WHERE seq = $1)";
        let waits = sqlx::query_scalar(waits).bind(receipt.0);
        Ok(waits.fetch_one(&self.readers).await?)
    }
}

fn due(row: &SqliteRow) -> Result<DueReceipt, StoreError> {
    let by_our_name: Option<&str> = row.try_get("r_message")?;
    let at = instant(row.try_get("r_at")?)?;
    let is_there = row.try_get::<Option<&str>, _>("message")?.is_some();
    Ok(DueReceipt {
        receipt: ReceiptId(row.try_get("r_seq")?),
        provider: row.try_get("r_provider")?,
        at,
        tries: row.try_get("r_tries")?,
        by_our_name: by_our_name.is_some(),
        part: part(row)?,
        found: if is_there { found(row, at)? } else { None },
    })
}

/// Nothing where the message went as a whole.
fn part(row: &SqliteRow) -> Result<Option<Part>, StoreError> {
    let number: Option<u32> = row.try_get("p_part")?;
    let has_arrived: Option<bool> = row.try_get("p_arrived")?;
    let missing: Option<u32> = row.try_get("p_missing")?;
    let part = number.zip(has_arrived).zip(missing);
    Ok(part.map(|((number, has_arrived), missing)| Part { number, has_arrived, missing }))
}

/// Nothing where this version cannot read the message, or the report.
fn found(row: &SqliteRow, at: Timestamp) -> Result<Option<Found>, StoreError> {
    let report = Report::parse(row.try_get("r_report")?);
    let status: &str = row.try_get("status")?;
    let status = MessageStatus::ALL.into_iter().find(|known| known.as_str() == status);
    let (Some(report), Some(status), Ok(stored)) = (report, status, stored_message(row)) else {
        return Ok(None);
    };
    let arrival: Option<&str> = row.try_get("arrival")?;
    let told_from: Option<i64> = row.try_get("told_from")?;
    let taken_at: Option<i64> = row.try_get("settled_ms")?;
    let StoredMessage { message, attempts, doubts, .. } = stored;
    let reported = Reported {
        receipt: ReceiptId(row.try_get("r_seq")?),
        report,
        said: row.try_get("r_said")?,
        provider: row.try_get("r_provider")?,
        reference: row.try_get("r_reference")?,
        at,
        message: message.id,
        kind: message.kind,
        channel: message.channel,
        client: message.client,
        topic: message.facts.topic(),
        attempts,
        fallback_of: message.fallback_of,
        standing: Standing::of(status, doubts),
        arrival: arrival.and_then(Arrival::parse),
        sent_to: row.try_get("sent_to")?,
        forgotten: told_from == Some(-1),
    };
    let taken_at = taken_at.map(instant).transpose()?;
    let tenant: &str = row.try_get("tenant")?;
    let tenant = TenantId::parse(tenant)
        .map_err(|error| StoreError::Corrupt { what: "message", why: error.to_string() })?;
    Ok(Some(Found { tenant, taken_at, reported: Box::new(reported) }))
}
