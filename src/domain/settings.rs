//! A tenant's settings: one whole document, every gap filled from its profile.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, civil::Time};
use serde::{Deserialize, Serialize};

use super::address::EmailAddress;
use super::channel::{Channel, Channels};
use super::id::{BookingId, ServiceId};
use super::invalid::Invalid;
use super::kind::{Kind, Profile};
use super::lead::LeadRule;
use super::locale::Locale;
use super::remark::Remark;
use super::secret::percent_encoded;
use super::sender::can_be_answered;
use super::sms::SmsRules;
use super::zone::Zone;

/// What stands for a booking's id in a link into the app.
pub const BOOKING_PLACEHOLDER: &str = "{booking}";

/// Who lets a client's booking stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Approval {
    /// Every booking is confirmed at once.
    Automatic,
    /// Staff confirm or decline.
    Manual,
}

/// What to do when too little time remains for an offer of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LastCall {
    /// Offer to everybody who waits; the first acceptance wins.
    Broadcast,
    /// Offer to nobody.
    Stop,
}

/// What to do with a reminder whose lead time lies in the past when the booking is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LateReminder {
    /// Leave it out.
    Skip,
    /// Send it at once.
    SendNow,
}

/// A service that can be booked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Service {
    /// The name that clients read.
    pub name: String,
    /// Reminders of its own; the tenant's where absent.
    pub reminders: Option<Vec<LeadRule>>,
    /// How long it takes, where a booking names no end.
    pub duration: Option<SignedDuration>,
    /// Where it takes place.
    pub location: Option<String>,
    /// What to bring, in the tenant's words.
    #[serde(default)]
    pub bring: Option<String>,
}

/// Who the messages come from.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sender {
    /// From address; the installation's where absent.
    pub email: Option<EmailAddress>,
    /// From name; the tenant's name where absent.
    pub name: Option<String>,
    /// Where answers go.
    pub reply_to: Option<EmailAddress>,
    /// SMS sender: a number or up to 11 characters.
    pub sms: Option<String>,
}

/// A daily span in which the phone stays silent; may cross midnight.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct QuietHours {
    /// First quiet minute.
    pub from: Time,
    /// First loud minute.
    pub to: Time,
}

/// How offers of a free seat run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferRules {
    /// How long an offer stands.
    pub window: SignedDuration,
    /// Below this no offer of its own is made.
    pub min: SignedDuration,
    /// Offers end this long before the start.
    pub cutoff: SignedDuration,
    /// What happens when less than `min` remains.
    pub last_call: LastCall,
    /// Whether the window of an offer made in quiet hours runs from their end.
    #[serde(default)]
    pub respects_quiet_hours: bool,
}

/// When a review is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewRules {
    /// How long after the visit.
    pub after: SignedDuration,
    /// At most one per client in this time.
    pub every: SignedDuration,
    /// Where the review is written.
    pub url: String,
}

/// The most addresses that alerts go to.
pub const STAFF_EMAILS_MAX: usize = 20;

/// Who among the staff is told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StaffAlerts {
    /// Their addresses.
    pub emails: Vec<EmailAddress>,
    /// About what: of [`Kind::STAFF`].
    pub kinds: BTreeSet<Kind>,
}

/// A colour as `#rrggbb`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Color(String);

impl Color {
    /// Takes a colour as CSS writes it in six digits.
    ///
    /// # Errors
    /// Says how it is written.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let digits = text.strip_prefix('#').unwrap_or_default();
        if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(Invalid::new("is not a colour such as \"#1f9d61\""))
    }

    /// `#rrggbb`, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Color {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Color> for String {
    fn from(color: Color) -> String {
        color.0
    }
}

/// A manual notice's cap, in messages per client in 24 hours.
pub const NOTICE_CAP_PER_DAY: u32 = 2;

