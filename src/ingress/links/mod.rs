//! Links in messages that act, without a token of ours in the request: `/r/{token}`.
//!
//! `GET` shows a page and never changes anything: mail scanners and previews open every link.
//! `POST` does what the link says, whoever sends it: a mail program by one click (RFC 8058 §3.2),
//! or the page's own button. What its body says does not matter: the token says it all.
//!
//! | status | meaning |
//! |---|---|
//! | 200 | the page; after a POST: it is durable |
//! | 404 | no token of ours; nothing else is told |
//! | 408, 413 | a body that did not come in time, or is beyond [`FORM_MAX_BYTES`] |
//! | 503 | the store cannot be read, or too much is in flight: again after `Retry-After` |

mod private;
mod wish;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};

use self::private::{kept_private, policy};
use self::wish::{command, is_done, of_holder};
use super::body::{Bodies, Held};
use super::taking::Taking;
use crate::actors::Answer;
use crate::clock;
use crate::content::{Catalogue, Page};
use crate::domain::locale::Locale;
use crate::links::{Links, Unsubscribe};
use crate::store::{Correspondents, Store};
use crate::telemetry::spell::Told;
use crate::web::operation::Operation;
use crate::web::problem::Problem;
use crate::web::table::{Routes, Table};

/// The route. Its prefix is that of [`crate::links::PATH`].
const ROUTE: &str = "/r/{token}";
/// The largest form, in bytes; the one of RFC 8058 has 26, or some 200 as multipart/form-data.
pub const FORM_MAX_BYTES: usize = 4096;
/// What is asked of who comes when it cannot be done, in seconds.
const RETRY_AFTER_SECONDS: &str = "60";

/// What the pages work with.
#[derive(Clone)]
pub struct Desk {
    /// Who knows a link of ours.
    pub links: Arc<Links>,
    /// Who writes the pages.
    pub catalogue: Arc<Catalogue>,
    /// Who knows names and languages.
    pub store: Store,
    /// Where the clients' wishes go.
    pub taking: Taking,
    /// Who takes forms in.
    pub bodies: Bodies,
    /// How it is told that the store cannot be read: anybody may follow a link, however often.
    pub trouble: Arc<Told>,
}

/// The route of the pages; it needs no token.
pub fn routes(desk: Desk) -> Routes {
    table().with_state(desk).behind(|router| router.layer(map_response(kept_private)))
}

/// The same, before anybody answers.
pub fn table() -> Table<Desk> {
    let page = |summary| {
        let page = Operation::new(summary).open();
        page.answers_as(200, "text/html; charset=utf-8", |generator| {
            generator.subschema_for::<String>()
        })
    };
    let act = page("Does what the link says; what the body says does not matter.");
    Table::default()
        .get(ROUTE, ask, page("The page behind a link to unsubscribe; changes nothing."))
        .post(ROUTE, self::act, act)
}

type Token = Result<Path<String>, PathRejection>;

async fn ask(State(desk): State<Desk>, token: Token, headers: HeaderMap) -> Response {
    match desk.visit(token, &headers).await {
        Ok((_, visitor)) => {
            let page = Page::Ask(&visitor.settings);
            desk.page(StatusCode::OK, page, reader(&visitor))
        }
        Err(response) => response,
    }
}

async fn act(State(desk): State<Desk>, token: Token, headers: HeaderMap, body: Body) -> Response {
    // First, so that only who has a link may keep us waiting for a body.
    let (wish, visitor) = match desk.visit(token, &headers).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
    if let Err(why) = desk.bodies.whole(body, FORM_MAX_BYTES).await {
        return Problem::from(why).into_response();
    }
    let outcome = if is_done(&wish, &visitor) { Ok(()) } else { desk.unsubscribe(&wish).await };
    match outcome {
        Ok(()) => {
            let page = Page::Done(&visitor.settings);
            desk.page(StatusCode::OK, page, reader(&visitor))
        }
        Err(Undone) => desk.later(Some(reader(&visitor).unwrap_or(&visitor.settings.locale))),
    }
}

/// It is not known to be durable.
struct Undone;

impl Desk {
    /// What is wished, and by whom.
    async fn visit(
        &self,
        token: Token,
        headers: &HeaderMap,
    ) -> Result<(Unsubscribe, Correspondents), Response> {
        let spoken = accepted_language(headers);
        let missing = || self.page(StatusCode::NOT_FOUND, Page::Missing, spoken.as_ref());
        let Ok(Path(token)) = token else { return Err(missing()) };
        let wish = self.links.read(&token).map_err(|_| missing())?;
        match self.store.correspondents(&wish.tenant, &wish.client).await {
            Ok(found) => {
                self.trouble.worked(clock::instant());
                let visitor = of_holder(&wish, found.ok_or_else(missing)?);
                Ok((wish, visitor))
            }
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                Err(self.later(spoken.as_ref()))
            }
        }
    }

    /// Says so to the client's tenant, and waits until it is durable.
    async fn unsubscribe(&self, wish: &Unsubscribe) -> Result<(), Undone> {
        let received = command(wish).map_err(|unreadable| {
            tracing::error!(detail = unreadable.detail, "a link's own command cannot be read");
            Undone
        })?;
        let answers =
            self.taking.take(vec![received], Held::default()).await.map_err(|_| Undone)?;
        match answers.into_iter().next() {
            // Refused is who was erased just now.
            Some((_, Answer::Accepted { .. } | Answer::Rejected(_))) => Ok(()),
            Some((_, Answer::SetAside(_))) | None => Err(Undone),
        }
    }

    fn later(&self, reader: Option<&Locale>) -> Response {
        let page = self.page(StatusCode::SERVICE_UNAVAILABLE, Page::Later, reader);
        ([(header::RETRY_AFTER, RETRY_AFTER_SECONDS)], page).into_response()
    }

    fn page(&self, status: StatusCode, page: Page<'_>, reader: Option<&Locale>) -> Response {
        match self.catalogue.page(page, reader) {
            Ok(page) => {
                let policy = [(header::CONTENT_SECURITY_POLICY, policy(&page.style))];
                (status, policy, Html(page.html)).into_response()
            }
            Err(error) => {
                tracing::error!(%error, "the page of a link cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// The client's language, where they have one of their own.
fn reader(visitor: &Correspondents) -> Option<&Locale> {
    visitor.client.as_ref()?.locale.as_ref()
}

/// The first that the browser names, where nothing else tells the reader's language.
fn accepted_language(headers: &HeaderMap) -> Option<Locale> {
    let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    Locale::parse(header.split([',', ';']).next()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::links::PATH;

    #[test]
    fn the_route_is_where_links_lead() {
        assert_eq!(ROUTE.strip_suffix("{token}"), Some(PATH));
    }

    #[test]
    fn the_browser_s_first_language_counts() {
        let of = |value: &'static str| {
            let value = HeaderValue::from_static(value);
            accepted_language(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value)]))
        };
        assert_eq!(of("it-CH;q=0.9, en"), Some(Locale::parse("it-CH").unwrap()));
        assert_eq!((of("*"), of("")), (None, None));
    }
}
