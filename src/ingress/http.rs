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
//! | 408 | the body did not come in time: nothing was taken |
//! | 413 | body or batch beyond the limit: nothing was taken |
//! | 415 | another content type, charset or encoding |
//! | 422 | `data` cannot be read (nothing was taken), or the one command was refused |
//! | 429 | too much in flight, in all or of this tenant: again after `Retry-After` |
//! | 503 | could not be tried, or durability is not known: the same command may be sent again |
//!
//! Every answer from 400 on is a [`Problem`].

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;

use super::body::{Bodies, Filled, Whole};
use super::media::Media;
use super::refusal;
use super::taking::{NotTaken, Taking};
use super::traced;
use crate::actors::{Answer, Busy, Intake};
use crate::config::{Http, Limits};
use crate::domain::id::TenantId;
use crate::domain::rejection::Rejection;
use crate::domain::remark::Remark;
use crate::domain::trace::TraceContext;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;
use crate::wire::{
    Received, Unreadable, UnreadableReason, command_schema, read_command, split_batch,
};

/// What is asked of a client who comes too fast, in seconds.
const RETRY_AFTER_SECONDS: u32 = 1;

/// Where commands come in.
#[derive(Clone)]
pub struct Door {
    taking: Taking,
    bodies: Bodies,
    body_max: usize,
    batch: BatchLimit,
}

/// The most commands of a batch, and the key that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct BatchLimit {
    max: usize,
    key: &'static str,
}

impl BatchLimit {
    /// A batch is taken whole, so that no more than may be in flight can come at once.
    fn of(http: &Http, limits: &Limits) -> Self {
        if http.batch_max <= limits.intake_max {
            Self { max: http.batch_max, key: "[http] batch_max" }
        } else {
            Self { max: limits.intake_max, key: "[limits] intake_max" }
        }
    }

    /// Says whose limit it was that a batch is beyond.
    fn named(self, mut unreadable: Unreadable) -> Unreadable {
        if unreadable.reason == UnreadableReason::TooLarge {
            unreadable.detail.push_str(&format!(" ({})", self.key));
        }
        unreadable
    }
}

impl Door {
    /// As wide as the configuration says.
    pub fn new(intake: Arc<Intake>, bodies: Bodies, http: &Http, limits: &Limits) -> Self {
        Self {
            taking: Taking { intake, patience: http.request_timeout },
            bodies,
            body_max: http.body_max,
            batch: BatchLimit::of(http, limits),
        }
    }
}

/// The route for commands.
pub fn table() -> Table<Door> {
    let taken = Operation::new("Takes one command, or many; answers when they are durable.")
        .takes_as("application/cloudevents+json", command_schema)
        .takes_as("application/json", command_schema)
        .takes_as(
            "application/cloudevents-batch+json",
            |generator| json_schema!({ "type": "array", "items": command_schema(generator) }),
        )
        .answers_with::<Taken>(202);
    Table::default().post("/v1/commands", commands, taken)
}

/// What became of one command, or of many.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes two answers of one route")]
enum Taken {
    One(Outcome),
    Many(Outcomes),
}

/// What became of each, in their order.
#[derive(Serialize, JsonSchema)]
struct Outcomes {
    results: Vec<Outcome>,
}

