//! Writing to somebody again, over HTTP: the command of an app, with a line in the audit.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::json;
use tokio::time::timeout;
use uuid::Uuid;

use super::api::{Ids, Shelf, missing};
use super::letters::Asked;
use crate::actors::{Answer, Intake};
use crate::domain::channel::Channel;
use crate::domain::command::Command;
use crate::domain::deed::Deed;
use crate::domain::id::{ClientId, TenantId};
use crate::domain::rejection::RejectionReason;
use crate::web::members::Members;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;
use crate::wire::{Received, read_command};

/// Who says so, as the commands have it.
const SOURCE: &str = "/bellhop/unsuppress";
/// How long an operator waits for the tenant.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where it is asked for.
pub struct LiftingDesk {
    /// Where tenants are read.
    pub shelf: Arc<Shelf>,
    /// The door to them.
    pub intake: Arc<Intake>,
}

/// The route; it needs the token where one is configured.
pub fn table() -> Table<Arc<LiftingDesk>> {
    let lift = Operation::new("Writes to a client again where their address was refused.");
    Table::default().post(
        "/v1/tenants/{tenant}/unsuppress",
        self::lift,
        lift.takes::<Wish>().answers::<Lifted>(),
    )
}

/// Who, on which channel, and why.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read member by member")]
#[schemars(rename = "UnsuppressWish")]
struct Wish {
    client: String,
    /// `email`, `sms`, `push` or `inbox`; on all where there is none.
    channel: Option<String>,
    /// Why: kept in the audit.
    reason: Option<String>,
}

/// The client is written to again.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Unsuppressed")]
struct Lifted {
    #[schemars(with = "String")]
    client: ClientId,
    /// Whether they were not suppressed; then the audit has no line of it.
    already_done: bool,
}

/// `POST /v1/tenants/{tenant}/unsuppress {client, channel?, reason?}`: as `client.unsuppress`, and
/// who asked for it and why is in the audit, in the same transaction.
async fn lift(
    State(desk): State<Arc<LiftingDesk>>,
    tenant: Ids<String>,
    request: Request,
) -> Result<Response, Problem> {
    let tenant = tenant.ok().and_then(|Path(tenant)| TenantId::parse(&tenant).ok());
    let tenant = tenant.ok_or_else(|| missing("tenant"))?;
    if !desk.shelf.read(desk.shelf.store.knows_tenant(&tenant).await)? {
        return Err(missing("tenant"));
    }
    let (asked, body) = Asked::read(request, &["client", "channel", "reason"]).await?;
    let client = body.text("client")?.and_then(|id| ClientId::parse(&id).ok());
    let client = client.ok_or_else(|| body.wrong("client", "must be the id of a client"))?;
    let (channel, deed) = (channel(&body)?, asked.perhaps(&body)?);
    let command = command(&tenant, &client, channel, deed).ok_or_else(later)?;
    match timeout(PATIENCE, desk.intake.does(command)).await.ok().flatten() {
        Some(Answer::Accepted { already_done, .. }) => {
            Ok(Json(Lifted { client, already_done }).into_response())
        }
        Some(Answer::Rejected(why)) if why.reason == RejectionReason::UnknownClient => {
            Err(missing("client"))
        }
        Some(Answer::Rejected(why) | Answer::SetAside(why)) => {
            Err(Problem::new(StatusCode::CONFLICT, why.reason, why.detail))
        }
        None => Err(later()),
    }
}

fn channel(body: &Members) -> Result<Option<Channel>, Problem> {
    let Some(channel) = body.text("channel")? else { return Ok(None) };
    let parsed = Channel::parse(&channel);
    parsed.map(Some).ok_or_else(|| body.wrong("channel", "must be email, sms, push or inbox"))
}

/// The command that an app would send, on behalf of who asks.
fn command(
    tenant: &TenantId,
    client: &ClientId,
    channel: Option<Channel>,
    on_behalf: Deed,
) -> Option<Received> {
    let mut data = json!({ "client": client });
    if let Some(channel) = channel {
        data["channel"] = json!(channel);
    }
    let body = json!({
        "specversion": "1.0", "id": Uuid::now_v7(), "source": SOURCE,
        "type": "client.unsuppress", "tenant": tenant, "data": data,
    });
    let mut received = read_command(body.to_string().as_bytes(), None).ok()?;
    if let Command::Unsuppress { deed, .. } = &mut received.command {
        *deed = Some(on_behalf);
    }
    Some(received)
}

fn later() -> Problem {
    let detail = "it is not known to be done; ask again";
    Problem::of(Refusal::Unavailable, detail).again_after(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn what_is_done_is_the_command_of_an_app_on_behalf_of_who_asks() {
        let tenant = TenantId::parse("salon-uno").unwrap();
        let client = ClientId::parse("anna").unwrap();
        let deed = Deed { who: "night".into(), why: "she called".into(), at: clock::now() };
        for channel in [None, Some(Channel::Sms)] {
            let read = command(&tenant, &client, channel, deed.clone()).unwrap();
            let (client, deed) = (client.clone(), Some(deed.clone()));
            assert_eq!(read.command, Command::Unsuppress { client, channel, deed });
        }
    }
}
