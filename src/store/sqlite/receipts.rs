//! Receipts that wait to be told.

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::Sqlite;
use super::claim::stored_message;
use crate::domain::message::MessageStatus;
use crate::domain::part::Part;
use crate::domain::receipt::{Arrival, ReceiptId, Report, Reported, Standing, Suppression};
use crate::store::error::StoreError;
use crate::store::receipts::{DueReceipt, Found, NewReceipt, PutOff, RECEIPTS_MAX, Taken};
use crate::store::record::{instant, to_json};

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
    /// See [`crate::store::Store::take_receipts`].
    pub async fn take_receipts(&self, receipts: &[NewReceipt]) -> Result<Taken, StoreError> {
        let rows: Vec<_> = receipts
            .iter()
            .map(|NewReceipt { provider, message, reference, report, said, at }| {
                (provider, message, reference, report.as_str(), said, at.as_millisecond())
            })
            .collect();
        let rows = to_json(&rows)?;
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let taken = take(writer.connection()?, receipts.len(), rows).await;
        writer.end(taken).await
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

    /// See [`crate::store::Store::put_receipts_off`].
    pub async fn put_receipts_off(&self, put_off: &[PutOff]) -> Result<(), StoreError> {
        if put_off.is_empty() {
            return Ok(());
        }
        let rows = put_off
            .iter()
            .map(|PutOff { receipt, until }| (receipt.0, until.map(Timestamp::as_millisecond)));
        let rows = to_json(&rows.collect::<Vec<_>>())?;
        let mut writer = self.writer().await?;
        writer.begin().await?;
        let written = put(writer.connection()?, rows).await;
        writer.end(written).await
    }

    /// See [`crate::store::Store::receipt_waits`].
    pub async fn receipt_waits(&self, receipt: ReceiptId) -> Result<bool, StoreError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM receipts WHERE seq = $1)";
        let waits = sqlx::query_scalar(waits).bind(receipt.0);
        Ok(waits.fetch_one(&self.readers).await?)
    }
}

async fn take(
    connection: &mut SqliteConnection,
    count: usize,
    rows: String,
) -> Result<Taken, StoreError> {
    let waiting: i64 = sqlx::query_scalar("SELECT coalesce(max(seq) - min(seq), 0) FROM receipts")
        .fetch_one(&mut *connection)
        .await?;
    if waiting.saturating_add(i64::try_from(count).unwrap_or(i64::MAX)) > RECEIPTS_MAX {
        return Ok(Taken::Full);
    }
    sqlx::query(
        "INSERT INTO receipts (provider, message, reference, report, said, at_ms, due_ms) \
         SELECT value->>0, value->>1, value->>2, value->>3, value->>4, value->>5, value->>5 \
         FROM jsonb_each($1) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(rows)
    .execute(connection)
    .await?;
    Ok(Taken::Kept)
}

async fn put(connection: &mut SqliteConnection, rows: String) -> Result<(), StoreError> {
    sqlx::query(
        "DELETE FROM receipts WHERE seq IN ( \
             SELECT value->>0 FROM jsonb_each($1) WHERE value->>1 IS NULL); \
         UPDATE receipts SET due_ms = v.value->>1, tries = tries + 1 \
             FROM jsonb_each($1) AS v WHERE seq = v.value->>0 AND v.value->>1 IS NOT NULL",
    )
    .bind(rows)
    .execute(connection)
    .await?;
    Ok(())
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
    let condemned: Option<&str> = row.try_get("condemned")?;
    let message = &stored.message;
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
        client: message.client.clone(),
        topic: message.facts.topic(),
        attempts: stored.attempts,
        fallback_of: message.fallback_of,
        standing: Standing::of(status, stored.doubts),
        arrival: arrival.and_then(Arrival::parse),
        condemned: condemned.and_then(Suppression::parse),
        sent_to: row.try_get("sent_to")?,
        forgotten: told_from == Some(-1),
        astray: None,
    };
    let taken_at = taken_at.map(instant).transpose()?;
    Ok(Some(Found { stored: Box::new(stored), taken_at, reported: Box::new(reported) }))
}
