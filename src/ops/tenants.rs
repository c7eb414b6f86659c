//! The tenants over HTTP: how each stands, and setting one aside.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{Ids, Shelf, missing, tenant_of};
use super::letters::{Asked, Page, Reason, limit};
use crate::actors::{Measures, NotImposed, Tenants};
use crate::clock;
use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::settings::Settings;
use crate::store::{StoreError, TenantView};
use crate::web::operation::{Operation, PAGE, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// Where operators of tenants are answered from.
pub struct TenantDesk {
    /// Where tenants are read.
    pub shelf: Arc<Shelf>,
    /// Who lives.
    pub tenants: Arc<Tenants>,
    /// What operators impose.
    pub measures: Arc<Measures>,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<TenantDesk>> {
    let listed = Operation::new("How tenants stand, by id.").asked_by(&PAGE);
    let shown = Operation::new("A tenant: its settings in effect, and what operators did to it.");
    let park = Operation::new("Takes nothing of a tenant any more, until it is unparked.");
    let unpark = Operation::new("Lets a tenant go on that was set aside.");
    let parked =
        Operation::new("The tenants that are set aside, by operators or by their crashes.");
    Table::default()
        .get("/v1/tenants", list, listed.answers::<Page<Row>>())
        .get("/v1/tenants/{tenant}", show, shown.answers::<TenantShown>())
        .post("/v1/tenants/{tenant}/park", self::park, park.takes::<Reason>().answers::<Parked>())
        .post(
            "/v1/tenants/{tenant}/unpark",
            self::unpark,
            unpark.takes::<Reason>().answers::<Unparked>(),
        )
        .get("/v1/parked", self::parked, parked.answers::<AllParked>())
}

/// A tenant was parked.
#[derive(Serialize, JsonSchema)]
struct Parked {
    #[schemars(with = "String")]
    parked: TenantId,
}

/// A tenant goes on.
#[derive(Serialize, JsonSchema)]
struct Unparked {
    #[schemars(with = "String")]
    unparked: TenantId,
}

/// Those that are set aside.
#[derive(Serialize, JsonSchema)]
struct AllParked {
    #[schemars(with = "Vec<String>")]
    parked: Vec<TenantId>,
}

/// A tenant, and how it stands in the daemon.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Tenant")]
struct Row {
    #[serde(flatten)]
    view: TenantView,
    /// Whether its state is in memory.
    live: bool,
    /// Whether nothing is taken of it.
    parked: bool,
    /// Who set it aside: an `operator`, or its `crashes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked_by: Option<&'static str>,
    /// The channels on which an operator limited it.
    #[schemars(with = "Vec<String>")]
    limited: Vec<Channel>,
}

/// A tenant by itself.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TenantShown")]
struct TenantShown {
    #[schemars(with = "String")]
    tenant: TenantId,
    /// In effect, what its profile says among them; absent before it is configured.
    #[schemars(with = "Option<serde_json::Value>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Arc<Settings>>,
    /// Segments of text messages that were counted this month, in the venue's zone: only where
    /// there is a quota.
    #[serde(skip_serializing_if = "Option::is_none")]
    sms_used: Option<u32>,
    /// Whether its state is in memory.
    live: bool,
    /// Whether nothing is taken of it.
    parked: bool,
    /// Who set it aside: an `operator`, or its `crashes`.
    #[serde(skip_serializing_if = "Option::is_none")]
    parked_by: Option<&'static str>,
    /// The channels on which an operator limited it.
    #[schemars(with = "Vec<String>")]
    limited: Vec<Channel>,
}

/// `GET /v1/tenants/{tenant}`.
async fn show(
    State(desk): State<Arc<TenantDesk>>,
    tenant: Ids<String>,
) -> Result<Response, Problem> {
    let tenant = desk.known(tenant).await?;
    let settings = desk.shelf.read(desk.shelf.store.settings(&tenant).await)?;
    let sms_used = match settings.as_deref().filter(|settings| settings.sms_quota.is_some()) {
        Some(settings) => {
            let usage = desk.shelf.read(desk.shelf.store.sms_usage(&tenant).await)?;
            let month = usage.unwrap_or_default().month_of(clock::now(), &settings.timezone);
            Some(month.segments)
        }
        None => None,
    };
    let parked_by = desk.parked_by(&tenant);
    let limits = desk.measures.limits(&tenant, clock::now());
    Ok(Json(TenantShown {
        settings,
        sms_used,
        live: desk.tenants.is_live(&tenant),
        parked: parked_by.is_some(),
        parked_by,
        limited: limits.iter().map(|limit| limit.of.channel).collect(),
        tenant,
    })
    .into_response())
}

/// `GET /v1/tenants`: by id.
async fn list(
    State(desk): State<Arc<TenantDesk>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &names(&PAGE))?;
    let after = |text: &str| TenantId::parse(text).ok();
    let after = query.value("after", after, || "the `next` of a page".to_owned())?;
    let limit = limit(&query)?;
    let found = desk.shelf.read(desk.shelf.store.tenants(after.as_ref(), limit).await)?;
    let rows = found.into_iter().map(|view| desk.row(view)).collect();
    Ok(Page::of(rows, limit, |row: &Row| row.view.tenant.clone()))
}

/// `POST /v1/tenants/{tenant}/park`, with `{reason}` or without: nothing is taken of it until it is
/// unparked, whatever becomes of the daemon.
async fn park(
    State(desk): State<Arc<TenantDesk>>,
    tenant: Ids<String>,
    request: Request,
) -> Result<Response, Problem> {
    let tenant = desk.known(tenant).await?;
    let (asked, body) = Asked::read(request, &["reason"]).await?;
    let deed = asked.perhaps(&body)?;
    desk.imposed(desk.measures.park(&tenant, &deed).await)?;
    tracing::warn!(%tenant, who = deed.who, "tenant parked: an operator asks for it");
    Ok(Json(Parked { parked: tenant }).into_response())
}

/// `POST /v1/tenants/{tenant}/unpark`, with `{reason}` or without: a tenant that an operator
/// parked, or that was set aside because its actor kept crashing, may go on at once.
async fn unpark(
    State(desk): State<Arc<TenantDesk>>,
    tenant: Ids<String>,
    request: Request,
) -> Result<Response, Problem> {
    let tenant = tenant.ok().and_then(|Path(tenant)| TenantId::parse(&tenant).ok());
    let tenant = tenant.filter(|tenant| desk.parked_by(tenant).is_some());
    let tenant = tenant.ok_or_else(|| missing("parked tenant"))?;
    let (asked, body) = Asked::read(request, &["reason"]).await?;
    let deed = asked.perhaps(&body)?;
    desk.shelf.read(desk.measures.unpark(&tenant, &deed).await)?;
    desk.tenants.unpark(&tenant);
    Ok(Json(Unparked { unparked: tenant }).into_response())
}

/// `GET /v1/parked`: the tenants that are set aside now.
async fn parked(State(desk): State<Arc<TenantDesk>>) -> Response {
    Json(AllParked { parked: desk.tenants.parked() }).into_response()
}

impl TenantDesk {
    fn row(&self, view: TenantView) -> Row {
        // What is stored was an id once.
        let Ok(tenant) = TenantId::parse(&view.tenant) else {
            return Row { view, live: false, parked: false, parked_by: None, limited: Vec::new() };
        };
        let parked_by = self.parked_by(&tenant);
        let limits = self.measures.limits(&tenant, clock::now());
        Row {
            view,
            live: self.tenants.is_live(&tenant),
            parked: parked_by.is_some(),
            parked_by,
            limited: limits.iter().map(|limit| limit.of.channel).collect(),
        }
    }

    fn parked_by(&self, tenant: &TenantId) -> Option<&'static str> {
        if self.measures.is_parked(tenant) {
            return Some("operator");
        }
        self.tenants.is_set_aside(tenant).then_some("crashes")
    }

    /// A tenant of which something is known.
    ///
    /// # Errors
    /// If there is none, or the store cannot be read.
    pub async fn known(&self, tenant: Ids<String>) -> Result<TenantId, Problem> {
        self.shelf.known(tenant_of(tenant)?).await
    }

    /// What was imposed.
    ///
    /// # Errors
    /// If it could not be.
    pub fn imposed<T>(&self, imposed: Result<T, NotImposed>) -> Result<T, Problem> {
        let imposed: Result<T, StoreError> = match imposed {
            Err(error @ NotImposed::TooMany) => {
                return Err(Problem::of(Refusal::TooMany, error.to_string()));
            }
            Err(NotImposed::Store(error)) => Err(error),
            Ok(done) => Ok(done),
        };
        self.shelf.read(imposed)
    }
}
