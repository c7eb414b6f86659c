//! Commands about a client.

use std::sync::Arc;

use super::draft::Draft;
use super::tell::Say;
use super::{queue, reminder, visit};
use crate::domain::booking::{Booking, BookingState};
use crate::domain::called::called;
use crate::domain::channel::Channel;
use crate::domain::client::{Client, PUSH_TOKENS_MAX};
use crate::domain::command::{ClientFields, RegisterClient, UpdateClient, Wish};
use crate::domain::decision::Record;
use crate::domain::deed::{Deed, Unsuppressed};
use crate::domain::event::Event;
use crate::domain::gained::Gained;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::message::Facts;
use crate::domain::named;
use crate::domain::receipt::Suppression;
use crate::domain::refused::Mark;
use crate::domain::rejection::{Rejection, RejectionReason};

/// A client who is known already is described anew and not welcomed twice.
pub fn register(draft: &mut Draft<'_>, register: &RegisterClient) -> Result<(), Rejection> {
    let known = draft.state.client(&register.client).filter(|client| !client.deleted);
    let mut client = Client::named(register.client.clone(), &register.name);
    client.known_since = Some(draft.ctx.now);
    fill(&mut client, &register.profile);
    if let Some(before) = draft.state.client(&register.client) {
        keep_history(&mut client, before);
        if register.profile.email_verified.is_none() && client.email == before.email {
            client.email_verified = before.email_verified;
        }
    }
    if known.is_some_and(|known| **known == client) {
        draft.already_done();
        return Ok(());
    }
    let client = Arc::new(client);
    draft.put(Record::Client(client.clone()));
    if let Some(before) = draft.state.client(&register.client) {
        follow_to_zone(draft, before, &client);
    }
    if known.is_none() {
        visit::plan_win_back(draft, &client);
        draft.say(Say::new(Kind::AccountWelcome, &client, Facts::Account));
    }
    Ok(())
}

