//! Receipts that wait to be told.

use jiff::Timestamp;

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::question::Question;
use super::stored::stored_message;
use crate::domain::id::TenantId;
use crate::domain::message::MessageStatus;
use crate::domain::receipt::{Arrival, ReceiptId, Report, Reported, Standing};
use crate::store::error::StoreError;
use crate::store::receipts::{DueReceipt, Found, NewReceipt, RECEIPTS_MAX, Taken};
use crate::store::unit::StoredMessage;

/// A message that is named by its provider is the one of the latest attempt that got this name.
const DUE: &str = "SELECT r.seq AS r_seq, r.provider AS r_provider, r.message AS r_message, \
        r.reference AS r_reference, r.report AS r_report, r.said AS r_said, r.at_ms AS r_at, \
        r.tries AS r_tries, m.status, m.arrival, m.told_from, m.settled_ms, m.sent_to, m.message, m.tenant, m.kind, m.channel, \
        m.client, m.cause, m.shape, m.facts, m.due_ms, m.deadline_ms, m.superseded, m.attempts, \
        m.doubts, m.crashes, m.first_due_ms, m.segments, m.fallback_of, m.link_code \
    FROM (SELECT * FROM receipts WHERE due_ms <= $1 ORDER BY due_ms, seq LIMIT $2) AS r \
    LEFT JOIN messages AS m ON m.message = coalesce(r.message, (SELECT a.message \
        FROM attempts AS a WHERE a.reference = r.reference AND a.provider = r.provider \
        ORDER BY a.message DESC LIMIT 1)) \
    ORDER BY r.due_ms, r.seq";

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::take_receipt`].
    pub async fn take_receipt(&self, receipt: &NewReceipt) -> Result<Taken, StoreError> {
        let NewReceipt { provider, message, reference, report, said, at } = receipt;
        let mut writer = self.db.begin().await?;
        let taken = async {
            let waiting = "SELECT coalesce(max(seq) - min(seq), 0) FROM receipts";
            let waiting: i64 = Question::new(waiting).one_in(&mut writer).await?.get(0)?;
            if waiting >= RECEIPTS_MAX {
                return Ok(Taken::Full);
            }
            let take = Question::new(
                "INSERT INTO receipts (provider, message, reference, report, said, at_ms, due_ms) \
                 VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
            );
            let take = take.bind(provider).bind(*message).bind(reference.clone());
            take.bind(report.as_str()).bind(said).bind(*at).run(&mut writer).await?;
            Ok(Taken::Kept)
        };
        let taken = taken.await;
        writer.end(taken).await
    }

    /// See [`crate::store::Store::due_receipts`].
    pub async fn due_receipts(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueReceipt>, StoreError> {
        let rows = Question::new(DUE).bind(now).bind(limit).all(&self.db).await?;
        rows.iter().map(due).collect()
    }

    /// See [`crate::store::Store::next_receipt`].
    pub async fn next_receipt(&self) -> Result<Option<Timestamp>, StoreError> {
        let next = Question::new("SELECT min(due_ms) FROM receipts");
        next.one(&self.db).await?.get(0)
    }

    /// See [`crate::store::Store::defer_receipt`].
    pub async fn defer_receipt(
        &self,
        receipt: ReceiptId,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        let defer = "UPDATE receipts SET due_ms = $2, tries = tries + 1 WHERE seq = $1";
        self.write(Question::new(defer).bind(receipt.0).bind(until)).await.map(|_| ())
    }

    /// See [`crate::store::Store::drop_receipt`].
    pub async fn drop_receipt(&self, receipt: ReceiptId) -> Result<(), StoreError> {
        let drop = Question::new("DELETE FROM receipts WHERE seq = $1").bind(receipt.0);
        self.write(drop).await.map(|_| ())
    }

    /// See [`crate::store::Store::receipt_waits`].
    pub async fn receipt_waits(&self, receipt: ReceiptId) -> Result<bool, StoreError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM receipts WHERE seq = $1)";
        Question::new(waits).bind(receipt.0).one(&self.db).await?.get(0)
    }
}

fn due(row: &impl Fields) -> Result<DueReceipt, StoreError> {
    let by_our_name: Option<String> = row.get("r_message")?;
    let at = row.get("r_at")?;
    let is_there = row.get::<Option<String>>("message")?.is_some();
    Ok(DueReceipt {
        receipt: ReceiptId(row.get("r_seq")?),
        provider: row.get("r_provider")?,
        at,
        tries: row.get("r_tries")?,
        by_our_name: by_our_name.is_some(),
        found: if is_there { found(row, at)? } else { None },
    })
}

/// Nothing where this version cannot read the message, or the report.
fn found(row: &impl Fields, at: Timestamp) -> Result<Option<Found>, StoreError> {
    let report = Report::parse(&row.get::<String>("r_report")?);
    let status: String = row.get("status")?;
    let status = MessageStatus::ALL.into_iter().find(|known| known.as_str() == status);
    let (Some(report), Some(status), Ok(stored)) = (report, status, stored_message(row)) else {
        return Ok(None);
    };
    let arrival: Option<String> = row.get("arrival")?;
    let told_from: Option<i64> = row.get("told_from")?;
    let StoredMessage { message, attempts, doubts, .. } = stored;
    let reported = Reported {
        receipt: ReceiptId(row.get("r_seq")?),
        report,
        said: row.get("r_said")?,
        provider: row.get("r_provider")?,
        reference: row.get("r_reference")?,
        at,
        message: message.id,
        kind: message.kind,
        channel: message.channel,
        client: message.client,
        topic: message.facts.topic(),
        attempts,
        fallback_of: message.fallback_of,
        standing: Standing::of(status, doubts),
        arrival: arrival.as_deref().and_then(Arrival::parse),
        sent_to: row.get("sent_to")?,
        forgotten: told_from == Some(-1),
    };
    let taken_at = row.get("settled_ms")?;
    let tenant = TenantId::parse(&row.get::<String>("tenant")?)
        .map_err(|error| StoreError::Corrupt { what: "message", why: error.to_string() })?;
    Ok(Some(Found { tenant, taken_at, reported: Box::new(reported) }))
}
