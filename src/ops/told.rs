//! What a tenant's clients were told and what not, over HTTP: page by page, the latest first.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{Ids, Shelf, client_of, missing, tenant_of};
use super::letters::{Page, limit};
use super::story::NOT_KEPT;
pub use super::told_filter::statuses;
use super::told_filter::{FILTERS, SKIPPED, ToldFilter, WHOSE};
use crate::domain::id::TenantId;
use crate::store::{ChannelVerdict, MessageView, Store, StoreError, TellingView};
use crate::web::operation::{Operation, PAGE, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::table::Table;

/// Things told that are read at once.
const CHUNK: u32 = 250;
/// What a page begins behind.
const NEXT: &str = "the `next` of a page";
/// So many are looked at for one page, however few of them are meant; the next page goes on there.
const LOOKED_AT_MAX: usize = 5000;

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<Shelf>> {
    let all = Operation::new("What a tenant's clients were told and what not, the latest first.");
    let all = all.asked_by(&[WHOSE]).asked_by(&FILTERS).asked_by(&PAGE);
    let of_one = Operation::new("What a client was told and what not, the latest first.");
    let of_one = of_one.asked_by(&FILTERS).asked_by(&PAGE);
    Table::default()
        .get("/v1/tenants/{tenant}/messages", of_tenant, all.answers::<Page<ToldView>>())
        .get(
            "/v1/tenants/{tenant}/clients/{client}/messages",
            of_client,
            of_one.answers::<Page<ToldView>>(),
        )
}

/// One channel of one thing that a client was told, or not told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Told")]
struct ToldView {
    /// When it was decided.
    at: Timestamp,
    /// The command, or what else caused it.
    cause: String,
    kind: String,
    channel: String,
    client: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking: Option<String>,
    /// What became of it; `skipped` where a rule forbade it, `not_kept` where the message ended too
    /// long ago.
    status: String,
    /// Which rule, or why it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// What there is to say of the message, where there is one.
    #[serde(flatten)]
    sent: Option<SentView>,
}

/// The message of it.
#[derive(Serialize, JsonSchema)]
struct SentView {
    message: String,
    due: Timestamp,
    /// Attempts that counted.
    attempts: u32,
    /// Who was asked last.
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled_at: Option<Timestamp>,
    /// How far it has come by what providers reported.
    #[serde(skip_serializing_if = "Option::is_none")]
    arrival: Option<String>,
    /// The message whose place it took, which was given up on another channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_of: Option<String>,
    /// The trace of the command that it follows from: the `trace-id` of its `traceparent`.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
}

/// `GET /v1/tenants/{tenant}/messages`, with filters.
async fn of_tenant(
    State(shelf): State<Arc<Shelf>>,
    tenant: Ids<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let tenant = tenant_of(tenant)?;
    let known = names(&[&FILTERS[..], &[WHOSE], &PAGE].concat());
    let query = Query::read(query.as_deref(), &known)?;
    let tenant = shelf.known(tenant).await?;
    answer(&shelf, &tenant, &ToldFilter::of_query(&query, None)?, &query).await
}

/// `GET /v1/tenants/{tenant}/clients/{client}/messages`, with the other filters.
async fn of_client(
    State(shelf): State<Arc<Shelf>>,
    ids: Ids<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (tenant, client) = client_of(ids)?;
    let known = names(&[&FILTERS[..], &PAGE].concat());
    let query = Query::read(query.as_deref(), &known)?;
    let filter = ToldFilter::of_query(&query, Some(client.clone()))?;
    let store = &shelf.store;
    // One who was deleted or erased was told something all the same.
    if !shelf.read(store.knows_client(&tenant, &client).await)?
        && shelf.read(store.told(&tenant, &filter.of, None, 1).await)?.is_empty()
    {
        return Err(missing("client"));
    }
    answer(&shelf, &tenant, &filter, &query).await
}

async fn answer(
    shelf: &Shelf,
    tenant: &TenantId,
    filter: &ToldFilter,
    query: &Query,
) -> Result<Response, Problem> {
    let after = query.value("after", Bookmark::parse, || NEXT.to_owned())?;
    let limit = limit(query)?;
    let page = shelf.read(page(&shelf.store, tenant, filter, after, limit).await)?;
    let (items, next) = page.ok_or_else(|| query.wrong("after", &format!("must be {NEXT}")))?;
    Ok(Page::until(items, next.map(Bookmark::to_text)))
}

/// Where a page begins: a telling, and how many of its channels are behind us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bookmark {
    telling: i64,
    channels: usize,
}

