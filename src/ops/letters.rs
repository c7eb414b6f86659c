//! Dead letters over HTTP: looking through them, trying them again, throwing them away.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, RawQuery, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::api::{Ids, Shelf, missing};
use super::caller::who;
use super::letter_filter::{FILTERS, of_body, of_query};
use crate::actors::{PlanOfReplay, Replays};
use crate::clock;
use crate::domain::message::MessageId;
use crate::store::{AttemptView, Deed, JobView, LETTERS_MAX, LetterView, PAGE_MAX};
use crate::web::members::Members;
use crate::web::operation::{Operation, PAGE, names};
use crate::web::problem::Problem;
use crate::web::query::Query;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// Rows of a page where the reader names no number.
pub const PAGE_DEFAULT: u32 = 100;
/// Letters a second where nobody says.
const RATE_DEFAULT: f64 = 50.0;
/// The least and the most.
const RATES: std::ops::RangeInclusive<f64> = 0.01..=1000.0;
/// The longest body, in bytes: a thousand ids.
const BODY_MAX: usize = 64 * 1024;
/// How long a body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// The longest reason that is kept, in characters.
const REASON_MAX_CHARS: usize = 500;

/// Where operators are answered from.
pub struct LetterDesk {
    /// Where letters are read.
    pub shelf: Arc<Shelf>,
    /// Who tries them again.
    pub replays: Arc<Replays>,
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<LetterDesk>> {
    let listed = Operation::new("What was given up, decided last first.");
    let listed = listed.asked_by(&FILTERS).asked_by(&PAGE).answers::<Page<LetterView>>();
    let shown = Operation::new("A dead letter, and every provider that was asked.");
    let replay = Operation::new("Tries dead letters again: a job, or only what it would do.");
    let replay = replay.takes::<ReplayWish>().answers::<PlanOfReplay>();
    let discard = Operation::new("Throws dead letters away: they are listed and counted no more.");
    let discard = discard.takes::<DiscardWish>().answers::<Discarded>();
    Table::default()
        .get("/v1/dead-letters", list, listed)
        .get("/v1/dead-letters/{message}", show, shown.answers::<Shown>())
        .post("/v1/dead-letters/replay", self::replay, replay.answers_with::<JobView>(202))
        .post("/v1/dead-letters/discard", self::discard, discard)
}

/// Why something is done.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read member by member")]
pub(super) struct Reason {
    /// Kept in the audit.
    reason: Option<String>,
}

/// Which dead letters, by what is known of them.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read member by member")]
struct LetterWish {
    tenant: Option<String>,
    kind: Option<String>,
    channel: Option<String>,
    /// Who was asked last.
    provider: Option<String>,
    /// Why they were given up, by name.
    reason: Option<String>,
    /// Given up since.
    since: Option<Timestamp>,
    /// `dead`, `unknown` or `unreadable`.
    status: Option<String>,
}

/// Which dead letters are tried again, and how.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read member by member")]
struct ReplayWish {
    /// `{}` stands for every one.
    filter: Option<LetterWish>,
    /// These and no others, by their ids.
    messages: Option<Vec<String>>,
    /// Messages a second, from 0.01 to 1000; 50 where nothing is said.
    rate: Option<f64>,
    /// Only say what would be sent.
    dry_run: Option<bool>,
    /// Why: kept in the audit; needed where it is not dry.
    reason: Option<String>,
}

/// Which dead letters are thrown away.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read member by member")]
struct DiscardWish {
    /// `{}` stands for every one.
    filter: Option<LetterWish>,
    /// These and no others, by their ids.
    messages: Option<Vec<String>>,
    /// Why: kept in the audit.
    reason: String,
}

/// How many were thrown away.
#[derive(Serialize, JsonSchema)]
struct Discarded {
    discarded: u64,
    /// Whether there may be more: ask again.
    more: bool,
}

/// A page, and where the next begins.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "{T}Page")]
pub struct Page<T> {
    items: Vec<T>,
    /// The `after` of the next page; absent where this is the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl<T: Serialize> Page<T> {
    /// A page that is full has perhaps another behind it.
    pub fn of(items: Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> Response {
        let full = items.len() >= limit as usize;
        let next = items.last().filter(|_| full).map(cursor);
        Self::until(items, next)
    }

    /// A page of which somebody knows where the next begins.
    pub fn until(items: Vec<T>, next: Option<String>) -> Response {
        Json(Self { items, next }).into_response()
    }
}

/// `GET /v1/dead-letters`: those decided last first.
async fn list(
    State(desk): State<Arc<LetterDesk>>,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let known = names(&[&FILTERS[..], &PAGE].concat());
    let query = Query::read(query.as_deref(), &known)?;
    let filter = of_query(&query)?;
    let after = cursor(&query)?.map(MessageId);
    let limit = limit(&query)?;
    let shelf = &desk.shelf;
    let found = shelf.read(shelf.store.dead_letters(&filter, after, limit).await)?;
    Ok(Page::of(found, limit, |view| view.message.clone()))
}

/// The number of rows that a reader wants.
pub fn limit(query: &Query) -> Result<u32, Problem> {
    Ok(query.number("limit", 1..=u32::MAX)?.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX))
}

/// Where a reader goes on.
pub fn cursor(query: &Query) -> Result<Option<Uuid>, Problem> {
    let after = query.text("after").map(str::parse);
    after.transpose().map_err(|_| query.wrong("after", "must be the `next` of a page"))
}

/// A letter with the whole of its history.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DeadLetter")]
struct Shown {
    #[serde(flatten)]
    letter: LetterView,
    history: Vec<AttemptView>,
}

/// `GET /v1/dead-letters/{message}`.
async fn show(State(desk): State<Arc<LetterDesk>>, id: Ids<String>) -> Result<Response, Problem> {
    let id = id.ok().and_then(|Path(id)| id.parse().ok()).ok_or_else(|| missing("dead letter"))?;
    let shelf = &desk.shelf;
    let found = shelf.read(shelf.store.dead_letter(MessageId(id)).await)?;
    let (letter, history) = found.ok_or_else(|| missing("dead letter"))?;
    Ok(Json(Shown { letter, history }).into_response())
}

/// `POST /v1/dead-letters/replay {filter | messages, rate?, dry_run?, reason}`: a plan, or a job.
async fn replay(
    State(desk): State<Arc<LetterDesk>>,
    request: Request,
) -> Result<Response, Problem> {
    let known = ["filter", "messages", "rate", "dry_run", "reason"];
    let (asked, body) = Asked::read(request, &known).await?;
    let filter = of_body(&body)?;
    let rate = body.number("rate")?.unwrap_or(RATE_DEFAULT);
    if !RATES.contains(&rate) {
        let (least, most) = (RATES.start(), RATES.end());
        return Err(body.wrong("rate", &format!("must be from {least} to {most} a second")));
    }
    if body.flag("dry_run")?.unwrap_or(false) {
        let plan = desk.shelf.read(desk.replays.plan(&filter).await)?;
        return Ok(Json(plan).into_response());
    }
    let deed = asked.deed(&body)?;
    let begun = desk.shelf.read(desk.replays.begin(filter, rate, &deed).await)?;
    let Some(job) = begun else {
        let detail = "too many jobs have not ended: wait for one, or cancel one";
        return Err(Problem::of(Refusal::TooManyJobs, detail));
    };
    let location = [(header::LOCATION, format!("/v1/jobs/{}", job.id))];
    Ok((StatusCode::ACCEPTED, location, Json(job)).into_response())
}

/// `POST /v1/dead-letters/discard {filter | messages, reason}`.
async fn discard(
    State(desk): State<Arc<LetterDesk>>,
    request: Request,
) -> Result<Response, Problem> {
    let (asked, body) = Asked::read(request, &["filter", "messages", "reason"]).await?;
    let filter = of_body(&body)?;
    let deed = asked.deed(&body)?;
    let discarded = desk.shelf.read(desk.replays.discard(&filter, &deed).await)?;
    let more = discarded >= u64::from(LETTERS_MAX);
    Ok(Json(Discarded { discarded, more }).into_response())
}

/// Who asks.
pub struct Asked(String);

impl Asked {
    /// Who asks, and for what.
    ///
    /// # Errors
    /// If the body does not come, or has members that are not `known`.
    pub async fn read(request: Request, known: &[&str]) -> Result<(Self, Members), Problem> {
        let (parts, body) = request.into_parts();
        let who = who(&parts.extensions, &parts.headers);
        Ok((Self(who), Members::read(&whole(body).await?, known)?))
    }

