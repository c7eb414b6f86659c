//! What each input does, as tables that can be read, and what holds whatever comes.
//!
//! A [`World`] is one tenant in virtual time. `world.does(command)` decides, takes the decision
//! over and returns it as lines; `world.passes(until)` lets timers fire and puts their instant
//! before each line:
//!
//! ```text
//! b1 is confirmed, 2026-12-03T10:00:00Z            the booking changed, and upstream hears of it
//! withdraw booking.pending to anna: email          unsent, and no longer to be sent
//! tell anna booking.confirmed: email, no sms (no_provider)
//! plan reminder P1D of b1 at 02 Dec 10:00          a timer is set
//! 02 Dec 10:00 tell anna booking.reminder: email   it fired
//! ```
//!
//! A channel on which the kind is switched off is left out. So are timers that follow from what
//! is said anyway: that an offer ends, that a session starts, and that a broadcast is over.

mod account;
mod accounts;
mod acts;
mod alert;
mod answers;
mod astray;
mod attendance;
mod booking;
mod broadcast;
mod chaos;
mod complaints;
mod early;
mod erase;
mod fallback;
mod foresight;
mod giving_up;
mod ladder;
mod matrix;
mod orders;
mod outage;
mod pages;
mod payment;
mod promises;
mod properties;
mod queue;
mod quiet;
mod quota;
mod receipt;
mod refusals;
mod reminder;
mod replay;
mod retire;
mod review;
mod seated;
mod series;
mod session;
mod spend;
mod story;
mod template;
mod tenant;
mod timers;
mod wishes;
mod witness;
mod world;

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::address::{EmailAddress, PhoneNumber};
use super::booking::{Booking, Party};
use super::channel::{Channel, Channels};
use super::client::{Client, Contact};
use super::command::{ClientFields, Command, RequestBooking};
use super::decision::Decision;
use super::id::{BookingId, ClientId};
use super::kind::{Kind, Profile};
use super::lead::LeadRule;
use super::plan::Plans;
use super::rejection::{Rejection, RejectionReason};
use super::settings::{Approval, QuietHours, Settings};
use super::state::TenantState;
use super::zone::Zone;
use orders::*;
use world::World;

/// When the tests begin, unless they say otherwise.
const NOON: &str = "2026-12-01T12:00:00Z";
/// When `b1` and `s1` start.
const START: &str = "2026-12-03T10:00:00Z";
/// Where they are moved to.
const LATER: &str = "2026-12-04T15:30:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Profile A on a plan that has everything, without reminders and with SMS switched off.
fn email_only() -> Settings {
    let mut settings = Settings::of_profile("Salone Uno", Profile::Appointments);
    settings.plan = "pro".to_owned();
    settings.reminders = Vec::new();
    settings.toggles =
        Kind::ALL.iter().map(|kind| (*kind, BTreeMap::from([(Channel::Sms, false)]))).collect();
    settings
}

/// Every kind on every channel, so that nothing is hidden by a toggle.
fn everything(settings: &mut Settings, channels: Channels) {
    let toggles: BTreeMap<Channel, bool> =
        Channel::ALL.into_iter().map(|channel| (channel, channels.contains(channel))).collect();
    settings.toggles = Kind::ALL.iter().map(|kind| (*kind, toggles.clone())).collect();
}

/// A gym with sessions, which tells everything by email and approves by itself.
fn gym_settings() -> Settings {
    let mut settings = email_only();
    everything(&mut settings, Channels::of(&[Channel::Email]));
    settings
}

/// A name with addresses on every channel.
fn reachable(name: &str) -> ClientFields {
    let email = EmailAddress::parse(&format!("{name}@example.com")).unwrap();
    ClientFields {
        email: Some(Contact::Known(email)),
        phone: Some(Contact::Known(PhoneNumber::parse("+393331234567").unwrap())),
        push_tokens: Some(vec!["token".to_owned()]),
        ..ClientFields::default()
    }
}

fn quiet(from: i8, to: i8) -> Option<QuietHours> {
    use jiff::civil::Time;
    Some(QuietHours { from: Time::constant(from, 0, 0, 0), to: Time::constant(to, 0, 0, 0) })
}

fn rome() -> Zone {
    Zone::parse("Europe/Rome").unwrap()
}

fn lead(text: &str) -> LeadRule {
    LeadRule::parse(text).unwrap()
}

/// The lines that say who is told, or not.
fn told(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .filter(|line| line.contains("tell ") || line.starts_with("withdraw"))
        .collect()
}
