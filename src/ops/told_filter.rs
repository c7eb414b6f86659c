//! Which of the things that a tenant's clients were told, or not told, somebody means.

use super::letter_filter::{CHANNEL, KIND};
use super::story::NOT_KEPT;
use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId};
use crate::domain::kind::Kind;
use crate::domain::message::MessageStatus;
use crate::store::ToldOf;
use crate::web::operation::{Parameter, Values, text};
use crate::web::problem::Problem;
use crate::web::query::Query;

/// Not asked for where the path says it.
pub const WHOSE: Parameter = text("client", "To this client.");
/// What else can be asked for.
pub const FILTERS: [Parameter; 5] = [
    text("booking", "About this booking."),
    KIND,
    CHANNEL,
    Parameter {
        name: "status",
        about: "What became of it; `skipped` where a rule forbade it, `not_kept` where it \
                ended too long ago.",
        values: Values::OneOf(statuses),
    },
    text("reason", "Which rule, such as `opted_out`, or why it was given up."),
];
/// The status of what was not sent because a rule forbids it.
pub const SKIPPED: &str = "skipped";
/// The status of a message that this version cannot read.
const UNREADABLE: &str = "unreadable";
/// The longest name of a reason.
const REASON_MAX_BYTES: usize = 64;

/// Whatever is said of it must be so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ToldFilter {
    /// What the store finds.
    pub of: ToldOf,
    kind: Option<Kind>,
    channel: Option<Channel>,
    status: Option<String>,
    reason: Option<String>,
}

impl ToldFilter {
    /// The filter of a query, about this client where one is given.
    ///
    /// # Errors
    /// Names the parameter that is wrong.
    pub fn of_query(query: &Query, client: Option<ClientId>) -> Result<Self, Problem> {
        let id = || "an id of 1 to 128 printable characters".to_owned();
        let named = query.value("client", |text| ClientId::parse(text).ok(), id)?;
        let booking = query.value("booking", |text| BookingId::parse(text).ok(), id)?;
        let channels = || "email, sms, push or inbox".to_owned();
        Ok(Self {
            of: ToldOf { client: client.or(named), booking },
            kind: query.value("kind", Kind::parse, || "a kind of message".to_owned())?,
            channel: query.value("channel", Channel::parse, channels)?,
            status: query.value("status", status, || statuses().join(", "))?,
            reason: query.value("reason", reason, || "a reason, such as opted_out".to_owned())?,
        })
    }

    /// Whether it is about a kind that is meant.
    pub fn has_kind(&self, kind: &str) -> bool {
        self.kind.is_none_or(|of| of.as_str() == kind)
    }

    /// Whether it is about a channel that is meant.
    pub fn has_channel(&self, channel: &str) -> bool {
        self.channel.is_none_or(|of| of.as_str() == channel)
    }

    /// Whether what became of it is what is meant.
    pub fn has_fate(&self, status: &str, reason: Option<&str>) -> bool {
        self.status.as_deref().is_none_or(|of| of == status)
            && self.reason.as_deref().is_none_or(|of| Some(of) == reason)
    }
}

/// Every status there is, that of what was never a message among them.
pub fn statuses() -> Vec<&'static str> {
    let messages = MessageStatus::ALL.map(MessageStatus::as_str).into_iter();
    messages.chain([UNREADABLE, SKIPPED, NOT_KEPT]).collect()
}

fn status(text: &str) -> Option<String> {
    statuses().contains(&text).then(|| text.to_owned())
}

fn reason(text: &str) -> Option<String> {
    let is_name = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let fits = (1..=REASON_MAX_BYTES).contains(&text.len());
    (is_name && fits).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::operation::names;

    fn read(query: &str) -> Result<ToldFilter, String> {
        let known = names(&[&FILTERS[..], &[WHOSE]].concat());
        let query = Query::read(Some(query), &known).unwrap();
        ToldFilter::of_query(&query, None).map_err(|problem| {
            let problem = serde_json::to_value(problem).unwrap();
            assert_eq!(problem["status"], 400);
            problem["field"].as_str().unwrap().to_owned()
        })
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (query, field) in [
            ("client=", "client"),
            ("booking=%00", "booking"),
            ("kind=booking.confirmd", "kind"),
            ("channel=fax", "channel"),
            ("status=alive", "status"),
            ("reason=Opted%20out", "reason"),
            ("reason=", "reason"),
        ] {
            assert_eq!(read(query), Err(field.to_owned()), "{query}");
        }
    }

    #[test]
    fn all_that_is_said_must_be_so() {
        let filter = read("kind=booking.confirmed&channel=sms&status=skipped&reason=no_address");
        let filter = filter.unwrap();
        assert!(filter.has_kind("booking.confirmed") && !filter.has_kind("booking.cancelled"));
        assert!(filter.has_channel("sms") && !filter.has_channel("email"));
        for (status, reason, is) in [
            ("skipped", Some("no_address"), true),
            ("skipped", Some("opted_out"), false),
            ("skipped", None, false),
            ("dead", Some("no_address"), false),
        ] {
            assert_eq!(filter.has_fate(status, reason), is, "{status} {reason:?}");
        }
        let all = read("").unwrap();
        assert!(all.has_kind("x") && all.has_channel("y") && all.has_fate("sent", None));
    }
}
