//! What upstream apps can ask for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::address::{EmailAddress, PhoneNumber};
use super::booking::Party;
use super::client::Contact;
use super::id::{BookingId, ClientId, SeriesId, ServiceId};
use super::locale::Locale;
use super::settings::Settings;
use super::zone::Zone;

/// One command, checked and typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Sets a tenant's whole settings.
    ConfigureTenant(Box<Settings>),
    /// Makes a client known, or known anew.
    RegisterClient(Box<RegisterClient>),
    /// Changes some of what is known of a client.
    UpdateClient(Box<UpdateClient>),
    /// Asks for a booking.
    RequestBooking(RequestBooking),
    /// Agrees to a booking, or reinstates it.
    ConfirmBooking(BookingId),
    /// Refuses a pending booking.
    DeclineBooking {
        /// Which booking.
        booking: BookingId,
        /// Told to the client.
        reason: Option<String>,
    },
    /// Calls a booking off.
    CancelBooking {
        /// Which booking.
        booking: BookingId,
        /// Who calls it off.
        by: Party,
        /// Told to the client.
        reason: Option<String>,
    },
    /// Moves a booking.
    RescheduleBooking {
        /// Which booking.
        booking: BookingId,
        /// The new start.
        starts_at: Timestamp,
        /// The new end; the old length is kept where absent.
        ends_at: Option<Timestamp>,
    },
    /// Gives a booking to another client.
    ReassignBooking {
        /// Which booking.
        booking: BookingId,
        /// Who has it from now on.
        client: ClientId,
    },
    /// Changes the tenant's own note on a booking.
    AnnotateBooking {
        /// Which booking.
        booking: BookingId,
        /// The note.
        notes: String,
    },
}

/// A new client.
#[derive(Debug, Clone, PartialEq)]
pub struct RegisterClient {
    /// Chosen by the upstream app.
    pub client: ClientId,
    /// How the person is called.
    pub name: String,
    /// The rest.
    pub profile: ClientFields,
}

/// A change to a client: what is absent stays.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateClient {
    /// Which client.
    pub client: ClientId,
    /// A new name.
    pub name: Option<String>,
    /// The rest.
    pub profile: ClientFields,
}

/// What may be said of a client, each field optional.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ClientFields {
    /// Email address.
    pub email: Option<Contact<EmailAddress>>,
    /// Phone number.
    pub phone: Option<Contact<PhoneNumber>>,
    /// Language.
    pub locale: Option<Locale>,
    /// Zone.
    pub timezone: Option<Zone>,
    /// Whether the address is proved.
    pub email_verified: Option<bool>,
    /// App installations.
    pub push_tokens: Option<Vec<String>>,
    /// Labels.
    pub tags: Option<BTreeSet<String>>,
    /// Whether enrolled in the centre.
    pub enrolled: Option<bool>,
}

/// A new booking.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestBooking {
    /// Chosen by the upstream app.
    pub booking: BookingId,
    /// Whose it is.
    pub client: ClientId,
    /// Who made it.
    pub by: Party,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// What is booked.
    pub service: Option<ServiceId>,
    /// The series it belongs to.
    pub series: Option<SeriesId>,
    /// The tenant's own note.
    pub notes: Option<String>,
}

macro_rules! command_types {
    ($($pattern:pat => $name:literal,)*) => {
        impl Command {
            /// Every command type, by its name on the wire.
            pub const TYPES: &'static [&'static str] = &[$($name,)*];

            /// The CloudEvents `type` of this command.
            pub fn type_name(&self) -> &'static str {
                match self { $($pattern => $name,)* }
            }
        }
    };
}

command_types! {
    Command::ConfigureTenant(_) => "tenant.configure",
    Command::RegisterClient(_) => "client.register",
    Command::UpdateClient(_) => "client.update",
    Command::RequestBooking(_) => "booking.request",
    Command::ConfirmBooking(_) => "booking.confirm",
    Command::DeclineBooking { .. } => "booking.decline",
    Command::CancelBooking { .. } => "booking.cancel",
    Command::RescheduleBooking { .. } => "booking.reschedule",
    Command::ReassignBooking { .. } => "booking.reassign",
    Command::AnnotateBooking { .. } => "booking.annotate",
}
