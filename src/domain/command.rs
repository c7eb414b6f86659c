//! What upstream apps can ask for.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::address::{EmailAddress, PhoneNumber};
use super::booking::Party;
use super::broadcast::Audience;
use super::channel::{Channel, Channels};
use super::client::Contact;
use super::id::{
    BookingId, ClientId, EntryId, NoticeId, PaymentId, SeriesId, ServiceId, SessionId,
};
use super::kind::Kind;
use super::locale::Locale;
use super::money::Money;
use super::secret::SecretLink;
use super::session::MinAttendance;
use super::settings::Settings;
use super::template::{CustomText, TemplateKey};
use super::zone::Zone;

/// One command, checked and typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Sets a tenant's whole settings.
    ConfigureTenant(Box<Settings>),
    /// Replaces a built-in text by the tenant's own.
    SetTemplate {
        /// Which text.
        key: TemplateKey,
        /// What it says from now on.
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
    /// Puts a session on the timetable.
    ScheduleSession(Box<ScheduleSession>),
    /// Moves a session with all its bookings.
    RescheduleSession {
        /// Which session.
        session: SessionId,
        /// The new start.
        starts_at: Timestamp,
        /// The new end.
        ends_at: Timestamp,
    },
    /// Changes the number of seats.
    ResizeSession {
        /// Which session.
        session: SessionId,
        /// Seats from now on.
        capacity: u32,
    },
    /// Calls a session off, with all its bookings.
    CancelSession {
        /// Which session.
        session: SessionId,
        /// Told to the clients.
        reason: Option<String>,
    },
    /// Takes a place in a session's queue.
    JoinQueue {
        /// Which session.
        session: SessionId,
        /// Who waits.
        client: ClientId,
        /// The place's id, chosen by the upstream app.
        entry: EntryId,
    },
    /// Takes the offered seat.
    AcceptOffer {
        /// Whose place.
        entry: EntryId,
        /// The id of the booking to make; the entry's where absent.
        booking: Option<BookingId>,
    },
    /// Leaves the offered seat to the next.
    DeclineOffer(EntryId),
    /// Leaves the queue.
    LeaveQueue(EntryId),
    /// Asks a client for an in-app payment.
    RequestPayment(RequestPayment),
    /// The client approved the payment.
    AcceptPayment(PaymentId),
    /// The client refused the payment.
    DeclinePayment(PaymentId),
    /// A sale was put on a client's profile.
    RecordSale {
        /// Whose profile.
        client: ClientId,
        /// What was sold.
        description: String,
        /// What it cost.
        amount: Option<Money>,
        /// What the client has left afterwards, in the tenant's words.
        balance: Option<String>,
    },
    /// A client asked for a link, or is to verify an address.
    SendLink {
        /// Who.
        client: ClientId,
        /// What for.
        purpose: LinkPurpose,
        /// The link.
        url: SecretLink,
        /// From when on it is dead.
        expires_at: Option<Timestamp>,
    },
    /// Every client with an unverified address is asked to verify it.
    VerifyAllEmails {
        /// The link, with `{client}` where the client's id goes.
        url_template: SecretLink,
    },
    /// Writes to an audience.
    SendNotice(Box<SendNotice>),
    /// Posts into the app.
    PostInbox {
        /// The headline.
        title: String,
        /// The text.
        body: String,
        /// For whom.
        to: Addressee,
    },
}

/// What a link of an account message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkPurpose {
    /// To set a new password.
    PasswordReset,
    /// To sign in.
    MagicLink,
    /// To prove that an address is the client's.
    VerifyEmail,
}

/// Who reads a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Addressee {
    /// One client's mailbox.
    Client(ClientId),
    /// Everybody's notice board.
    Board,
}

/// What a client wants or does not want; absent means all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whose wish.
    pub client: ClientId,
    /// On which channel.
    pub channel: Option<Channel>,
    /// Of which kind.
    pub kind: Option<Kind>,
}

/// A new session.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleSession {
    /// Chosen by the upstream app.
    pub session: SessionId,
    /// What takes place.
    pub activity: String,
    /// When it starts.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
    /// Seats.
    pub capacity: u32,
    /// Until when cancelling costs nothing.
    pub free_cancel_until: Option<Timestamp>,
    /// With fewer it is called off.
    pub min_attendance: Option<MinAttendance>,
    /// Where it takes place.
    pub location: Option<String>,
}

/// A new payment.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestPayment {
    /// Chosen by the upstream app.
    pub payment: PaymentId,
    /// Who pays.
    pub client: ClientId,
    /// How much.
    pub amount: Money,
    /// What for.
    pub reason: String,
    /// Whether it is charged without asking; the tenant's setting where absent.
    pub direct: Option<bool>,
}

/// A notice to an audience.
#[derive(Debug, Clone, PartialEq)]
pub struct SendNotice {
    /// Chosen by the upstream app.
    pub notice: NoticeId,
    /// The headline.
    pub title: String,
    /// The text.
    pub body: String,
    /// How it is to go.
    pub channels: Channels,
    /// To whom.
    pub audience: Audience,
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
    /// Who registered them.
    pub by: Option<Party>,
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
    /// Language; `Some(None)` for the tenant's.
    pub locale: Option<Option<Locale>>,
    /// Zone; `Some(None)` for the venue's.
    pub timezone: Option<Option<Zone>>,
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
    /// When it starts; only a booking of a session may leave it to the session.
    pub starts_at: Option<Timestamp>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// What is booked.
    pub service: Option<ServiceId>,
    /// The session that it takes a seat of.
    pub session: Option<SessionId>,
    /// Whether to wait for a seat where there is none; the entry has the booking's id.
    pub join_queue: bool,
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
    Command::SetTemplate { .. } => "template.set",
    Command::ResetTemplate(_) => "template.reset",
    Command::RegisterClient(_) => "client.register",
    Command::UpdateClient(_) => "client.update",
    Command::VerifyClientEmail(_) => "client.verify_email",
    Command::DeleteClient(_) => "client.delete",
    Command::EraseClient(_) => "client.erase",
    Command::OptOut(_) => "client.opt_out",
    Command::OptIn(_) => "client.opt_in",
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
}
