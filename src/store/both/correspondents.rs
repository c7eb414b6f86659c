//! Who writes, to whom, and about what.

use super::backend::{Backend, Db};
use super::fields::Fields;
use super::question::Question;
use super::stored::{MESSAGE_COLUMNS, record, stored_message};
use crate::domain::decision::{Record, RecordKey};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::{Message, Topic};
use crate::store::StoredMessage;
use crate::store::error::StoreError;
use crate::store::record::RowKey;
use crate::store::view::{Concern, Correspondents, Linked};

impl<B: Backend> Db<B> {
    /// See [`crate::store::Store::correspondents`].
    pub async fn correspondents(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Option<Correspondents>, StoreError> {
        let rows = Question::new(
            "SELECT kind, shape, CAST(body AS text) FROM records WHERE tenant = $1 AND (kind, id) IN \
             (VALUES ('settings', ''), ('client', $2))",
        )
        .bind(tenant)
        .bind(client)
        .all(&self.db)
        .await?;
        Ok(concern(&rows)?.map(|concern| concern.who))
    }

    /// See [`crate::store::Store::concern`].
    pub async fn concern(
        &self,
        tenant: &TenantId,
        client: &ClientId,
        about: &Topic,
    ) -> Result<Option<Concern>, StoreError> {
        let key = match about {
            Topic::Booking(id) => RecordKey::Booking(id.clone()),
            Topic::Entry(id) => RecordKey::Entry(id.clone()),
            Topic::Payment(id) => RecordKey::Payment(id.clone()),
        };
        let RowKey { kind, id } = RowKey::of_record(&key);
        // One statement, so that all of it is of one instant.
        let rows = Question::new(
            "WITH it AS (SELECT body FROM records WHERE tenant = $1 AND kind = $3 AND id = $4) \
             SELECT kind, shape, CAST(body AS text) FROM records WHERE tenant = $1 AND (kind, id) IN \
             (VALUES ('settings', ''), ('client', $2), ($3, $4), \
              ('session', (SELECT body->>'session' FROM it)), \
              ('booking', (SELECT body->>'booking' FROM it)))",
        )
        .bind(tenant)
        .bind(client)
        .bind(kind)
        .bind(id)
        .all(&self.db)
        .await?;
        concern(&rows)
    }

    /// See [`crate::store::Store::linked`].
    pub async fn linked(&self, code: &str) -> Result<Option<Linked>, StoreError> {
        let rows = format!("SELECT {MESSAGE_COLUMNS} FROM messages WHERE link_code = $1 LIMIT 2");
        let rows = Question::new(rows).bind(code).all(&self.db).await?;
        let [row] = &rows[..] else { return Ok(None) };
        let StoredMessage { tenant, message, .. } = stored_message(row)?;
        let Message { id, kind, client, facts, .. } = message;
        Ok(Some(Linked { tenant, message: id, kind, client, facts }))
    }
}

fn concern(rows: &[impl Fields]) -> Result<Option<Concern>, StoreError> {
    let (mut settings, mut client) = (None, None);
    let (mut entry, mut booking, mut session) = (None, None, None);
    for row in rows {
        match record(row)? {
            Record::Settings(of_tenant) => settings = Some(of_tenant),
            Record::Client(of_client) => client = Some(of_client),
            Record::Entry(found) => entry = Some(found),
            Record::Booking(found) => booking = Some(found),
            Record::Session(found) => session = Some(found),
            _ => {}
        }
    }
    let who = settings.map(|settings| Correspondents { settings, client });
    Ok(who.map(|who| Concern { who, entry, booking, session }))
}