    /// What is written down of it.
    ///
    /// # Errors
    /// If nobody says why.
    pub fn deed(self, body: &Members) -> Result<Deed, Problem> {
        let why = self.why(body)?;
        let why = why.ok_or_else(|| body.wrong("reason", "is missing: it is kept in the audit"))?;
        Ok(Deed { who: self.0, why, at: clock::now() })
    }

    /// The same, where nobody need say why.
    ///
    /// # Errors
    /// If what is said is too long.
    pub fn perhaps(self, body: &Members) -> Result<Deed, Problem> {
        let why = self.why(body)?.unwrap_or_default();
        Ok(Deed { who: self.0, why, at: clock::now() })
    }

    fn why(&self, body: &Members) -> Result<Option<String>, Problem> {
        let why = body.text("reason")?.map(|why| why.trim().to_owned());
        if why.as_ref().is_some_and(|why| why.chars().count() > REASON_MAX_CHARS) {
            let most = format!("must have at most {REASON_MAX_CHARS} characters");
            return Err(body.wrong("reason", &most));
        }
        Ok(why.filter(|why| !why.is_empty()))
    }
}

async fn whole(body: Body) -> Result<Vec<u8>, Problem> {
    match tokio::time::timeout(BODY_PATIENCE, to_bytes(body, BODY_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(_)) => {
            let detail = format!("the body must be whole, and at most {BODY_MAX} bytes");
            Err(Problem::of(Refusal::TooLarge, detail))
        }
        Err(_) => {
            let detail = "the body did not come in time";
            Err(Problem::of(Refusal::TooSlow, detail))
        }
    }
}
