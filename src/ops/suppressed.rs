//! To whom nothing goes any more, over HTTP. Lifting it is a command like any other:
//! `client.unsuppress`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::api::{Ids, Shelf, tenant_of};
use super::letters::{Page, limit};
use crate::domain::id::ClientId;
use crate::store::SuppressedView;
use crate::web::operation::{Operation, PAGE, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::table::Table;

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<Shelf>> {
    let all = Operation::new(
        "The clients of a tenant to whom nothing goes on some channel, by id: since when, and why.",
    );
    Table::default().get(
        "/v1/tenants/{tenant}/suppressions",
        list,
        all.asked_by(&PAGE).answers::<Page<SuppressedView>>(),
    )
}

/// `GET /v1/tenants/{tenant}/suppressions?after=&limit=`: by client.
async fn list(
    State(shelf): State<Arc<Shelf>>,
    tenant: Ids<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let tenant = tenant_of(tenant)?;
    let query = Query::read(query.as_deref(), &names(&PAGE))?;
    let after = |text: &str| ClientId::parse(text).ok();
    let after = query.value("after", after, || "must be the `next` of a page".to_owned())?;
    let limit = limit(&query)?;
    let tenant = shelf.known(tenant).await?;
    let found = shelf.read(shelf.store.suppressed(&tenant, after.as_ref(), limit).await)?;
    Ok(Page::of(found, limit, |of| of.client.clone()))
}
