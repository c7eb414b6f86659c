//! Commands that were laid aside.

use super::backend::{Backend, Db, Writing};
use super::fields::Fields;
use super::question::Question;
use crate::domain::message::MessageId;
use crate::store::error::StoreError;
use crate::store::letters::{LAID_ASIDE_MAX, LaidAside, LetterFilter, LetterStatus, LetterView};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::note_laid_aside`].
    pub async fn note_laid_aside(&self, commands: &[LaidAside]) -> Result<(), StoreError> {
        if commands.is_empty() {
            return Ok(());
        }
        let mut note = Question::new(
            "INSERT INTO laid_aside (command, at_ms, tenant, reason, detail, bytes) VALUES ",
        );
        for (place, of) in commands.iter().enumerate() {
            note.push(if place == 0 { "(" } else { ", (" }).push_bind(of.id).push(", ");
            note.push_bind(of.at).push(", ");
            note.push_bind(of.tenant.as_ref().map(ToString::to_string)).push(", ");
            note.push_bind(of.reason).push(", ").push_bind(&of.detail).push(", ");
            note.push_bind(of.bytes).push(")");
        }
        note.push(" ON CONFLICT (command) DO NOTHING");
        let old = Question::new(
            "DELETE FROM laid_aside WHERE command <= \
             (SELECT command FROM laid_aside ORDER BY command DESC LIMIT 1 OFFSET $1)",
        );
        let mut writer = self.db.begin().await?;
        let noted = async {
            note.run(&mut writer).await?;
            old.bind(LAID_ASIDE_MAX).run(&mut writer).await
        };
        let noted = noted.await;
        writer.end(noted.map(|_| ())).await
    }

    /// See [`crate::store::Store::forget_laid_aside`].
    pub async fn forget_laid_aside(&self, commands: &[MessageId]) -> Result<u64, StoreError> {
        let forget = Question::new("DELETE FROM laid_aside WHERE command");
        self.write(forget.among::<B>(commands)).await
    }

    /// Those that are meant; a filter for what only messages have means none of them.
    pub(super) async fn laid_aside(
        &self,
        filter: &LetterFilter,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<LetterView>, StoreError> {
        let LetterFilter { tenant, kind, channel, provider, reason, since, status, messages } =
            filter;
        let others = kind.is_some() || channel.is_some() || provider.is_some();
        if others || status.is_some_and(|status| status != LetterStatus::Unreadable) {
            return Ok(Vec::new());
        }
        let mut query = Question::new(
            "SELECT command, at_ms, tenant, reason, detail, bytes FROM laid_aside WHERE true",
        );
        if let Some(tenant) = tenant {
            query.push(" AND tenant = ").push_bind(tenant);
        }
        if let Some(reason) = reason {
            query.push(" AND reason = ").push_bind(reason);
        }
        if let Some(after) = after {
            query.push(" AND command < ").push_bind(after);
        }
        if let Some(since) = since {
            query.push(" AND at_ms >= ").push_bind(*since);
        }
        if !messages.is_empty() {
            query.push(" AND command").push_among::<B>(&messages[..]);
        }
        query.push(" ORDER BY command DESC LIMIT ").push_bind(limit);
        query.all(&self.db).await?.iter().map(view).collect()
    }
}

fn view(row: &impl Fields) -> Result<LetterView, StoreError> {
    Ok(LetterView {
        message: row.get(0)?,
        at: row.get(1)?,
        tenant: row.get(2)?,
        client: None,
        kind: None,
        channel: None,
        status: LetterStatus::Unreadable.as_str().to_owned(),
        reason: row.get(3)?,
        provider: None,
        reply: None,
        attempts: 0,
        detail: row.get(4)?,
        bytes: Some(row.get(5)?),
        fallback_of: None,
    })
}
