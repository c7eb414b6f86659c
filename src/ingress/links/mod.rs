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
//! | 413 | a body beyond [`FORM_MAX_BYTES`] |
//! | 503 | the store cannot be read, or too much is in flight: again after `Retry-After` |

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::taking::Taking;
use crate::actors::Answer;
use crate::content::{Catalogue, Page};
use crate::domain::id::CommandId;
use crate::domain::locale::Locale;
use crate::links::{Links, Unsubscribe};
use crate::store::{Correspondents, Store};
use crate::wire::{Received, Unreadable, read_command};

/// The route. Its prefix is that of [`crate::links::PATH`].
const ROUTE: &str = "/r/{token}";
/// The largest form, in bytes; the one of RFC 8058 has 26, or some 200 as multipart/form-data.
pub const FORM_MAX_BYTES: usize = 4096;
/// What is asked of who comes when it cannot be done, in seconds.
const RETRY_AFTER_SECONDS: &str = "60";
/// What the ids of such commands begin with.
const COMMAND_PREFIX: &str = "unsubscribe";
/// The `source` of such commands.
const COMMAND_SOURCE: &str = "/bellhop/links";

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
}

/// The route of the pages; it needs no token.
pub fn routes(desk: Desk) -> Router {
    let pages = get(ask).post(act).layer(DefaultBodyLimit::max(FORM_MAX_BYTES));
    Router::new().route(ROUTE, pages.layer(map_response(kept_private))).with_state(desk)
}

/// The token is a secret in an address: no cache, no search engine and no other site is to learn
/// it.
async fn kept_private(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
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

async fn act(
    State(desk): State<Desk>,
    token: Token,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    if let Err(rejection) = body {
        return rejection.status().into_response();
    }
    let (wish, visitor) = match desk.visit(token, &headers).await {
        Ok(visit) => visit,
        Err(response) => return response,
    };
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
            Ok(Some(visitor)) => Ok((wish, visitor)),
            Ok(None) => Err(missing()),
            Err(error) => {
                tracing::warn!(%error, "the page of a link cannot be shown");
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
        let answers = self.taking.take(vec![received]).await.map_err(|_| Undone)?;
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

/// Whether it is as wished already, durably: a link that is followed a thousand times is to leave
/// one command in the store. Who is not known any more is sent nothing.
fn is_done(wish: &Unsubscribe, visitor: &Correspondents) -> bool {
    let client = visitor.client.as_ref();
    client.is_none_or(|client| client.preferences.excludes(wish.channel, wish.kind))
}

/// Nothing runs, nothing is loaded, nobody frames it; the one style is known by its digest.
fn policy(style: &str) -> String {
    let digest = BASE64.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// As an app would send it, so that it is read, checked and remembered like any other. A new id
/// each time: who came back by `client.opt_in` can leave again by the same link.
fn command(wish: &Unsubscribe) -> Result<Received, Unreadable> {
    let Unsubscribe { tenant, client, kind, channel } = wish;
    let envelope = json!({
        "specversion": "1.0",
        "id": CommandId::standing_for(COMMAND_PREFIX, Uuid::now_v7()),
        "source": COMMAND_SOURCE,
        "type": "client.opt_out",
        "tenant": tenant,
        "data": { "client": client, "kind": kind, "channel": channel },
    });
    read_command(envelope.to_string().as_bytes(), None)
}

/// The first that the browser names, where nothing else tells the reader's language.
fn accepted_language(headers: &HeaderMap) -> Option<Locale> {
    let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    Locale::parse(header.split([',', ';']).next()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::channel::Channel;
    use crate::domain::command::{Command, Wish};
    use crate::domain::id::{ClientId, TenantId};
    use crate::domain::kind::Kind;
    use crate::links::PATH;

    #[test]
    fn each_post_is_a_wish_of_its_own() {
        let (tenant, client) = (TenantId::parse("salon-uno"), ClientId::parse("an \"id\"/ä"));
        let wish = Unsubscribe {
            tenant: tenant.unwrap(),
            client: client.unwrap(),
            kind: Kind::ReviewRequested,
            channel: Channel::Email,
        };
        let (one, two) = (command(&wish).unwrap(), command(&wish).unwrap());
        let (channel, kind) = (Some(wish.channel), Some(wish.kind));
        let expected = Command::OptOut(Wish { client: wish.client, channel, kind });
        assert_eq!((&one.command, one.tenant), (&expected, wish.tenant));
        assert_ne!(one.id, two.id);
        assert!(one.id.as_str().starts_with("unsubscribe-"), "{}", one.id);
    }

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
