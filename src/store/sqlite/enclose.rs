//! What the texts of claimed messages need: settings, clients, and texts of the tenant's own.
//!
//! Each is read once for all the messages that need it, and of a tenant's texts only those that
//! one of the readers may get: a tenant may have hundreds of long ones.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use crate::domain::client::Client;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::Message;
use crate::domain::settings::Settings;
use crate::domain::template::{CustomText, TemplateKey, choose};
use crate::store::Claimed;
use crate::store::error::StoreError;
use crate::store::record::{RowKey, from_row, to_json};
use crate::store::unit::StoredMessage;

/// Puts to each message what its text needs. What cannot be read is missing.
///
/// # Errors
/// If the store does not answer.
pub async fn enclose(
    connection: &mut SqliteConnection,
    messages: Vec<StoredMessage>,
) -> Result<Vec<Claimed>, StoreError> {
    let mut enclosures = Enclosures::default();
    enclosures.read_parties(connection, &messages).await?;
    enclosures.read_texts(connection, &messages).await?;
    Ok(messages.into_iter().map(|stored| enclosures.put_to(stored)).collect())
}

#[derive(Default)]
struct Enclosures {
    settings: HashMap<TenantId, Arc<Settings>>,
    clients: HashMap<(TenantId, ClientId), Arc<Client>>,
    texts: HashMap<(TenantId, TemplateKey), Arc<CustomText>>,
}

impl Enclosures {
    async fn read_parties(
        &mut self,
        connection: &mut SqliteConnection,
        messages: &[StoredMessage],
    ) -> Result<(), StoreError> {
        let tenants: BTreeSet<&TenantId> = messages.iter().map(|stored| &stored.tenant).collect();
        let parties: BTreeSet<(&TenantId, &ClientId)> =
            messages.iter().map(|stored| (&stored.tenant, &stored.message.client)).collect();
        let settings = tenants.into_iter().map(|tenant| (tenant, RowKey::settings()));
        let clients = parties.into_iter().map(|(tenant, client)| (tenant, RowKey::client(client)));
        for (tenant, record) in records(connection, settings.chain(clients)).await? {
            match record {
                Record::Settings(settings) => _ = self.settings.insert(tenant, settings),
                Record::Client(client) => {
                    self.clients.insert((tenant, client.id.clone()), client);
                }
                _ => {}
            }
        }
        Ok(())
    }

    async fn read_texts(
        &mut self,
        connection: &mut SqliteConnection,
        messages: &[StoredMessage],
    ) -> Result<(), StoreError> {
        let wanted: HashSet<(&TenantId, TemplateKey)> = messages
            .iter()
            .flat_map(|stored| {
                let keys = self.eligible(stored).into_iter();
                keys.map(|key| (&stored.tenant, key))
            })
            .collect();
        let wanted = wanted.iter().map(|(tenant, key)| (*tenant, RowKey::template(key)));
        for (tenant, record) in records(connection, wanted).await? {
            if let Record::Template(key, text) = record {
                self.texts.insert((tenant, key), text);
            }
        }
        Ok(())
    }

    /// The texts that the reader may get, if the tenant has them.
    fn eligible(&self, stored: &StoredMessage) -> Vec<TemplateKey> {
        let asked = RefCell::new(Vec::new());
        let _: Option<&CustomText> = self.chosen(stored, |key| {
            asked.borrow_mut().push(key.clone());
            None
        });
        asked.into_inner()
    }

    fn chosen<'a, T>(
        &self,
        stored: &StoredMessage,
        find: impl Fn(&TemplateKey) -> Option<&'a T>,
    ) -> Option<&'a T> {
        let StoredMessage { tenant, message: Message { client, kind, channel, .. }, .. } = stored;
        let client = self.clients.get(&(tenant.clone(), client.clone()))?;
        let settings = self.settings.get(tenant)?;
        choose(find, *kind, *channel, client.locale.as_ref(), &settings.locale)
    }

    fn put_to(&self, stored: StoredMessage) -> Claimed {
        let find = |key: &TemplateKey| self.texts.get(&(stored.tenant.clone(), key.clone()));
        let custom = self.chosen(&stored, find).cloned();
        let party = (stored.tenant.clone(), stored.message.client.clone());
        Claimed {
            settings: self.settings.get(&stored.tenant).cloned(),
            client: self.clients.get(&party).cloned(),
            custom,
            stored,
        }
    }
}

/// Those of these records that there are and that can be read.
async fn records<'a>(
    connection: &mut SqliteConnection,
    keys: impl Iterator<Item = (&'a TenantId, RowKey)>,
) -> Result<Vec<(TenantId, Record)>, StoreError> {
    let keys: Vec<(&str, &str, String)> =
        keys.map(|(tenant, RowKey { kind, id })| (tenant.as_str(), kind, id)).collect();
    let rows = sqlx::query(
        "SELECT r.tenant, r.kind, r.shape, r.body FROM json_each($1) AS key \
         CROSS JOIN records AS r ON r.tenant = key.value->>0 AND r.kind = key.value->>1 \
         AND r.id = key.value->>2",
    )
    .bind(to_json(&keys)?)
    .fetch_all(&mut *connection)
    .await?;
    Ok(rows.iter().filter_map(record).collect())
}

fn record(row: &SqliteRow) -> Option<(TenantId, Record)> {
    let tenant: &str = row.try_get(0).ok()?;
    let read = || from_row(row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let record = read()
        .inspect_err(|error| tracing::error!(%tenant, %error, "a message lacks what it needs"));
    Some((TenantId::parse(tenant).ok()?, record.ok()?))
}
