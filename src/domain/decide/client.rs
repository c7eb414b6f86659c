//! Commands about a client.

use std::sync::Arc;

use super::draft::Draft;
use crate::domain::client::{Client, PUSH_TOKENS_MAX};
use crate::domain::command::{ClientFields, RegisterClient, UpdateClient};
use crate::domain::decision::Record;
use crate::domain::kind::Kind;
use crate::domain::message::Facts;
use crate::domain::rejection::{Rejection, RejectionReason};

/// A client who is known already is described anew and not welcomed twice.
pub fn register(draft: &mut Draft<'_>, register: &RegisterClient) -> Result<(), Rejection> {
    let known = draft.state.client(&register.client).filter(|client| !client.deleted);
    let mut client = Client::named(register.client.clone(), &register.name);
    fill(&mut client, &register.profile);
    if known.is_some_and(|known| **known == client) {
        draft.already_done();
        return Ok(());
    }
    let client = Arc::new(client);
    draft.put(Record::Client(client.clone()));
    if known.is_none() {
        draft.tell(Kind::AccountWelcome, &client, Facts::Account, None);
    }
    Ok(())
}

/// Silent: what is absent stays.
pub fn update(draft: &mut Draft<'_>, update: &UpdateClient) -> Result<(), Rejection> {
    let old = draft.client(&update.client)?;
    if old.deleted {
        let detail = format!("client {} was deleted", update.client);
        return Err(Rejection::new(RejectionReason::ClientDeleted, detail));
    }
    let mut client = (*old).clone();
    if let Some(name) = &update.name {
        client.name.clone_from(name);
    }
    let moved = update.profile.email.as_ref().is_some_and(|email| *email != client.email);
    if moved {
        // The proof was of the old address.
        client.email_verified = false;
    }
    fill(&mut client, &update.profile);
    if client == *old {
        draft.already_done();
    } else {
        draft.put(Record::Client(Arc::new(client)));
    }
    Ok(())
}

fn fill(client: &mut Client, fields: &ClientFields) {
    fn set<T: Clone>(slot: &mut T, value: Option<&T>) {
        if let Some(value) = value {
            slot.clone_from(value);
        }
    }
    set(&mut client.email, fields.email.as_ref());
    set(&mut client.phone, fields.phone.as_ref());
    if fields.locale.is_some() {
        client.locale.clone_from(&fields.locale);
    }
    if fields.timezone.is_some() {
        client.timezone.clone_from(&fields.timezone);
    }
    set(&mut client.email_verified, fields.email_verified.as_ref());
    set(&mut client.push_tokens, fields.push_tokens.as_ref());
    let surplus = client.push_tokens.len().saturating_sub(PUSH_TOKENS_MAX);
    client.push_tokens.drain(..surplus);
    set(&mut client.tags, fields.tags.as_ref());
    set(&mut client.enrolled, fields.enrolled.as_ref());
}
