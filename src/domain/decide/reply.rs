//! What a client wrote back: who they are is known by their number.

use super::draft::Draft;
use super::follow::follow;
use super::{attendance, client};
use crate::domain::booking::Party;
use crate::domain::channel::Channel;
use crate::domain::command::{Command, Wish};
use crate::domain::decision::Decision;
use crate::domain::event::Event;
use crate::domain::id::{BookingId, ClientId, EntryId};
use crate::domain::reply::{Reply, Word};
use crate::domain::session::EntryState;
use crate::domain::settings::Settings;
use crate::domain::state::TenantState;

use super::ctx::Ctx;

/// The one thing that was asked of a client and not answered.
enum Open {
    /// Whether they will come.
    Attendance(BookingId),
    /// Whether they take a seat.
    Offer(EntryId),
}

impl Open {
    /// What an app would send.
    fn answered(self, yes: bool) -> Command {
        match (self, yes) {
            (Open::Attendance(booking), true) => Command::ConfirmAttendance(booking),
            (Open::Attendance(booking), false) => {
                Command::CancelBooking { booking, by: Party::Client, reason: None }
            }
            (Open::Offer(entry), true) => Command::AcceptOffer { entry, booking: None },
            (Open::Offer(entry), false) => Command::DeclineOffer(entry),
        }
    }
}

/// Does as the word says, for whoever has the number, and tells of each reply. A word that answers
/// does so only where one single thing was asked: nobody guesses which of two.
pub fn take(ctx: &Ctx<'_>, state: &TenantState, settings: &Settings, reply: &Reply) -> Decision {
    let is_theirs = |client: &&std::sync::Arc<crate::domain::client::Client>| {
        !client.deleted && client.phone.known() == Some(&reply.from)
    };
    let clients: Vec<ClientId> =
        state.clients_after(None).filter(is_theirs).map(|client| client.id.clone()).collect();
    let mut draft = Draft::new(ctx, state, settings);
    let matched = match reply.word {
        Some(Word::Stop) => wish(&mut draft, &clients, client::opt_out, "client.opt_out"),
        Some(Word::Start) => wish(&mut draft, &clients, client::opt_in, "client.opt_in"),
        Some(word @ (Word::Yes | Word::No)) => match the_one(open(&draft, &clients)) {
            Some(open) => {
                let command = open.answered(word == Word::Yes);
                if follow(&mut draft, &command).is_ok() {
                    Some(command.type_name())
                } else {
                    draft = Draft::new(ctx, state, settings);
                    None
                }
            }
            None => None,
        },
        None => None,
    };
    for client in clients {
        draft.event(Event::ClientReplied { client, channel: Channel::Sms, matched });
    }
    draft.finished()
}

fn wish(
    draft: &mut Draft<'_>,
    clients: &[ClientId],
    wishes: impl Fn(&mut Draft<'_>, &Wish) -> Result<(), crate::domain::Rejection>,
    name: &'static str,
) -> Option<&'static str> {
    let mut done = None;
    for client in clients {
        let wish = Wish { client: client.clone(), channel: Some(Channel::Sms), kind: None };
        done = wishes(draft, &wish).ok().map(|()| name).or(done);
    }
    done
}

fn open(draft: &Draft<'_>, clients: &[ClientId]) -> Vec<Open> {
    let now = draft.ctx.now;
    let mut open = Vec::new();
    for client in clients {
        let bookings = draft.state.open_bookings(client);
        let asked = bookings.filter(|booking| attendance::is_asked(draft, booking));
        open.extend(asked.map(|booking| Open::Attendance(booking.id.clone())));
        let places = draft.state.places(client);
        let offered = places.filter(
            |entry| matches!(entry.state, EntryState::Offered { until, .. } if until > now),
        );
        open.extend(offered.map(|entry| Open::Offer(entry.id.clone())));
    }
    open
}

fn the_one(mut open: Vec<Open>) -> Option<Open> {
    if open.len() == 1 { open.pop() } else { None }
}
