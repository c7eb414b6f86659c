//! What people ask about.

use std::collections::HashMap;

use uuid::Uuid;

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::domain::trace::TraceContext;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::record::from_json;
use crate::store::view::{AttemptView, DeviceView, MessageView, Numbered, Spoken, TellingView};

/// What is shown of a message.
const VIEWED: &str = "message, kind, channel, client, booking, status, due_ms, attempts, doubts, \
    provider, reply, settled_ms, crashes, arrival, arrived_ms, fallback_of, reason, traceparent";

/// Those that are ids of messages.
fn known(ids: &[impl AsRef<str>]) -> Vec<Uuid> {
    ids.iter().filter_map(|id| id.as_ref().parse().ok()).collect()
}

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::tellings_of_booking`].
    pub async fn tellings_of_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<Vec<TellingView>, StoreError> {
        let rows = Question::new(
            "SELECT at_ms, cause, kind, client, booking, CAST(channels AS text) FROM tellings \
             WHERE tenant = $1 AND booking = $2 ORDER BY seq LIMIT $3",
        )
        .bind(tenant)
        .bind(booking)
        .bind(PAGE_MAX)
        .all(&self.db)
        .await?;
        rows.iter().map(telling).collect()
    }

    /// See [`crate::store::Store::knows_booking`].
    pub async fn knows_booking(
        &self,
        tenant: &TenantId,
        booking: &BookingId,
    ) -> Result<bool, StoreError> {
        let known = Question::new(
            "SELECT EXISTS (SELECT 1 FROM records \
             WHERE tenant = $1 AND kind = 'booking' AND id = $2)",
        );
        known.bind(tenant).bind(booking).one(&self.db).await?.get(0)
    }

    /// See [`crate::store::Store::tellings`].
    pub async fn tellings(&self, tenant: &TenantId) -> Result<Vec<TellingView>, StoreError> {
        let rows = Question::new(
            "SELECT at_ms, cause, kind, client, booking, CAST(channels AS text) FROM tellings \
             WHERE tenant = $1 ORDER BY seq LIMIT $2",
        )
        .bind(tenant)
        .bind(PAGE_MAX)
        .all(&self.db)
        .await?;
        rows.iter().map(telling).collect()
    }

    /// See [`crate::store::Store::tellings_of_client`].
    pub async fn tellings_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Vec<TellingView>, StoreError> {
        let rows = Question::new(
            "SELECT at_ms, cause, kind, client, booking, CAST(channels AS text) FROM tellings \
             WHERE tenant = $1 AND client = $2 ORDER BY seq DESC LIMIT $3",
        )
        .bind(tenant)
        .bind(client)
        .bind(PAGE_MAX)
        .all(&self.db)
        .await?;
        rows.iter().rev().map(telling).collect()
    }

    /// See [`crate::store::Store::telling_of_message`].
    pub async fn telling_of_message(
        &self,
        tenant: &TenantId,
        id: MessageId,
    ) -> Result<Option<TellingView>, StoreError> {
        let row = Question::new(B::DIALECT.telling_of_message).bind(tenant).bind(id);
        row.optional(&self.db).await?.as_ref().map(telling).transpose()
    }

    /// See [`crate::store::Store::messages_of_client`].
    #[cfg(test)]
    pub async fn messages_of_client(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Vec<MessageView>, StoreError> {
        let [before, behind] = B::DIALECT.messages_of_client;
        let rows = Question::new(format!("{before}{VIEWED}{behind}"));
        let rows = rows.bind(tenant).bind(client).bind(PAGE_MAX).all(&self.db).await?;
        rows.iter().rev().map(message).collect()
    }

    /// See [`crate::store::Store::messages`].
    pub async fn messages(
        &self,
        tenant: &TenantId,
        ids: &[String],
    ) -> Result<Vec<MessageView>, StoreError> {
        let text = format!("SELECT {VIEWED} FROM messages WHERE tenant = $1 AND message");
        let mut rows = Question::new(text).bind(tenant).among::<B>(known(ids));
        rows.push(" ORDER BY message");
        let rows = rows.all(&self.db).await?;
        let mut views = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
        let mut attempts = self.attempts(ids).await?;
        for view in &mut views {
            view.history = attempts.remove(&view.message).unwrap_or_default();
        }
        Ok(views)
    }

    /// See [`crate::store::Store::spoken`].
    pub async fn spoken(
        &self,
        tenant: &TenantId,
        messages: &[MessageId],
    ) -> Result<Vec<Spoken>, StoreError> {
        const SPOKEN: &str =
            "SELECT message, channel, fallback_of FROM messages WHERE tenant = $1 AND ";
        let mut rows = Question::new(SPOKEN).bind(tenant);
        rows.push("message").push_among::<B>(messages);
        rows.push(" UNION ALL ").push(SPOKEN).push("fallback_of").push_among::<B>(messages);
        let rows = rows.all(&self.db).await?;
        let mut spoken = Vec::with_capacity(rows.len());
        for row in &rows {
            // A channel that this version does not know is none that it could fall back to.
            let Some(channel) = Channel::parse(&row.get::<String>(1)?) else { continue };
            let (message, fallback_of) = (row.get(0)?, row.get(2)?);
            spoken.push(Spoken { message, channel, fallback_of });
        }
        Ok(spoken)
    }

    /// What providers made of messages, by message, in order.
    pub(super) async fn attempts(
        &self,
        ids: &[String],
    ) -> Result<HashMap<String, Vec<AttemptView>>, StoreError> {
        let mut rows = Question::new(
            "SELECT message, n, at_ms, provider, outcome, reply, reference, devices FROM attempts \
             WHERE message",
        );
        rows.push_among::<B>(known(ids)).push(" ORDER BY message, n");
        let rows = rows.all(&self.db).await?;
        let mut of: HashMap<String, Vec<AttemptView>> = HashMap::new();
        for row in &rows {
            of.entry(row.get(0)?).or_default().push(AttemptView {
                n: row.get(1)?,
                at: row.get(2)?,
                provider: row.get(3)?,
                outcome: row.get(4)?,
                reply: row.get(5)?,
                reference: row.get(6)?,
                devices: devices(row.get(7)?)?,
            });
        }
        Ok(of)
    }

    /// See [`crate::store::Store::forgotten`].
    pub async fn forgotten(&self, messages: &[&str]) -> Result<Vec<String>, StoreError> {
        // Erasing takes the reply away; what was sent and has none was to somebody erased.
        let forgotten = Question::new(
            "SELECT message FROM messages WHERE status = 'sent' AND reply IS NULL AND message",
        );
        let rows = forgotten.among::<B>(known(messages)).all(&self.db).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// See [`crate::store::Store::segments_of_day`].
    pub async fn segments_of_day(&self, day: i64) -> Result<u32, StoreError> {
        let segments = Question::new("SELECT segments FROM sms_days WHERE day = $1").bind(day);
        let row = segments.optional(&self.db).await?;
        let segments: i64 = row.map_or(Ok(0), |row| row.get(0))?;
        Ok(u32::try_from(segments.max(0)).unwrap_or(u32::MAX))
    }

    /// See [`crate::store::Store::tenants_of_number`].
    pub async fn tenants_of_number(
        &self,
        digits: &str,
        limit: u32,
    ) -> Result<Vec<Numbered>, StoreError> {
        let of_number = Question::new(B::DIALECT.tenants_of_number).bind(limit).bind(digits);
        let mut tenants = of_number.all(&self.db).await?;
        let mut is_theirs = !tenants.is_empty();
        if !is_theirs {
            tenants = Question::new(B::DIALECT.only_tenants).all(&self.db).await?;
            is_theirs = tenants.len() == 1;
        }
        if !is_theirs {
            let of_keywords = Question::new(B::DIALECT.tenants_of_keywords).bind(limit);
            tenants = of_keywords.all(&self.db).await?;
        }
        tenants.iter().map(|row| numbered(row, is_theirs)).collect()
    }

    /// See [`crate::store::Store::count_tenants`].
    pub async fn count_tenants(&self) -> Result<u64, StoreError> {
        Question::new("SELECT count(*) FROM tenants").one(&self.db).await?.get(0)
    }
}

fn devices(stored: Option<String>) -> Result<Vec<DeviceView>, StoreError> {
    let rows: Vec<(String, String, String)> = match stored {
        Some(stored) => from_json("devices", &stored)?,
        None => Vec::new(),
    };
    let view = |(device, outcome, reply)| DeviceView { device, outcome, reply };
    Ok(rows.into_iter().map(view).collect())
}

fn numbered(row: &impl Fields, is_theirs: bool) -> Result<Numbered, StoreError> {
    let tenant = TenantId::parse(&row.get::<String>(0)?);
    let tenant =
        tenant.map_err(|error| StoreError::Corrupt { what: "tenant", why: error.to_string() })?;
    let keywords: Option<String> = row.get(1)?;
    let keywords = keywords.map(|keywords| from_json("settings", &keywords)).transpose()?;
    Ok(Numbered { tenant, keywords: keywords.unwrap_or_default(), is_theirs })
}

pub(super) fn telling(row: &impl Fields) -> Result<TellingView, StoreError> {
    Ok(TellingView {
        at: row.get(0)?,
        cause: row.get(1)?,
        kind: row.get(2)?,
        client: row.get(3)?,
        booking: row.get(4)?,
        channels: from_json("telling", &row.get::<String>(5)?)?,
    })
}

fn trace_id(traceparent: Option<String>) -> Option<String> {
    Some(TraceContext::parse(&traceparent?)?.trace_id().to_string())
}

fn message(row: &impl Fields) -> Result<MessageView, StoreError> {
    Ok(MessageView {
        message: row.get(0)?,
        kind: row.get(1)?,
        channel: row.get(2)?,
        client: row.get(3)?,
        booking: row.get(4)?,
        status: row.get(5)?,
        due: row.get(6)?,
        attempts: row.get(7)?,
        doubts: row.get(8)?,
        provider: row.get(9)?,
        reply: row.get(10)?,
        settled_at: row.get(11)?,
        crashes: row.get(12)?,
        arrival: row.get(13)?,
        arrived_at: row.get(14)?,
        reason: row.get(16)?,
        history: Vec::new(),
        fallback_of: row.get(15)?,
        trace_id: trace_id(row.get(17)?),
    })
}
