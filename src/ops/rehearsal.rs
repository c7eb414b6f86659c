//! What would be told, over HTTP: commands played in virtual time, that nobody has handed in.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, json_schema};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::Semaphore;

use jiff::Timestamp;

use crate::config::Config;
use crate::content::{Catalogue, ContentError};
use crate::domain::address::EmailAddress;
use crate::domain::channel::Channels;
use crate::domain::plan::Plans;
use crate::letters::{Pen, Stationery};
use crate::links::Links;
use crate::plays::{House, Part, RUN_ON, Row, Script, parts};
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::refusal::Refusal;
use crate::web::table::Table;

/// The longest script, in bytes.
const SCRIPT_MAX: usize = 256 << 10;
/// The most commands of one.
const COMMANDS_MAX: usize = 500;
/// The most rows of an answer.
const ROWS_MAX: usize = 2000;
/// How long a body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// Links look as they will, but nobody can follow one: what is shown around is no place for a
/// link that works, which is a secret.
const DEAD_KEY: &[u8] = b"rehearsal";

/// Who writes for those who only look.
pub struct Writing {
    pub pen: Pen,
    pub plans: Plans,
    pub from: EmailAddress,
    /// The channels for which there is a provider.
    pub provided: Channels,
}

impl Writing {
    /// The built-in texts, with links where the configuration has any: dead ones.
    ///
    /// # Errors
    /// If the texts cannot be read: a test reads them.
    pub fn of(config: &Config) -> Result<Self, ContentError> {
        let dead = |links: &crate::config::Links| Links::new(&links.url, DEAD_KEY).ok();
        let links = config.links.as_ref().and_then(dead);
        let pen = Pen { catalogue: Arc::new(Catalogue::built_in()?), links };
        let (plans, from) = (config.plans.clone(), config.email.from.clone());
        Ok(Self { pen, plans, from, provided: config.channels() })
    }

    /// What it writes with.
    pub fn house(&self) -> House<'_> {
        let Self { pen, plans, from, provided } = self;
        let stationery =
            Stationery { catalogue: &pen.catalogue, plans, from, links: pen.links.as_ref() };
        House { stationery, texts: pen, provided: *provided }
    }
}

/// Where it is answered from: one play at a time, for it takes a whole processor.
pub struct RehearsalDesk {
    writing: Arc<Writing>,
    turn: Semaphore,
}

impl RehearsalDesk {
    /// With these texts.
    pub fn new(writing: Arc<Writing>) -> Self {
        Self { writing, turn: Semaphore::new(1) }
    }
}

/// The routes; they need the token where one is configured.
pub fn table() -> Table<Arc<RehearsalDesk>> {
    let play = Operation::new("Plays commands in virtual time; nothing is stored or sent.");
    let play = play.takes_as("application/jsonl", |_| json_schema!({ "type": "string" }));
    Table::default().post("/v1/rehearse", rehearse, play.answers::<Rehearsed>())
}

/// What would come of it.
#[derive(Serialize, JsonSchema)]
struct Rehearsed {
    /// As `bellhop rehearse --format json --all` prints them.
    #[schemars(with = "Vec<serde_json::Value>")]
    rows: Vec<Box<RawValue>>,
    commands: usize,
    /// Timers that fired.
    timers: usize,
    /// Rows that were left out, because there are too many.
    left_out: usize,
}

/// `POST /v1/rehearse`: CloudEvents, one a line or one array, as for `bellhop rehearse`.
async fn rehearse(State(desk): State<Arc<RehearsalDesk>>, body: Body) -> Result<Response, Problem> {
    let text = match tokio::time::timeout(BODY_PATIENCE, to_bytes(body, SCRIPT_MAX)).await {
        Ok(Ok(text)) => text,
        Ok(Err(_)) => return Err(too_large(&format!("at most {SCRIPT_MAX} bytes"))),
        Err(_) => {
            let detail = "the body did not come in time";
            return Err(Problem::of(Refusal::TooSlow, detail));
        }
    };
    let script = Script::parse(&text)
        .map_err(|error| Problem::of(Refusal::InvalidBody, format!("{error:#}")))?;
    if script.cues.len() > COMMANDS_MAX {
        return Err(too_large(&format!("at most {COMMANDS_MAX} commands")));
    }
    let Ok(_turn) = desk.turn.acquire().await else { return Err(failed()) };
    let writing = desk.writing.clone();
    let played = tokio::task::spawn_blocking(move || played(&writing, &script)).await;
    Ok(Json(played.map_err(|_| failed())?).into_response())
}

fn played(writing: &Writing, script: &Script) -> Rehearsed {
    let last = script.cues.last().map_or(Timestamp::UNIX_EPOCH, |cue| cue.at);
    let until = last.checked_add(RUN_ON).unwrap_or(Timestamp::MAX);
    let parts = parts(writing.house(), script, until);
    let sum = |of: fn(&Part) -> usize| parts.iter().map(of).sum();
    let (commands, timers) = (sum(|part| part.played.commands), sum(|part| part.played.timers));
    let mut rows: Vec<Row> = parts.into_iter().flat_map(|part| part.rows).collect();
    rows.sort_by(Row::order);
    let left_out = rows.len().saturating_sub(ROWS_MAX);
    rows.truncate(ROWS_MAX);
    let row = |row: &Row| RawValue::from_string(row.json().ok()?).ok();
    Rehearsed { rows: rows.iter().filter_map(row).collect(), commands, timers, left_out }
}

fn too_large(most: &str) -> Problem {
    let detail = format!("a rehearsal over HTTP has {most}: play it with bellhop rehearse");
    Problem::of(Refusal::TooLarge, detail)
}

fn failed() -> Problem {
    let detail = "it could not be played";
    Problem::of(Refusal::Failed, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_be_told_is_told_and_what_cannot_be_read_is_refused() {
        let text = r#"{"specversion":"1.0","id":"a","source":"/t","type":"client.delete","time":"2026-12-01T09:00:00Z","tenant":"t1","data":{"client":"c1"}}"#;
        let writing = Writing::of(&Config::embedded().unwrap()).unwrap();
        let script = Script::parse(format!("{text}\nhello").as_bytes()).unwrap();
        let played = played(&writing, &script);
        let rows: Vec<&str> = played.rows.iter().map(|row| row.get()).collect();
        assert_eq!((played.commands, rows.len()), (2, 2), "{rows:?}");
        assert!(rows.iter().all(|row| row.contains("\"outcome\":\"rejected\"")), "{rows:?}");
    }
}
