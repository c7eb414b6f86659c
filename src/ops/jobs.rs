//! Jobs and the audit over HTTP.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, Request, State};
use axum::response::{IntoResponse, Response};

use super::api::{Ids, missing};
use super::letters::{Asked, LetterDesk, Page, Reason, cursor, limit};
use crate::domain::letter::JobId;
use crate::store::{AuditView, JobState, JobView};
use crate::web::operation::{Operation, PAGE, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<LetterDesk>> {
    let listed = Operation::new("Replays of dead letters, the latest first.").asked_by(&PAGE);
    let shown = Operation::new("How far a replay is.").answers::<JobView>();
    let step = Operation::new("Lets a replay pause or go on, or ends it.");
    let audit = Operation::new("What operators did, the latest first.").asked_by(&PAGE);
    Table::default()
        .get("/v1/jobs", list, listed.answers::<Page<JobView>>())
        .get("/v1/jobs/{job}", show, shown)
        .post("/v1/jobs/{job}/{step}", self::step, step.takes::<Reason>().answers::<JobView>())
        .get("/v1/audit", self::audit, audit.answers::<Page<AuditView>>())
}

/// `GET /v1/jobs`: the latest first.
async fn list(
    State(desk): State<Arc<LetterDesk>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &names(&PAGE))?;
    let (after, limit) = (cursor(&query)?.map(JobId), limit(&query)?);
    let jobs = desk.shelf.read(desk.shelf.store.jobs(after, limit).await)?;
    Ok(Page::of(jobs, limit, |job| job.id.clone()))
}

/// `GET /v1/jobs/{job}`.
async fn show(State(desk): State<Arc<LetterDesk>>, id: Ids<String>) -> Result<Response, Problem> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(|| missing("job"))?;
    let job = desk.shelf.read(desk.shelf.store.job(JobId(id)).await)?;
    Ok(Json(job.ok_or_else(|| missing("job"))?).into_response())
}

/// `POST /v1/jobs/{job}/pause`, `resume` or `cancel`, with `{reason}` or without.
async fn step(
    State(desk): State<Arc<LetterDesk>>,
    ids: Ids<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let Path((id, step)) = ids.map_err(|_| missing("job"))?;
    let id = id.parse().map_err(|_| missing("job"))?;
    let to = match step.as_str() {
        "pause" => JobState::Paused,
        "resume" => JobState::Running,
        "cancel" => JobState::Cancelled,
        _ => return Err(missing("step: there are pause, resume and cancel")),
    };
    let (asked, body) = Asked::read(request, &["reason"]).await?;
    let deed = asked.perhaps(&body)?;
    let moved = desk.shelf.read(desk.replays.moves(JobId(id), to, &deed).await)?;
    let job = moved.ok_or_else(|| missing("job"))?;
    if JobState::parse(&job.state).is_some_and(|state| state.is_over() && state != to) {
        let detail = format!("the job is {} already", job.state);
        let problem = Problem::of(Refusal::JobOver, detail);
        return Err(problem.with("state", Some(job.state)));
    }
    Ok(Json(job).into_response())
}

/// `GET /v1/audit`: what operators did, the latest first.
async fn audit(
    State(desk): State<Arc<LetterDesk>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let query = Query::read(query.as_deref(), &names(&PAGE))?;
    let before = query.number("after", 1..=i64::MAX)?;
    let limit = limit(&query)?;
    let lines = desk.shelf.read(desk.shelf.store.audit(before, limit).await)?;
    Ok(Page::of(lines, limit, |line| line.seq.to_string()))
}
