//! Which of the messages that are due are claimed: as many as there is room for, and where there
//! is none for all, a fair part of each tenant's.
//!
//! ```text
//!   due, the longest first ── no more than there is room for? ── yes ──▶ all of them
//!                                    │ no
//!   tenants with something due, from the one behind the last ──▶ an equal part of each, until
//!                                                                the room is full; then what is
//!                                                                left of it
//! ```
//!
//! A part is never so small that each message of a claim lies on pages of its own: a tenant's lie
//! together, and the tenants that were not come to are the first of the next claim.
//!
//! Every look is one into an index, and their number depends on the room, not on what waits.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::store::claim::{Looked, Rest, Wanted};
use crate::store::error::StoreError;
use crate::store::record::{from_json, to_json};

/// So many tenants are looked at for one claim, whether something of theirs is due or not.
pub const SCAN_MAX: usize = 256;
/// A tenant's part is at least so many messages, or an eighth of the room where that is less.
const PART_MIN: usize = 8;
/// So many tenants' messages are looked up at once.
const LOOKED_UP: usize = 64;

/// The next tenants behind `$3` of which something waits, at most `$4`, and when it is due.
const NEXT_TENANTS: &str = "WITH RECURSIVE next(tenant, n) AS ( \
        SELECT (SELECT min(tenant) FROM messages WHERE status = 'ready' AND channel = $1 \
            AND lane = $2 AND tenant > $3), 1 \
        UNION ALL SELECT (SELECT min(tenant) FROM messages WHERE status = 'ready' \
            AND channel = $1 AND lane = $2 AND tenant > next.tenant), n + 1 \
        FROM next WHERE tenant IS NOT NULL AND n < $4) \
    SELECT tenant, (SELECT min(due_ms) FROM messages WHERE status = 'ready' AND channel = $1 \
        AND lane = $2 AND messages.tenant = next.tenant) FROM next WHERE tenant IS NOT NULL";

/// What is due by `$4` of each tenant of the list `$3`, the longest first and at most `$5`: a list
/// for each, in their order.
const FIRST_OF_TENANTS: &str = "SELECT (SELECT json_group_array(message) FROM ( \
        SELECT message FROM messages WHERE status = 'ready' AND channel = $1 AND lane = $2 \
            AND tenant = wanted.value AND due_ms <= $4 ORDER BY due_ms LIMIT $5)) \
    FROM json_each($3) AS wanted ORDER BY wanted.key";

/// One lane of a channel, at one instant.
pub struct Choice<'a> {
    pub channel: Channel,
    pub wanted: &'a Wanted,
    pub now: Timestamp,
    ids: Vec<String>,
    rest: BTreeSet<TenantId>,
}

impl<'a> Choice<'a> {
    pub fn new(channel: Channel, wanted: &'a Wanted, now: Timestamp) -> Self {
        Self { channel, wanted, now, ids: Vec::new(), rest: BTreeSet::new() }
    }

    /// The ids of the messages to be claimed.
    pub async fn make(
        mut self,
        connection: &mut SqliteConnection,
    ) -> Result<(Vec<String>, Looked), StoreError> {
        let Wanted { lane, room, .. } = *self.wanted;
        let due = self.due(connection).await?;
        if due.len() <= room {
            self.take(due);
            let looked = Looked { lane, rest: Rest::Of(self.rest), after: None };
            return Ok((self.ids, looked));
        }
        let oldest = due.into_iter().next().and_then(|(_, tenant)| tenant);
        let (tenants, is_whole) = self.tenants(connection, oldest).await?;
        let after = self.share_out(connection, tenants).await?;
        let rest = if is_whole { Rest::Of(self.rest) } else { Rest::Many };
        Ok((self.ids, Looked { lane, rest, after }))
    }

