//! Tokens: what a link stands for, and a code that proves who issued it (RFC 2104).
//!
//! ```text
//! base64url( version │ tenant LF client LF kind LF channel LF since │ the HMAC's first 16 bytes )
//!            1 byte    no id or name holds a line feed               over all that stands before
//! ```
//!
//! `since` is when the client was made known, in microseconds since 1970: an id may be given to
//! somebody else once its owner was erased, and then the old links are nobody's. It is empty for
//! clients of whom it is not known, and left out in tokens of version 1.
//!
//! Names and not numbers, so that a token means the same to every later version. They do not
//! expire: unsubscribing must work from a mail of last year. What makes them all worthless is
//! another key.

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

/// The layout above.
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
/// The longest payload, in bytes: with its version, line feeds and code.
const PAYLOAD_MAX_BYTES: usize = 1
    + TENANT_ID_MAX_CHARS
    + ID_MAX_CHARS * UTF8_MAX_BYTES
    + 2 * NAME_MAX_BYTES
    + SINCE_MAX_BYTES
    + 4
    + TAG_BYTES;
/// The longest token, in bytes; an ordinary one has about 80. Longer ones are not looked at.
pub const TOKEN_MAX_BYTES: usize = (PAYLOAD_MAX_BYTES * 4).div_ceil(3);

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
    /// None, see [`Links::new`](super::Links::new).
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
        let code = self.0.clone().chain_update(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&code[..TAG_BYTES]);
        BASE64.encode(bytes)
    }

    /// What the token stands for. The time taken does not tell how much of its code is right.
    ///
    /// # Errors
    /// [`Forged`].
    pub fn read(&self, token: &str) -> Result<Unsubscribe, Forged> {
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

fn parse(said: &[u8]) -> Option<Unsubscribe> {
    let (&version, words) = said.split_first()?;
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
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn key(secret: &str) -> Key {
        Key::new(secret.as_bytes()).unwrap()
    }

    fn anna() -> Unsubscribe {
        Unsubscribe {
            tenant: TenantId::parse("salon-uno").unwrap(),
            client: ClientId::parse("anna").unwrap(),
            known_since: None,
            kind: Kind::NoticeManual,
            channel: Channel::Email,
        }
    }

    /// What was issued once must be read for ever.
    #[test]
    fn a_token_of_the_first_version() {
        let key = key("a secret of at least 32 bytes: 0123");
        let token = "AXNhbG9uLXVubwphbm5hCm5vdGljZS5tYW51YWwKZW1haWzU89PONb7Li27BooUj1Tac";
        assert_eq!(key.read(token), Ok(anna()));
    }

    #[test]
    fn a_token_of_the_second_version() {
        let key = key("a secret of at least 32 bytes: 0123");
        let since = "2026-12-01T09:00:00.000001Z".parse().ok();
        let anna = Unsubscribe { known_since: since, ..anna() };
        let token = key.issue(&anna);
        let said = BASE64.decode(&token).unwrap();
        let words = b"\x02salon-uno\nanna\nnotice.manual\nemail\n1796115600000001";
        assert_eq!(said.strip_prefix(words).unwrap().len(), TAG_BYTES);
        assert_eq!(key.read(&token), Ok(anna));
    }

    #[test]
    fn what_is_no_token() {
        let long = "A".repeat(TOKEN_MAX_BYTES + 1);
        let issued = key("one").issue(&anna());
        let padded = format!("{issued}=");
        for token in ["", "AAAA", "not base64!", "\u{e9}", &long, &padded, &issued.to_lowercase()] {
            assert_eq!(key("one").read(token), Err(Forged), "{token}");
        }
    }

    /// Signed all the same: by a later version, or with words that are none.
    #[test]
    fn a_payload_that_is_not_understood() {
        for said in [
            &b"\x03salon-uno\nanna\nnotice.manual\nemail\n"[..],
            b"\x02salon-uno\nanna\nnotice.manual\nemail",
            b"\x02salon-uno\nanna\nnotice.manual\nemail\nx",
            b"\x02salon-uno\nanna\nnotice.manual\nemail\n1\n",
            b"\x01salon-uno\nanna\nnotice.manual",
            b"\x01salon-uno\nanna\nnotice.manual\nemail\n",
            b"\x01salon-uno\nanna\nnotice.unheard_of\nemail",
            b"\x01Salon Uno\nanna\nnotice.manual\nemail",
            b"\x01\xff\nanna\nnotice.manual\nemail",
            b"",
        ] {
            let code = key("one").0.chain_update(said).finalize().into_bytes();
            let token = BASE64.encode([said, &code[..TAG_BYTES]].concat());
            assert_eq!(key("one").read(&token), Err(Forged), "{said:?}");
        }
    }

    #[test]
    fn nothing_shows_the_key() {
        assert_eq!(format!("{:?}", key("s3cret")), "Key(…)");
    }

    #[test]
    fn names_fit() {
        let kinds = Kind::ALL.iter().chain(Kind::STAFF).map(|kind| kind.as_str());
        for name in kinds.chain(Channel::ALL.map(Channel::as_str)) {
            assert!(name.len() <= NAME_MAX_BYTES, "{name}");
        }
    }

    fn anything() -> impl Strategy<Value = Unsubscribe> {
        let kinds = select(Kind::ALL);
        let client = "[^\\p{C}\\s]{1,128}".prop_filter_map("no id", |id| ClientId::parse(&id).ok());
        let tenant = "[a-z0-9][a-z0-9_-]{0,62}".prop_map(|id| TenantId::parse(&id).unwrap());
        let since = proptest::option::of(0..32_503_680_000_000_000_i64);
        (tenant, client, since, kinds, select(&Channel::ALL[..])).prop_map(
            |(tenant, client, since, kind, channel)| {
                let known_since = since.map(|at| Timestamp::from_microsecond(at).unwrap());
                Unsubscribe { tenant, client, known_since, kind, channel }
            },
        )
    }

    proptest! {
        #[test]
        fn a_token_is_read_back_and_nothing_near_it(
            what in anything(), at in any::<prop::sample::Index>(), flip in 1..=255u8,
        ) {
            let token = key("one").issue(&what);
            prop_assert!(token.len() <= TOKEN_MAX_BYTES);
            prop_assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
            prop_assert_eq!(key("one").read(&token), Ok(what));
            prop_assert_eq!(key("two").read(&token), Err(Forged));

            let mut bytes = BASE64.decode(&token).unwrap();
            let index = at.index(bytes.len());
            bytes[index] ^= flip;
            prop_assert_eq!(key("one").read(&BASE64.encode(&bytes)), Err(Forged));

            let mut letters = token.clone().into_bytes();
            let index = at.index(letters.len());
            letters[index] = (letters[index] ^ flip) & 0x7f;
            let letters = String::from_utf8(letters).unwrap();
            prop_assert!(letters == token || key("one").read(&letters) == Err(Forged));
            prop_assert_eq!(key("one").read(&token[..index]), Err(Forged));
        }

        #[test]
        fn whatever_comes_is_refused(token in "[A-Za-z0-9_-]{0,200}") {
            prop_assert_eq!(key("one").read(&token), Err(Forged));
        }
    }
}
