//! The page by which clients unsubscribe.

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};

use super::desk::{Desk, FORM_MAX_BYTES, Undone};
use super::wish::{is_done, of_holder, unsubscribing};
use crate::content::Page;
use crate::domain::locale::Locale;
use crate::links::Unsubscribe;
use crate::store::Correspondents;
use crate::web::problem::Problem;

impl Desk {
    /// Shows the page, and changes nothing.
    pub(super) async fn ask(&self, wish: &Unsubscribe, spoken: Option<&Locale>) -> Response {
        match self.visitor(wish, spoken).await {
            Ok(visitor) => {
                self.page(StatusCode::OK, Page::Ask(&visitor.settings), reader(&visitor))
            }
            Err(response) => response,
        }
    }

    /// Unsubscribes. What the body says does not matter: the token says it all.
    pub(super) async fn leave(
        &self,
        wish: &Unsubscribe,
        body: Body,
        spoken: Option<&Locale>,
    ) -> Response {
        // First, so that only who has a link may keep us waiting for a body.
        let visitor = match self.visitor(wish, spoken).await {
            Ok(visitor) => visitor,
            Err(response) => return response,
        };
        if let Err(why) = self.bodies.whole(body, FORM_MAX_BYTES).await {
            return Problem::from(why).into_response();
        }
        let reader = reader(&visitor);
        // Refused is who was erased just now.
        let outcome = match is_done(wish, &visitor) {
            true => Ok(()),
            false => self.take(unsubscribing(wish)).await.map(|_| ()),
        };
        match outcome {
            Ok(()) => self.page(StatusCode::OK, Page::Done(&visitor.settings), reader),
            Err(Undone) => self.later(Some(reader.unwrap_or(&visitor.settings.locale))),
        }
    }

    async fn visitor(
        &self,
        wish: &Unsubscribe,
        spoken: Option<&Locale>,
    ) -> Result<Correspondents, Response> {
        let read = self.store.correspondents(&wish.tenant, &wish.client).await;
        Ok(of_holder(wish.known_since, self.found(read, spoken)?))
    }
}

/// The client's language, where they have one of their own.
fn reader(visitor: &Correspondents) -> Option<&Locale> {
    visitor.client.as_ref()?.locale.as_ref()
}