    /// What is due, the longest first: one more than there is room for, if there is one.
    async fn due(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Vec<(String, Option<TenantId>)>, StoreError> {
        let rows = sqlx::query(
            "SELECT message, tenant FROM messages WHERE status = 'ready' AND channel = $1 \
             AND lane = $2 AND due_ms <= $3 ORDER BY due_ms LIMIT $4",
        )
        .bind(self.channel.as_str())
        .bind(self.wanted.lane.as_str())
        .bind(self.now.as_millisecond())
        .bind(limit(self.wanted.room + 1))
        .fetch_all(connection)
        .await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, tenant(row.try_get(1)?)))).collect()
    }

    fn take(&mut self, due: Vec<(String, Option<TenantId>)>) {
        let mut taken = self.wanted.held.clone();
        for (message, tenant) in due {
            // What cannot be read is found out behind this, and held up by nobody.
            let Some(tenant) = tenant else {
                self.ids.push(message);
                continue;
            };
            let held = taken.entry(tenant.clone()).or_default();
            if *held < self.wanted.share {
                *held += 1;
                self.ids.push(message);
            } else {
                self.rest.insert(tenant);
            }
        }
    }

    /// Tenants of whom something is due, the first of them whoever waits longest; and whether
    /// these are all.
    async fn tenants(
        &self,
        connection: &mut SqliteConnection,
        oldest: Option<TenantId>,
    ) -> Result<(Vec<TenantId>, bool), StoreError> {
        let after = self.wanted.after.as_ref().map_or("", TenantId::as_str);
        let mut seen = self.next_tenants(connection, after, SCAN_MAX).await?;
        let mut is_whole = seen.len() < SCAN_MAX;
        if is_whole && !after.is_empty() {
            let before = self.next_tenants(connection, "", SCAN_MAX).await?;
            is_whole = before.len() < SCAN_MAX;
            seen.extend(before.into_iter().take_while(|(tenant, _)| tenant.as_str() <= after));
        }
        let now = self.now.as_millisecond();
        let due = seen.into_iter().filter(|(_, due)| *due <= now).map(|(tenant, _)| tenant);
        let others = due.filter(|tenant| Some(tenant) != oldest.as_ref());
        let others: Vec<TenantId> = others.collect();
        Ok((oldest.into_iter().chain(others).collect(), is_whole))
    }

    async fn next_tenants(
        &self,
        connection: &mut SqliteConnection,
        after: &str,
        most: usize,
    ) -> Result<Vec<(TenantId, i64)>, StoreError> {
        let rows = sqlx::query(NEXT_TENANTS)
            .bind(self.channel.as_str())
            .bind(self.wanted.lane.as_str())
            .bind(after)
            .bind(limit(most))
            .fetch_all(connection)
            .await?;
        let mut tenants = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(tenant) = tenant(row.try_get(0)?) {
                tenants.push((tenant, row.try_get(1)?));
            }
        }
        Ok(tenants)
    }

    /// To each an equal part, as far as there is room; what is left goes to those who have more, in
    /// turn. Returns the last one that was come to, but not for waiting longest.
    async fn share_out(
        &mut self,
        connection: &mut SqliteConnection,
        tenants: Vec<TenantId>,
    ) -> Result<Option<TenantId>, StoreError> {
        let part = part(self.wanted.room, tenants.len());
        let (mut more, mut last) = (Vec::new(), self.wanted.after.clone());
        let mut looked_at = 0;
        for some in tenants.chunks(LOOKED_UP) {
            if self.is_full() {
                break;
            }
            for (tenant, due) in self.first_of(connection, some, part + 1).await? {
                if !self.is_full() && looked_at > 0 {
                    last = Some(tenant.clone());
                }
                looked_at += 1;
                let most = self.wanted.share_of(&tenant).min(part);
                if self.take_of(&tenant, due, most) {
                    more.push((tenant, most));
                }
            }
        }
        self.rest.extend(tenants.into_iter().skip(looked_at));
        for (tenant, had) in more {
            if self.is_full() {
                break;
            }
            let most = self.wanted.share_of(&tenant).saturating_sub(had);
            let most = most.min(self.wanted.room - self.ids.len());
            let due = self.behind(connection, &tenant, had, most + 1).await?;
            self.take_of(&tenant, due, most);
        }
        Ok(last)
    }

    fn is_full(&self) -> bool {
        self.ids.len() >= self.wanted.room
    }

    /// Takes so many of what is a tenant's, as far as there is room; says whether there is more.
    fn take_of(&mut self, tenant: &TenantId, mut due: Vec<String>, most: usize) -> bool {
        let most = most.min(self.wanted.room.saturating_sub(self.ids.len()));
        let has_more = due.len() > most;
        due.truncate(most);
        self.ids.append(&mut due);
        if has_more {
            self.rest.insert(tenant.clone());
        } else {
            self.rest.remove(tenant);
        }
        has_more
    }

    /// What is due of each of these tenants, the longest first, at most so many of one: all in one
    /// trip to SQLite's thread, for there may be hundreds of them.
    async fn first_of(
        &self,
        connection: &mut SqliteConnection,
        tenants: &[TenantId],
        most: usize,
    ) -> Result<Vec<(TenantId, Vec<String>)>, StoreError> {
        let rows = sqlx::query(FIRST_OF_TENANTS)
            .bind(self.channel.as_str())
            .bind(self.wanted.lane.as_str())
            .bind(to_json(&tenants.iter().map(TenantId::as_str).collect::<Vec<_>>())?)
            .bind(self.now.as_millisecond())
            .bind(limit(most))
            .fetch_all(connection)
            .await?;
        let lists = rows.iter().map(|row| from_json("due", row.try_get(0)?));
        let lists: Vec<Vec<String>> = lists.collect::<Result<_, StoreError>>()?;
        Ok(tenants.iter().cloned().zip(lists).collect())
    }

    /// What is due of a tenant behind the first so many, the longest first.
    async fn behind(
        &self,
        connection: &mut SqliteConnection,
        tenant: &TenantId,
        had: usize,
        most: usize,
    ) -> Result<Vec<String>, StoreError> {
        let due = sqlx::query_scalar(
            "SELECT message FROM messages WHERE status = 'ready' AND channel = $1 AND lane = $2 \
             AND tenant = $3 AND due_ms <= $4 ORDER BY due_ms LIMIT $5 OFFSET $6",
        )
        .bind(self.channel.as_str())
        .bind(self.wanted.lane.as_str())
        .bind(tenant.as_str())
        .bind(self.now.as_millisecond())
        .bind(limit(most))
        .bind(limit(had));
        Ok(due.fetch_all(connection).await?)
    }
}

fn part(room: usize, tenants: usize) -> usize {
    let equal = room / tenants.max(1);
    equal.max(PART_MIN.min(room / PART_MIN)).max(1)
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn tenant(id: &str) -> Option<TenantId> {
    TenantId::parse(id).ok()
}
