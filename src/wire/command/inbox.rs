//! Posts into the tenant's app: to one client's mailbox, or on the notice board.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

use crate::domain::command::{Addressee, Command};
use crate::domain::id::ClientId;
use crate::wire::field::FieldError;
use crate::wire::scalar::Parsed;
use crate::wire::scalar::text::Title;

use super::notice::NoticeBody;

/// Posts into the tenant's app, to exactly one addressee: a client, or the board for everybody.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "if" = {"required": ["client"], "properties": {"client": {"type": "string"}}},
    "then" = {"properties": {"board": {"enum": [false, null]}, "to": {"enum": ["client", null]}}},
    "else" = {
        "if": {"required": ["board"], "properties": {"board": {"const": true}}},
        "then": {"properties": {"to": {"type": "null"}}},
        "else": {
            "required": ["to"],
            "properties": {"to": {"not": {"enum": ["client", null]}}},
        },
    },
))]
pub struct PostInbox {
    /// The headline.
    title: Parsed<Title>,
    /// The text.
    body: Parsed<NoticeBody>,
    /// The client whose mailbox it goes to.
    client: Option<Parsed<ClientId>>,
    /// True to post on the notice board.
    board: Option<bool>,
    /// The addressee in another form, instead of `client` or `board`.
    to: Option<To>,
}

/// What `to` may say.
enum To {
    Board,
    /// The one whom the field `client` names.
    TheClient,
    Client(ClientId),
}

/// The addressee as an object: one of the two.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Reader", extend(
    "if" = {"required": ["client"], "properties": {"client": {"type": "string"}}},
    "then" = {"properties": {"board": {"enum": [false, null]}}},
    "else" = {"required": ["board"], "properties": {"board": {"const": true}}},
))]
struct Reader {
    /// The client whose mailbox it goes to.
    client: Option<Parsed<ClientId>>,
    /// True to post on the notice board.
    board: Option<bool>,
}

impl<'de> Deserialize<'de> for To {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EitherForm)
    }
}

struct EitherForm;

impl<'de> Visitor<'de> for EitherForm {
    type Value = To;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"board\", {\"board\": true} or {\"client\": \"c1\"}")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<To, E> {
        match text {
            "board" => Ok(To::Board),
            "client" => Ok(To::TheClient),
            _ => Err(E::custom("must be \"board\", {\"board\": true} or {\"client\": \"c1\"}")),
        }
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<To, A::Error> {
        let reader = Reader::deserialize(MapAccessDeserializer::new(map))?;
        match (reader.client, reader.board) {
            (Some(Parsed(client)), None | Some(false)) => Ok(To::Client(client)),
            (None, Some(true)) => Ok(To::Board),
            _ => Err(A::Error::custom("must name exactly one of client and board")),
        }
    }
}

impl JsonSchema for To {
    fn schema_name() -> Cow<'static, str> {
        "Addressee".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reader = generator.subschema_for::<Reader>();
        json_schema!({
            "description": "The word `client` refers to the field `client`.",
            "oneOf": [{"type": "string", "enum": ["board", "client"]}, reader],
        })
    }
}

impl PostInbox {
    fn addressee(self) -> Result<(String, String, Addressee), FieldError> {
        let client = self.client.map(|Parsed(client)| Addressee::Client(client));
        let board = self.board.unwrap_or(false).then_some(Addressee::Board);
        let to = match self.to {
            Some(To::TheClient) if client.is_none() => {
                return Err(FieldError::missing("data.client"));
            }
            Some(To::TheClient) | None => None,
            Some(To::Board) => Some(Addressee::Board),
            Some(To::Client(client)) => Some(Addressee::Client(client)),
        };
        let mut named = [client, board, to].into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(only), None) => Ok((self.title.0.0, self.body.0.0, only)),
            (None, _) => Err(FieldError::new("data.to", "is required, or else client or board")),
            (Some(_), Some(_)) => {
                Err(FieldError::new("data.to", "must name exactly one addressee, client or board"))
            }
        }
    }
}

commands! {
    PostInbox "inbox.post"
        r#"{"title":"Nuovi orari","body":"Da lunedì apriamo alle 8.","board":true}"#
        |data| {
            let (title, body, to) = data.addressee()?;
            Command::PostInbox { title, body, to }
        };
}
