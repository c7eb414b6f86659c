//! Short links: what stands behind a code is in the store.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use jiff::Timestamp;

use super::acting::{CALENDAR_SUFFIX, Visit};
use super::desk::Desk;
use super::request::{Token, accepted_language};
use crate::domain::locale::Locale;
use crate::letters::object;
use crate::links::{Act, is_code};
use crate::store::Linked;

/// The route. Its prefix is that of [`crate::links::SHORT_PATH`].
pub(super) const SHORT_ROUTE: &str = "/s/{code}";

pub(super) async fn shown(State(desk): State<Desk>, code: Token, headers: HeaderMap) -> Response {
    let spoken = accepted_language(&headers);
    let Ok(Path(text)) = code else { return desk.missing(spoken.as_ref()) };
    let file = text.strip_suffix(CALENDAR_SUFFIX);
    let code = file.unwrap_or(&text);
    let act = match desk.behind(code, spoken.as_ref()).await {
        Ok(act) => act,
        Err(response) => return response,
    };
    let visit = Visit { token: code, act, spoken };
    if file.is_some() { desk.calendar(&visit).await } else { desk.show(&visit).await }
}

pub(super) async fn done(
    State(desk): State<Desk>,
    code: Token,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let spoken = accepted_language(&headers);
    let Ok(Path(code)) = code else { return desk.missing(spoken.as_ref()) };
    match desk.behind(&code, spoken.as_ref()).await {
        Ok(act) => desk.perform(&Visit { token: &code, act, spoken }, body).await,
        Err(response) => response,
    }
}

impl Desk {
    /// What a code stands for, if a key of ours made it.
    async fn behind(&self, code: &str, spoken: Option<&Locale>) -> Result<Act, Response> {
        if !is_code(code) {
            return Err(self.missing(spoken));
        }
        let linked = self.found(self.store.linked(code).await, spoken)?;
        let is_ours = self.links.vouches(code, linked.message);
        let about = object(linked.kind, &linked.facts).filter(|_| is_ours);
        let (on, until) = about.ok_or_else(|| self.missing(spoken))?;
        let Linked { tenant, message, client, .. } = linked;
        let who = self.store.correspondents(&tenant, &client).await;
        let who = self.found(who, spoken)?;
        let known_since = who.client.and_then(|client| client.known_since);
        // Who became known after it was decided is somebody else of that id.
        let decided = message.decided_at().unwrap_or(Timestamp::MIN);
        let is_theirs = known_since.is_none_or(|since| as_told(since) <= decided);
        let known_since = if is_theirs { known_since } else { Some(decided) };
        Ok(Act { tenant, client, known_since, until, on })
    }
}

/// As exactly as the id of a message tells when it was decided.
fn as_told(since: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(since.as_millisecond()).unwrap_or(since)
}
