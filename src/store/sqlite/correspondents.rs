//! Who writes, to whom, and about what.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::Sqlite;
use super::claim::stored_message;
use crate::domain::decision::{Record, RecordKey};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::{Message, Topic};
use crate::store::StoredMessage;
use crate::store::error::StoreError;
use crate::store::record::{RowKey, from_row};
use crate::store::view::{Concern, Correspondents, Linked};

impl Sqlite {
    /// See [`crate::store::Store::correspondents`].
    pub async fn correspondents(
        &self,
        tenant: &TenantId,
        client: &ClientId,
    ) -> Result<Option<Correspondents>, StoreError> {
        let rows = sqlx::query(
            "SELECT kind, shape, body FROM records WHERE tenant = $1 AND (kind, id) IN \
             (VALUES ('settings', ''), ('client', $2))",
        )
        .bind(tenant.as_str())
        .bind(client.as_str())
        .fetch_all(&self.readers)
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
        let rows = sqlx::query(
            "WITH it AS (SELECT body FROM records WHERE tenant = $1 AND kind = $3 AND id = $4) \
             SELECT kind, shape, body FROM records WHERE tenant = $1 AND (kind, id) IN \
             (VALUES ('settings', ''), ('client', $2), ($3, $4), \
              ('session', (SELECT json_extract(body, '$.session') FROM it)), \
              ('booking', (SELECT json_extract(body, '$.booking') FROM it)))",
        )
        .bind(tenant.as_str())
        .bind(client.as_str())
        .bind(kind)
        .bind(id)
        .fetch_all(&self.readers)
        .await?;
        concern(&rows)
    }

    /// See [`crate::store::Store::linked`].
    pub async fn linked(&self, code: &str) -> Result<Option<Linked>, StoreError> {
        let rows = sqlx::query("SELECT * FROM messages WHERE link_code = $1 LIMIT 2");
        let rows = rows.bind(code).fetch_all(&self.readers).await?;
        let [row] = &rows[..] else { return Ok(None) };
        let StoredMessage { tenant, message, .. } = stored_message(row)?;
        let Message { id, kind, client, facts, .. } = message;
        Ok(Some(Linked { tenant, message: id, kind, client, facts }))
    }
}

fn concern(rows: &[SqliteRow]) -> Result<Option<Concern>, StoreError> {
    let (mut settings, mut client) = (None, None);
    let (mut entry, mut booking, mut session) = (None, None, None);
    for row in rows {
        match from_row(row.try_get(0)?, row.try_get(1)?, row.try_get(2)?)? {
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
