//! The objects inside a tenant's settings.

use std::collections::BTreeMap;

use jiff::civil::Time;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::address::EmailAddress;
use crate::domain::channel::Channel;
use crate::domain::invalid::Invalid;
use crate::domain::reply::Keyword;
use crate::domain::settings::{self, Color, QuietHours, STAFF_EMAILS_MAX, StaffAlerts};
use crate::domain::sms::{KEYWORDS_MAX, SmsRules};
use crate::wire::command::data::parsed;
use crate::wire::command::reminder::Reminders;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::contact::SmsSender;
use crate::wire::scalar::names::Alert;
use crate::wire::scalar::span::{Absence, After, Length};
use crate::wire::scalar::text::{Line, Name};
use crate::wire::scalar::url::WebUrl;
use crate::wire::shape::{List, Object, Table};

/// The most kinds of alert that staff are told of.
pub const STAFF_KINDS_MAX: usize = 50;

/// A service that can be booked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The name that clients read.
    name: Parsed<Name>,
    /// Lead times of its own; the tenant's where left out, none if empty.
    reminders: Option<Reminders>,
    /// How long it takes, where a booking names no end.
    duration: Option<Parsed<Length>>,
    /// Where it takes place.
    location: Option<Parsed<Line>>,
    /// What to bring: told with a confirmation by email and with every reminder.
    bring: Option<Parsed<Line>>,
}

/// Who the messages come from.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sender {
    /// From address of email.
    email: Option<Parsed<EmailAddress>>,
    /// From name of email; the tenant's name where left out.
    name: Option<Parsed<Name>>,
    /// Where answers to email go.
    reply_to: Option<Parsed<EmailAddress>>,
    /// Sender of text messages: an E.164 number, or up to 11 ASCII characters, which nobody can
    /// answer.
    sms: Option<Parsed<SmsSender>>,
}

/// A daily span in which phones stay silent; it may cross midnight.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietSpan {
    /// First quiet minute.
    from: Parsed<Time>,
    /// First loud minute.
    to: Parsed<Time>,
}

/// The span, once it is known to be one.
#[derive(Deserialize)]
#[serde(try_from = "Object<QuietSpan>")]
pub struct Quiet(pub QuietHours);

impl TryFrom<Object<QuietSpan>> for Quiet {
    type Error = Invalid;

    /// Equal ends could mean all day or never.
    fn try_from(Object(span): Object<QuietSpan>) -> Result<Self, Invalid> {
        let (from, to) = (span.from.0, span.to.0);
        if from == to {
            Err(Invalid::new("ends when it starts"))
        } else {
            Ok(Self(QuietHours { from, to }))
        }
    }
}

/// When a review is asked for.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// How long after the visit.
    after: Parsed<After>,
    /// At most one per client in this time.
    every: Parsed<After>,
    /// Where the review is written.
    url: Parsed<WebUrl>,
}

/// When a client who stays away is written to.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WinBack {
    /// How long after the last visit.
    pub after: Parsed<Absence>,
}

/// Which staff are told of what.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    /// Their addresses.
    emails: List<Parsed<EmailAddress>, STAFF_EMAILS_MAX>,
    /// The kinds of alert.
    kinds: List<Parsed<Alert>, STAFF_KINDS_MAX>,
}

/// How text messages are written, and answered.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sms {
    /// Whether letters that the GSM alphabet lacks (`ç`, `ê`, `œ`, `á`, `í`, `ó`, `ú`) are written
    /// in their plain form where that saves a segment; false where left out.
    transliterate: Option<bool>,
    /// Where several tenants share a number, whoever begins a text with one of these words writes
    /// to this tenant; none where left out.
    keywords: Option<List<Parsed<Keyword>, KEYWORDS_MAX>>,
}

/// How mails look.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// The colour of headings and buttons, as six hexadecimal digits behind a `#`.
    pub color: Option<Parsed<Color>>,
}

/// A channel for each channel.
pub type OtherChannels = Table<Channel, Parsed<Channel>, { Channel::ALL.len() }>;

/// By which channel goes what is given up on another, once it is known to be another.
#[derive(Deserialize)]
#[serde(try_from = "OtherChannels")]
pub struct Fallback(pub BTreeMap<Channel, Channel>);

impl TryFrom<OtherChannels> for Fallback {
    type Error = Invalid;

    fn try_from(Table(ways): OtherChannels) -> Result<Self, Invalid> {
        let ways: BTreeMap<Channel, Channel> =
            ways.into_iter().map(|(from, Parsed(to))| (from, to)).collect();
        match ways.iter().find(|(from, to)| from == to) {
            Some((channel, _)) => {
                let channel = channel.as_str();
                Err(Invalid::new(format!("{channel} cannot take the place of {channel}")))
            }
            None => Ok(Self(ways)),
        }
    }
}

impl From<Service> for settings::Service {
    fn from(service: Service) -> Self {
        Self {
            name: service.name.0.0,
            reminders: service.reminders.map(Into::into),
            duration: service.duration.map(|length| length.0.0),
            location: service.location.map(|location| location.0.0),
            bring: service.bring.map(|bring| bring.0.0),
        }
    }
}

impl From<Sender> for settings::Sender {
    fn from(sender: Sender) -> Self {
        Self {
            email: parsed(sender.email),
            name: sender.name.map(|name| name.0.0),
            reply_to: parsed(sender.reply_to),
            sms: sender.sms.map(|sms| sms.0.0),
        }
    }
}

impl From<Sms> for SmsRules {
    fn from(sms: Sms) -> Self {
        Self {
            transliterate: sms.transliterate.unwrap_or_default(),
            keywords: sms.keywords.map(List::parsed).unwrap_or_default(),
        }
    }
}

impl From<Review> for settings::ReviewRules {
    fn from(review: Review) -> Self {
        Self { after: review.after.0.0, every: review.every.0.0, url: review.url.0.0 }
    }
}

impl From<Staff> for StaffAlerts {
    fn from(staff: Staff) -> Self {
        Self {
            emails: staff.emails.parsed(),
            kinds: staff.kinds.0.into_iter().filter_map(|kind| kind.0.0).collect(),
        }
    }
}
