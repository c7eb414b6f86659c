//! A client is erased: at once for whoever looks, and page by page in the store.

use std::sync::Arc;

use super::draft::Draft;
use super::{broadcast, queue, reminder};
use crate::domain::booking::Booking;
use crate::domain::decision::{Forgotten, Record, RecordKey};
use crate::domain::erasure::{Erasure, Left};
use crate::domain::id::{BookingId, CauseId, ClientId, PaymentId};
use crate::domain::message::topic;
use crate::domain::rejection::Rejection;
use crate::domain::state::TenantState;
use crate::domain::timer::Timer;

/// Their open bookings are called off without a word, so that the seats are free. Everything
/// personal goes; what was counted stays.
pub fn erase(draft: &mut Draft<'_>, id: &ClientId) -> Result<(), Rejection> {
    draft.client(id)?;
    queue::leave_all(draft, id);
    forget_notes(draft, id);
    let erasure = all_of(draft.state, id);
    if erasure.size() > draft.page() {
        let (name, erasure) = (draft.ctx.cause.clone(), Arc::new(erasure));
        draft.put(Record::Erasure(name.clone(), erasure));
        leave(draft, name, 0);
    } else {
        for row in erasure.rows() {
            forget(draft, row);
        }
    }
    broadcast::forget_all(draft, id);
    draft.cancel_timer(Timer::WinBack { client: id.clone() });
    draft.erase(id.clone());
    Ok(())
}

/// All that is known of a client beside themselves, in the order of ids.
fn all_of(state: &TenantState, client: &ClientId) -> Erasure {
    let own = state.bookings().filter(|booking| booking.client == *client && !booking.erased);
    let (open, over): (Vec<_>, Vec<_>) = own.partition(|booking| booking.state.is_open());
    let paid = state.payments().filter(|payment| payment.client == *client && !payment.erased);
    let mut payments: Vec<PaymentId> = paid.map(|payment| payment.id.clone()).collect();
    payments.sort_unstable();
    Erasure {
        client: client.clone(),
        open: open.into_iter().map(|booking| booking.id.clone()).collect(),
        over: over.into_iter().map(|booking| booking.id.clone()).collect(),
        payments,
    }
}

/// The next page, behind so many rows.
pub fn go_on(draft: &mut Draft<'_>, name: &CauseId, done: usize) {
    let Some(erasure) = draft.state.erasure(name).cloned() else { return };
    let mut rows = erasure.rows().skip(done);
    let mut bookings = Vec::new();
    for row in rows.by_ref().take(draft.page()) {
        if let Left::Open(booking) | Left::Over(booking) = row {
            bookings.push(booking.clone());
        }
        forget(draft, row);
    }
    draft.decision.forgotten = Some(Forgotten { client: erasure.client.clone(), bookings });
    if rows.next().is_some() {
        leave(draft, name.clone(), done + draft.page());
    } else {
        draft.drop_record(RecordKey::Erasure(name.clone()));
    }
}

fn leave(draft: &mut Draft<'_>, erasure: CauseId, done: usize) {
    draft.set_timer(draft.ctx.now, Timer::ErasurePage { erasure, done });
}

fn forget(draft: &mut Draft<'_>, row: Left<'_>) {
    match row {
        Left::Open(id) => call_off(draft, id),
        Left::Over(id) => {
            if let Some(booking) = draft.state.booking(id) {
                draft.put(Record::Booking(booking.forgotten()));
            }
        }
        Left::Payment(id) => {
            if let Some(payment) = draft.state.payment(id) {
                draft.put(Record::Payment(payment.forgotten()));
            }
        }
    }
}

fn call_off(draft: &mut Draft<'_>, id: &BookingId) {
    let Some(booking) = draft.state.booking(id) else { return };
    draft.supersede(&topic(booking), &booking.client);
    reminder::forget(draft, booking);
    let booking = booking.forgotten();
    let session = booking.session.clone();
    draft.put_booking(booking);
    if let Some(session) = session {
        queue::advance(draft, &session);
    }
}

/// What was noted since on bookings of somebody who had the id before is forgotten too.
fn forget_notes(draft: &mut Draft<'_>, id: &ClientId) {
    let noted = |b: &&Booking| b.client == *id && b.erased && b.notes.is_some();
    for booking in draft.state.bookings().filter(noted) {
        draft.put(Record::Booking(booking.forgotten()));
    }
}
