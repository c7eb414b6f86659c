//! What a client wants to be told, and what not.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::domain::channel::Channel;
use crate::domain::command::{Command, Wish};
use crate::domain::id::ClientId;
use crate::domain::kind::Kind;
use crate::wire::scalar::Parsed;

use super::data::parsed;

/// The client does not want these messages. The latest word of a client counts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptOut {
    /// Whose wish.
    client: Parsed<ClientId>,
    /// On which channel; on all where left out.
    channel: Option<Parsed<Channel>>,
    /// Of which kind; of all where left out.
    kind: Option<Parsed<Kind>>,
}

/// The client wants these messages after all. The latest word of a client counts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptIn {
    /// Whose wish.
    client: Parsed<ClientId>,
    /// On which channel; on all where left out.
    channel: Option<Parsed<Channel>>,
    /// Of which kind; of all where left out.
    kind: Option<Parsed<Kind>>,
}

/// The client may be written to again where their address was refused: whoever asks for this knows
/// better than the provider who reported it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unsuppress {
    /// Whose address.
    client: Parsed<ClientId>,
    /// On which channel; on all where left out.
    channel: Option<Parsed<Channel>>,
}

commands! {
    OptOut "client.opt_out"
        r#"{"client":"c1","channel":"sms","kind":"notice.manual"}"#
        |data| Command::OptOut(Wish {
            client: data.client.0,
            channel: parsed(data.channel),
            kind: parsed(data.kind),
        });
    OptIn "client.opt_in"
        r#"{"client":"c1","channel":"sms"}"#
        |data| Command::OptIn(Wish {
            client: data.client.0,
            channel: parsed(data.channel),
            kind: parsed(data.kind),
        });
    Unsuppress "client.unsuppress"
        r#"{"client":"c1","channel":"email"}"#
        |data| Command::Unsuppress {
            client: data.client.0,
            channel: parsed(data.channel),
            deed: None,
        };
}
