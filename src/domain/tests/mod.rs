//! What each command does, as tables that can be read, and what holds whatever is commanded.
//!
//! A [`World`] is one tenant, its clock and its unsent messages. `world.does(command)` decides,
//! takes the decision over and returns it as lines:
//!
//! ```text
//! b1 is confirmed, 2026-12-03T10:00:00Z            the booking changed, and upstream hears of it
//! withdraw booking.pending to anna: email          unsent, and no longer to be sent
//! tell anna booking.confirmed: email, no sms (no_provider)
//! ```
//!
//! A channel on which the kind is switched off is left out.

mod account;
mod booking;
mod chaos;
mod complaints;
mod ladder;
mod matrix;
mod properties;
mod series;
mod story;
mod tenant;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::address::{EmailAddress, PhoneNumber};
use super::booking::{Booking, BookingState, Party};
use super::channel::{Channel, Channels};
use super::client::{Client, Contact};
use super::command::{ClientFields, Command, RegisterClient, RequestBooking, UpdateClient};
use super::decision::{Decision, Record};
use super::id::{BookingId, ClientId, CommandId, SeriesId, ServiceId, TenantId};
use super::kind::{Kind, Profile};
use super::plan::Plans;
use super::settings::{Approval, Settings};
use super::state::Unsent;
use super::{Ctx, Rejection, RejectionReason, TenantState, decide};
use story::story;

/// When the tests begin, unless they say otherwise.
const NOON: &str = "2026-12-01T12:00:00Z";
/// When `b1` starts.
const START: &str = "2026-12-03T10:00:00Z";
/// Where it is moved to.
const LATER: &str = "2026-12-04T15:30:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn client_id(text: &str) -> ClientId {
    ClientId::parse(text).unwrap()
}

fn booking_id(text: &str) -> BookingId {
    BookingId::parse(text).unwrap()
}

/// One tenant, at one instant.
#[derive(Clone)]
struct World {
    tenant: TenantId,
    state: TenantState,
    plans: Plans,
    provided: Channels,
    now: Timestamp,
    commands: u32,
}

impl World {
    /// A tenant that nobody has configured.
    fn empty() -> Self {
        Self {
            tenant: TenantId::parse("salon-uno").unwrap(),
            state: TenantState::default(),
            plans: Plans::default(),
            provided: Channels::of(&[Channel::Email]),
            now: at(NOON),
            commands: 0,
        }
    }

    /// A salon with these settings, and two clients with addresses on every channel.
    fn with(settings: Settings) -> Self {
        let mut world = Self::empty();
        world.does(Command::ConfigureTenant(Box::new(settings)));
        world.does(register("anna", reachable("anna")));
        world.does(register("bruno", reachable("bruno")));
        world
    }

    /// A salon that writes email only and approves by itself.
    fn salon() -> Self {
        Self::with(email_only())
    }

    /// A salon that writes email only and approves by hand.
    fn by_hand() -> Self {
        Self::with(Settings { approval: Approval::Manual, ..email_only() })
    }

    fn decide(&mut self, command: &Command) -> Result<Decision, Rejection> {
        self.commands += 1;
        let cause = CommandId::parse(&format!("command {}", self.commands)).unwrap();
        let Self { tenant, state, plans, provided, now, .. } = self;
        decide(
            &Ctx { tenant, cause: &cause, now: *now, plans, provided: *provided },
            state,
            command,
        )
    }

    /// What follows from the command, which then has happened.
    fn does(&mut self, command: Command) -> Vec<String> {
        let decision = self.decide(&command).unwrap();
        let lines = story(&self.state, &decision);
        self.state.apply(&decision);
        lines
    }

    /// Why the command is refused.
    fn refuses(&mut self, command: Command) -> RejectionReason {
        self.decide(&command).unwrap_err().reason
    }

    /// Every message has been sent.
    fn all_sent(&mut self) {
        let bookings: Vec<BookingId> = self.state.bookings().map(|b| b.id.clone()).collect();
        for booking in bookings {
            let unsent = self.state.unsent(&booking).to_vec();
            for message in unsent {
                self.state.forget(&booking, message.id);
            }
        }
    }

    fn booking(&self, id: &str) -> &Booking {
        self.state.booking(&booking_id(id)).unwrap()
    }

    fn client(&self, id: &str) -> &Client {
        self.state.client(&client_id(id)).unwrap()
    }
}

/// Profile A on a plan that has everything, with SMS switched off.
fn email_only() -> Settings {
    let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
    settings.plan = "pro".to_owned();
    settings.toggles =
        Kind::ALL.iter().map(|kind| (*kind, BTreeMap::from([(Channel::Sms, false)]))).collect();
    settings
}

fn reachable(name: &str) -> ClientFields {
    let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
    ClientFields {
        email: Some(Contact::Known(email)),
        phone: Some(Contact::Known(PhoneNumber::parse("+393331234567").unwrap())),
        push_tokens: Some(vec!["token".to_owned()]),
        ..ClientFields::default()
    }
}

fn register(name: &str, profile: ClientFields) -> Command {
    let register = RegisterClient { client: client_id(name), name: name.to_owned(), profile };
    Command::RegisterClient(Box::new(register))
}

fn update(client: &str, profile: ClientFields) -> Command {
    let client = client_id(client);
    Command::UpdateClient(Box::new(UpdateClient { client, name: None, profile }))
}

fn configure(settings: Settings) -> Command {
    Command::ConfigureTenant(Box::new(settings))
}

/// Anna's booking, from [`START`] on.
fn booked(booking: &str, by: Party) -> RequestBooking {
    RequestBooking {
        booking: booking_id(booking),
        client: client_id("anna"),
        by,
        starts_at: at(START),
        ends_at: None,
        service: None,
        series: None,
        notes: None,
    }
}

fn request(booking: &str) -> Command {
    Command::RequestBooking(booked(booking, Party::Client))
}

fn confirm(booking: &str) -> Command {
    Command::ConfirmBooking(booking_id(booking))
}

fn decline(booking: &str) -> Command {
    Command::DeclineBooking { booking: booking_id(booking), reason: None }
}

fn cancel(booking: &str, by: Party) -> Command {
    Command::CancelBooking { booking: booking_id(booking), by, reason: None }
}

fn reschedule(booking: &str, starts_at: &str) -> Command {
    Command::RescheduleBooking {
        booking: booking_id(booking),
        starts_at: at(starts_at),
        ends_at: None,
    }
}

fn reassign(booking: &str, client: &str) -> Command {
    Command::ReassignBooking { booking: booking_id(booking), client: client_id(client) }
}

fn annotate(booking: &str, notes: &str) -> Command {
    Command::AnnotateBooking { booking: booking_id(booking), notes: notes.to_owned() }
}