/// A tenant's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The name that clients read.
    pub name: String,
    /// The line of business.
    pub profile: Profile,
    /// The plan's name, known to the operator's configuration.
    pub plan: String,
    /// The language where a client has none.
    pub locale: Locale,
    /// The venue's zone.
    pub timezone: Zone,
    /// Who lets a client's booking stand.
    pub approval: Approval,
    /// What the tenant switched on or off against its profile.
    pub toggles: BTreeMap<Kind, BTreeMap<Channel, bool>>,
    /// Lead times of reminders.
    pub reminders: Vec<LeadRule>,
    /// What can be booked.
    pub services: BTreeMap<ServiceId, Service>,
    /// Who the messages come from.
    pub sender: Sender,
    /// When phones stay silent.
    pub quiet_hours: Option<QuietHours>,
    /// How offers of a free seat run.
    pub offer: OfferRules,
    /// Reminders whose lead time has passed at booking.
    pub late_reminder: LateReminder,
    /// How long before the start a reminder that woke late is still of use.
    pub late_grace: SignedDuration,
    /// When reviews are asked for.
    pub review: Option<ReviewRules>,
    /// How long after the last visit a client is written to.
    pub win_back_after: Option<SignedDuration>,
    /// Manual notices by email per client in 24 hours.
    pub notice_cap: Option<u32>,
    /// Whether email goes to verified addresses only.
    pub require_verified_email: bool,
    /// Whether in-app payments are charged without asking.
    pub direct_charge: bool,
    /// SMS segments per month.
    pub sms_quota: Option<u32>,
    pub staff: Option<StaffAlerts>,
    /// The colour of the tenant's mails.
    #[serde(default)]
    pub color: Option<Color>,
    /// By which channel goes what is given up on another.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fallback: BTreeMap<Channel, Channel>,
    /// Whether clients can cancel a booking by the link in a mail about it.
    #[serde(default)]
    pub client_links: bool,
    /// Where in the app a notification of a kind leads, with [`BOOKING_PLACEHOLDER`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub app_links: BTreeMap<Kind, String>,
    /// How text messages are written, and answered.
    #[serde(default, skip_serializing_if = "SmsRules::is_default")]
    pub sms: SmsRules,
}

impl Settings {
    /// The reminder rules for bookings of this service.
    pub fn reminders_of(&self, service: Option<&ServiceId>) -> &[LeadRule] {
        let service = service.and_then(|id| self.services.get(id));
        let own = service.and_then(|service| service.reminders.as_ref());
        own.unwrap_or(&self.reminders)
    }

    /// The settings of a tenant that says only who and where it is.
    pub fn of_profile(name: &str, profile: Profile) -> Self {
        let classes = profile == Profile::Classes;
        Self {
            name: name.to_owned(),
            profile,
            plan: "free".to_owned(),
            locale: Locale::english(),
            timezone: Zone::utc(),
            approval: Approval::Automatic,
            toggles: BTreeMap::new(),
            reminders: vec![LeadRule::Days(1)],
            services: BTreeMap::new(),
            sender: Sender::default(),
            quiet_hours: None,
            offer: OfferRules {
                window: SignedDuration::from_mins(30),
                min: SignedDuration::from_mins(5),
                cutoff: SignedDuration::from_mins(15),
                last_call: LastCall::Stop,
                respects_quiet_hours: false,
            },
            late_reminder: LateReminder::Skip,
            late_grace: SignedDuration::from_hours(1),
            review: None,
            win_back_after: None,
            notice_cap: classes.then_some(NOTICE_CAP_PER_DAY),
            require_verified_email: classes,
            direct_charge: false,
            sms_quota: None,
            staff: None,
            color: None,
            fallback: BTreeMap::new(),
            client_links: false,
            app_links: BTreeMap::new(),
            sms: SmsRules::default(),
        }
    }

    /// Where in the app a notification leads; nowhere where it would name a booking, and is about
    /// none.
    pub fn app_link(&self, kind: Kind, booking: Option<&BookingId>) -> Option<String> {
        let link = self.app_links.get(&kind)?;
        match booking {
            Some(id) => Some(link.replace(BOOKING_PLACEHOLDER, &percent_encoded(id.as_str()))),
            None if link.contains(BOOKING_PLACEHOLDER) => None,
            None => Some(link.clone()),
        }
    }

