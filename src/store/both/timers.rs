//! What is to be looked at again.

use jiff::Timestamp;

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use crate::domain::id::TenantId;
use crate::domain::timer::DueTimer;
use crate::domain::trace::TraceContext;
use crate::store::PAGE_MAX;
use crate::store::error::StoreError;
use crate::store::record::instant;
use crate::store::record::{from_json, to_json};
use crate::store::timer::{UnreadableTimer, due_ms, from_key, to_key};

/// A timer's columns: due, tenant, key, traceparent.
type Row = (i64, String, String, Option<String>);

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::timers_due`].
    pub async fn timers_due(
        &self,
        until: Timestamp,
        after: Option<&(TenantId, DueTimer)>,
        limit: u32,
    ) -> Result<Vec<(TenantId, DueTimer)>, StoreError> {
        let limit = limit.min(PAGE_MAX) as usize;
        let mut last = match after {
            Some((tenant, due)) => (due_ms(due.due), tenant.to_string(), to_key(&due.timer)?, None),
            None => (i64::MIN, String::new(), String::new(), None),
        };
        let mut timers = Vec::new();
        let mut unreadable = Vec::new();
        while timers.len() < limit {
            let wanted = limit - timers.len();
            let page = self.timer_rows(until, &last, wanted).await?;
            let exhausted = page.len() < wanted;
            for row in page {
                match timer(&row) {
                    Ok(timer) => timers.push(timer),
                    Err(error) => unreadable.push((row.clone(), error)),
                }
                last = row;
            }
            if exhausted {
                break;
            }
        }
        self.set_timers_aside(unreadable).await?;
        Ok(timers)
    }

    async fn timer_rows(
        &self,
        until: Timestamp,
        (due, tenant, key, _): &Row,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let page = Question::new(B::DIALECT.timers_due).bind(until).bind(*due);
        let page = page.bind(tenant).bind(key).bind(limit).one(&self.db).await?;
        from_json("page of timers", &page.get::<String>(0)?)
    }

    /// See [`crate::store::Store::timers_of`].
    pub async fn timers_of(&self, tenant: &TenantId) -> Result<Vec<DueTimer>, StoreError> {
        let (mut timers, mut last) = (Vec::new(), String::new());
        loop {
            let page = Question::new(B::DIALECT.timers_of).bind(tenant).bind(last).bind(PAGE_MAX);
            let page: String = page.one(&self.db).await?.get(0)?;
            let page: Vec<Row> = from_json("page of timers", &page)?;
            timers.extend(page.iter().filter_map(|row| timer(row).ok()).map(|(_, timer)| timer));
            match page.into_iter().last() {
                Some((_, _, key, _)) => last = key,
                None => return Ok(timers),
            }
        }
    }

    /// Marks timers that cannot be read: they are not looked at again before the next start.
    async fn set_timers_aside(&self, unreadable: Vec<(Row, StoreError)>) -> Result<(), StoreError> {
        let Some(((_, tenant, key, _), error)) = unreadable.first() else { return Ok(()) };
        let timers = unreadable.len();
        tracing::error!(timers, tenant, key, %error, "timers are set aside, the first of them this");
        let rows: Vec<&Row> = unreadable.iter().map(|(row, _)| row).collect();
        let aside = Question::new(B::DIALECT.set_timers_aside).bind(to_json(&rows)?);
        self.write(aside).await.map(|_| ())
    }

    /// See [`crate::store::Store::unreadable_timers`].
    pub async fn unreadable_timers(
        &self,
        tenant: &TenantId,
        limit: u32,
    ) -> Result<Vec<UnreadableTimer>, StoreError> {
        let rows = Question::new(
            "SELECT due_ms, key FROM timers WHERE unreadable = 1 AND tenant = $1 \
             ORDER BY due_ms LIMIT $2",
        );
        let rows = rows.bind(tenant).bind(limit).all(&self.db).await?;
        let timer =
            |row: &B::Row| Ok(UnreadableTimer { due: instant(row.get(0)?).ok(), key: row.get(1)? });
        rows.iter().map(timer).collect()
    }

    /// See [`crate::store::Store::timer_stands`].
    pub async fn timer_stands(
        &self,
        tenant: &TenantId,
        timer: &DueTimer,
    ) -> Result<bool, StoreError> {
        let stands = Question::new(
            "SELECT EXISTS (SELECT 1 FROM timers \
             WHERE tenant = $1 AND key = $2 AND due_ms = $3)",
        );
        let stands = stands.bind(tenant).bind(to_key(&timer.timer)?).bind(due_ms(timer.due));
        stands.one(&self.db).await?.get(0)
    }

    /// See [`crate::store::Store::count_timers`].
    pub async fn count_timers(&self) -> Result<u64, StoreError> {
        let count = Question::new("SELECT count(*) FROM timers WHERE unreadable = 0");
        count.one(&self.db).await?.get(0)
    }

    /// See [`crate::store::Store::next_timer`].
    pub async fn next_timer(&self) -> Result<Option<Timestamp>, StoreError> {
        let next = Question::new("SELECT min(due_ms) FROM timers WHERE unreadable = 0");
        next.one(&self.db).await?.get(0)
    }
}

fn timer((due, tenant, key, traceparent): &Row) -> Result<(TenantId, DueTimer), StoreError> {
    let tenant = TenantId::parse(tenant)
        .map_err(|error| StoreError::Corrupt { what: "timer", why: error.to_string() })?;
    let trace = traceparent.as_deref().and_then(TraceContext::parse);
    Ok((tenant, DueTimer { due: instant(*due)?, timer: from_key(key)?, trace }))
}
