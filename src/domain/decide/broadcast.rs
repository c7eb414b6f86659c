//! Writing to many, page by page.

use std::sync::Arc;

use super::draft::{Draft, quiet_until};
use super::tell::Say;
use crate::domain::broadcast::{Broadcast, BroadcastContent, BroadcastId, PAGE_CLIENTS};
use crate::domain::channel::Channels;
use crate::domain::client::Client;
use crate::domain::command::{Addressee, SendNotice};
use crate::domain::decision::Record;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, LinkFacts, NoticeFacts};
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::secret::SecretLink;
use crate::domain::timer::Timer;

/// Where the client's id goes in a link for all.
const CLIENT_IN_URL: &str = "{client}";

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
    begin(draft, Broadcast { id, content });
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
            begin(draft, Broadcast { id, content: BroadcastContent::Board { title, body } });
        }
    }
    Ok(())
}

pub fn verify_all(draft: &mut Draft<'_>, url_template: &SecretLink) -> Result<(), Rejection> {
    let id = BroadcastId::VerifyAll(draft.ctx.cause.clone());
    let content = BroadcastContent::VerifyAll { url_template: url_template.clone() };
    begin(draft, Broadcast { id, content });
    Ok(())
}

fn begin(draft: &mut Draft<'_>, broadcast: Broadcast) {
    let broadcast = Arc::new(broadcast);
    draft.put(Record::Broadcast(broadcast.clone()));
    write_page(draft, &broadcast, None);
}

/// The next page.
pub fn page(draft: &mut Draft<'_>, id: &BroadcastId, after: Option<&ClientId>) {
    if let Some(broadcast) = draft.state.broadcast(id).cloned() {
        write_page(draft, &broadcast, after);
    }
}

/// One client whose quiet hours are over.
pub fn to(draft: &mut Draft<'_>, id: &BroadcastId, client: &ClientId) {
    if let (Some(broadcast), Ok(client)) =
        (draft.state.broadcast(id).cloned(), draft.client(client))
    {
        write_when_loud(draft, &broadcast, &client);
    }
}

fn write_page(draft: &mut Draft<'_>, broadcast: &Arc<Broadcast>, after: Option<&ClientId>) {
    let mut clients = draft.state.clients_after(after);
    let page: Vec<Arc<Client>> = clients.by_ref().take(PAGE_CLIENTS).cloned().collect();
    let more = clients.next().is_some();
    for client in page.iter().filter(|client| is_meant(broadcast, client)) {
        write_when_loud(draft, broadcast, client);
    }
    if let Some(last) = page.last().filter(|_| more) {
        let timer =
            Timer::Broadcast { broadcast: broadcast.id.clone(), after: Some(last.id.clone()) };
        draft.set_timer(draft.ctx.now, timer);
    }
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
    match &broadcast.content {
        BroadcastContent::Notice { audience, .. } => audience.includes(client),
        // Who may not read it, or has nothing to verify any more, is recorded with the reason.
        BroadcastContent::Board { .. } => true,
        BroadcastContent::VerifyAll { .. } => !client.email_verified,
    }
}

fn write_to(draft: &mut Draft<'_>, broadcast: &Broadcast, client: &Client) {
    let (kind, facts, only) = match &broadcast.content {
        BroadcastContent::Notice { title, body, channels, .. } => {
            (Kind::NoticeManual, notice_facts(title, body), *channels)
        }
        BroadcastContent::Board { title, body } => {
            (Kind::InboxBoard, notice_facts(title, body), Channels::ALL)
        }
        BroadcastContent::VerifyAll { url_template } => {
            let id = percent_encoded(client.id.as_str());
            let url = SecretLink::new(url_template.expose().replace(CLIENT_IN_URL, &id));
            let facts = Facts::Link(LinkFacts { url, expires_at: None });
            (Kind::AccountVerifyEmail, facts, Channels::ALL)
        }
    };
    draft.say(Say::new(kind, client, facts).only(only));
}

fn notice_facts(title: &str, body: &str) -> Facts {
    Facts::Notice(NoticeFacts { title: title.to_owned(), body: body.to_owned() })
}

/// An id as a part of a URL: everything but RFC 3986's unreserved characters is encoded.
fn percent_encoded(id: &str) -> String {
    let mut encoded = String::with_capacity(id.len());
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
