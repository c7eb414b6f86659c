//! A message with what its text needs, whatever became of it: for those who look.

use std::collections::HashMap;
use std::sync::Arc;

use super::backend::{Backend, Db};
use super::question::Question;
use super::stored::{MESSAGE_COLUMNS, record, stored_message};
use crate::domain::decision::Record;
use crate::domain::id::TenantId;
use crate::domain::message::MessageId;
use crate::domain::template::{CustomText, TemplateKey, choose};
use crate::store::Claimed;
use crate::store::error::StoreError;

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::enclosed`].
    pub async fn enclosed(
        &self,
        tenant: &TenantId,
        message: MessageId,
    ) -> Result<Option<Claimed>, StoreError> {
        let row = Question::new(format!(
            "SELECT {MESSAGE_COLUMNS} FROM messages WHERE message = $1 AND tenant = $2",
        ));
        let row = row.bind(message).bind(tenant).optional(&self.db).await?;
        let Some(row) = row else { return Ok(None) };
        let stored = stored_message(&row)?;
        let (kind, channel) = (stored.message.kind, stored.message.channel);
        let texts = format!("{}/{}/%", kind.as_str(), channel.as_str());
        let rows = Question::new(
            "SELECT kind, shape, CAST(body AS text) FROM records WHERE tenant = $1 \
             AND ((kind, id) IN (VALUES ('settings', ''), ('client', $2)) \
             OR (kind = 'template' AND id LIKE $3))",
        );
        let rows = rows.bind(tenant).bind(&stored.message.client).bind(texts).all(&self.db).await?;
        let (mut settings, mut client) = (None, None);
        let mut texts: HashMap<TemplateKey, Arc<CustomText>> = HashMap::new();
        for row in &rows {
            match record(row)? {
                Record::Settings(of_tenant) => settings = Some(of_tenant),
                Record::Client(of_client) => client = Some(of_client),
                Record::Template(key, text) => _ = texts.insert(key, text),
                _ => {}
            }
        }
        let custom = match (&settings, &client) {
            (Some(settings), Some(client)) => {
                let find = |key: &TemplateKey| texts.get(key);
                choose(find, kind, channel, client.locale.as_ref(), &settings.locale).cloned()
            }
            _ => None,
        };
        Ok(Some(Claimed { stored, settings, client, custom }))
    }
}
