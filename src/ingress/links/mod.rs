//! Links in messages that act, without a token of ours in the request: `/r/{token}`, and
//! `/s/{code}` in text messages.
//!
//! `GET` shows a page and never changes anything: mail scanners and previews open every link.
//! `POST` does what the link says, whoever sends it: a mail program by one click (RFC 8058 §3.2),
//! or the page's own buttons. To unsubscribe, what its body says does not matter; to act, it says
//! which button: `action=accept`. It acts once: a second one tells what was done.
//!
//! | status | meaning |
//! |---|---|
//! | 200 | the page, also where nothing is left to do; after a POST: it is durable |
//! | 400 | an action that such a link has not |
//! | 404 | no token of ours; nothing else is told |
//! | 408, 413 | a body that did not come in time, or is beyond [`FORM_MAX_BYTES`] |
//! | 503 | the store cannot be read, or too much is in flight: again after `Retry-After` |
//!
//! ```text
//! code ──▶ short: the message that has it ─▶ Act
//! token ─▶ Unsubscribe ─▶ leaving          ─▶ client.opt_out
//!      └─▶ Act ─▶ acting ─▶ sight: how it ─▶ queue.accept, queue.decline,
//!                           stands now       booking.confirm_attendance, booking.cancel
//! ```

mod acting;
mod desk;
mod leaving;
mod private;
mod request;
mod short;
mod sight;
mod wish;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::middleware::map_response;
use axum::response::Response;

use self::acting::{CALENDAR_SUFFIX, Visit};
pub use self::desk::{Desk, FORM_MAX_BYTES};
use self::private::kept_private;
use self::request::{Token, accepted_language};
use self::short::SHORT_ROUTE;
use crate::links::Errand;
use crate::web::operation::Operation;
use crate::web::table::{Routes, Table};

/// The route. Its prefix is that of [`crate::links::PATH`].
const ROUTE: &str = "/r/{token}";

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
    let look = page(
        "The page behind a link in a message; changes nothing. With .ics behind the token, the \
         calendar file of the booking.",
    );
    let act = page(
        "Does what the link says, once. To act on a booking or an offer, the form says by `action` \
         which button: accept, decline, confirm or cancel.",
    );
    let act = act.takes_as("application/x-www-form-urlencoded", |generator| {
        generator.subschema_for::<String>()
    });
    let long = Table::default().get(ROUTE, shown, look.clone()).post(ROUTE, done, act.clone());
    long.get(SHORT_ROUTE, short::shown, look).post(SHORT_ROUTE, short::done, act)
}

async fn shown(State(desk): State<Desk>, token: Token, headers: HeaderMap) -> Response {
    let spoken = accepted_language(&headers);
    let Ok(Path(text)) = token else { return desk.missing(spoken.as_ref()) };
    let file = text.strip_suffix(CALENDAR_SUFFIX);
    let token = file.unwrap_or(&text);
    match desk.links.read(token) {
        Ok(Errand::Act(act)) => {
            let visit = Visit { token, act, spoken };
            if file.is_some() { desk.calendar(&visit).await } else { desk.show(&visit).await }
        }
        Ok(Errand::Unsubscribe(wish)) if file.is_none() => desk.ask(&wish, spoken.as_ref()).await,
        _ => desk.missing(spoken.as_ref()),
    }
}

async fn done(State(desk): State<Desk>, token: Token, headers: HeaderMap, body: Body) -> Response {
    let spoken = accepted_language(&headers);
    let Ok(Path(token)) = token else { return desk.missing(spoken.as_ref()) };
    match desk.links.read(&token) {
        Ok(Errand::Act(act)) => desk.perform(&Visit { token: &token, act, spoken }, body).await,
        Ok(Errand::Unsubscribe(wish)) => desk.leave(&wish, body, spoken.as_ref()).await,
        Err(_) => desk.missing(spoken.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::links::{PATH, SHORT_PATH};

    #[test]
    fn the_route_is_where_links_lead() {
        assert_eq!(ROUTE.strip_suffix("{token}"), Some(PATH));
        assert_eq!(SHORT_ROUTE.strip_suffix("{code}"), Some(SHORT_PATH));
    }
}
