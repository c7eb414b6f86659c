//! The calendar file of a booking: one event that follows its booking (RFC 5545, RFC 5546).
//!
//! One event, or as many as a series has dates. The UID names the booking, so that a later file
//! changes or removes the same event. The client is the only attendee: nobody learns who else
//! comes.

use jiff::Timestamp;

use super::ical::{Lines, mailto, percent, quoted, utc};
use super::matter::Letter;
use super::parts::CalendarPart;
use super::view::View;
use crate::domain::id::{BookingId, TenantId};
use crate::domain::kind::Kind;
use crate::domain::message::{Facts, Message};

/// What the file asks of a calendar (RFC 5546 §1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// Put the event in, or change it.
    Request,
    /// Take it out.
    Cancel,
    /// Put it in, without inviting anybody: who asked for the file is who wants it.
    Publish,
}

/// The method that goes with a message; nothing is put in a calendar before it is agreed.
pub(super) fn method(message: &Message) -> Option<Method> {
    match message.kind {
        Kind::BookingConfirmed | Kind::BookingRescheduled if awaits_confirmation(message) => None,
        Kind::BookingConfirmed | Kind::BookingRescheduled | Kind::QueueAccepted => {
            Some(Method::Request)
        }
        Kind::BookingCancelled | Kind::SessionCancelled => Some(Method::Cancel),
        _ => None,
    }
}

fn awaits_confirmation(message: &Message) -> bool {
    matches!(&message.facts, Facts::Booking(facts) if facts.awaits_confirmation)
}

/// The file, where the letter is about a booking.
pub(super) fn part(
    letter: &Letter<'_>,
    method: Method,
    view: &View<'_>,
    summary: &str,
) -> Option<CalendarPart> {
    let Facts::Booking(facts) = &letter.message.facts else {
        return None;
    };
    let (method, status) = match method {
        // A request is for one event (RFC 5546 §3.2.2).
        Method::Request if !facts.others.is_empty() => ("PUBLISH", "CONFIRMED"),
        Method::Publish => ("PUBLISH", "CONFIRMED"),
        Method::Request => ("REQUEST", "CONFIRMED"),
        Method::Cancel => ("CANCEL", "CANCELLED"),
    };
    let mut lines = Lines::new();
    lines.push("BEGIN", "VCALENDAR");
    lines.push("VERSION", "2.0");
    lines.push("PRODID", "-//Bellhop//Bellhop//EN");
    lines.push("METHOD", method);
    let parties = Parties { letter, view, invites: method != "PUBLISH" && facts.others.is_empty() };
    let location = view.location.as_deref();
    let (id, times) = (&facts.booking, (facts.starts_at, facts.ends_at));
    let first = Event { id, sequence: facts.sequence, times, summary, location, status };
    first.write(&mut lines, &parties);
    for other in &facts.others {
        // Most are of one service, whose title is in the words of the reader's language.
        let own =
            other.service.as_deref().filter(|service| facts.service.as_deref() != Some(service));
        let event = Event {
            id: &other.booking,
            sequence: other.sequence,
            times: (other.starts_at, other.ends_at),
            summary: own.unwrap_or(summary),
            location: other.location.as_deref(),
            status,
        };
        event.write(&mut lines, &parties);
    }
    lines.push("END", "VCALENDAR");
    Some(CalendarPart { method, body: lines.into_body() })
}

/// One event of the file.
struct Event<'a> {
    id: &'a BookingId,
    sequence: u32,
    times: (Timestamp, Option<Timestamp>),
    summary: &'a str,
    location: Option<&'a str>,
    status: &'a str,
}

/// Who has it in their calendar.
struct Parties<'a> {
    letter: &'a Letter<'a>,
    view: &'a View<'a>,
    /// What is only published invites nobody (RFC 5546 §3.2.1).
    invites: bool,
}

impl Event<'_> {
    fn write(&self, lines: &mut Lines, parties: &Parties<'_>) {
        let (start, end) = self.times;
        lines.push("BEGIN", "VEVENT");
        lines.push("UID", &uid(parties.letter.tenant, self.id));
        lines.push("SEQUENCE", &self.sequence.to_string());
        lines.push("DTSTAMP", &utc(parties.letter.message.due));
        lines.push("DTSTART", &utc(start));
        if let Some(end) = end.filter(|end| *end > start) {
            lines.push("DTEND", &utc(end));
        }
        lines.push_text("SUMMARY", self.summary);
        if let Some(location) = self.location {
            lines.push_text("LOCATION", location);
        }
        lines.push("STATUS", self.status);
        lines.push("TRANSP", "OPAQUE");
        parties.write(lines);
        lines.push("END", "VEVENT");
    }
}

impl Parties<'_> {
    fn write(&self, lines: &mut Lines) {
        let Self { letter, view, invites } = self;
        let organizer = format!("ORGANIZER;CN={}", quoted(&view.tenant));
        lines.push(&organizer, &mailto(letter.from.as_str()));
        if let Some(address) = letter.client.email.known().filter(|_| *invites) {
            let name = quoted(&view.client);
            let attendee =
                format!("ATTENDEE;CN={name};ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE");
            lines.push(&attendee, &mailto(address.as_str()));
        }
    }
}

/// The same for one booking for ever, and never another's: a tenant id holds no point.
fn uid(tenant: &TenantId, booking: &BookingId) -> String {
    format!("{tenant}.{}@bellhop", percent(booking.as_str(), b"-_."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uid_is_stable_plain_and_one_booking_s_only() {
        let tenant = TenantId::parse("salon-uno").unwrap();
        let of = |booking: &str| uid(&tenant, &BookingId::parse(booking).unwrap());
        assert_eq!(of("b1"), "salon-uno.b1@bellhop");
        assert_eq!(of("b;1,é@x y"), "salon-uno.b%3B1%2C%C3%A9%40x%20y@bellhop");
        assert_ne!(of("b%20"), of("b "));
    }
}
