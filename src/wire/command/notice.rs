//! A notice to an audience.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::domain::broadcast::{AUDIENCE_NAMES_MAX, Audience};
use crate::domain::channel::{Channel, Channels};
use crate::domain::command::{self, Command};
use crate::domain::id::{ClientId, NoticeId};
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::{Body, Label, Title};
use crate::wire::shape::{List, Object};

/// The longest text of a notice or a post, in bytes.
pub const NOTICE_BODY_MAX_BYTES: usize = 16 * 1024;

/// The text of a notice or a post.
pub type NoticeBody = Body<NOTICE_BODY_MAX_BYTES>;

/// Writes to an audience. A second notice of the same id is refused.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendNotice {
    /// The notice's id, chosen by the upstream app.
    notice: Parsed<NoticeId>,
    /// The headline.
    title: Parsed<Title>,
    /// The text.
    body: Parsed<NoticeBody>,
    /// How it is to go, at least one way.
    #[serde(deserialize_with = "channels")]
    #[schemars(with = "ChannelList", extend("minItems" = 1))]
    channels: Channels,
    /// To whom.
    #[serde(deserialize_with = "audience")]
    #[schemars(with = "AudienceFilter")]
    audience: Audience,
}

type ChannelList = List<Parsed<Channel>, { Channel::ALL.len() }>;

/// Whom a notice is for: `{"all": true}`, or at least one filter. A client belongs to it whom no
/// filter leaves out.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Audience", extend(
    "if" = {"required": ["all"], "properties": {"all": {"const": true}}},
    "then" = {
        "properties": {
            "clients": {"type": "null"},
            "tags_any": {"type": "null"},
            "enrolled": {"type": "null"},
            "deleted": {"type": "null"},
        },
    },
    "else" = {
        "anyOf": [
            {"required": ["clients"], "properties": {"clients": {"type": "array"}}},
            {"required": ["tags_any"], "properties": {"tags_any": {"type": "array"}}},
            {"required": ["enrolled"], "properties": {"enrolled": {"type": "boolean"}}},
            {"required": ["deleted"], "properties": {"deleted": {"type": "boolean"}}},
        ],
    },
))]
pub struct AudienceFilter {
    /// True for every client, deleted ones included; goes with no filter.
    all: Option<bool>,
    /// Only these.
    #[schemars(extend("minItems" = 1))]
    clients: Option<List<Parsed<ClientId>, AUDIENCE_NAMES_MAX>>,
    /// Only those with one of these labels.
    #[schemars(extend("minItems" = 1))]
    tags_any: Option<List<Parsed<Label>, AUDIENCE_NAMES_MAX>>,
    /// Only those enrolled, or, if false, those not enrolled.
    enrolled: Option<bool>,
    /// Only those deleted, or, if false, those not deleted.
    deleted: Option<bool>,
}

fn channels<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Channels, D::Error> {
    let List(named) = ChannelList::deserialize(deserializer)?;
    if named.is_empty() {
        return Err(D::Error::custom("names no channel"));
    }
    Ok(named.into_iter().map(|Parsed(channel)| channel).collect())
}

fn audience<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Audience, D::Error> {
    let Object(filter) = Object::<AudienceFilter>::deserialize(deserializer)?;
    let all = filter.all.unwrap_or(false);
    let audience = Audience {
        clients: filter.clients.map(List::parsed),
        tags_any: filter.tags_any.map(|List(tags)| tags.into_iter().map(|tag| tag.0.0).collect()),
        enrolled: filter.enrolled,
        deleted: filter.deleted,
    };
    let nobody = audience.clients.as_ref().is_some_and(BTreeSet::is_empty)
        || audience.tags_any.as_ref().is_some_and(BTreeSet::is_empty);
    match (all, audience == Audience::default()) {
        (true, false) => Err(D::Error::custom("all goes with no filter")),
        (false, true) => Err(D::Error::custom(
            "names nobody: give {\"all\": true}, or one of clients, tags_any, enrolled, deleted",
        )),
        _ if nobody => Err(D::Error::custom("has an empty list, which is nobody")),
        _ => Ok(audience),
    }
}

commands! {
    SendNotice "notice.send"
        r#"{"notice":"n1","title":"Chiusi lunedì","body":"Lunedì 7 restiamo chiusi.","channels":["email","push"],"audience":{"tags_any":["yoga"],"enrolled":true}}"#
        |data| Command::SendNotice(Box::new(command::SendNotice {
            notice: data.notice.0,
            title: data.title.0.0,
            body: data.body.0.0,
            channels: data.channels,
            audience: data.audience,
        }));
}
