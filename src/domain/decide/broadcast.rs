//! Writing to many, page by page.

use std::sync::Arc;

use super::draft::{Draft, quiet_until};
use super::tell::Say;
use crate::domain::broadcast::{Broadcast, BroadcastContent, BroadcastId};
use crate::domain::channel::Channels;
use crate::domain::client::Client;
use crate::domain::command::{Addressee, SendNotice};
use crate::domain::decision::Record;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, LinkFacts, NoticeFacts};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::secret::{MacKey, SecretLink, link_of};
use crate::domain::timer::Timer;

pub fn notice(draft: &mut Draft<'_>, notice: &SendNotice) -> Result<(), Rejection> {
    let id = BroadcastId::Notice(notice.notice.clone());
    if draft.state.broadcast(&id).is_some() {
        let detail = format!("notice: there is a notice {} already", notice.notice);
        return Err(Rejection::new(RejectionReason::NoticeExists, detail));
    }
    let content = BroadcastContent::Notice {
        title: notice.title.clone(),
        body: notice.body.clone(),
        channels: notice.channels,
        audience: notice.audience.clone(),
    };
    begin(draft, id, content);
    Ok(())
}

pub fn post(
    draft: &mut Draft<'_>,
    title: &str,
    body: &str,
    to: &Addressee,
) -> Result<(), Rejection> {
    let (title, body) = (title.to_owned(), body.to_owned());
    match to {
        Addressee::Client(client) => {
            let client = draft.client(client)?;
            let facts = Facts::Notice(NoticeFacts { title, body });
            draft.say(Say::new(Kind::InboxMessage, &client, facts));
        }
        Addressee::Board => {
            let id = BroadcastId::Board(draft.ctx.cause.clone());
            begin(draft, id, BroadcastContent::Board { title, body });
        }
    }
    Ok(())
}

pub fn verify_all(
    draft: &mut Draft<'_>,
    url_template: &SecretLink,
    mac_key: Option<&MacKey>,
) -> Result<(), Rejection> {
    let id = BroadcastId::VerifyAll(draft.ctx.cause.clone());
    let (url_template, mac_key) = (url_template.clone(), mac_key.cloned());
    begin(draft, id, BroadcastContent::VerifyAll { url_template, mac_key });
    Ok(())
}

fn begin(draft: &mut Draft<'_>, id: BroadcastId, content: BroadcastContent) {
    let broadcast = Arc::new(Broadcast { id, content, began: Some(draft.ctx.now) });
    let more = write_page(draft, &broadcast, None);
    // Links that went out at once are never stored: their command's id tells all that is asked.
    if more || !holds_secrets(&broadcast) {
        draft.put(Record::Broadcast(broadcast));
    }
}

/// The next page.
pub fn page(draft: &mut Draft<'_>, id: &BroadcastId, after: Option<&ClientId>) {
    let Some(broadcast) = draft.state.broadcast(id).cloned() else { return };
    let more = write_page(draft, &broadcast, after);
    if !more && holds_secrets(&broadcast) {
        let content = BroadcastContent::Finished;
        let finished = Broadcast { content, ..(*broadcast).clone() };
        draft.put(Record::Broadcast(Arc::new(finished)));
    }
}

/// Whether who reads the store could make everybody's link of it.
fn holds_secrets(broadcast: &Broadcast) -> bool {
    matches!(broadcast.content, BroadcastContent::VerifyAll { .. })
}

/// One client whose quiet hours are over.
pub fn to(draft: &mut Draft<'_>, id: &BroadcastId, client: &ClientId) {
    if let (Some(broadcast), Ok(client)) =
        (draft.state.broadcast(id).cloned(), draft.client(client))
        && broadcast.knew(&client)
    {
        write_when_loud(draft, &broadcast, &client);
    }
}

/// Whether another page follows.
fn write_page(draft: &mut Draft<'_>, broadcast: &Broadcast, after: Option<&ClientId>) -> bool {
    let mut clients = draft.state.clients_after(after);
    let page: Vec<Arc<Client>> = clients.by_ref().take(broadcast.page()).cloned().collect();
    let more = clients.next().is_some();
    for client in page.iter().filter(|client| is_meant(broadcast, client)) {
        write_when_loud(draft, broadcast, client);
    }
    if let Some(last) = page.last().filter(|_| more) {
        let timer =
            Timer::Broadcast { broadcast: broadcast.id.clone(), after: Some(last.id.clone()) };
        draft.set_timer(draft.ctx.now, timer);
    }
    more
}

/// A notice rings; what is posted in the app, or asked for, does not wait.
fn write_when_loud(draft: &mut Draft<'_>, broadcast: &Broadcast, client: &Client) {
    let rings = matches!(broadcast.content, BroadcastContent::Notice { .. });
    match quiet_until(draft, client).filter(|_| rings) {
        Some(due) => {
            let (broadcast, client) = (broadcast.id.clone(), client.id.clone());
            draft.set_timer(due, Timer::BroadcastTo { broadcast, client });
        }
        None => write_to(draft, broadcast, client),
    }
}

fn is_meant(broadcast: &Broadcast, client: &Client) -> bool {
    let is_meant = match &broadcast.content {
        BroadcastContent::Notice { audience, .. } => audience.includes(client),
        // Who may not read it, or has nothing to verify any more, is recorded with the reason.
        BroadcastContent::Board { .. } => true,
        BroadcastContent::VerifyAll { .. } => !client.email_verified,
        BroadcastContent::Finished => false,
    };
    is_meant && broadcast.knew(client)
}

fn write_to(draft: &mut Draft<'_>, broadcast: &Broadcast, client: &Client) {
    let (kind, facts, only) = match &broadcast.content {
        BroadcastContent::Notice { title, body, channels, .. } => {
            (Kind::NoticeManual, notice_facts(title, body), *channels)
        }
        BroadcastContent::Board { title, body } => {
            (Kind::InboxBoard, notice_facts(title, body), Channels::ALL)
        }
        BroadcastContent::VerifyAll { url_template, mac_key } => {
            let url = link_of(&client.id, url_template, mac_key.as_ref());
            let facts = Facts::Link(LinkFacts { url, expires_at: None });
            (Kind::AccountVerifyEmail, facts, Channels::ALL)
        }
        BroadcastContent::Finished => return,
    };
    draft.say(Say::new(kind, client, facts).only(only));
}

fn notice_facts(title: &str, body: &str) -> Facts {
    Facts::Notice(NoticeFacts { title: title.to_owned(), body: body.to_owned() })
}
