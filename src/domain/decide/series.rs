//! A recurring series is told of once: one of its bookings speaks for all.

use super::draft::Draft;
use crate::domain::booking::{Booking, BookingState};
use crate::domain::kind::Kind;
use crate::domain::message::topic;

/// Whether another booking of the series has told this client what this one would tell.
pub fn is_told(draft: &Draft<'_>, booking: &Booking) -> bool {
    others(draft, booking).any(|other| match booking.state {
        BookingState::Pending => other.state.is_open(),
        state => other.state == state,
    })
}

/// The booking that speaks for the series where the message of the one that did was withdrawn,
/// and what it has to say.
pub fn heir(draft: &Draft<'_>, gone: &Booking, withdrawn: &[Kind]) -> Option<(Kind, Booking)> {
    let spoken = [
        (Kind::BookingConfirmed, BookingState::Confirmed),
        (Kind::BookingPending, BookingState::Pending),
    ];
    let (kind, state) = spoken.into_iter().find(|(kind, _)| withdrawn.contains(kind))?;
    let next = others(draft, gone)
        .filter(|other| other.state == state)
        .min_by_key(|other| (other.starts_at, &other.id))?;
    let speaks = draft.state.unsent(&topic(next)).iter().any(|unsent| unsent.kind == kind);
    (!speaks).then(|| (kind, next.clone()))
}

/// What lies ahead for the same client in the same series.
fn others<'d>(draft: &'d Draft<'_>, booking: &'d Booking) -> impl Iterator<Item = &'d Booking> {
    let series = booking.series.iter().flat_map(|series| draft.state.series(series));
    series.filter(|other| {
        other.id != booking.id && other.client == booking.client && !other.started(draft.ctx.now)
    })
}
