//! What every page is written with, and how commands of links are taken.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::private::policy;
use crate::actors::Answer;
use crate::clock;
use crate::content::{Catalogue, Page};
use crate::domain::address::EmailAddress;
use crate::domain::locale::Locale;
use crate::domain::plan::Plans;
use crate::ingress::body::{Bodies, Held};
use crate::ingress::taking::Taking;
use crate::links::Links;
use crate::store::{Store, StoreError};
use crate::telemetry::spell::Told;
use crate::wire::{Received, Unreadable};

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
    /// Who knows names, languages, bookings and places.
    pub store: Store,
    /// Where the clients' wishes go.
    pub taking: Taking,
    /// Who takes forms in.
    pub bodies: Bodies,
    /// In whose name tenants may write.
    pub plans: Arc<Plans>,
    /// The sender of tenants that name none.
    pub from: EmailAddress,
    /// How it is told that the store cannot be read: anybody may follow a link, however often.
    pub trouble: Arc<Told>,
}

/// It is not known to be durable.
pub(super) struct Undone;

impl Desk {
    /// What was looked for in the store; else the page that says what is wrong.
    #[expect(clippy::result_large_err, reason = "it is the answer, and goes out at once")]
    pub(super) fn found<T>(
        &self,
        read: Result<Option<T>, StoreError>,
        spoken: Option<&Locale>,
    ) -> Result<T, Response> {
        match read {
            Ok(found) => {
                self.trouble.worked(clock::instant());
                found.ok_or_else(|| self.missing(spoken))
            }
            Err(error) => {
                self.trouble.failed(clock::instant(), &error);
                Err(self.later(spoken))
            }
        }
    }

    /// Hands a command to its tenant, and waits until what follows is durable.
    pub(super) async fn take(
        &self,
        received: Result<Received, Unreadable>,
    ) -> Result<Answer, Undone> {
        let received = received.map_err(|unreadable| {
            tracing::error!(detail = unreadable.detail, "a link's own command cannot be read");
            Undone
        })?;
        let answers =
            self.taking.take(vec![received], Held::default()).await.map_err(|_| Undone)?;
        match answers.into_iter().next() {
            Some((_, Answer::SetAside(_))) | None => Err(Undone),
            Some((_, answer)) => Ok(answer),
        }
    }

    pub(super) fn missing(&self, spoken: Option<&Locale>) -> Response {
        self.page(StatusCode::NOT_FOUND, Page::Missing, spoken)
    }

    pub(super) fn later(&self, reader: Option<&Locale>) -> Response {
        let page = self.page(StatusCode::SERVICE_UNAVAILABLE, Page::Later, reader);
        ([(header::RETRY_AFTER, RETRY_AFTER_SECONDS)], page).into_response()
    }

    pub(super) fn page(
        &self,
        status: StatusCode,
        page: Page<'_>,
        reader: Option<&Locale>,
    ) -> Response {
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
