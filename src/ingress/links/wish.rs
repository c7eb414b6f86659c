//! What a client wishes by a link, as a command.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::domain::client::Client;
use crate::domain::id::TenantId;
use crate::links::{Act, Object, Unsubscribe};
use crate::store::Correspondents;
use crate::wire::{Received, Unreadable, read_command};

/// What the ids of commands begin with by which clients unsubscribe.
const UNSUBSCRIBE_PREFIX: &str = "unsubscribe";
/// What the ids of all others begin with.
const ACT_PREFIX: &str = "link";
/// The `source` of such commands.
const COMMAND_SOURCE: &str = "/bellhop/links";

/// Without the client, if they are not the one to whom the link was sent, but somebody who came
/// to the id after that one was erased.
pub(super) fn of_holder(said: Option<Timestamp>, visitor: Correspondents) -> Correspondents {
    // As exactly as the token says it.
    let since = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
    let is_holder = |client: &Client| since(client.known_since) == since(said);
    let holder = visitor.client.filter(|client| is_holder(client));
    Correspondents { client: holder, ..visitor }
}

/// Whether it is as wished already, durably: a link that is followed a thousand times is to leave
/// one command in the store. Who is not known any more is sent nothing.
pub(super) fn is_done(wish: &Unsubscribe, visitor: &Correspondents) -> bool {
    let client = visitor.client.as_ref();
    client.is_none_or(|client| client.preferences.excludes(wish.channel, wish.kind))
}

/// That they want no more of it. A new id each time: who came back by `client.opt_in` can leave
/// again by the same link.
pub(super) fn unsubscribing(wish: &Unsubscribe) -> Result<Received, Unreadable> {
    let Unsubscribe { tenant, client, kind, channel, .. } = wish;
    let data = json!({ "client": client, "kind": kind, "channel": channel });
    command(UNSUBSCRIBE_PREFIX, tenant, "client.opt_out", data)
}

/// What an action of the page asks for; `None` if there is no such action on its object.
pub(super) fn acting(act: &Act, action: &str) -> Option<Result<Received, Unreadable>> {
    let (type_name, data) = match (&act.on, action) {
        (Object::Offer(entry), "accept") => ("queue.accept", json!({ "entry": entry })),
        (Object::Offer(entry), "decline") => ("queue.decline", json!({ "entry": entry })),
        (Object::Attendance(booking), "confirm") => {
            ("booking.confirm_attendance", json!({ "booking": booking }))
        }
        (Object::Attendance(booking) | Object::Booking(booking), "cancel") => {
            ("booking.cancel", json!({ "booking": booking, "by": "client" }))
        }
        _ => return None,
    };
    Some(command(ACT_PREFIX, &act.tenant, type_name, data))
}

/// As an app would send it, so that it is read, checked and remembered like any other.
fn command(
    prefix: &str,
    tenant: &TenantId,
    type_name: &str,
    data: Value,
) -> Result<Received, Unreadable> {
    let envelope = json!({
        "specversion": "1.0",
        "id": format!("{prefix}-{}", Uuid::now_v7()),
        "source": COMMAND_SOURCE,
        "type": type_name,
        "tenant": tenant,
        "data": data,
    });
    read_command(envelope.to_string().as_bytes(), None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::booking::Party;
    use crate::domain::channel::Channel;
    use crate::domain::command::{Command, Wish};
    use crate::domain::id::{BookingId, ClientId, EntryId};
    use crate::domain::kind::{Kind, Profile};
    use crate::domain::settings::Settings;

    #[test]
    fn a_link_is_of_the_person_to_whom_it_was_sent() {
        let client = ClientId::parse("anna").unwrap();
        let at = |text: &str| text.parse::<Timestamp>().ok();
        let known = |since| Client { known_since: since, ..Client::named(client.clone(), "Anna") };
        let still_holds = |said, is| {
            let settings = Arc::new(Settings::of_profile("Salon Uno", Profile::Appointments));
            let visitor = Correspondents { settings, client: Some(Arc::new(known(is))) };
            of_holder(said, visitor).client.is_some()
        };
        let (first, second) = (at("2026-12-01T09:00:00.000001Z"), at("2026-12-02T09:00:00Z"));
        assert!(still_holds(first, first) && still_holds(None, None));
        assert!(still_holds(first, at("2026-12-01T09:00:00.000001999Z")), "as exact as the token");
        assert!(!still_holds(first, second), "somebody else by now");
        assert!(!still_holds(None, second), "a link of an older version");
    }

    #[test]
    fn each_post_is_a_wish_of_its_own() {
        let (tenant, client) = (TenantId::parse("salon-uno"), ClientId::parse("an \"id\"/ä"));
        let wish = Unsubscribe {
            tenant: tenant.unwrap(),
            client: client.unwrap(),
            known_since: None,
            kind: Kind::ReviewRequested,
            channel: Channel::Email,
        };
        let (one, two) = (unsubscribing(&wish).unwrap(), unsubscribing(&wish).unwrap());
        let (channel, kind) = (Some(wish.channel), Some(wish.kind));
        let expected = Command::OptOut(Wish { client: wish.client, channel, kind });
        assert_eq!((&one.command, one.tenant), (&expected, wish.tenant));
        assert_ne!(one.id, two.id);
        assert!(one.id.as_str().starts_with("unsubscribe-"), "{}", one.id);
    }

    #[test]
    fn each_action_is_the_command_that_an_app_would_send() {
        let (entry, booking) = (EntryId::parse("w1").unwrap(), BookingId::parse("b1").unwrap());
        let read = |on: Object, action: &str| {
            let (tenant, client) = (TenantId::parse("salon-uno"), ClientId::parse("anna"));
            let (tenant, client) = (tenant.unwrap(), client.unwrap());
            let act = Act { tenant, client, known_since: None, until: None, on };
            acting(&act, action).map(|received| received.unwrap().command)
        };
        let offer = || Object::Offer(entry.clone());
        let attendance = || Object::Attendance(booking.clone());
        let of_booking = || Object::Booking(booking.clone());
        let cancelled =
            Command::CancelBooking { booking: booking.clone(), by: Party::Client, reason: None };
        let accepted = Command::AcceptOffer { entry: entry.clone(), booking: None };
        assert_eq!(read(offer(), "accept"), Some(accepted));
        assert_eq!(read(offer(), "decline"), Some(Command::DeclineOffer(entry.clone())));
        let confirmed = Command::ConfirmAttendance(booking.clone());
        assert_eq!(read(attendance(), "confirm"), Some(confirmed));
        assert_eq!(read(attendance(), "cancel"), Some(cancelled.clone()));
        assert_eq!(read(of_booking(), "cancel"), Some(cancelled));
        for (on, action) in [
            (offer(), "cancel"),
            (offer(), "Accept"),
            (offer(), ""),
            (attendance(), "accept"),
            (of_booking(), "confirm"),
        ] {
            assert_eq!(read(on, action), None, "{action}");
        }
    }
}
