//! Which dead letters somebody means: the same in a query and in a body.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::channel::Channel;
use crate::domain::id::TenantId;
use crate::domain::kind::Kind;
use crate::domain::message::MessageId;
use crate::store::{LetterFilter, LetterStatus};
use crate::web::members::Members;
use crate::web::operation::{Parameter, Values, names, text};
use crate::web::problem::Problem;
use crate::web::query::Query;

/// A kind of message, in a query.
pub const KIND: Parameter = Parameter {
    name: "kind",
    about: "Of this kind.",
    values: Values::OneOf(|| Kind::ALL.iter().map(|kind| kind.as_str()).collect()),
};
/// A channel, in a query.
pub const CHANNEL: Parameter = Parameter {
    name: "channel",
    about: "On this channel.",
    values: Values::OneOf(|| Channel::ALL.map(Channel::as_str).to_vec()),
};
/// What can be asked for.
pub const FILTERS: [Parameter; 7] = [
    text("tenant", "Of this tenant."),
    KIND,
    CHANNEL,
    text("provider", "That this provider was the last to be asked for."),
    text("reason", "Given up for this reason, such as `permanent` or `in_doubt`."),
    text("since", "Given up since then, such as `2026-12-01T09:00:00Z`."),
    Parameter {
        name: "status",
        about: "Of this status; all where nothing is said.",
        values: Values::OneOf(|| LetterStatus::ALL.map(LetterStatus::as_str).to_vec()),
    },
];
/// The most letters that are named one by one.
const MESSAGES_MAX: usize = 1000;

/// The filter of a query.
///
/// # Errors
/// Names the parameter that is wrong.
pub fn of_query(query: &Query) -> Result<LetterFilter, Problem> {
    read(|name| Ok(query.text(name).map(str::to_owned)), |name, why| query.wrong(name, why))
}

/// The filter of a body: its `filter`, or its `messages`.
///
/// # Errors
/// Names the member that is wrong, or `filter` where neither is there.
pub fn of_body(body: &Members) -> Result<LetterFilter, Problem> {
    let given = body.object("filter", &names(&FILTERS))?;
    let messages = body.texts("messages")?;
    if given.is_none() && messages.is_none() {
        return Err(body.wrong("filter", "is missing: {} stands for every dead letter"));
    }
    let mut filter = match &given {
        Some(given) => read(|name| given.text(name), |name, why| given.wrong(name, why))?,
        None => LetterFilter::default(),
    };
    if let Some(messages) = messages {
        if messages.is_empty() || messages.len() > MESSAGES_MAX {
            return Err(body.wrong("messages", &format!("must be 1 to {MESSAGES_MAX}")));
        }
        let id = |text: &String| text.parse::<Uuid>().ok().map(MessageId);
        let ids: Option<Vec<_>> = messages.iter().map(id).collect();
        filter.messages = ids.ok_or_else(|| body.wrong("messages", "must be ids of messages"))?;
    }
    Ok(filter)
}

fn read(
    get: impl Fn(&str) -> Result<Option<String>, Problem>,
    wrong: impl Fn(&str, &str) -> Problem,
) -> Result<LetterFilter, Problem> {
    let tenant = get("tenant")?
        .map(|text| TenantId::parse(&text).map_err(|error| wrong("tenant", &error.to_string())));
    let kind = get("kind")?
        .map(|text| Kind::parse(&text).ok_or_else(|| wrong("kind", "is not a kind of message")));
    let channel = get("channel")?.map(|text| {
        Channel::parse(&text).ok_or_else(|| wrong("channel", "must be email, sms, push or inbox"))
    });
    let since = get("since")?.map(|text| {
        let instant = text.parse::<Timestamp>();
        instant.map_err(|_| wrong("since", "must be an instant, such as 2026-12-01T09:00:00Z"))
    });
    let status = get("status")?.map(|text| {
        let known = LetterStatus::ALL.into_iter().find(|status| status.as_str() == text);
        known.ok_or_else(|| wrong("status", "must be dead, unknown or unreadable"))
    });
    Ok(LetterFilter {
        tenant: tenant.transpose()?,
        kind: kind.transpose()?,
        channel: channel.transpose()?,
        provider: get("provider")?,
        reason: get("reason")?,
        since: since.transpose()?,
        status: status.transpose()?,
        messages: Vec::new(),
    })
}
