//! What clients can act on by a link, and what that makes of a text.

use std::sync::Arc;

use jiff::Timestamp;

use crate::content::Catalogue;
use crate::domain::channel::Channel;
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts, MessageId};
use crate::domain::template::{CustomText, TemplateFault, TemplateKey};
use crate::domain::texts::{Said, Texts};
use crate::links::{Act, Links, Object};

/// The longest link in a text message that was decided when it had no short one, in bytes: it takes
/// two segments by itself. One of a client and a booking with very long ids is left out rather than
/// the text.
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
        let link = self.links.as_ref().filter(|_| has_link(said)).map(Links::short_like);
        self.catalogue.segments(said, link.as_deref())
    }

    fn link_code(&self, said: &Said<'_>, message: MessageId) -> Option<String> {
        self.links.as_ref().filter(|_| has_link(said)).map(|links| links.code(message))
    }

    fn check(&self, key: &TemplateKey, text: &CustomText) -> Result<(), TemplateFault> {
        self.catalogue.check(key, text)
    }
}

/// The link by which the client can act on what they are told, where there is something to do.
pub(super) fn act(links: &Links, said: &Said<'_>, channel: Channel) -> Option<String> {
    let (on, until) = object(said.kind, said.facts).filter(|_| has_link(said))?;
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

/// Whether there is something to do, and it is done by links. Mails and texts about a booking have
/// one only where the tenant wants it.
fn has_link(said: &Said<'_>) -> bool {
    match object(said.kind, said.facts) {
        Some((Object::Booking(_), _)) => said.settings.client_links,
        Some((Object::Offer(_) | Object::Attendance(_), _)) => true,
        None => false,
    }
}

/// What who is told of this can act on, and until when. Of several bookings that are told of
/// together, a link could cancel but one.
pub fn object(kind: Kind, facts: &Facts) -> Option<(Object, Option<Timestamp>)> {
    match (kind, facts) {
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
        ) if others.is_empty() => Some((Object::Booking(booking.clone()), Some(*starts_at))),
        _ => None,
    }
}