    /// What these settings ask for and cannot have.
    pub fn remark(&self) -> Option<Remark> {
        let name = self.sender.sms.as_deref().filter(|sms| !can_be_answered(sms));
        let asks = |kind| self.channels_of(kind).contains(Channel::Sms);
        let is_awaited = !self.sms.keywords.is_empty()
            || [Kind::QueueOffered, Kind::AttendanceCheck].into_iter().any(asks);
        name.filter(|_| is_awaited).map(|_| Remark::NobodyCanAnswer)
    }

    /// The channels on which a kind is switched on.
    pub fn channels_of(&self, kind: Kind) -> Channels {
        let defaults = kind.default_channels(self.profile);
        let own = self.toggles.get(&kind).into_iter().flatten();
        own.fold(defaults, |set, (channel, on)| set.with(*channel, *on))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::reply::Keyword;

    #[test]
    fn a_link_into_the_app_names_its_booking() {
        let mut settings = Settings::of_profile("Salone", Profile::Appointments);
        let links =
            [(Kind::BookingConfirmed, "salon://b/{booking}"), (Kind::NoticeManual, "salon://news")];
        settings.app_links = links.map(|(kind, link)| (kind, link.to_owned())).into();
        let booking = BookingId::parse("b/1").unwrap();
        let link = |kind, booking| settings.app_link(kind, booking);
        let confirmed = link(Kind::BookingConfirmed, Some(&booking));
        assert_eq!(confirmed.as_deref(), Some("salon://b/b%2F1"));
        assert_eq!(link(Kind::BookingConfirmed, None), None);
        assert_eq!(link(Kind::NoticeManual, None).as_deref(), Some("salon://news"));
        assert_eq!(link(Kind::BookingCancelled, Some(&booking)), None);
    }

    #[test]
    fn a_name_cannot_be_answered_where_an_answer_is_awaited() {
        let salon = || Settings::of_profile("Salone", Profile::Appointments);
        let remark = |sms: Option<&str>, change: fn(&mut Settings)| {
            let mut settings = salon();
            settings.sender.sms = sms.map(str::to_owned);
            change(&mut settings);
            settings.remark()
        };
        let silent = |settings: &mut Settings| {
            let off = BTreeMap::from([(Channel::Sms, false)]);
            settings.toggles.insert(Kind::QueueOffered, off);
        };
        let asks = Some(Remark::NobodyCanAnswer);
        assert_eq!(remark(Some("SaloneUno"), |_| ()), asks, "an offer asks for an answer");
        assert_eq!(remark(Some("SaloneUno"), silent), None);
        let keyword = |settings: &mut Settings| {
            let off = BTreeMap::from([(Channel::Sms, false)]);
            settings.toggles.insert(Kind::QueueOffered, off);
            settings.sms.keywords = vec![Keyword::parse("UNO").unwrap()];
        };
        assert_eq!(remark(Some("SaloneUno"), keyword), asks);
        for number in [Some("+39021234567"), Some("12345"), None] {
            assert_eq!(remark(number, |_| ()), None);
        }
    }

    #[test]
    fn a_toggle_overrides_one_channel_of_one_kind() {
        let mut settings = Settings::of_profile("Salone", Profile::Appointments);
        let toggles = BTreeMap::from([(Channel::Sms, false), (Channel::Push, true)]);
        settings.toggles.insert(Kind::BookingConfirmed, toggles);
        assert_eq!(
            settings.channels_of(Kind::BookingConfirmed),
            Channels::of(&[Channel::Email, Channel::Push])
        );
        assert_eq!(
            settings.channels_of(Kind::BookingCancelled),
            Channels::of(&[Channel::Email, Channel::Sms])
        );
    }
}
