//! Writing to many, page by page.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::draft::{Draft, quiet_until};
use super::tell::Say;
use crate::domain::broadcast::{Broadcast, BroadcastContent, BroadcastId};
use crate::domain::called::called;
use crate::domain::channel::Channels;
use crate::domain::client::Client;
use crate::domain::command::{Addressee, SendNotice};
use crate::domain::decision::Record;
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, LinkFacts, NoticeFacts};
use crate::domain::planning::after;
use crate::domain::rejection::{Rejection, RejectionReason};
use crate::domain::secret::{MacKey, SecretLink, link_of};
use crate::domain::timer::Timer;

/// Writes to an audience, page by page; under one name once only.
pub fn notice(draft: &mut Draft<'_>, notice: &SendNotice) -> Result<(), Rejection> {
    let id = BroadcastId::Notice(notice.notice.clone());
    if draft.state.broadcast(&id).is_some() {
        let notice = called("notice", notice.notice.as_str());
        let detail = format!("notice: {notice} was sent already");
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

/// Puts something into one client's inbox, or into everybody's.
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
            let facts = Facts::Notice(NoticeFacts { title, body, board: None });
            draft.say(Say::new(Kind::InboxMessage, &client, facts));
        }
        Addressee::Board => {
            let id = BroadcastId::Board(draft.ctx.cause.clone());
            begin(draft, id, BroadcastContent::Board { title, body });
        }
    }
    Ok(())
}

/// Asks every client whose address is not proven to prove it.
pub fn verify_all(
    draft: &mut Draft<'_>,
    url_template: &SecretLink,
    mac_key: Option<&MacKey>,
    expires_at: Option<Timestamp>,
) -> Result<(), Rejection> {
    let id = BroadcastId::VerifyAll(draft.ctx.cause.clone());
    let (url_template, mac_key) = (url_template.clone(), mac_key.cloned());
    begin(draft, id, BroadcastContent::VerifyAll { url_template, mac_key, expires_at });
    Ok(())
}

/// How long what was said is kept behind the last who waited for it: whoever is written to late is
/// written to before.
const END_AFTER: SignedDuration = SignedDuration::from_hours(1);

fn begin(draft: &mut Draft<'_>, id: BroadcastId, content: BroadcastContent) {
    let broadcast = Broadcast::new(id, content, draft.ctx.now);
    let page = write_page(draft, &broadcast, None);
    // Of what has no name of its own, its command's id tells all that is asked.
    let is_over = !page.more && page.until.is_none();
    if !is_over || matches!(broadcast.id, BroadcastId::Notice(_)) {
        keep(draft, &broadcast, &page, true);
    }
}

/// The next page.
pub fn page(draft: &mut Draft<'_>, id: &BroadcastId, behind: Option<&ClientId>) {
    let Some(broadcast) = draft.state.broadcast(id).cloned() else { return };
    let page = write_page(draft, &broadcast, behind);
    keep(draft, &broadcast, &page, false);
}

/// Keeps what is still to be said to somebody, and nothing else of it.
fn keep(draft: &mut Draft<'_>, broadcast: &Broadcast, page: &PageDone, is_new: bool) {
    let until = broadcast.until.max(page.until);
    if !page.more && until.is_none() {
        return finish(draft, broadcast);
    }
    if is_new || until != broadcast.until {
        let kept = Broadcast { until, ..broadcast.clone() };
        draft.put(Record::Broadcast(Arc::new(kept)));
    }
    if let Some(until) = until.filter(|_| !page.more) {
        plan_end(draft, &broadcast.id, until);
    }
}

fn plan_end(draft: &mut Draft<'_>, id: &BroadcastId, until: Timestamp) {
    draft.set_timer(after(until, END_AFTER), Timer::BroadcastEnds { broadcast: id.clone() });
}

fn finish(draft: &mut Draft<'_>, broadcast: &Broadcast) {
    draft.put(Record::Broadcast(Arc::new(broadcast.finished())));
}

/// Nobody waits for it any more, unless somebody was put off again.
pub fn end(draft: &mut Draft<'_>, id: &BroadcastId) {
    let Some(broadcast) = draft.state.broadcast(id).cloned() else { return };
    match broadcast.until.filter(|until| after(*until, END_AFTER) > draft.ctx.now) {
        Some(until) => plan_end(draft, id, until),
        None if broadcast.content == BroadcastContent::Finished => {}
        None => finish(draft, &broadcast),
    }
}

