//! Commands, briefly.

use super::*;
use crate::domain::broadcast::Audience;
use crate::domain::command::{
    Addressee, LinkPurpose, RegisterClient, RequestPayment, ScheduleSession, SendNotice,
    UpdateClient, Wish,
};
use crate::domain::id::{EntryId, NoticeId, PaymentId, SeriesId, SessionId};
use crate::domain::locale::Locale;
use crate::domain::money::Money;
use crate::domain::secret::SecretLink;
use crate::domain::template::{CustomText, TemplateKey};

pub(super) fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

pub(super) fn booking_id(text: &str) -> BookingId {
    BookingId::parse(text).unwrap()
}

pub(super) fn session_id(text: &str) -> SessionId {
    SessionId::parse(text).unwrap()
}

pub(super) fn entry_id(text: &str) -> EntryId {
    EntryId::parse(text).unwrap()
}

pub(super) fn payment_id(text: &str) -> PaymentId {
    PaymentId::parse(text).unwrap()
}

pub(super) fn series_id(text: &str) -> SeriesId {
    SeriesId::parse(text).unwrap()
}

pub(super) fn configure(settings: Settings) -> Command {
    Command::ConfigureTenant(Box::new(settings))
}

pub(super) fn register(name: &str, profile: ClientFields) -> Command {
    let client = client_id(name);
    let register = RegisterClient { client, name: name.to_owned(), profile, by: None };
    Command::RegisterClient(Box::new(register))
}

pub(super) fn update(client: &str, profile: ClientFields) -> Command {
    let client = client_id(client);
    Command::UpdateClient(Box::new(UpdateClient { client, name: None, profile }))
}

pub(super) fn delete(client: &str) -> Command {
    Command::DeleteClient(client_id(client))
}

pub(super) fn erase(client: &str) -> Command {
    Command::EraseClient(client_id(client))
}

fn wish(client: &str, channel: Option<Channel>, kind: Option<Kind>) -> Wish {
    Wish { client: client_id(client), channel, kind }
}

pub(super) fn opt_out(client: &str, channel: Option<Channel>, kind: Option<Kind>) -> Command {
    Command::OptOut(wish(client, channel, kind))
}

pub(super) fn opt_in(client: &str, channel: Option<Channel>, kind: Option<Kind>) -> Command {
    Command::OptIn(wish(client, channel, kind))
}

/// Anna's booking, from [`START`] on.
pub(super) fn booked(booking: &str, by: Party) -> RequestBooking {
    RequestBooking {
        booking: booking_id(booking),
        client: client_id("anna"),
        by,
        starts_at: Some(at(START)),
        ends_at: None,
        service: None,
        session: None,
        guest: false,
        join_queue: false,
        series: None,
        notes: None,
    }
}

pub(super) fn request(booking: &str) -> Command {
    Command::RequestBooking(booked(booking, Party::Client))
}

/// Anna's booking at another time.
pub(super) fn request_at(booking: &str, starts_at: &str) -> Command {
    let starts_at = Some(at(starts_at));
    Command::RequestBooking(RequestBooking { starts_at, ..booked(booking, Party::Client) })
}

/// A seat of `s1`; whoever finds none waits.
pub(super) fn seat(booking: &str, client: &str) -> Command {
    Command::RequestBooking(RequestBooking {
        client: client_id(client),
        starts_at: None,
        session: Some(session_id("s1")),
        join_queue: true,
        ..booked(booking, Party::Client)
    })
}

pub(super) fn confirm(booking: &str) -> Command {
    Command::ConfirmBooking(booking_id(booking))
}

pub(super) fn attend(booking: &str) -> Command {
    Command::AttendBooking(booking_id(booking))
}

pub(super) fn miss(booking: &str) -> Command {
    Command::MissBooking(booking_id(booking))
}

pub(super) fn will_come(booking: &str) -> Command {
    Command::ConfirmAttendance(booking_id(booking))
}

pub(super) fn decline(booking: &str) -> Command {
    Command::DeclineBooking { booking: booking_id(booking), reason: None }
}

pub(super) fn cancel(booking: &str, by: Party) -> Command {
    Command::CancelBooking { booking: booking_id(booking), by, reason: None }
}

pub(super) fn reschedule(booking: &str, starts_at: &str) -> Command {
    let (booking, starts_at) = (booking_id(booking), at(starts_at));
    Command::RescheduleBooking { booking, starts_at, ends_at: None }
}

