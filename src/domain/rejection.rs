//! Why a readable command is refused.

use std::fmt;

macro_rules! reasons {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// Why a command is refused; the names are part of the interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum RejectionReason { $(#[doc = $doc] $variant,)* }

        impl RejectionReason {
            pub const ALL: &'static [RejectionReason] = &[$(RejectionReason::$variant,)*];

            /// The name on the wire and in metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(RejectionReason::$variant => $name,)* }
            }

            /// What it means, in a sentence, for the reference.
            pub fn meaning(self) -> &'static str {
                match self { $(RejectionReason::$variant => $doc,)* }
            }
        }
    };
}

reasons! {
    UnknownTenant "unknown_tenant" "The tenant was never configured."
    UnknownClient "unknown_client" "No such client."
    UnknownBooking "unknown_booking" "No such booking."
    UnknownPlan "unknown_plan" "The operator configured no such plan."
    SenderNotAllowed "sender_not_allowed" "The operator lets no tenant of the plan write from that domain."
    UnknownSession "unknown_session" "No such session."
    UnknownEntry "unknown_entry" "No such place in a queue."
    UnknownPayment "unknown_payment" "No such payment."
    BookingExists "booking_exists" "Another command made a booking of that id."
    SessionExists "session_exists" "Another command made a session of that id."
    EntryExists "entry_exists" "Another command made a place in a queue of that id."
    PaymentExists "payment_exists" "Another command made a payment of that id."
    NoticeExists "notice_exists" "Another command sent a notice of that id."
    SessionFull "session_full" "No seat is free."
    SessionStarted "session_started" "The session has begun."
    SessionCancelled "session_cancelled" "The session was called off."
    SeatsTaken "seats_taken" "More seats are taken than would be left."
    QueueFull "queue_full" "Too many wait already."
    AlreadyQueued "already_queued" "The client waits already."
    AlreadyBooked "already_booked" "The client has a seat already."
    OfferExpired "offer_expired" "The offer is over."
    PlanExcludesCustomText "plan_excludes_custom_text" "The tenant's plan has no texts of its own."
    InvalidTemplate "invalid_template" "The text cannot be used."
    UnknownLanguage "unknown_language" "There are no built-in texts in this language."
    TooManyTemplates "too_many_templates" "The tenant has as many texts of its own as it may."
    IllegalTransition "illegal_transition" "The state does not allow it."
    InvalidTime "invalid_time" "A booking would end before it starts."
    ClientDeleted "client_deleted" "The client was deleted."
    IdReused "id_reused" "The same command id came with another body."
    InvalidEnvelope "invalid_envelope" "An attribute of the command's envelope is missing or malformed."
    InvalidData "invalid_data" "The command's data cannot be read."
    UnknownType "unknown_type" "There is no such command type."
    TenantParked "tenant_parked" "The tenant is set aside: by an operator, or because its actor kept crashing."
    HandlerPanicked "handler_panicked" "Deciding this command panicked each time it was tried."
}

impl RejectionReason {
    /// Whether what is named is not there.
    pub fn is_unknown(self) -> bool {
        matches!(
            self,
            RejectionReason::UnknownTenant
                | RejectionReason::UnknownClient
                | RejectionReason::UnknownBooking
                | RejectionReason::UnknownSession
                | RejectionReason::UnknownEntry
                | RejectionReason::UnknownPayment
        )
    }

    /// The reason of that name, as kept in the inbox.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == name)
    }
}

/// A refusal with its reason and a sentence for the person who reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The named reason.
    pub reason: RejectionReason,
    /// What exactly, without personal data.
    pub detail: String,
}

impl Rejection {
    /// A refusal.
    pub fn new(reason: RejectionReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason.as_str(), self.detail)
    }
}
