//! May this message go? A ladder of rules; the first that says no is the recorded reason.

use jiff::{SignedDuration, Timestamp};

use super::channel::Channel;
use super::client::{Client, Contact};
use super::kind::Kind;
use super::plan::Plans;
use super::planning::after;
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

            /// What it means, in a sentence, for the reference.
            pub fn meaning(self) -> &'static str {
                match self { $(SkipReason::$variant => $doc,)* }
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
    DestinationNotAllowed "destination_not_allowed" "The operator sends no text messages there."
    EmailUnverified "email_unverified" "The tenant writes to verified addresses only."
    OptedOut "opted_out" "The client does not want it."
    Suppressed "suppressed" "The address bounced, or its owner complained."
    QuotaExhausted "quota_exhausted" "The month's text messages are used up."
    SpendCapped "spend_capped" "The day's text messages, of all or to this client, are used up."
    FrequencyCapped "frequency_capped" "The client had enough of this kind for now."
    NoProvider "no_provider" "This installation has no provider for the channel."
    TooLate "too_late" "What it tells of has begun."
    BookedInsideLead "booked_inside_lead" "The booking was made when the reminder's time had passed."
    Superseded "superseded" "Something newer took its place."
    Expired "expired" "What it tells of is over."
    DirectCharge "direct_charge" "The payment is charged without asking."
    BookedAhead "booked_ahead" "The client has booked again."
    AttendanceConfirmed "attendance_confirmed" "The client said already that they will come."
    NeverConfirmed "never_confirmed" "The booking was never agreed, so there is nothing to call off."
    SeriesTold "series_told" "The message about another booking of its series tells of it."
}

impl SkipReason {
    /// Whether it lies with this one client, so that another may well hear what they do not.
    pub fn is_personal(self) -> bool {
        use SkipReason::{
            ClientDeleted, DestinationNotAllowed, EmailUnverified, InvalidAddress, NoAddress,
            NotEnrolled, OptedOut, QuotaExhausted, Suppressed,
        };
        match self {
            ClientDeleted | NotEnrolled | NoAddress | InvalidAddress | DestinationNotAllowed => {
                true
            }
            // Of the quota only those who can be reached by nothing else are left.
            EmailUnverified | OptedOut | Suppressed | QuotaExhausted => true,
            _ => false,
        }
    }
}

/// Everything that the ladder looks at.
pub struct Question<'a> {
    pub settings: &'a Settings,
    pub plans: &'a Plans,
    /// Channels for which this installation has a provider.
    pub provided: super::channel::Channels,
    /// What the message is about.
    pub kind: Kind,
    /// How it would go.
    pub channel: Channel,
    pub client: &'a Client,
    /// The instant of deciding.
    pub now: Timestamp,
    /// Why nobody would pay for a text message, if so; asked for SMS only.
    pub unpaid: &'a dyn Fn() -> Option<SkipReason>,
    /// What speaks against the message itself, whoever gets it.
    pub veto: Option<SkipReason>,
}

/// `None` if the message may go, else the first rule that forbids it.
pub fn forbids(q: &Question<'_>) -> Option<SkipReason> {
    let off = q.veto == Some(SkipReason::KindOff);
    if off || !q.settings.channels_of(q.kind).contains(q.channel) {
        return Some(SkipReason::KindOff);
    }
    forbids_though_on(q)
}

/// The ladder without its first rule: what speaks against a channel that is switched off.
pub fn forbids_though_on(q: &Question<'_>) -> Option<SkipReason> {
    let free = exemptions(q.kind);
    let email = q.channel == Channel::Email;
    if !plan_includes(q) {
        return Some(SkipReason::PlanExcludesChannel);
    }
    if q.client.deleted && !free.deleted {
        return Some(SkipReason::ClientDeleted);
    }
    if !q.client.enrolled && !free.not_enrolled {
        return Some(SkipReason::NotEnrolled);
    }
    if let Some(reason) = address_forbids(q.client, q.channel) {
        return Some(reason);
    }
    let is_allowed = |number| q.plans.sms().allow(number);
    if q.channel == Channel::Sms && !q.client.phone.known().is_none_or(is_allowed) {
        return Some(SkipReason::DestinationNotAllowed);
    }
    let unproved = q.settings.require_verified_email && !q.client.email_verified;
    if email && unproved && !free.unverified {
        return Some(SkipReason::EmailUnverified);
    }
    if q.client.preferences.excludes(q.channel, q.kind) && !free.opted_out {
        return Some(SkipReason::OptedOut);
    }
    if q.client.suppressed.contains(q.channel) {
        return Some(SkipReason::Suppressed);
    }
    if q.channel == Channel::Sms
        && let Some(reason) = (q.unpaid)()
    {
        return Some(reason);
    }
    if is_capped(q) {
        return Some(SkipReason::FrequencyCapped);
    }
    if !q.provided.contains(q.channel) {
        return Some(SkipReason::NoProvider);
    }
    q.veto
}

/// The rules that do not hold for a kind.
#[derive(Default)]
struct Exemptions {
    deleted: bool,
    not_enrolled: bool,
    unverified: bool,
    opted_out: bool,
}

fn exemptions(kind: Kind) -> Exemptions {
    match kind {
        // The way to become verified in the first place, and asked for by the client.
        Kind::AccountPasswordReset | Kind::AccountMagicLink | Kind::AccountVerifyEmail => {
            Exemptions { not_enrolled: true, unverified: true, opted_out: true, deleted: false }
        }
        Kind::AccountWelcome => {
            Exemptions { unverified: true, opted_out: true, ..Exemptions::default() }
        }
        Kind::NoticeManual => {
            Exemptions { deleted: true, not_enrolled: true, ..Exemptions::default() }
        }
        _ => Exemptions::default(),
    }
}

/// The time in which notices by email, and text messages to a client, are counted.
pub const NOTICE_WINDOW: SignedDuration = SignedDuration::from_hours(24);

fn is_capped(q: &Question<'_>) -> bool {
    match q.kind {
        Kind::NoticeManual if q.channel == Channel::Email => {
            let recent = q.client.noticed_at.iter().filter(|at| is_recent(**at, q.now)).count();
            q.settings.notice_cap.is_some_and(|cap| recent >= cap as usize)
        }
        Kind::ReviewRequested => {
            let asked = q.client.reviewed_at.zip(q.settings.review.as_ref());
            asked.is_some_and(|(at, rules)| q.now < after(at, rules.every))
        }
        _ => false,
    }
}

/// Whether a notice of then still counts.
pub fn is_recent(at: Timestamp, now: Timestamp) -> bool {
    now < after(at, NOTICE_WINDOW)
}

fn plan_includes(q: &Question<'_>) -> bool {
    q.plans.get(&q.settings.plan).is_some_and(|plan| plan.channels.contains(q.channel))
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
