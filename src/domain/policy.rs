//! May this message go? A ladder of rules; the first that says no is the recorded reason.

use super::channel::Channel;
use super::client::{Client, Contact};
use super::kind::Kind;
use super::plan::Plans;
use super::settings::Settings;

macro_rules! reasons {
    ($($variant:ident $name:literal $doc:literal)*) => {
        /// Why a message is not sent; the names are part of the interface.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum SkipReason { $(#[doc = $doc] $variant,)* }

        impl SkipReason {
            /// Every reason, in the order of the ladder.
            pub const ALL: &'static [SkipReason] = &[$(SkipReason::$variant,)*];

            /// The name in records, events and metrics.
            pub fn as_str(self) -> &'static str {
                match self { $(SkipReason::$variant => $name,)* }
            }
        }
    };
}

reasons! {
    KindOff "kind_off" "The tenant does not send this kind on this channel."
    PlanExcludesChannel "plan_excludes_channel" "The tenant's plan has no such channel."
    ClientDeleted "client_deleted" "The client was deleted."
    NotEnrolled "not_enrolled" "The client is not enrolled in the centre."
    NoAddress "no_address" "The client has no address on this channel."
    InvalidAddress "invalid_address" "What was given as the client's address is not one."
    EmailUnverified "email_unverified" "The tenant writes to verified addresses only."
    NoProvider "no_provider" "This installation has no provider for the channel."
    TooLate "too_late" "What it tells of has begun."
    NeverConfirmed "never_confirmed" "The booking was never agreed, so there is nothing to call off."
    SeriesTold "series_told" "The series it belongs to was confirmed already."
}

/// Everything that the ladder looks at.
pub struct Question<'a> {
    /// The tenant's settings.
    pub settings: &'a Settings,
    /// The operator's plans.
    pub plans: &'a Plans,
    /// Channels for which this installation has a provider.
    pub provided: super::channel::Channels,
    /// What the message is about.
    pub kind: Kind,
    /// How it would go.
    pub channel: Channel,
    /// To whom.
    pub client: &'a Client,
    /// Whether what it tells of has begun.
    pub too_late: bool,
}

/// `None` if the message may go, else the first rule that forbids it.
pub fn forbids(q: &Question<'_>) -> Option<SkipReason> {
    let account = exemption(q.kind);
    let rules = [
        (!q.settings.channels_of(q.kind).contains(q.channel), SkipReason::KindOff),
        (!plan_includes(q), SkipReason::PlanExcludesChannel),
        (q.client.deleted, SkipReason::ClientDeleted),
        (!q.client.enrolled && account != Exempt::Links, SkipReason::NotEnrolled),
    ];
    rules
        .into_iter()
        .find_map(|(forbidden, reason)| forbidden.then_some(reason))
        .or_else(|| address_forbids(q.client, q.channel))
        .or_else(|| {
            (unverified(q) && account == Exempt::Nothing).then_some(SkipReason::EmailUnverified)
        })
        .or_else(|| (!q.provided.contains(q.channel)).then_some(SkipReason::NoProvider))
        .or_else(|| q.too_late.then_some(SkipReason::TooLate))
}

/// What an account message is exempt of: it is the way to become verified in the first place.
#[derive(PartialEq, Eq)]
enum Exempt {
    Nothing,
    /// Ignores verification.
    Welcome,
    /// Ignores verification and enrolment.
    Links,
}

fn exemption(kind: Kind) -> Exempt {
    match kind {
        Kind::AccountWelcome => Exempt::Welcome,
        Kind::AccountPasswordReset | Kind::AccountMagicLink | Kind::AccountVerifyEmail => {
            Exempt::Links
        }
        _ => Exempt::Nothing,
    }
}

fn plan_includes(q: &Question<'_>) -> bool {
    q.plans.get(&q.settings.plan).is_some_and(|plan| plan.channels.contains(q.channel))
}

fn unverified(q: &Question<'_>) -> bool {
    q.channel == Channel::Email && q.settings.require_verified_email && !q.client.email_verified
}

fn address_forbids(client: &Client, channel: Channel) -> Option<SkipReason> {
    fn of<T>(contact: &Contact<T>) -> Option<SkipReason> {
        match contact {
            Contact::Known(_) => None,
            Contact::Absent => Some(SkipReason::NoAddress),
            Contact::Unreadable => Some(SkipReason::InvalidAddress),
        }
    }
    match channel {
        Channel::Email => of(&client.email),
        Channel::Sms => of(&client.phone),
        Channel::Push => client.push_tokens.is_empty().then_some(SkipReason::NoAddress),
        Channel::Inbox => None,
    }
}
