//! A booking in the words of a message.

use jiff::Timestamp;

use super::draft::Draft;
use super::tell::Say;
use crate::domain::booking::{Booking, BookingState, Party};
use crate::domain::channel::Channels;
use crate::domain::client::Client;
use crate::domain::kind::Kind;
use crate::domain::message::{BookingFacts, Facts, Occasion};
use crate::domain::policy::SkipReason;
use crate::domain::session::Session;
use crate::domain::told;

/// What is to be told beyond the booking as it now stands.
#[derive(Default)]
pub struct Change<'a> {
    pub moved_from: Option<Timestamp>,
    pub cancelled_by: Option<Party>,
    pub reason: Option<&'a str>,
    pub too_few: bool,
    /// Whether the client accepted an offer.
    pub accepted: bool,
    /// What speaks against telling it.
    pub veto: Option<SkipReason>,
}

/// Tells a client what happened to a booking, before it starts.
pub fn tell(
    draft: &mut Draft<'_>,
    kind: Kind,
    client: &Client,
    booking: &Booking,
    change: Change<'_>,
) {
    let facts = Facts::Booking(BookingFacts {
        moved_from: change.moved_from,
        cancelled_by: change.cancelled_by,
        reason: change.reason.map(str::to_owned),
        too_few: change.too_few,
        accepted: change.accepted,
        ..facts(draft, booking)
    });
    draft.say(Say::new(kind, client, facts).until(booking.starts_at).unless(change.veto));
}

/// Who waited in a queue has a seat now without having accepted one. Where a channel has nothing of
/// bookings that are agreed, it tells that the wait has ended; elsewhere they would hear it twice.
pub fn tell_seated(draft: &mut Draft<'_>, client: &Client, booking: &Booking) {
    let told = draft.settings.channels_of(Kind::BookingConfirmed);
    let ends = draft.settings.channels_of(Kind::QueueAccepted);
    let only: Channels = ends.iter().filter(|channel| !told.contains(*channel)).collect();
    if booking.state == BookingState::Confirmed && only != Channels::NONE {
        let facts = Facts::Booking(facts(draft, booking));
        let say = Say::new(Kind::QueueAccepted, client, facts);
        draft.say(say.only(only).until(booking.starts_at));
    }
}

/// The booking as it now stands, in the words of the settings.
pub fn facts(draft: &Draft<'_>, booking: &Booking) -> BookingFacts {
    told::of_booking(draft.settings, booking, session(draft, booking).as_ref())
}

/// A booking that is told along with another.
pub fn occasion(draft: &Draft<'_>, booking: &Booking) -> Occasion {
    let BookingFacts { booking, starts_at, ends_at, service, location, sequence, .. } =
        facts(draft, booking);
    Occasion { booking, starts_at, ends_at, service, location, sequence }
}

/// What was booked: the session's activity, else the service's name.
pub fn service_name(draft: &Draft<'_>, booking: &Booking) -> Option<String> {
    told::what(draft.settings, booking, session(draft, booking).as_ref())
}

fn session(draft: &Draft<'_>, booking: &Booking) -> Option<Session> {
    draft.session(booking.session.as_ref()?).ok()
}
