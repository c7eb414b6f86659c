//! The text of a message, over HTTP: written anew from what the store has of it.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;

use super::api::{Ids, Shelf, missing};
use super::rehearsal::Writing;
use crate::content::Rendered;
use crate::domain::id::TenantId;
use crate::domain::message::MessageId;
use crate::store::Claimed;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// Where it is answered from.
pub struct TextDesk {
    /// Where messages are read.
    pub shelf: Arc<Shelf>,
    /// Who writes them.
    pub writing: Arc<Writing>,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<TextDesk>> {
    let read = Operation::new(
        "The text of a message as it would be written now: with today's settings and texts, and \
         links that nobody can follow.",
    );
    Table::default().get(
        "/v1/tenants/{tenant}/messages/{message}/text",
        text,
        read.answers::<Text>(),
    )
}

/// What stands in a message.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "MessageText")]
struct Text {
    /// The subject or title, where the channel has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    text: String,
    /// What a text message costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    segments: Option<u32>,
}

/// `GET /v1/tenants/{tenant}/messages/{message}/text`.
async fn text(
    State(desk): State<Arc<TextDesk>>,
    ids: Ids<(String, String)>,
) -> Result<Response, Problem> {
    let Path((tenant, message)) = ids.map_err(|_| missing("message"))?;
    let tenant = TenantId::parse(&tenant).map_err(|_| missing("tenant"))?;
    let id = message.parse().map(MessageId).map_err(|_| missing("message"))?;
    let found = desk.shelf.read(desk.shelf.store.enclosed(&tenant, id).await)?;
    let claimed = found.ok_or_else(|| missing("message"))?;
    Ok(Json(written(&desk.writing, &tenant, &claimed)?).into_response())
}

fn written(writing: &Writing, tenant: &TenantId, of: &Claimed) -> Result<Text, Problem> {
    let message = &of.stored.message;
    if message.facts.is_secret() {
        return Err(unwritten("it has a link that is a secret of the client's"));
    }
    let (Some(settings), Some(client)) = (&of.settings, &of.client) else {
        return Err(unwritten("the client, or the tenant, is no longer known"));
    };
    let stationery = writing.house().stationery;
    let written = stationery.write(tenant, message, settings, client, of.custom.as_deref());
    match written.map(|written| written.rendered) {
        Ok(Rendered::Email(mail)) => Ok(Text::of(Some(mail.subject), mail.text, None)),
        Ok(Rendered::Sms(sms)) => Ok(Text::of(None, sms.text, Some(sms.segments))),
        Ok(Rendered::Push(push)) => Ok(Text::of(Some(push.title), push.body, None)),
        Ok(Rendered::Inbox(post)) => Ok(Text::of(Some(post.title), post.body, None)),
        Err(error) => Err(unwritten(&error.to_string())),
    }
}

impl Text {
    fn of(subject: Option<String>, text: String, segments: Option<u32>) -> Self {
        Self { subject, text, segments }
    }
}

fn unwritten(why: &str) -> Problem {
    Problem::of(Refusal::NotWritten, format!("the text is not shown: {why}"))
}