pub(super) fn reassign(booking: &str, client: &str) -> Command {
    let (booking, client) = (booking_id(booking), client_id(client));
    Command::ReassignBooking { booking, client, guest: false }
}

pub(super) fn annotate(booking: &str, notes: &str) -> Command {
    Command::AnnotateBooking { booking: booking_id(booking), notes: notes.to_owned() }
}

/// An hour of yoga from [`START`] on.
pub(super) fn yoga(session: &str, capacity: u32) -> ScheduleSession {
    ScheduleSession {
        session: session_id(session),
        activity: "Yoga".to_owned(),
        starts_at: at(START),
        ends_at: at(START) + SignedDuration::from_hours(1),
        capacity,
        free_cancel_until: None,
        min_attendance: None,
        location: None,
    }
}

pub(super) fn schedule(session: &str, capacity: u32) -> Command {
    Command::ScheduleSession(Box::new(yoga(session, capacity)))
}

pub(super) fn resize(session: &str, capacity: u32) -> Command {
    Command::ResizeSession { session: session_id(session), capacity }
}

/// To an hour from this instant on.
pub(super) fn move_session(session: &str, starts_at: &str) -> Command {
    Command::RescheduleSession {
        session: session_id(session),
        starts_at: at(starts_at),
        ends_at: at(starts_at) + SignedDuration::from_hours(1),
    }
}

pub(super) fn call_off(session: &str) -> Command {
    Command::CancelSession { session: session_id(session), reason: Some("no teacher".to_owned()) }
}

/// Waits for `s1`.
pub(super) fn join(entry: &str, client: &str) -> Command {
    let (session, client) = (session_id("s1"), client_id(client));
    Command::JoinQueue { session, client, entry: entry_id(entry) }
}

pub(super) fn accept(entry: &str) -> Command {
    Command::AcceptOffer { entry: entry_id(entry), booking: None }
}

pub(super) fn pass(entry: &str) -> Command {
    Command::DeclineOffer(entry_id(entry))
}

pub(super) fn leave(entry: &str) -> Command {
    Command::LeaveQueue(entry_id(entry))
}

pub(super) fn charge(payment: &str, direct: Option<bool>) -> Command {
    Command::RequestPayment(RequestPayment {
        payment: payment_id(payment),
        client: client_id("anna"),
        amount: Money::parse("12.50", "EUR").unwrap(),
        reason: "Towels".to_owned(),
        direct,
        url: None,
    })
}

/// The same, where the app says where it is approved.
pub(super) fn charge_at(payment: &str, direct: Option<bool>, url: &str) -> Command {
    let Command::RequestPayment(mut request) = charge(payment, direct) else { unreachable!() };
    request.url = Some(SecretLink::new(url));
    Command::RequestPayment(request)
}

pub(super) fn pay(payment: &str) -> Command {
    Command::AcceptPayment(payment_id(payment))
}

pub(super) fn refuse_to_pay(payment: &str) -> Command {
    Command::DeclinePayment(payment_id(payment))
}

pub(super) fn sell(client: &str) -> Command {
    Command::RecordSale {
        client: client_id(client),
        description: "Ten lessons".to_owned(),
        amount: None,
        balance: Some("10 lessons".to_owned()),
    }
}

pub(super) fn link(purpose: LinkPurpose, expires_at: Option<&str>) -> Command {
    Command::SendLink {
        client: client_id("anna"),
        purpose,
        url: SecretLink::new("https://example.com/l"),
        expires_at: expires_at.map(at),
    }
}

pub(super) fn notice(notice: &str, channels: &[Channel], audience: Audience) -> Command {
    Command::SendNotice(Box::new(SendNotice {
        notice: NoticeId::parse(notice).unwrap(),
        title: "Closed".to_owned(),
        body: "On Monday".to_owned(),
        channels: Channels::of(channels),
        audience,
    }))
}

pub(super) fn post(to: Addressee) -> Command {
    Command::PostInbox { title: "Hello".to_owned(), body: "World".to_owned(), to }
}

pub(super) fn text(kind: Kind, channel: Channel, locale: &str) -> TemplateKey {
    TemplateKey { kind, channel, locale: Locale::parse(locale).unwrap() }
}

pub(super) fn set_text(key: TemplateKey, body: &str) -> Command {
    Command::SetTemplate { key, text: CustomText { subject: None, body: body.to_owned() } }
}