/// A client is erased: what was written to nobody else is forgotten.
pub fn forget_all(draft: &mut Draft<'_>, client: &ClientId) {
    let state = draft.state;
    let is_known = |other: &ClientId| state.client(other).is_some();
    let own = state.broadcasts().filter(|broadcast| broadcast.is_only_for(client, is_known));
    for broadcast in own.map(|broadcast| broadcast.id.clone()).collect::<Vec<_>>() {
        let to = Timer::BroadcastTo { broadcast: broadcast.clone(), client: client.clone() };
        draft.cancel_timer(to);
        draft.cancel_timer(Timer::BroadcastEnds { broadcast: broadcast.clone() });
        if let Some(broadcast) = draft.state.broadcast(&broadcast) {
            finish(draft, broadcast);
        }
    }
}

/// One client whose quiet hours are over.
pub fn to(draft: &mut Draft<'_>, id: &BroadcastId, client: &ClientId) {
    let (Some(broadcast), Ok(client)) = (draft.state.broadcast(id).cloned(), draft.client(client))
    else {
        return;
    };
    if !broadcast.knew(&client) {
        return;
    }
    let until = write_when_loud(draft, &broadcast, &client);
    if until > broadcast.until {
        let kept = Broadcast { until, ..(*broadcast).clone() };
        draft.put(Record::Broadcast(Arc::new(kept)));
    }
}

/// What became of a page of clients.
struct PageDone {
    /// Whether another follows.
    more: bool,
    /// The last instant for which somebody was put off.
    until: Option<Timestamp>,
}

fn write_page(draft: &mut Draft<'_>, broadcast: &Broadcast, behind: Option<&ClientId>) -> PageDone {
    let mut clients = draft.state.clients_after(behind);
    let page: Vec<Arc<Client>> = clients.by_ref().take(broadcast.page()).cloned().collect();
    let more = clients.next().is_some();
    let meant = page.iter().filter(|client| is_meant(broadcast, client));
    let until = meant.filter_map(|client| write_when_loud(draft, broadcast, client)).max();
    if let Some(last) = page.last().filter(|_| more) {
        let timer =
            Timer::Broadcast { broadcast: broadcast.id.clone(), after: Some(last.id.clone()) };
        draft.set_timer(draft.ctx.now, timer);
    }
    PageDone { more, until }
}

/// A notice rings; what is posted in the app, or asked for, does not wait. Says until when who
/// sleeps is put off.
fn write_when_loud(
    draft: &mut Draft<'_>,
    broadcast: &Broadcast,
    client: &Client,
) -> Option<Timestamp> {
    let rings = matches!(broadcast.content, BroadcastContent::Notice { .. });
    let until = quiet_until(draft, client).filter(|_| rings);
    match until {
        Some(due) => {
            let (broadcast, client) = (broadcast.id.clone(), client.id.clone());
            draft.set_timer(due, Timer::BroadcastTo { broadcast, client });
        }
        None => write_to(draft, broadcast, client),
    }
    until
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
            (Kind::InboxBoard, board_facts(broadcast, title, body), Channels::ALL)
        }
        BroadcastContent::VerifyAll { url_template, mac_key, expires_at } => {
            let url = link_of(&client.id, url_template, mac_key.as_ref());
            let facts = Facts::Link(LinkFacts { url, expires_at: *expires_at });
            (Kind::AccountVerifyEmail, facts, Channels::ALL)
        }
        BroadcastContent::Finished => return,
    };
    let say = Say::new(kind, client, facts).only(only);
    draft.say(match broadcast.content.deadline() {
        Some(end) => say.until(end),
        None => say,
    });
}

fn notice_facts(title: &str, body: &str) -> Facts {
    Facts::Notice(NoticeFacts { title: title.to_owned(), body: body.to_owned(), board: None })
}

fn board_facts(broadcast: &Broadcast, title: &str, body: &str) -> Facts {
    let board = match &broadcast.id {
        BroadcastId::Board(cause) => Some(cause.clone()),
        BroadcastId::Notice(_) | BroadcastId::VerifyAll(_) => None,
    };
    Facts::Notice(NoticeFacts { title: title.to_owned(), body: body.to_owned(), board })
}
