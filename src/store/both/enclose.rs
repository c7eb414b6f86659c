//! What the texts of claimed messages need: settings, clients, and texts of the tenant's own.
//!
//! Each is read once for all the messages that need it, and of a tenant's texts only those that
//! one of the readers may get: a tenant may have hundreds of long ones.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::backend::{Backend, Writing};
use super::fields::Fields;
use super::question::Question;
use super::stored::record_at;

use crate::domain::client::Client;
use crate::domain::decision::Record;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::Message;
use crate::domain::settings::Settings;
use crate::domain::template::{CustomText, TemplateKey, choose};
use crate::store::Claimed;
use crate::store::error::StoreError;
use crate::store::record::{RowKey, to_json};
use crate::store::unit::StoredMessage;

/// Puts to each message what its text needs. What cannot be read is missing.
///
/// # Errors
/// If the store does not answer.
pub async fn enclose<B: Backend>(
    writer: &mut impl Writing,
    messages: Vec<StoredMessage>,
) -> Result<Vec<Claimed>, StoreError> {
    let mut enclosures = Enclosures::default();
    enclosures.read_parties::<B>(writer, &messages).await?;
    enclosures.read_texts::<B>(writer, &messages).await?;
    Ok(messages.into_iter().map(|stored| enclosures.put_to(stored)).collect())
}

#[derive(Default)]
struct Enclosures {
    settings: HashMap<TenantId, Arc<Settings>>,
    clients: HashMap<(TenantId, ClientId), Arc<Client>>,
    texts: HashMap<(TenantId, TemplateKey), Arc<CustomText>>,
}

impl Enclosures {
    async fn read_parties<B: Backend>(
        &mut self,
        writer: &mut impl Writing,
        messages: &[StoredMessage],
    ) -> Result<(), StoreError> {
        let tenants: BTreeSet<&TenantId> = messages.iter().map(|stored| &stored.tenant).collect();
        let parties: BTreeSet<(&TenantId, &ClientId)> =
            messages.iter().map(|stored| (&stored.tenant, &stored.message.client)).collect();
        let settings = tenants.into_iter().map(|tenant| (tenant, RowKey::settings()));
        let clients = parties.into_iter().map(|(tenant, client)| (tenant, RowKey::client(client)));
        for (tenant, record) in records::<B>(writer, settings.chain(clients)).await? {
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

    async fn read_texts<B: Backend>(
        &mut self,
        writer: &mut impl Writing,
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
        for (tenant, record) in records::<B>(writer, wanted).await? {
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
async fn records<'a, B: Backend>(
    writer: &mut impl Writing,
    keys: impl Iterator<Item = (&'a TenantId, RowKey)>,
) -> Result<Vec<(TenantId, Record)>, StoreError> {
    let keys: Vec<(&str, &str, String)> =
        keys.map(|(tenant, RowKey { kind, id })| (tenant.as_str(), kind, id)).collect();
    let rows = Question::new(B::DIALECT.records).bind(to_json(&keys)?).all_in(writer).await?;
    Ok(rows.iter().filter_map(found).collect())
}

fn found(row: &impl Fields) -> Option<(TenantId, Record)> {
    let tenant: String = row.get(0).ok()?;
    let record = record_at(row, 1)
        .inspect_err(|error| tracing::error!(%tenant, %error, "a message lacks what it needs"));
    Some((TenantId::parse(&tenant).ok()?, record.ok()?))
}
