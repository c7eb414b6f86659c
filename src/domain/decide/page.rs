//! What a decision does not reach goes on in the next one, at once.
//!
//! A decision reaches so many people ([`Ctx::page`](super::ctx::Ctx)), each of whom takes a place
//! of its room. Where there is no room left, a timer that is due now continues: everything else
//! that waits for the tenant's actor, and for its thread, comes in between.

use super::draft::Draft;
use crate::domain::decision::Record;
use crate::domain::id::SessionId;
use crate::domain::session::{Rest, Session};
use crate::domain::timer::Timer;

/// What is left to do for the session is done on the next page.
pub fn leave(draft: &mut Draft<'_>, id: &SessionId, rest: Rest) {
    let Ok(mut session) = draft.session(id) else { return };
    session.pages += 1;
    session.rest = Some(rest);
    let timer = Timer::SessionPage { session: session.id.clone(), page: session.pages };
    draft.put(Record::Session(session));
    draft.set_timer(draft.ctx.now, timer);
}

/// Offers that nobody got yet, or lost ones, or places that are to be closed, come on the next
/// page; on the one that is planned already, if one is.
pub fn leave_places(draft: &mut Draft<'_>, id: &SessionId) {
    if draft.session(id).is_ok_and(|session| session.rest.is_none()) {
        leave(draft, id, Rest::Places);
    }
}

/// A change of the session takes up what was left to do: the page that was planned is not to come.
pub fn take_up(draft: &mut Draft<'_>, session: &mut Session) {
    if session.rest.take().is_some() {
        let (session, page) = (session.id.clone(), session.pages);
        draft.cancel_timer(Timer::SessionPage { session, page });
    }
}
