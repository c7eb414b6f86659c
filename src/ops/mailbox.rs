//! What stands in the app, over HTTP: in a client's mailbox, and on the tenant's board.

use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use uuid::Uuid;

use super::api::{Ids, Shelf, client_of, missing, party, tenant_of};
use super::letters::{Page, limit};
use crate::actors::{NotNoted, Readings};
use crate::domain::id::{ClientId, TenantId};
use crate::domain::message::MessageId;
use crate::store::{ItemView, Mailbox};
use crate::web::access::MARK_READ;
use crate::web::operation::{Operation, PAGE, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// Where apps are answered from.
pub struct MailboxDesk {
    /// Where items are read.
    pub shelf: Arc<Shelf>,
    /// Who notes what clients have read.
    pub readings: Readings,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<MailboxDesk>> {
    let own = Operation::new("What stands in a client's mailbox in the app, the latest first.");
    let all = Operation::new("What stands on the notice board of a tenant, the latest first.");
    let read = Operation::new("Notes that a client has read an item of their mailbox.");
    let unread = Operation::new("Takes back that a client has read an item.");
    Table::default()
        .get(
            "/v1/tenants/{tenant}/clients/{client}/inbox",
            of_client,
            own.asked_by(&PAGE).answers::<Page<ItemView>>(),
        )
        .get("/v1/tenants/{tenant}/board", board, all.asked_by(&PAGE).answers::<Page<ItemView>>())
        .post(MARK_READ, self::read, read.answers_nothing())
        .delete(MARK_READ, self::unread, unread.answers_nothing())
}

/// A page of a mailbox that was asked for.
struct Asked {
    after: Option<i64>,
    limit: u32,
}

impl Asked {
    fn of(query: Option<&str>) -> Result<Self, Problem> {
        let query = Query::read(query, &names(&PAGE))?;
        Ok(Self { after: query.number("after", 1..=i64::MAX)?, limit: limit(&query)? })
    }
}

/// `GET /v1/tenants/{tenant}/clients/{client}/inbox?after=&limit=`: the latest first.
async fn of_client(
    State(desk): State<Arc<MailboxDesk>>,
    ids: Ids<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let (tenant, client) = client_of(ids)?;
    let asked = Asked::of(query.as_deref())?;
    let mailbox = Mailbox::Client(client.clone());
    let found = items(&desk.shelf, &tenant, &mailbox, &asked).await?;
    // Of one who was deleted it is still there.
    if found.is_empty()
        && !desk.shelf.read(desk.shelf.store.knows_client(&tenant, &client).await)?
    {
        return Err(missing("client"));
    }
    Ok(page(found, &asked))
}

/// `GET /v1/tenants/{tenant}/board?after=&limit=`: the latest first. A board is nobody's own, so
/// nothing on it is ever read.
async fn board(
    State(desk): State<Arc<MailboxDesk>>,
    tenant: Ids<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let tenant = tenant_of(tenant)?;
    let asked = Asked::of(query.as_deref())?;
    let tenant = desk.shelf.known(tenant).await?;
    let found = items(&desk.shelf, &tenant, &Mailbox::Board, &asked).await?;
    Ok(page(found, &asked))
}

/// `POST …/inbox/{message}/read`: again and again it stays read, and is told of once.
async fn read(
    State(desk): State<Arc<MailboxDesk>>,
    ids: Ids<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let (tenant, client, message) = item(ids)?;
    let is_there = match desk.readings.read(&tenant, &client, message).await {
        Ok(is_there) => is_there,
        Err(NotNoted::Store(error)) => desk.shelf.read(Err(error))?,
        Err(error @ NotNoted::Again) => {
            return Err(Problem::of(Refusal::Unavailable, error.to_string()));
        }
    };
    marked(is_there)
}

/// `DELETE …/inbox/{message}/read`: it is as if nobody had read it.
async fn unread(
    State(desk): State<Arc<MailboxDesk>>,
    ids: Ids<(String, String, String)>,
) -> Result<StatusCode, Problem> {
    let (tenant, client, message) = item(ids)?;
    marked(desk.shelf.read(desk.readings.unread(&tenant, &client, message).await)?)
}

fn item(ids: Ids<(String, String, String)>) -> Result<(TenantId, ClientId, MessageId), Problem> {
    let Path((tenant, client, message)) = ids.map_err(|_| missing("message"))?;
    let (tenant, client) = party(&tenant, &client)?;
    let message: Uuid = message.parse().map_err(|_| missing("message"))?;
    Ok((tenant, client, MessageId(message)))
}

fn marked(is_there: bool) -> Result<StatusCode, Problem> {
    if is_there { Ok(StatusCode::NO_CONTENT) } else { Err(missing("message")) }
}

async fn items(
    shelf: &Shelf,
    tenant: &TenantId,
    mailbox: &Mailbox,
    asked: &Asked,
) -> Result<Vec<(i64, ItemView)>, Problem> {
    shelf.read(shelf.store.mailbox(tenant, mailbox, asked.after, asked.limit).await)
}

/// A page that is full has perhaps another behind it.
fn page(found: Vec<(i64, ItemView)>, asked: &Asked) -> Response {
    let full = found.len() >= asked.limit as usize;
    let next = found.last().filter(|_| full).map(|(place, _)| place.to_string());
    Page::until(found.into_iter().map(|(_, item)| item).collect(), next)
}
