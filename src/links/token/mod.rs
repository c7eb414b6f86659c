//! Tokens: what a link stands for, and a code that proves who issued it (RFC 2104).
//!
//! ```text
//! base64url( version │ tenant LF client LF kind LF channel LF since │ the HMAC's first 16 bytes )
//!            1 byte    no id or name holds a line feed               over all that stands before
//!
//! base64url( 3 │ object │ since   │ until   │ tenant, client, id │ the HMAC's first 16 bytes )
//!                1 byte   8 bytes   5 bytes   each after its length
//! ```
//!
//! The first is of unsubscribing (versions 1 and 2), the second of an [`Act`].
//!
//! `since` is when the client was made known, in microseconds since 1970: an id may be given to
//! somebody else once its owner was erased, and then the old links are nobody's. It is empty for
//! clients of whom it is not known, and left out in tokens of version 1.
//!
//! Names and not numbers, so that a token means the same to every later version. They do not
//! expire by themselves: unsubscribing must work from a mail of last year. What makes them all
//! worthless is another key.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use crate::domain::channel::Channel;
use crate::domain::id::{ClientId, ID_MAX_CHARS, TENANT_ID_MAX_CHARS, TenantId};
use crate::domain::kind::Kind;
use crate::links::act::{ACT_MAX_BYTES, Act};

/// The layout of acts.
const VERSION_OF_ACTS: u8 = 3;
/// The first layout above.
const VERSION: u8 = 2;
/// The one without `since`.
const VERSION_OF_OLD: u8 = 1;
/// The longest number of microseconds, sign included.
const SINCE_MAX_BYTES: usize = 20;
/// How much of the code is kept, in bytes: 128 bits, and not less than half of it (RFC 2104 §5).
const TAG_BYTES: usize = 16;
/// The longest name of a kind and of a channel, in bytes.
const NAME_MAX_BYTES: usize = 32;
/// The longest character, in bytes.
const UTF8_MAX_BYTES: usize = 4;
/// The longest that a payload says of unsubscribing, in bytes, with its line feeds.
const UNSUBSCRIBE_MAX_BYTES: usize =
    TENANT_ID_MAX_CHARS + ID_MAX_CHARS * UTF8_MAX_BYTES + 2 * NAME_MAX_BYTES + SINCE_MAX_BYTES + 4;
/// The longest token, in bytes; an ordinary one has about 80. Longer ones are not looked at.
pub const TOKEN_MAX_BYTES: usize = encoded(ACT_MAX_BYTES);
/// The longest one that stands in the header of a mail, in bytes.
#[cfg(test)]
const UNSUBSCRIBE_TOKEN_MAX_BYTES: usize = encoded(UNSUBSCRIBE_MAX_BYTES);
const _: () = assert!(UNSUBSCRIBE_MAX_BYTES <= ACT_MAX_BYTES);

/// How long the token is of a payload of so many bytes, its version and code not counted.
const fn encoded(said: usize) -> usize {
    ((1 + said + TAG_BYTES) * 4).div_ceil(3)
}

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Errand {
    Unsubscribe(Unsubscribe),
    Act(Act),
}

/// A client stops one kind of message on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsubscribe {
    pub tenant: TenantId,
    pub client: ClientId,
    /// When they were made known under that id; see [`crate::domain::client::Client::known_since`].
    pub known_since: Option<Timestamp>,
    /// What they want no more of.
    pub kind: Kind,
    pub channel: Channel,
}

/// Not a token of this key. Which way it fails is nobody's business.
#[derive(Debug, PartialEq, Eq)]
pub struct Forged;

/// What makes tokens and knows them again.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

/// Shows nothing.
impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// The key of a secret of any length.
    ///
    /// # Errors
    /// None, see [`Links::new`](crate::links::Links::new).
    pub fn new(secret: &[u8]) -> Result<Self, InvalidLength> {
        Hmac::new_from_slice(secret).map(Self)
    }

    /// The token: letters, digits, `-` and `_`, at most [`TOKEN_MAX_BYTES`].
    pub fn issue(&self, what: &Unsubscribe) -> String {
        let Unsubscribe { tenant, client, known_since, kind, channel } = what;
        let mut bytes = vec![VERSION];
        let since = known_since.map(|at| at.as_microsecond().to_string()).unwrap_or_default();
        let words = [tenant.as_str(), client.as_str(), kind.as_str(), channel.as_str(), &since];
        bytes.extend_from_slice(words.join("\n").as_bytes());
        self.signed(bytes)
    }

    /// The token of an act, likewise.
    pub fn issue_act(&self, what: &Act) -> String {
        let mut bytes = vec![VERSION_OF_ACTS];
        bytes.extend(what.pack());
        self.signed(bytes)
    }

    pub(super) fn mac(&self) -> Hmac<Sha256> {
        self.0.clone()
    }

    fn signed(&self, mut bytes: Vec<u8>) -> String {
        let code = self.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&code[..TAG_BYTES]);
        BASE64.encode(bytes)
    }

    /// What the token stands for. The time taken does not tell how much of its code is right.
    ///
    /// # Errors
    /// [`Forged`].
    pub fn read(&self, token: &str) -> Result<Errand, Forged> {
        if token.len() > TOKEN_MAX_BYTES {
            return Err(Forged);
        }
        // One way only to write the same bytes: the alphabet is fixed, and so are the spare bits.
        let bytes = BASE64.decode(token).map_err(|_| Forged)?;
        let (said, tag) = bytes.split_last_chunk::<TAG_BYTES>().ok_or(Forged)?;
        let mac = self.0.clone().chain_update(said);
        mac.verify_truncated_left(tag).map_err(|_| Forged)?;
        parse(said).ok_or(Forged)
    }
}

fn parse(said: &[u8]) -> Option<Errand> {
    let (&version, words) = said.split_first()?;
    match version {
        VERSION_OF_ACTS => Act::unpack(words).map(Errand::Act),
        _ => unsubscribe(version, words).map(Errand::Unsubscribe),
    }
}

fn unsubscribe(version: u8, words: &[u8]) -> Option<Unsubscribe> {
    let mut words = std::str::from_utf8(words).ok()?.split('\n');
    let (tenant, client, kind, channel) =
        (words.next()?, words.next()?, words.next()?, words.next()?);
    let since = match version {
        VERSION => words.next()?,
        VERSION_OF_OLD => "",
        _ => return None,
    };
    let known_since = match since {
        "" => None,
        since => Some(Timestamp::from_microsecond(since.parse().ok()?).ok()?),
    };
    let what = Unsubscribe {
        tenant: TenantId::parse(tenant).ok()?,
        client: ClientId::parse(client).ok()?,
        known_since,
        kind: Kind::parse(kind)?,
        channel: Channel::parse(channel)?,
    };
    words.next().is_none().then_some(what)
}

#[cfg(test)]
mod tests;
