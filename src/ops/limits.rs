//! How much operators let tenants send, over HTTP.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{Ids, missing};
use super::letters::{Asked, Page, Reason};
use super::tenants::TenantDesk;
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::span::IsoSpan;
use crate::store::{Deed, Limit, NewLimit};
use crate::web::members::Members;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::Table;

/// The least and the most messages a second.
const RATES: RangeInclusive<f64> = 0.01..=1000.0;
/// The longest part of a span, in seconds: a year. What is to stay longer is the configuration's.
const FOR_MAX_SECONDS: u64 = 366 * 86_400;

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<TenantDesk>> {
    const LIMITS: &str = "/v1/tenants/{tenant}/limits";
    let listed = Operation::new("The limits that operators set for a tenant and that stand now.");
    let set = Operation::new("Limits how much a tenant sends on a channel, for a while.");
    let lift = Operation::new("Lifts a tenant's limit on a channel before it ends.");
    Table::default()
        .get(LIMITS, list, listed.answers::<Page<LimitView>>())
        .post(LIMITS, self::set, set.takes::<LimitWish>().answers::<LimitView>())
        .delete(
            "/v1/tenants/{tenant}/limits/{channel}",
            self::lift,
            lift.takes::<Reason>().answers::<Lifted>(),
        )
}

/// What is asked for.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read member by member")]
struct LimitWish {
    /// `email`, `sms`, `push` or `inbox`.
    channel: String,
    /// Messages a second, from 0.01 to 1000.
    rate: f64,
    /// How long, of a second to a year, such as `PT2H`.
    #[schemars(rename = "for")]
    span: String,
    /// Why: kept in the audit.
    reason: String,
}

/// There is no limit any more.
#[derive(Serialize, JsonSchema)]
struct Lifted {
    #[schemars(with = "String")]
    lifted: Channel,
}

/// How much a tenant may send on a channel, and who said so.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Limit")]
struct LimitView {
    #[schemars(with = "String")]
    channel: Channel,
    /// Messages a second.
    rate: f64,
    /// It ends by itself then.
    until: Timestamp,
    /// When it was set.
    at: Timestamp,
    /// Who asked for it.
    who: String,
    reason: String,
}

impl From<Limit> for LimitView {
    fn from(Limit { of: NewLimit { channel, rate, until }, deed }: Limit) -> Self {
        let Deed { who, why, at } = deed;
        Self { channel, rate, until, at, who, reason: why }
    }
}

/// `GET /v1/tenants/{tenant}/limits`: those that stand now, by channel.
async fn list(
    State(desk): State<Arc<TenantDesk>>,
    tenant: Ids<String>,
) -> Result<Response, Problem> {
    let tenant = desk.known(tenant).await?;
    let limits = desk.measures.limits(&tenant, clock::now());
    let items: Vec<LimitView> = limits.into_iter().map(LimitView::from).collect();
    Ok(Page::until(items, None))
}

/// `POST /v1/tenants/{tenant}/limits {channel, rate, for, reason}`: from the next message on, those
/// that wait already among them, in the place of whatever limit the tenant had on the channel.
async fn set(
    State(desk): State<Arc<TenantDesk>>,
    tenant: Ids<String>,
    request: Request,
) -> Result<Response, Problem> {
    let tenant = desk.known(tenant).await?;
    let (asked, body) = Asked::read(request, &["channel", "rate", "for", "reason"]).await?;
    let channel = channel(&body)?;
    let rate = rate(&body)?;
    let span = span(&body)?;
    let deed = asked.deed(&body)?;
    let until = deed.at.checked_add(span.duration()).unwrap_or(Timestamp::MAX);
    let limit = NewLimit { channel, rate, until };
    let limit = desk.imposed(desk.measures.limit(&tenant, limit, deed).await)?;
    Ok(Json(LimitView::from(limit)).into_response())
}

/// `DELETE /v1/tenants/{tenant}/limits/{channel}`, with `{reason}` or without: before it ends.
async fn lift(
    State(desk): State<Arc<TenantDesk>>,
    ids: Ids<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let Path((tenant, channel)) = ids.map_err(|_| missing("limit"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let channel = Channel::parse(&channel).ok_or_else(|| missing("channel"))?;
    let (asked, body) = Asked::read(request, &["reason"]).await?;
    let deed = asked.perhaps(&body)?;
    if !desk.shelf.read(desk.measures.lift(&tenant, channel, &deed).await)? {
        return Err(missing("limit"));
    }
    Ok(Json(Lifted { lifted: channel }).into_response())
}

fn channel(body: &Members) -> Result<Channel, Problem> {
    let channel = body.text("channel")?.and_then(|text| Channel::parse(&text));
    channel.ok_or_else(|| body.wrong("channel", "must be email, sms, push or inbox"))
}

fn rate(body: &Members) -> Result<f64, Problem> {
    let rate = body.number("rate")?.filter(|rate| RATES.contains(rate));
    let (least, most) = (RATES.start(), RATES.end());
    rate.ok_or_else(|| body.wrong("rate", &format!("must be from {least} to {most} a second")))
}

fn span(body: &Members) -> Result<IsoSpan, Problem> {
    let span = body.text("for")?.and_then(|text| IsoSpan::parse(&text));
    let span = span.filter(|span| span.is_at_least(1) && span.is_at_most(FOR_MAX_SECONDS));
    span.ok_or_else(|| body.wrong("for", "must be a span such as PT2H, of a second to a year"))
}
