//! The queue before a full session.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::command::Command;
use crate::domain::id::{BookingId, ClientId, EntryId, SessionId};
use crate::wire::scalar::Parsed;

use super::data::parsed;

/// Takes a place in a session's queue.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct JoinQueue {
    /// Which session.
    session: Parsed<SessionId>,
    /// Who waits.
    client: Parsed<ClientId>,
    /// The place's id, chosen by the upstream app.
    entry: Parsed<EntryId>,
}

/// Takes the offered seat: a confirmed booking comes of it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptOffer {
    /// Whose place.
    entry: Parsed<EntryId>,
    /// The id of the new booking; the entry's where left out.
    booking: Option<Parsed<BookingId>>,
}

commands! {
    JoinQueue "queue.join"
        r#"{"session":"yoga-0312","client":"c1","entry":"w1"}"#
        |data| Command::JoinQueue {
            session: data.session.0,
            client: data.client.0,
            entry: data.entry.0,
        };
    AcceptOffer "queue.accept"
        r#"{"entry":"w1","booking":"b7"}"#
        |data| Command::AcceptOffer { entry: data.entry.0, booking: parsed(data.booking) };
}

commands_by_id! {
    /// Leaves the offered seat to the next who waits.
    DeclineOffer "queue.decline" entry: EntryId = "w1" => Command::DeclineOffer;
    /// Leaves the queue.
    LeaveQueue "queue.leave" entry: EntryId = "w1" => Command::LeaveQueue;
}
