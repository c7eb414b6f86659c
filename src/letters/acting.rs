//! What clients can act on by a link, and what that makes of a text.

use std::sync::Arc;

use jiff::Timestamp;

use crate::content::Catalogue;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts};
use crate::domain::template::{CustomText, TemplateFault, TemplateKey};
use crate::domain::texts::{Said, Texts};
use crate::links::{Act, Links, Object};

/// The longest link in a text message, in bytes: it takes two segments by itself. One of a client
/// and a booking with very long ids is left out rather than the text.
const SMS_LINK_MAX_BYTES: usize = 300;

/// Answers what deciding asks of texts, as they will be written.
#[derive(Debug)]
pub struct Pen {
    pub catalogue: Arc<Catalogue>,
    /// Where links lead, if the operator says so.
    pub links: Option<Links>,
}

impl Texts for Pen {
    fn sms_segments(&self, said: &Said<'_>) -> u32 {
        let link = self.links.as_ref().and_then(|links| act(links, said, Channel::Sms));
        self.catalogue.segments(said, link.as_deref())
    }

    fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault> {
        self.catalogue.check(key, text)
    }
}

/// The link by which the client can act on what they are told, where there is something to do.
pub(super) fn act(links: &Links, said: &Said<'_>, channel: Channel) -> Option<String> {
    let (on, until) = object(said)?;
    let link = links.act(&Act {
        tenant: said.tenant.clone(),
        client: said.client.id.clone(),
        known_since: said.client.known_since,
        until,
        on,
    });
    let fits = channel != Channel::Sms || link.len() <= SMS_LINK_MAX_BYTES;
    fits.then_some(link)
}

/// What they can act on, and until when. Of several bookings that are told of together, a link
/// could cancel but one.
fn object(said: &Said<'_>) -> Option<(Object, Option<Timestamp>)> {
    match (said.kind, said.facts) {
        (Kind::QueueOffered, Facts::Queue(facts)) => {
            Some((Object::Offer(facts.entry.clone()), facts.until))
        }
        (Kind::AttendanceCheck, Facts::Booking(facts)) => {
            let until = facts.free_until.unwrap_or(facts.starts_at);
            Some((Object::Attendance(facts.booking.clone()), Some(until)))
        }
        (
            Kind::BookingPending
            | Kind::BookingConfirmed
            | Kind::BookingRescheduled
            | Kind::BookingReminder,
            Facts::Booking(BookingFacts { booking, starts_at, others, .. }),
        ) if said.settings.client_links && others.is_empty() => {
            Some((Object::Booking(booking.clone()), Some(*starts_at)))
        }
        _ => None,
    }
}
