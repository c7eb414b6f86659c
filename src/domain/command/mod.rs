//! What upstream apps can ask for.
//!
//! One [`Command`] each; what takes more than a few words to say is in the file of its family.

mod account;
mod booking;
mod client;
mod notice;
mod payment;
mod session;

use jiff::Timestamp;

use super::booking::Party;
use super::channel::Channel;
use super::deed::Deed;
use super::id::{BookingId, ClientId, EntryId, PaymentId, SessionId};
use super::money::Money;
use super::reply::Reply;
use super::secret::{MacKey, SecretLink};
use super::settings::Settings;
use super::template::{CustomText, TemplateKey};
pub use account::LinkPurpose;
pub use booking::RequestBooking;
pub use client::{ClientFields, RegisterClient, UpdateClient, Wish};
pub use notice::{Addressee, SendNotice};
pub use payment::RequestPayment;
pub use session::ScheduleSession;

/// One command, checked and typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Sets a tenant's whole settings.
    ConfigureTenant(Box<Settings>),
    /// Replaces a built-in text by the tenant's own.
    SetTemplate {
        key: TemplateKey,
        text: CustomText,
    },
    /// Goes back to the built-in text.
    ResetTemplate(TemplateKey),
    /// Makes a client known, or known anew.
    RegisterClient(Box<RegisterClient>),
    /// Changes some of what is known of a client.
    UpdateClient(Box<UpdateClient>),
    /// The client proved that the email address is theirs.
    VerifyClientEmail(ClientId),
    /// The tenant deleted the client.
    DeleteClient(ClientId),
    /// Everything personal about the client is to be forgotten.
    EraseClient(ClientId),
    /// The client does not want these messages.
    OptOut(Wish),
    /// The client wants these messages after all.
    OptIn(Wish),
    /// The client's address is good, whatever was reported of it.
    Unsuppress {
        client: ClientId,
        channel: Option<Channel>,
        /// Of the operator who says so, where it is none of the tenant's.
        deed: Option<Deed>,
    },
    /// Asks for a booking.
    RequestBooking(RequestBooking),
    /// Agrees to a booking, or reinstates it.
    ConfirmBooking(BookingId),
    /// The client came.
    AttendBooking(BookingId),
    /// The client did not come.
    MissBooking(BookingId),
    /// The client said that they will come.
    ConfirmAttendance(BookingId),
    /// Refuses a pending booking.
    DeclineBooking {
        booking: BookingId,
        /// Told to the client.
        reason: Option<String>,
    },
    /// Calls a booking off.
    CancelBooking {
        booking: BookingId,
        /// Who calls it off.
        by: Party,
        /// Told to the client.
        reason: Option<String>,
    },
    /// Moves a booking.
    RescheduleBooking {
        booking: BookingId,
        /// The new start.
        starts_at: Timestamp,
        /// The new end; the old length is kept where absent.
        ends_at: Option<Timestamp>,
    },
    /// Gives a booking to another client.
    ReassignBooking {
        booking: BookingId,
        /// Who has it from now on.
        client: ClientId,
        /// Whether it is for somebody whom they bring along.
        guest: bool,
    },
    /// Changes the tenant's own note on a booking.
    AnnotateBooking {
        booking: BookingId,
        notes: String,
    },
    /// Puts a session on the timetable.
    ScheduleSession(Box<ScheduleSession>),
    /// Moves a session with all its bookings.
    RescheduleSession {
        session: SessionId,
        /// The new start.
        starts_at: Timestamp,
        /// The new end.
        ends_at: Timestamp,
    },
    /// Changes the number of seats.
    ResizeSession {
        session: SessionId,
        /// Seats from now on.
        capacity: u32,
    },
    /// Calls a session off, with all its bookings.
    CancelSession {
        session: SessionId,
        /// Told to the clients.
        reason: Option<String>,
    },
    /// Takes a place in a session's queue.
    JoinQueue {
        session: SessionId,
        client: ClientId,
        /// The place's id, chosen by the upstream app.
        entry: EntryId,
    },
    /// Takes the offered seat.
    AcceptOffer {
        entry: EntryId,
        /// The id of the booking to make; the entry's where absent.
        booking: Option<BookingId>,
    },
    /// Leaves the offered seat to the next.
    DeclineOffer(EntryId),
    LeaveQueue(EntryId),
    /// Asks a client for an in-app payment.
    RequestPayment(RequestPayment),
    /// The client approved the payment.
    AcceptPayment(PaymentId),
    /// The client refused the payment.
    DeclinePayment(PaymentId),
    /// A sale was put on a client's profile.
    RecordSale {
        client: ClientId,
        description: String,
        amount: Option<Money>,
        /// What the client has left afterwards, in the tenant's words.
        balance: Option<String>,
    },
    /// A client asked for a link, or is to verify an address.
    SendLink {
        client: ClientId,
        purpose: LinkPurpose,
        url: SecretLink,
        /// From when on it is dead.
        expires_at: Option<Timestamp>,
    },
    /// Every client with an unverified address is asked to verify it.
    VerifyAllEmails {
        /// The link, with `{client}` where the client's id goes and `{mac}` where its code does.
        url_template: SecretLink,
        /// What the code is made with; there is one if it has a place.
        mac_key: Option<MacKey>,
        /// From when on they are dead.
        expires_at: Option<Timestamp>,
    },
    /// Writes to an audience.
    SendNotice(Box<SendNotice>),
    /// Posts into the app.
    PostInbox {
        title: String,
        body: String,
        to: Addressee,
    },
    /// A client wrote back. No app can send it: it comes by a provider's hook.
    TakeReply(Reply),
}

