//! Commands over HTTP: `POST /v1/commands`.
//!
//! One CloudEvent (`application/cloudevents+json`, also plain `application/json`) or many
//! (`application/cloudevents-batch+json`), in structured JSON mode. The answer comes when all of
//! them are durable:
//!
//! | status | meaning |
//! |---|---|
//! | 202 | durable; the body says per command `accepted` or `rejected` with the reason |
//! | 400 | not JSON or no envelope: nothing was taken |
//! | 413 | body or batch beyond the limit: nothing was taken |
//! | 415 | another content type |
//! | 422 | `data` cannot be read (nothing was taken), or the one command was refused |
//! | 429 | too much in flight: again after `Retry-After` |
//! | 503 | could not be tried, or durability is not known: the same command may be sent again |

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Serialize;

use super::refusal;
use super::taking::{NotTaken, Taking};
use crate::actors::{Answer, Intake};
use crate::config::Http;
use crate::domain::rejection::Rejection;
use crate::wire::{Received, Unreadable, UnreadableReason, read_command, split_batch};

/// What is asked of a client who comes too fast, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

#[derive(Clone)]
struct Door {
    taking: Taking,
    body_max: usize,
    batch_max: usize,
}

/// The route for commands.
pub fn routes(intake: Arc<Intake>, http: &Http) -> Router {
    let door = Door {
        taking: Taking { intake, patience: http.request_timeout },
        body_max: http.body_max,
        batch_max: http.batch_max,
    };
    Router::new()
        .route("/v1/commands", post(commands))
        .layer(DefaultBodyLimit::max(http.body_max))
        .with_state(door)
}

/// What became of one command.
#[derive(Serialize)]
struct Outcome {
    id: String,
    result: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    already_done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Why nothing was taken (in the manner of RFC 9457).
#[derive(Serialize)]
struct Problem {
    reason: &'static str,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

async fn commands(
    State(door): State<Door>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return unreceived(&door, &rejection),
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.unwrap_or("").split(';').next().unwrap_or("").trim();
    match media_type.to_ascii_lowercase().as_str() {
        "application/cloudevents+json" | "application/json" => one(&door, &body).await,
        "application/cloudevents-batch+json" => many(&door, &body).await,
        _ => unsupported(),
    }
}

async fn one(door: &Door, body: &[u8]) -> Response {
    let received = match read_command(body, None) {
        Ok(received) => received,
        Err(unreadable) => return refuse(door, unreadable, None).await,
    };
    match take(door, vec![received]).await {
        Ok(outcomes) => {
            let status = match outcomes.first().map(|outcome| outcome.result) {
                Some("rejected") => StatusCode::UNPROCESSABLE_ENTITY,
                Some("set_aside") => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::ACCEPTED,
            };
            match outcomes.into_iter().next() {
                Some(outcome) => (status, Json(outcome)).into_response(),
                None => StatusCode::ACCEPTED.into_response(),
            }
        }
        Err(why) => why.into_response(),
    }
}

async fn many(door: &Door, body: &[u8]) -> Response {
    let parts = match split_batch(body, door.batch_max) {
        Ok(parts) => parts,
        Err(unreadable) => return refuse(door, unreadable, None).await,
    };
    let mut batch = Vec::with_capacity(parts.len());
    for (index, part) in parts.into_iter().enumerate() {
        match read_command(part.get().as_bytes(), None) {
            Ok(received) => batch.push(received),
            Err(unreadable) => return refuse(door, unreadable, Some(index)).await,
        }
    }
    match take(door, batch).await {
        Ok(outcomes) => {
            let body = serde_json::json!({ "results": outcomes });
            (StatusCode::ACCEPTED, Json(body)).into_response()
        }
        Err(why) => why.into_response(),
    }
}

/// What became of each.
async fn take(door: &Door, batch: Vec<Received>) -> Result<Vec<Outcome>, NotTaken> {
    let answers = door.taking.take(batch).await?;
    Ok(answers.into_iter().map(|(id, answer)| outcome(id.to_string(), answer)).collect())
}

fn outcome(id: String, answer: Answer) -> Outcome {
    let refused = |result, rejection: Rejection| Outcome {
        id: id.clone(),
        result,
        already_done: false,
        reason: Some(rejection.reason.as_str()),
        detail: Some(rejection.detail),
    };
    match answer {
        Answer::Accepted { already_done } => {
            Outcome { id, result: "accepted", already_done, reason: None, detail: None }
        }
        Answer::Rejected(rejection) => refused("rejected", rejection),
        Answer::SetAside(rejection) => refused("set_aside", rejection),
    }
}

async fn refuse(door: &Door, unreadable: Unreadable, index: Option<usize>) -> Response {
    refusal::note(&door.taking.intake, &unreadable).await;
    let status = match unreadable.reason {
        UnreadableReason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        UnreadableReason::InvalidData | UnreadableReason::UnknownType => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ => StatusCode::BAD_REQUEST,
    };
    let problem = Problem {
        reason: unreadable.reason.as_str(),
        detail: unreadable.detail,
        field: unreadable.field,
        id: unreadable.id.map(|id| id.to_string()),
        index,
    };
    (status, Json(problem)).into_response()
}

fn problem(reason: &'static str, detail: &str) -> Json<Problem> {
    Json(Problem { reason, detail: detail.to_owned(), field: None, id: None, index: None })
}

/// The body is beyond the limit, or the client broke off amid it.
fn unreceived(door: &Door, rejection: &BytesRejection) -> Response {
    let status = rejection.status();
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        let unreadable = Unreadable::too_large(door.body_max);
        return (status, problem(unreadable.reason.as_str(), &unreadable.detail)).into_response();
    }
    (status, problem("unreadable_body", &rejection.body_text())).into_response()
}

fn unsupported() -> Response {
    let detail = "send application/cloudevents+json or application/cloudevents-batch+json";
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, problem("unsupported_media_type", detail)).into_response()
}

impl IntoResponse for NotTaken {
    fn into_response(self) -> Response {
        let unavailable =
            |detail| (StatusCode::SERVICE_UNAVAILABLE, problem("unavailable", detail));
        let (status, body) = match self {
            NotTaken::TooBusy => {
                let detail = "too many commands in flight; send it again";
                (StatusCode::TOO_MANY_REQUESTS, problem("too_busy", detail))
            }
            NotTaken::Unreadable => unavailable("the store cannot be read now; send it again"),
            NotTaken::Stopping => unavailable("the daemon is stopping; send it again"),
            NotTaken::NotYet => unavailable("not durable yet; send the same command again"),
        };
        (status, [(header::RETRY_AFTER, RETRY_AFTER_SECONDS)], body).into_response()
    }
}
