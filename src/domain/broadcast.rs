//! Writing to many: a notice to an audience, the notice board, a link for every unverified address.
//!
//! An audience is worked through in pages of [`PAGE_CLIENTS`], or fewer where the text is long
//! ([`PAGE_BYTES`]), each an input of its own, so that a hundred thousand clients block neither
//! their tenant, nor others, nor the memory.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::channel::{Channel, Channels};
use super::client::Client;
use super::id::{CauseId, ClientId, NoticeId};
use super::secret::{MacKey, SecretLink};

/// The most clients that are written to in one decision.
pub const PAGE_CLIENTS: usize = 100;
/// The most bytes of text that one decision writes, over all clients and channels.
pub const PAGE_BYTES: usize = 256 * 1024;
/// The most clients or tags that an audience names.
pub const AUDIENCE_NAMES_MAX: usize = 10_000;

/// Whom a notice is for. What is absent does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Audience {
    /// Only these.
    pub clients: Option<BTreeSet<ClientId>>,
    /// Only those with one of these labels.
    pub tags_any: Option<BTreeSet<String>>,
    /// Only those enrolled, or not enrolled.
    pub enrolled: Option<bool>,
    /// Only those deleted, or not deleted.
    pub deleted: Option<bool>,
}

impl Audience {
    /// Whether this client belongs to it.
    pub fn includes(&self, client: &Client) -> bool {
        self.clients.as_ref().is_none_or(|clients| clients.contains(&client.id))
            && self.tags_any.as_ref().is_none_or(|tags| !tags.is_disjoint(&client.tags))
            && self.enrolled.is_none_or(|enrolled| enrolled == client.enrolled)
            && self.deleted.is_none_or(|deleted| deleted == client.deleted)
    }
}

/// Which broadcast: a notice has an id of its own, the others that of their command.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BroadcastId {
    Notice(NoticeId),
    /// A post on the board.
    Board(CauseId),
    /// Links for every unverified address.
    VerifyAll(CauseId),
}

impl fmt::Display for BroadcastId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BroadcastId::Notice(id) => write!(f, "notice/{id}"),
            BroadcastId::Board(id) => write!(f, "board/{id}"),
            BroadcastId::VerifyAll(id) => write!(f, "verify/{id}"),
        }
    }
}

/// What goes to a whole audience.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub enum BroadcastContent {
    Notice {
        title: String,
        body: String,
        channels: Channels,
        audience: Audience,
    },
    /// A post on the board.
    Board {
        title: String,
        body: String,
    },
    /// A link for every unverified address.
    VerifyAll {
        /// The link, with `{client}` where the client's id goes and `{mac}` where its code does.
        url_template: SecretLink,
        /// What the code is made with.
        #[serde(default)]
        mac_key: Option<MacKey>,
        /// From when on the links are dead.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Timestamp>,
    },
    /// All were written to: what was said, or made links of, is forgotten.
    Finished,
}

impl BroadcastContent {
    /// From when on it is worthless.
    pub fn deadline(&self) -> Option<Timestamp> {
        match self {
            BroadcastContent::VerifyAll { expires_at, .. } => *expires_at,
            _ => None,
        }
    }
}

/// A broadcast. What it says is kept as long as somebody is to be written to; its id for good, so
/// that it is recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    pub id: BroadcastId,
    pub content: BroadcastContent,
    /// When it began; absent in what an older version stored.
    #[serde(default)]
    pub began: Option<Timestamp>,
    /// The last instant at which somebody is to be written to whose quiet hours are over then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Broadcast {
    /// One that begins.
    pub fn new(id: BroadcastId, content: BroadcastContent, began: Timestamp) -> Self {
        Self { id, content, began: Some(began), until: None }
    }

    /// What is kept of it at the end: by which it is recognised.
    pub fn finished(&self) -> Self {
        let (id, content) = (self.id.clone(), BroadcastContent::Finished);
        Self { id, content, began: self.began, until: None }
    }

    /// Whether the client was known when it began. Who has been given the id of somebody who was
    /// erased meanwhile is somebody else.
    pub fn knew(&self, client: &Client) -> bool {
        let times = client.known_since.zip(self.began);
        times.is_none_or(|(known_since, began)| known_since <= began)
    }

    /// How many clients the next page has.
    pub fn page(&self) -> usize {
        let text = match &self.content {
            BroadcastContent::Notice { body, .. } | BroadcastContent::Board { body, .. } => body,
            BroadcastContent::VerifyAll { .. } | BroadcastContent::Finished => "",
        };
        let of_client = (text.len() * Channel::ALL.len()).max(1);
        (PAGE_BYTES / of_client).clamp(1, PAGE_CLIENTS)
    }

    /// Whether it is for this client by name, and for nobody else of whom that is true.
    pub fn is_only_for(&self, client: &ClientId, other: impl Fn(&ClientId) -> bool) -> bool {
        let BroadcastContent::Notice { audience, .. } = &self.content else { return false };
        let named = audience.clients.as_ref().filter(|named| named.contains(client));
        named.is_some_and(|named| named.iter().all(|one| one == client || !other(one)))
    }
}