macro_rules! command_types {
    ($($pattern:pat => $name:literal,)* ; $own:pat => $own_name:literal) => {
        impl Command {
            /// Every command type, by its name on the wire.
            #[cfg(test)]
            pub const TYPES: &'static [&'static str] = &[$($name,)*];

            /// The CloudEvents `type` of this command.
            pub fn type_name(&self) -> &'static str {
                match self { $($pattern => $name,)* $own => $own_name }
            }
        }
    };
}

command_types! {
    Command::ConfigureTenant(_) => "tenant.configure",
    Command::SetTemplate { .. } => "template.set",
    Command::ResetTemplate(_) => "template.reset",
    Command::RegisterClient(_) => "client.register",
    Command::UpdateClient(_) => "client.update",
    Command::VerifyClientEmail(_) => "client.verify_email",
    Command::DeleteClient(_) => "client.delete",
    Command::EraseClient(_) => "client.erase",
    Command::OptOut(_) => "client.opt_out",
    Command::OptIn(_) => "client.opt_in",
    Command::Unsuppress { .. } => "client.unsuppress",
    Command::RequestBooking(_) => "booking.request",
    Command::ConfirmBooking(_) => "booking.confirm",
    Command::AttendBooking(_) => "booking.attend",
    Command::MissBooking(_) => "booking.no_show",
    Command::ConfirmAttendance(_) => "booking.confirm_attendance",
    Command::DeclineBooking { .. } => "booking.decline",
    Command::CancelBooking { .. } => "booking.cancel",
    Command::RescheduleBooking { .. } => "booking.reschedule",
    Command::ReassignBooking { .. } => "booking.reassign",
    Command::AnnotateBooking { .. } => "booking.annotate",
    Command::ScheduleSession(_) => "session.schedule",
    Command::RescheduleSession { .. } => "session.reschedule",
    Command::ResizeSession { .. } => "session.resize",
    Command::CancelSession { .. } => "session.cancel",
    Command::JoinQueue { .. } => "queue.join",
    Command::AcceptOffer { .. } => "queue.accept",
    Command::DeclineOffer(_) => "queue.decline",
    Command::LeaveQueue(_) => "queue.leave",
    Command::RequestPayment(_) => "payment.request",
    Command::AcceptPayment(_) => "payment.accept",
    Command::DeclinePayment(_) => "payment.decline",
    Command::RecordSale { .. } => "sale.record",
    Command::SendLink { purpose: LinkPurpose::PasswordReset, .. } => "account.password_reset",
    Command::SendLink { purpose: LinkPurpose::MagicLink, .. } => "account.magic_link",
    Command::SendLink { purpose: LinkPurpose::VerifyEmail, .. } => "account.verify_email",
    Command::VerifyAllEmails { .. } => "account.verify_all_emails",
    Command::SendNotice(_) => "notice.send",
    Command::PostInbox { .. } => "inbox.post",
    ;
    Command::TakeReply(_) => "client.reply"
}