/// What became of one command.
#[derive(Serialize, JsonSchema)]
struct Outcome {
    id: String,
    result: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    already_done: bool,
    /// What it asks for and cannot have.
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

async fn commands(State(door): State<Door>, headers: HeaderMap, body: Body) -> Response {
    let media = match Media::of(&headers) {
        Ok(media) => media,
        Err(unsupported) => return unsupported.answer(),
    };
    let whole = match door.bodies.whole(body, door.body_max).await {
        Ok(whole) => whole,
        Err(why) => return Problem::from(why).into_response(),
    };
    let trace = traced::of(&headers);
    let taken = match media {
        Media::One => one(&door, whole, trace).await,
        Media::Batch => many(&door, whole, trace).await,
    };
    taken.unwrap_or_else(IntoResponse::into_response)
}

async fn one(
    door: &Door,
    Whole { bytes, filled }: Whole,
    trace: Option<TraceContext>,
) -> Result<Response, Problem> {
    let batch = read_command(&bytes, None).map(|received| {
        let sizes = HashMap::from([(received.tenant.clone(), bytes.len())]);
        Batch { commands: vec![received.sent_in(trace)], sizes }
    });
    // It may be long until the answer.
    drop(bytes);
    let batch = match batch {
        Ok(batch) => batch,
        Err(unreadable) => {
            drop(filled);
            return Err(refuse(door, unreadable.sent_in(trace), None).await);
        }
    };
    match take(door, batch, filled).await?.into_iter().next() {
        Some((id, became)) => answer(id, became),
        None => Ok(StatusCode::ACCEPTED.into_response()),
    }
}

/// The answer to one command: a problem where it has not taken effect.
fn answer(id: String, answer: Answer) -> Result<Response, Problem> {
    let (status, result, why) = match answer {
        Answer::Rejected(why) => (StatusCode::UNPROCESSABLE_ENTITY, "rejected", why),
        Answer::SetAside(why) => (StatusCode::SERVICE_UNAVAILABLE, "set_aside", why),
        accepted @ Answer::Accepted { .. } => {
            return Ok((StatusCode::ACCEPTED, Json(outcome(id, accepted))).into_response());
        }
    };
    let problem = Problem::new(status, why.reason, why.detail);
    Err(problem.with("id", Some(id)).with("result", Some(result)))
}

async fn many(
    door: &Door,
    Whole { bytes, filled }: Whole,
    trace: Option<TraceContext>,
) -> Result<Response, Problem> {
    let batch = Batch::read(&bytes, door.batch, trace);
    drop(bytes);
    let batch = match batch {
        Ok(batch) => batch,
        Err(unread) => {
            let (unreadable, index) = *unread;
            drop(filled);
            return Err(refuse(door, unreadable.sent_in(trace), index).await);
        }
    };
    let answers = take(door, batch, filled).await?;
    let results = answers.into_iter().map(|(id, answer)| outcome(id, answer)).collect();
    Ok((StatusCode::ACCEPTED, Json(Outcomes { results })).into_response())
}

/// Commands that came together, and how many bytes of each tenant they were.
struct Batch {
    commands: Vec<Received>,
    sizes: HashMap<TenantId, usize>,
}

impl Batch {
    /// Reads all of them, sent in this trace as far as they do not say in which; the error may know
    /// which of them cannot be read.
    fn read(
        body: &[u8],
        limit: BatchLimit,
        trace: Option<TraceContext>,
    ) -> Result<Self, Box<(Unreadable, Option<usize>)>> {
        let parts = split_batch(body, limit.max).map_err(|why| (limit.named(why), None))?;
        let (mut commands, mut sizes) = (Vec::with_capacity(parts.len()), HashMap::new());
        for (index, part) in parts.into_iter().enumerate() {
            let part = part.get().as_bytes();
            let received = read_command(part, None).map_err(|why| (why, Some(index)))?;
            *sizes.entry(received.tenant.clone()).or_default() += part.len();
            commands.push(received.sent_in(trace));
        }
        Ok(Self { commands, sizes })
    }
}

async fn take(door: &Door, batch: Batch, filled: Filled) -> Result<Vec<(String, Answer)>, Problem> {
    let held = filled.belongs_to(batch.sizes)?;
    let answers = door.taking.take(batch.commands, held).await?;
    Ok(answers.into_iter().map(|(id, answer)| (id.to_string(), answer)).collect())
}

fn outcome(id: String, answer: Answer) -> Outcome {
    let refused = |result, rejection: Rejection| Outcome {
        id: id.clone(),
        result,
        already_done: false,
        remark: None,
        reason: Some(rejection.reason.as_str()),
        detail: Some(rejection.detail),
    };
    match answer {
        Answer::Accepted { already_done, remark } => {
            let remark = remark.map(Remark::as_str);
            Outcome { id, result: "accepted", already_done, remark, reason: None, detail: None }
        }
        Answer::Rejected(rejection) => refused("rejected", rejection),
        Answer::SetAside(rejection) => refused("set_aside", rejection),
    }
}

async fn refuse(door: &Door, unreadable: Unreadable, index: Option<usize>) -> Problem {
    refusal::note(&door.taking.intake, &unreadable).await;
    let status = match unreadable.reason {
        UnreadableReason::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        UnreadableReason::InvalidData | UnreadableReason::UnknownType => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        _ => StatusCode::BAD_REQUEST,
    };
    Problem::new(status, unreadable.reason, unreadable.detail)
        .with("field", unreadable.field)
        .with("id", unreadable.id.map(|id| id.to_string()))
        .with("index", index)
}

impl From<NotTaken> for Problem {
    fn from(why: NotTaken) -> Self {
        let unavailable = |detail| Problem::of(Refusal::Unavailable, detail);
        let problem = match why {
            NotTaken::Busy(Busy::All) => {
                let detail = "too many commands in flight ([limits] intake_max); send it again";
                Problem::of(Refusal::TooBusy, detail)
            }
            NotTaken::Busy(Busy::Tenant(tenant, max)) => {
                let detail = format!(
                    "{max} or more commands of tenant {tenant} are in flight ([limits] \
                     tenant_window); send it again"
                );
                Problem::of(Refusal::TenantBusy, detail)
            }
            NotTaken::StoreDown => unavailable("the store cannot be read now; send it again"),
            NotTaken::Stopping => unavailable("the daemon is stopping; send it again"),
            NotTaken::NotYet => unavailable("not durable yet; send the same command again"),
        };
        problem.again_after(RETRY_AFTER_SECONDS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_batch_is_bounded_by_the_smaller_limit() {
        let of = |text| {
            let config = Config::parse("f", text).unwrap();
            BatchLimit::of(&config.http, &config.limits)
        };
        assert_eq!(of(""), BatchLimit { max: 1000, key: "[http] batch_max" });
        let small = "[limits]\nintake_max = 2\ntenant_window = 1\n";
        assert_eq!(of(small), BatchLimit { max: 2, key: "[limits] intake_max" });
    }
}
