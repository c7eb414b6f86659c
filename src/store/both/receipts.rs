//! Receipts that wait to be told.

use jiff::Timestamp;

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::question::Question;
use super::stored::stored_message;
use crate::domain::message::MessageStatus;
use crate::domain::part::Part;
use crate::domain::receipt::{Arrival, ReceiptId, Report, Reported, Standing, Suppression};
use crate::store::error::StoreError;
use crate::store::receipts::{DueReceipt, Found, NewReceipt, PutOff, RECEIPTS_MAX, Taken};
use crate::store::record::to_json;

/// A message that is named by its provider is the latest that got this name, or a part of which
/// did.
const DUE: &str = "SELECT r.seq AS r_seq, r.provider AS r_provider, r.message AS r_message, \
        r.reference AS r_reference, r.report AS r_report, r.said AS r_said, r.at_ms AS r_at, \
        r.tries AS r_tries, p.part AS p_part, p.arrived AS p_arrived, p.parts - 1 \
            - (SELECT count(*) FROM parts AS other WHERE other.message = p.message \
                AND other.part <> p.part \
                AND (other.arrived OR other.reference = p.reference)) AS p_missing, \
        m.status, m.arrival, m.condemned, m.told_from, m.settled_ms, m.sent_to, m.message, \
        m.tenant, m.kind, m.channel, m.client, m.cause, m.shape, m.facts, m.due_ms, \
        m.deadline_ms, m.superseded, m.attempts, m.doubts, m.crashes, m.first_due_ms, \
        m.segments, m.fallback_of, m.link_code, m.traceparent \
    FROM (SELECT * FROM receipts WHERE due_ms <= $1 ORDER BY due_ms, seq LIMIT $2) AS r \
    LEFT JOIN messages AS m ON m.message = coalesce(r.message, (SELECT named.message FROM ( \
        SELECT a.message FROM attempts AS a \
            WHERE a.reference = r.reference AND a.provider = r.provider \
        UNION ALL SELECT q.message FROM parts AS q \
            WHERE q.reference = r.reference AND q.provider = r.provider) AS named \
        ORDER BY named.message DESC LIMIT 1)) \
    LEFT JOIN parts AS p ON p.message = m.message AND p.parts > 1 \
        AND p.reference = r.reference AND p.provider = r.provider \
    ORDER BY r.due_ms, r.seq";

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::take_receipts`].
    pub async fn take_receipts(&self, receipts: &[NewReceipt]) -> Result<Taken, StoreError> {
        let rows: Vec<_> = receipts
            .iter()
            .map(|NewReceipt { provider, message, reference, report, said, at }| {
                (provider, message, reference, report.as_str(), said, at.as_millisecond())
            })
            .collect();
        let rows = to_json(&rows)?;
        let mut writer = self.db.begin().await?;
        let taken = take::<B>(&mut writer, receipts.len(), rows).await;
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

    /// See [`crate::store::Store::put_receipts_off`].
    pub async fn put_receipts_off(&self, put_off: &[PutOff]) -> Result<(), StoreError> {
        if put_off.is_empty() {
            return Ok(());
        }
        let mut writer = self.db.begin().await?;
        let written = put::<B>(&mut writer, put_off).await;
        writer.end(written).await
    }

    /// See [`crate::store::Store::receipt_waits`].
    pub async fn receipt_waits(&self, receipt: ReceiptId) -> Result<bool, StoreError> {
        let waits = "SELECT EXISTS (SELECT 1 FROM receipts WHERE seq = $1)";
        Question::new(waits).bind(receipt.0).one(&self.db).await?.get(0)
    }
}

async fn take<B: Backend>(
    writer: &mut impl Writing,
    count: usize,
    rows: String,
) -> Result<Taken, StoreError> {
    let waiting = "SELECT coalesce(max(seq) - min(seq), 0) FROM receipts";
    let waiting: i64 = Question::new(waiting).one_in(writer).await?.get(0)?;
    if waiting.saturating_add(i64::try_from(count).unwrap_or(i64::MAX)) > RECEIPTS_MAX {
        return Ok(Taken::Full);
    }
    Question::new(B::DIALECT.take_receipts).bind(rows).run(writer).await?;
    Ok(Taken::Kept)
}

async fn put<B: Backend>(writer: &mut impl Writing, put_off: &[PutOff]) -> Result<(), StoreError> {
    let (later, never): (Vec<&PutOff>, Vec<_>) =
        put_off.iter().partition(|receipt| receipt.until.is_some());
    let never: Vec<i64> = never.into_iter().map(|receipt| receipt.receipt.0).collect();
    let drop = Question::new("DELETE FROM receipts WHERE seq").among::<B>(never);
    drop.run(writer).await?;
    let later: Vec<_> = later
        .into_iter()
        .map(|PutOff { receipt, until }| (receipt.0, until.map(Timestamp::as_millisecond)))
        .collect();
    Question::new(B::DIALECT.put_receipts_off).bind(to_json(&later)?).run(writer).await?;
    Ok(())
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
        part: part(row)?,
        found: if is_there { found(row, at)? } else { None },
    })
}

/// Nothing where the message went as a whole.
fn part(row: &impl Fields) -> Result<Option<Part>, StoreError> {
    let number: Option<u32> = row.get("p_part")?;
    let has_arrived: Option<bool> = row.get("p_arrived")?;
    let missing: Option<u32> = row.get("p_missing")?;
    let part = number.zip(has_arrived).zip(missing);
    Ok(part.map(|((number, has_arrived), missing)| Part { number, has_arrived, missing }))
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
    let taken_at: Option<Timestamp> = row.get("settled_ms")?;
    let condemned: Option<String> = row.get("condemned")?;
    let message = &stored.message;
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
        client: message.client.clone(),
        topic: message.facts.topic(),
        attempts: stored.attempts,
        fallback_of: message.fallback_of,
        standing: Standing::of(status, stored.doubts),
        arrival: arrival.as_deref().and_then(Arrival::parse),
        condemned: condemned.as_deref().and_then(Suppression::parse),
        sent_to: row.get("sent_to")?,
        forgotten: told_from == Some(-1),
        astray: None,
        trace: stored.trace,
    };
    Ok(Some(Found { stored: Box::new(stored), taken_at, reported: Box::new(reported) }))
}