/// Silent: what is absent stays.
pub fn update(draft: &mut Draft<'_>, update: &UpdateClient) -> Result<(), Rejection> {
    let old = draft.client(&update.client)?;
    if old.deleted {
        let detail = format!("client: {} was deleted", called("client", update.client.as_str()));
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
    trust_new_addresses(&mut client, &old);
    if client == *old {
        draft.already_done();
    } else {
        draft.put(Record::Client(Arc::new(client.clone())));
        follow_to_zone(draft, &old, &client);
    }
    Ok(())
}

/// The quiet hours of another zone are other hours, and reminders keep clear of them.
fn follow_to_zone(draft: &mut Draft<'_>, old: &Client, new: &Client) {
    if old.timezone == new.timezone || draft.settings.quiet_hours.is_none() {
        return;
    }
    let own = draft.state.open_bookings(&new.id);
    let agreed: Vec<Booking> =
        own.filter(|b| b.state == BookingState::Confirmed).cloned().collect();
    for booking in agreed {
        reminder::plan_again(draft, &booking, new, &Gained::default());
    }
}

/// Who followed a link that went to the address reads what goes there, whatever bounced before.
pub fn verify_email(draft: &mut Draft<'_>, id: &ClientId) -> Result<(), Rejection> {
    let client = draft.living_client(id)?;
    let mut proved = Client { email_verified: true, ..(*client).clone() };
    proved.lift(Channel::Email);
    change(draft, &client, proved);
    Ok(())
}

/// The person stays known, and their bookings stay; they leave every queue. What is planned for
/// them stays as well: when its time comes, why it does not go is recorded.
pub fn delete(draft: &mut Draft<'_>, id: &ClientId) -> Result<(), Rejection> {
    draft.client(id)?;
    queue::leave_all(draft, id);
    let client = draft.client(id)?;
    change(draft, &client, Client { deleted: true, ..(*client).clone() });
    Ok(())
}

/// From now on a client hears nothing of a kind, a channel or either: what is planned is asked
/// about this when its time comes.
pub fn opt_out(draft: &mut Draft<'_>, wish: &Wish) -> Result<(), Rejection> {
    let client = draft.client(&wish.client)?;
    let mut changed = (*client).clone();
    changed.preferences.opt_out(wish.channel, wish.kind);
    change(draft, &client, changed);
    Ok(())
}

/// Takes back what was opted out of.
pub fn opt_in(draft: &mut Draft<'_>, wish: &Wish) -> Result<(), Rejection> {
    let client = draft.client(&wish.client)?;
    let mut changed = (*client).clone();
    changed.preferences.opt_in(wish.channel, wish.kind);
    change(draft, &client, changed);
    Ok(())
}

/// What was refused is written to again, on one channel or on all: an operator or an app knows
/// better.
pub fn unsuppress(
    draft: &mut Draft<'_>,
    id: &ClientId,
    channel: Option<Channel>,
    deed: Option<&Deed>,
) -> Result<(), Rejection> {
    let client = draft.client(id)?;
    let mut good = (*client).clone();
    let channels = Channel::ALL.into_iter().filter(|one| channel.is_none_or(|only| only == *one));
    channels.for_each(|channel| good.lift(channel));
    // Where it changes nothing, nothing at all is written.
    let unsuppressed =
        |deed: &Deed| Unsuppressed { deed: deed.clone(), client: id.clone(), channel };
    draft.decision.unsuppressed = deed.map(unsuppressed);
    change(draft, &client, good);
    Ok(())
}

/// A provider refused the address for good.
pub fn bounced(draft: &mut Draft<'_>, written_to: &Client, channel: Channel) {
    let there = written_to.digest(channel);
    refused(draft, &written_to.id, channel, there.as_deref(), Suppression::BadAddress);
}

/// Nothing more goes to the address of this digest, until there is another; perhaps there is by
/// now. Of one without a digest it is not known which it was: the present one is meant.
pub fn refused(
    draft: &mut Draft<'_>,
    client: &ClientId,
    channel: Channel,
    there: Option<&str>,
    why: Suppression,
) {
    let Ok(client) = draft.client(client) else { return };
    let mut changed = (*client).clone();
    let present = client.digest(channel);
    let mark = Mark { at: draft.ctx.now, why };
    if let Some(there) = there.filter(|there| present.as_deref() != Some(there)) {
        // It may come back.
        changed.refused.remember(there.to_owned(), Some(mark));
        return change(draft, &client, changed);
    }
    if client.suppressed.contains(channel) {
        return;
    }
    changed.suppress(channel, Some(mark));
    change(draft, &client, changed);
    let address_hash = client.address_hash(channel);
    let client = client.id.clone();
    draft.event(Event::ClientSuppressed { client, channel, address_hash, mark });
}

/// Nothing more is shown on these devices; the client's others go on.
pub fn devices_gone(draft: &mut Draft<'_>, client: &ClientId, tokens: &[String]) {
    let Ok(client) = draft.client(client) else { return };
    let mut changed = (*client).clone();
    let mark = Mark { at: draft.ctx.now, why: Suppression::BadAddress };
    for token in tokens.iter().filter(|token| client.push_tokens.contains(token)) {
        changed.lose_device(token, mark);
        draft.event(Event::ClientSuppressed {
            client: client.id.clone(),
            channel: Channel::Push,
            address_hash: Some(named::plain(token)),
            mark,
        });
    }
    if changed != *client {
        draft.put(Record::Client(Arc::new(changed)));
    }
}

fn change(draft: &mut Draft<'_>, old: &Client, new: Client) {
    if *old == new {
        draft.already_done();
    } else {
        draft.put(Record::Client(Arc::new(new)));
    }
}

/// What is known of a person beyond what an app says of them outlives being registered anew.
fn keep_history(client: &mut Client, before: &Client) {
    client.preferences = before.preferences.clone();
    client.suppressed = before.suppressed;
    client.suppressed_since.clone_from(&before.suppressed_since);
    client.refused = before.refused.clone();
    client.known_since = before.known_since;
    client.last_visit = before.last_visit;
    client.visited = before.visited;
    client.reviewed_at = before.reviewed_at;
    client.noticed_at.clone_from(&before.noticed_at);
    client.texted_at.clone_from(&before.texted_at);
    trust_new_addresses(client, before);
}

/// What bounced was the old address. The same one said again, at once or after another or none, is
/// no news of it: an app that sends all it knows every night would write to dead addresses every
/// day. News is that it was proved.
fn trust_new_addresses(client: &mut Client, before: &Client) {
    client.leave_out_lost_devices();
    for channel in Channel::ALL {
        if !has_moved(channel, client, before) {
            continue;
        }
        if before.suppressed.contains(channel) {
            client.remember_refused(before, channel);
        }
        client.has_another_address(channel);
    }
    let proof_is_new = !before.email_verified || has_moved(Channel::Email, client, before);
    if client.email_verified && proof_is_new {
        client.lift(Channel::Email);
    }
}

/// Whether the client is reached elsewhere than before.
fn has_moved(channel: Channel, client: &Client, before: &Client) -> bool {
    match channel {
        Channel::Email => client.email != before.email,
        Channel::Sms => client.phone != before.phone,
        Channel::Push => client.push_tokens != before.push_tokens,
        // It is reached by the client's id.
        Channel::Inbox => false,
    }
}

fn fill(client: &mut Client, fields: &ClientFields) {
    fn set<T: Clone>(slot: &mut T, value: Option<&T>) {
        if let Some(value) = value {
            slot.clone_from(value);
        }
    }
    set(&mut client.email, fields.email.as_ref());
    set(&mut client.phone, fields.phone.as_ref());
    set(&mut client.locale, fields.locale.as_ref());
    set(&mut client.timezone, fields.timezone.as_ref());
    set(&mut client.email_verified, fields.email_verified.as_ref());
    set(&mut client.push_tokens, fields.push_tokens.as_ref());
    let surplus = client.push_tokens.len().saturating_sub(PUSH_TOKENS_MAX);
    client.push_tokens.drain(..surplus);
    set(&mut client.tags, fields.tags.as_ref());
    set(&mut client.enrolled, fields.enrolled.as_ref());
}
