//! The page by which clients act on something of theirs.

use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use url::form_urlencoded;
use uuid::Uuid;

use super::desk::{Desk, FORM_MAX_BYTES};
use super::sight::Sight;
use super::wish::{acting, of_holder};
use crate::clock;
use crate::content::{Affair, CalendarPart, ContentError, Letter, Page, Standing};
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::locale::Locale;
use crate::domain::message::{Message, MessageId, Topic};
use crate::domain::timer::Outage;
use crate::letters::Stationery;
use crate::links::{Act, Object};
use crate::store::Concern;
use crate::web::problem::Problem;

/// What follows a token in the address of a calendar file; no token holds a point.
pub(super) const CALENDAR_SUFFIX: &str = ".ics";
/// What a form says by its button.
const ACTION: &str = "action";
/// What the calendar file is called.
const CALENDAR_FILE: &str = "attachment; filename=\"booking.ics\"";

/// A link that somebody follows.
pub(super) struct Visit<'v> {
    pub token: &'v str,
    pub act: Act,
    /// The browser's language.
    pub spoken: Option<Locale>,
}

impl Desk {
    /// Shows how it stands, and what can be done. Changes nothing.
    pub(super) async fn show(&self, visit: &Visit<'_>) -> Response {
        match self.sight(visit).await {
            Ok((sight, now)) => self.shown(StatusCode::OK, visit, &sight, now),
            Err(response) => response,
        }
    }

    /// The calendar file of a booking; where there is none, how it stands.
    pub(super) async fn calendar(&self, visit: &Visit<'_>) -> Response {
        let (sight, now) = match self.sight(visit).await {
            Ok(seen) => seen,
            Err(response) => return response,
        };
        if !sight.has_calendar {
            return self.shown(StatusCode::OK, visit, &sight, now);
        }
        match self.calendar_file(&visit.act, &sight, now) {
            Ok(Some(file)) => {
                let headers = [
                    (header::CONTENT_TYPE, "text/calendar; charset=utf-8; method=PUBLISH"),
                    (header::CONTENT_DISPOSITION, CALENDAR_FILE),
                ];
                (headers, file.body).into_response()
            }
            Ok(None) => self.missing(visit.spoken.as_ref()),
            Err(error) => {
                tracing::error!(%error, "the calendar file of a link cannot be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }

    /// Does what the form says, once, and tells how it stands then.
    pub(super) async fn perform(&self, visit: &Visit<'_>, body: Body) -> Response {
        // First, so that only who has a link may keep us waiting for a body.
        let (sight, now) = match self.sight(visit).await {
            Ok(seen) => seen,
            Err(response) => return response,
        };
        let form = match self.bodies.whole(body, FORM_MAX_BYTES).await {
            Ok(form) => form,
            Err(why) => return Problem::from(why).into_response(),
        };
        let action = form_urlencoded::parse(&form.bytes).find(|(name, _)| name == ACTION);
        let command = action.and_then(|(_, action)| acting(&visit.act, &action));
        let Some(command) = command else {
            return self.shown(StatusCode::BAD_REQUEST, visit, &sight, now);
        };
        if !sight.standing.is_open() {
            return self.shown(StatusCode::OK, visit, &sight, now);
        }
        if self.take(command).await.is_err() {
            return self.later(Some(sight.reader()));
        }
        match self.sight(visit).await {
            // It was refused, though it looked as if it could be done.
            Ok((sight, now)) if sight.standing.is_open() => {
                let sight = Sight { standing: Standing::Over, ..sight };
                self.shown(StatusCode::OK, visit, &sight, now)
            }
            Ok((sight, now)) => self.shown(StatusCode::OK, visit, &sight, now),
            Err(response) => response,
        }
    }

    async fn sight(&self, visit: &Visit<'_>) -> Result<(Sight, Timestamp), Response> {
        let Act { tenant, client, known_since, on, .. } = &visit.act;
        let about = match on {
            Object::Offer(entry) => Topic::Entry(entry.clone()),
            Object::Attendance(booking) | Object::Booking(booking) => {
                Topic::Booking(booking.clone())
            }
        };
        let (now, spoken) = (clock::now(), visit.spoken.as_ref());
        let read = self.store.concern(tenant, client, &about).await;
        let Concern { who, entry, booking, session } = self.found(read, spoken)?;
        let outages = self.store.outages(Outage::remembered_since(now)).await;
        let outages = self.found(outages.map(Some), spoken)?;
        let who = of_holder(*known_since, who);
        let concern = Concern { who, entry, booking, session };
        Ok((Sight::of(&visit.act, concern, &outages, now), now))
    }

    fn shown(
        &self,
        status: StatusCode,
        visit: &Visit<'_>,
        sight: &Sight,
        now: Timestamp,
    ) -> Response {
        let Sight { settings, standing, known, has_calendar } = sight;
        let calendar = has_calendar.then(|| format!("{}{CALENDAR_SUFFIX}", visit.token));
        let affair = Affair {
            settings,
            standing: *standing,
            known: known.as_ref().map(|(client, facts)| (&**client, facts)),
            now,
            calendar: calendar.as_deref(),
        };
        self.page(status, Page::Affair(affair), sight.client_locale())
    }

    fn calendar_file(
        &self,
        act: &Act,
        sight: &Sight,
        now: Timestamp,
    ) -> Result<Option<CalendarPart>, ContentError> {
        let Some((client, facts)) = &sight.known else { return Ok(None) };
        let (catalogue, plans, settings) = (&*self.catalogue, &*self.plans, &*sight.settings);
        let hand = Stationery { catalogue, plans, from: &self.from, links: None };
        let message = Message {
            id: MessageId(Uuid::nil()),
            kind: Kind::BookingConfirmed,
            channel: Channel::Email,
            client: client.id.clone(),
            due: now,
            deadline: None,
            facts: facts.clone(),
            segments: 0,
            fallback_of: None,
            link_code: None,
        };
        let letter = Letter {
            tenant: &act.tenant,
            message: &message,
            settings,
            client,
            custom: None,
            from: hand.sender(settings),
            unsubscribe: None,
            link: None,
        };
        catalogue.calendar(&letter)
    }
}
