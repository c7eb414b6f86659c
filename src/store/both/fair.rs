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
use uuid::Uuid;

use super::backend::{Backend, Writing};
use super::fields::Fields;
use super::question::Question;
use super::stored::id;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::store::claim::{Looked, Rest, Wanted};
use crate::store::error::StoreError;
use crate::store::record::from_json;

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

/// One lane of a channel, at one instant.
pub struct Choice<'a> {
    pub channel: Channel,
    pub wanted: &'a Wanted,
    pub now: Timestamp,
    ids: Vec<Uuid>,
    rest: BTreeSet<TenantId>,
}

impl<'a> Choice<'a> {
    pub fn new(channel: Channel, wanted: &'a Wanted, now: Timestamp) -> Self {
        Self { channel, wanted, now, ids: Vec::new(), rest: BTreeSet::new() }
    }

    /// The ids of the messages to be claimed.
    pub async fn make<B: Backend, W: Writing>(
        mut self,
        writer: &mut W,
    ) -> Result<(Vec<Uuid>, Looked), StoreError> {
        let Wanted { lane, room, .. } = *self.wanted;
        let due = self.due(writer).await?;
        if due.len() <= room {
            self.take(due);
            let looked = Looked { lane, rest: Rest::Of(self.rest), after: None };
            return Ok((self.ids, looked));
        }
        let oldest = due.into_iter().next().and_then(|(_, tenant)| tenant);
        let (tenants, is_whole) = self.tenants(writer, oldest).await?;
        let after = self.share_out::<B>(writer, tenants).await?;
        let rest = if is_whole { Rest::Of(self.rest) } else { Rest::Many };
        Ok((self.ids, Looked { lane, rest, after }))
    }

    /// What is due, the longest first: one more than there is room for, if there is one.
    async fn due(
        &self,
        writer: &mut impl Writing,
    ) -> Result<Vec<(Uuid, Option<TenantId>)>, StoreError> {
        let rows = Question::new(
            "SELECT message, tenant FROM messages WHERE status = 'ready' AND channel = $1 \
             AND lane = $2 AND due_ms <= $3 ORDER BY due_ms LIMIT $4",
        )
        .bind(self.channel)
        .bind(self.wanted.lane)
        .bind(self.now)
        .bind(self.wanted.room + 1)
        .all_in(writer)
        .await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in &rows {
            due.push((id(&row.get::<String>(0)?)?, tenant(&row.get::<String>(1)?)));
        }
        Ok(due)
    }

    fn take(&mut self, due: Vec<(Uuid, Option<TenantId>)>) {
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
        writer: &mut impl Writing,
        oldest: Option<TenantId>,
    ) -> Result<(Vec<TenantId>, bool), StoreError> {
        let after = self.wanted.after.as_ref().map_or("", TenantId::as_str);
        let mut seen = self.next_tenants(writer, after, SCAN_MAX).await?;
        let mut is_whole = seen.len() < SCAN_MAX;
        if is_whole && !after.is_empty() {
            let before = self.next_tenants(writer, "", SCAN_MAX).await?;
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
        writer: &mut impl Writing,
        after: &str,
        most: usize,
    ) -> Result<Vec<(TenantId, i64)>, StoreError> {
        let rows = Question::new(NEXT_TENANTS)
            .bind(self.channel)
            .bind(self.wanted.lane)
            .bind(after)
            .bind(most)
            .all_in(writer)
            .await?;
        let mut tenants = Vec::with_capacity(rows.len());
        for row in &rows {
            if let Some(tenant) = tenant(&row.get::<String>(0)?) {
                tenants.push((tenant, row.get(1)?));
            }
        }
        Ok(tenants)
    }

    /// To each an equal part, as far as there is room; what is left goes to those who have more, in
    /// turn. Returns the last one that was come to, but not for waiting longest.
    async fn share_out<B: Backend>(
        &mut self,
        writer: &mut impl Writing,
        tenants: Vec<TenantId>,
    ) -> Result<Option<TenantId>, StoreError> {
        let part = part(self.wanted.room, tenants.len());
        let (mut more, mut last) = (Vec::new(), self.wanted.after.clone());
        let mut looked_at = 0;
        for some in tenants.chunks(LOOKED_UP) {
            if self.is_full() {
                break;
            }
            for (tenant, due) in self.first_of::<B>(writer, some, part + 1).await? {
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
            let due = self.behind(writer, &tenant, had, most + 1).await?;
            self.take_of(&tenant, due, most);
        }
        Ok(last)
    }

    fn is_full(&self) -> bool {
        self.ids.len() >= self.wanted.room
    }

    /// Takes so many of what is a tenant's, as far as there is room; says whether there is more.
    fn take_of(&mut self, tenant: &TenantId, mut due: Vec<Uuid>, most: usize) -> bool {
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
    /// trip, for there may be hundreds of them.
    async fn first_of<B: Backend>(
        &self,
        writer: &mut impl Writing,
        tenants: &[TenantId],
        most: usize,
    ) -> Result<Vec<(TenantId, Vec<Uuid>)>, StoreError> {
        let names: Vec<String> = tenants.iter().map(ToString::to_string).collect();
        let rows = Question::new(B::DIALECT.first_of_tenants)
            .bind(self.channel)
            .bind(self.wanted.lane)
            .bind(names)
            .bind(self.now)
            .bind(most)
            .all_in(writer)
            .await?;
        let lists = rows.iter().map(|row| from_json("due", &row.get::<String>(0)?));
        let lists: Vec<Vec<Uuid>> = lists.collect::<Result<_, StoreError>>()?;
        Ok(tenants.iter().cloned().zip(lists).collect())
    }

    /// What is due of a tenant behind the first so many, the longest first.
    async fn behind(
        &self,
        writer: &mut impl Writing,
        tenant: &TenantId,
        had: usize,
        most: usize,
    ) -> Result<Vec<Uuid>, StoreError> {
        let due = Question::new(
            "SELECT message FROM messages WHERE status = 'ready' AND channel = $1 AND lane = $2 \
             AND tenant = $3 AND due_ms <= $4 ORDER BY due_ms LIMIT $5 OFFSET $6",
        );
        let due = due.bind(self.channel).bind(self.wanted.lane).bind(tenant);
        let rows = due.bind(self.now).bind(most).bind(had).all_in(writer).await?;
        rows.iter().map(|row| id(&row.get::<String>(0)?)).collect()
    }
}

fn part(room: usize, tenants: usize) -> usize {
    let equal = room / tenants.max(1);
    equal.max(PART_MIN.min(room / PART_MIN)).max(1)
}

fn tenant(id: &str) -> Option<TenantId> {
    TenantId::parse(id).ok()
}
