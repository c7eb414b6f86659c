//! What a tenant's clients will be told in the next days if nothing changes until then, over HTTP;
//! and what not, and why.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::api::Ids;
use super::rehearsal::Writing;
use super::tenants::TenantDesk;
use crate::clock;
use crate::domain::TenantState;
use crate::domain::decision::Verdict;
use crate::domain::foresight::{Foreseen, foresee_until};
use crate::domain::id::TenantId;
use crate::domain::rehearsal::{Rehearsal, Stage};
use crate::domain::session::PAGE_PEOPLE;
use crate::domain::timer::{DueTimer, Outage};
use crate::web::operation::{Operation, Parameter, Values, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// Where the reader names no number.
const DAYS_DEFAULT: i64 = 7;
/// The furthest that is looked.
const DAYS_MAX: i64 = 31;
/// Of a tenant with more timers nothing is played: it would take a processor for too long.
const TIMERS_MAX: usize = 20_000;
/// The most that is told of.
const ITEMS_MAX: usize = 1000;
const PARAMETERS: [Parameter; 1] = [Parameter {
    name: "days",
    about: "How many days ahead, 1 to 31; 7 where nothing is said.",
    values: Values::Number,
}];

/// Where it is answered from: one look at a time.
pub struct AheadDesk {
    tenants: Arc<TenantDesk>,
    writing: Arc<Writing>,
    turn: Semaphore,
}

impl AheadDesk {
    /// Over these tenants.
    pub fn new(tenants: Arc<TenantDesk>, writing: Arc<Writing>) -> Self {
        Self { tenants, writing, turn: Semaphore::new(1) }
    }
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<AheadDesk>> {
    let look = Operation::new(
        "What a tenant's clients will be told in the next days, and what not and why, if nothing \
         changes until then.",
    );
    let look = look.asked_by(&PARAMETERS).answers::<Ahead>();
    Table::default().get("/v1/tenants/{tenant}/ahead", ahead, look)
}

/// What will be told until then.
#[derive(Serialize, JsonSchema)]
struct Ahead {
    #[schemars(with = "String")]
    tenant: TenantId,
    until: Timestamp,
    /// The first first.
    items: Vec<Item>,
    /// How many were left out, because there are too many.
    left_out: usize,
}

/// One thing that will be told.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AheadItem")]
struct Item {
    at: Timestamp,
    kind: &'static str,
    client: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking: Option<String>,
    channels: Vec<ChannelAhead>,
}

/// Whether it goes on a channel.
#[derive(Serialize, JsonSchema)]
struct ChannelAhead {
    channel: &'static str,
    /// Why it will not go there; absent where it will.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// `GET /v1/tenants/{tenant}/ahead?days=`.
async fn ahead(
    State(desk): State<Arc<AheadDesk>>,
    tenant: Ids<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &names(&PARAMETERS))?;
    let days = query.number("days", 1..=DAYS_MAX)?.unwrap_or(DAYS_DEFAULT);
    let tenant = desk.tenants.known(tenant).await?;
    let Ok(_turn) = desk.turn.acquire().await else { return Err(failed()) };
    let shelf = &desk.tenants.shelf;
    let timers = shelf.read(shelf.store.timers_of(&tenant).await)?;
    if timers.len() > TIMERS_MAX {
        return Err(too_many(timers.len()));
    }
    let state = shelf.read(shelf.store.load_tenant(&tenant).await)?.state;
    let now = clock::now();
    let outages = shelf.read(shelf.store.outages(Outage::remembered_since(now)).await)?;
    let until = now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MAX);
    let (of, writing) = (tenant.clone(), desk.writing.clone());
    let look = move || looked(&writing, &of, state, timers, &outages, now, until);
    let found = tokio::task::spawn_blocking(look).await.map_err(|_| failed())?;
    let left_out = found.len().saturating_sub(ITEMS_MAX);
    let items = found.iter().take(ITEMS_MAX).map(item).collect();
    Ok(Json(Ahead { tenant, until, items, left_out }).into_response())
}

fn looked(
    writing: &Writing,
    tenant: &TenantId,
    state: TenantState,
    timers: Vec<DueTimer>,
    outages: &[Outage],
    now: Timestamp,
    until: Timestamp,
) -> Vec<Foreseen> {
    let stage = Stage {
        tenant,
        plans: &writing.plans,
        provided: writing.provided,
        texts: &writing.pen,
        outages,
        page: PAGE_PEOPLE,
    };
    foresee_until(&stage, Rehearsal::going_on(state, timers), now, until, |_| true)
}

fn item(Foreseen { at, telling, .. }: &Foreseen) -> Item {
    let channel = |(channel, verdict): &(crate::domain::channel::Channel, Verdict)| ChannelAhead {
        channel: channel.as_str(),
        reason: match verdict {
            Verdict::Goes(_) => None,
            Verdict::Skipped(reason) => Some(reason.as_str()),
        },
    };
    Item {
        at: *at,
        kind: telling.kind.as_str(),
        client: telling.client.to_string(),
        booking: telling.booking().map(ToString::to_string),
        channels: telling.channels.iter().map(channel).collect(),
    }
}

fn too_many(timers: usize) -> Problem {
    let detail = format!(
        "the tenant has {timers} timers, and at most {TIMERS_MAX} are played here: look at a \
         booking or a client with bellhop explain",
    );
    Problem::of(Refusal::TooMany, detail)
}

fn failed() -> Problem {
    let detail = "it could not be looked ahead";
    Problem::of(Refusal::Failed, detail)
}