impl Bookmark {
    fn parse(text: &str) -> Option<Self> {
        let (telling, channels) = text.split_once('.')?;
        Some(Self { telling: telling.parse().ok()?, channels: channels.parse().ok()? })
    }

    fn to_text(self) -> String {
        format!("{}.{}", self.telling, self.channels)
    }
}

/// A page, and where the next begins, if there may be one. Nothing where there is no such place
/// among what is asked for: it is another tenant's, or nobody's.
async fn page(
    store: &Store,
    tenant: &TenantId,
    filter: &ToldFilter,
    after: Option<Bookmark>,
    limit: u32,
) -> Result<Option<(Vec<ToldView>, Option<Bookmark>)>, StoreError> {
    let (mut items, mut from, mut looked_at) = (Vec::new(), after, 0);
    loop {
        let chunk = store.told(tenant, &filter.of, from.map(|from| from.telling), CHUNK).await?;
        let begins = chunk.first().map(|(place, _)| *place);
        if looked_at == 0 && from.is_some_and(|from| begins != Some(from.telling)) {
            return Ok(None);
        }
        let (found, is_last) = (chunk.len(), chunk.len() < CHUNK as usize);
        let mut messages = messages(store, tenant, filter, &chunk).await?;
        for (place, telling) in chunk {
            let behind = from.filter(|from| from.telling == place).map_or(0, |from| from.channels);
            for (channel, verdict) in telling.channels.iter().enumerate().skip(behind) {
                let view = ToldView::of(&telling, verdict, &mut messages);
                items.extend(Some(view).filter(|view| view.is_meant(filter)));
                if items.len() >= limit as usize {
                    let next = Bookmark { telling: place, channels: channel + 1 };
                    return Ok(Some((items, Some(next))));
                }
            }
            from = Some(Bookmark { telling: place, channels: telling.channels.len() });
        }
        looked_at += found;
        if is_last {
            return Ok(Some((items, None)));
        }
        if looked_at >= LOOKED_AT_MAX {
            return Ok(Some((items, from)));
        }
    }
}

impl ToldView {
    fn of(
        telling: &TellingView,
        verdict: &ChannelVerdict,
        messages: &mut HashMap<String, MessageView>,
    ) -> Self {
        let message = verdict.message.as_ref().map(|id| messages.remove(id));
        let (status, reason, sent) = match message {
            None => (SKIPPED.to_owned(), verdict.reason.clone(), None),
            Some(None) => (NOT_KEPT.to_owned(), None, None),
            Some(Some(view)) => {
                (view.status.clone(), view.reason.clone(), Some(SentView::of(view)))
            }
        };
        Self {
            at: telling.at,
            cause: telling.cause.clone(),
            kind: telling.kind.clone(),
            channel: verdict.channel.clone(),
            client: telling.client.clone(),
            booking: telling.booking.clone(),
            status,
            reason,
            sent,
        }
    }

    fn is_meant(&self, filter: &ToldFilter) -> bool {
        filter.has_kind(&self.kind)
            && filter.has_channel(&self.channel)
            && filter.has_fate(&self.status, self.reason.as_deref())
    }
}

impl SentView {
    fn of(view: MessageView) -> Self {
        Self {
            message: view.message,
            due: view.due,
            attempts: view.attempts,
            provider: view.provider.filter(|name| !name.is_empty()),
            reply: view.reply,
            settled_at: view.settled_at,
            arrival: view.arrival,
            fallback_of: view.fallback_of,
            trace_id: view.trace_id,
        }
    }
}

/// What became of the messages that may be meant.
async fn messages(
    store: &Store,
    tenant: &TenantId,
    filter: &ToldFilter,
    tellings: &[(i64, TellingView)],
) -> Result<HashMap<String, MessageView>, StoreError> {
    let tellings = tellings.iter().filter(|(_, telling)| filter.has_kind(&telling.kind));
    let verdicts = tellings.flat_map(|(_, telling)| &telling.channels);
    let ids = verdicts
        .filter(|verdict| filter.has_channel(&verdict.channel))
        .filter_map(|verdict| verdict.message.clone());
    let ids: Vec<String> = ids.collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = store.messages(tenant, &ids).await?;
    Ok(found.into_iter().map(|view| (view.message.clone(), view)).collect())
}
