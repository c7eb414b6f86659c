//! Short links, for text messages: where a long one takes a segment by itself.
//!
//! ```text
//!  message id ──HMAC──▶ code of 11 letters and digits ──▶ https://…/s/CODE in a text message
//!                          │ stored with the message          │
//!                          └────────◀── looked up ◀───────────┘
//! ```
//!
//! A code says nothing: the message with which it is stored does. It is as hard to guess as 65 bits
//! are, and made by the key, so that another key makes it worthless as it does a token.

use hmac::Mac as _;

use super::Links;
use super::token::Key;
use crate::domain::message::MessageId;

/// What stands between the public URL and a code.
pub const SHORT_PATH: &str = "/s/";
/// The length of a code, in characters: 62 to the power of 11 are some 2 to that of 65.
pub const CODE_CHARS: usize = 11;
/// What codes are made of.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Tells these codes from others that are made by the same key.
const PURPOSE: &[u8] = b"short link\n";

impl Key {
    /// The code of a message: the same each time.
    fn code(&self, message: MessageId) -> String {
        let mac = self.mac().chain_update(PURPOSE).chain_update(message.0.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let mut number =
            bytes.iter().take(16).fold(0_u128, |so_far, byte| (so_far << 8) | u128::from(*byte));
        let mut code = String::with_capacity(CODE_CHARS);
        for _ in 0..CODE_CHARS {
            let place = usize::try_from(number % 62).unwrap_or_default();
            code.push(char::from(ALPHABET[place]));
            number /= 62;
        }
        code
    }
}

impl Links {
    /// What is stored with a message whose text has a short link.
    pub fn code(&self, message: MessageId) -> String {
        self.key.code(message)
    }

    /// The short link of a code.
    pub fn short(&self, code: &str) -> String {
        format!("{}{SHORT_PATH}{code}", self.base)
    }

    /// As long as any short link, and none.
    pub fn short_like(&self) -> String {
        self.short(&"0".repeat(CODE_CHARS))
    }

    /// Whether a key of this installation made the code for that message.
    pub fn vouches(&self, code: &str, message: MessageId) -> bool {
        let mut keys = std::iter::once(&self.key).chain(&self.others);
        keys.any(|key| key.code(message) == code)
    }
}

/// Whether a text from outside can be a code.
pub fn is_code(text: &str) -> bool {
    text.len() == CODE_CHARS && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn links(secret: &[u8]) -> Links {
        Links::new("https://a.example", secret).unwrap()
    }

    #[test]
    fn a_code_is_short_and_for_ever() {
        let link = links(b"a secret").short(&links(b"a secret").code(MessageId(Uuid::nil())));
        assert_eq!(link.len(), "https://a.example/s/".len() + CODE_CHARS);
        assert_eq!(links(b"a secret").short_like().len(), link.len());
        assert!(is_code(link.rsplit('/').next().unwrap()));
        for no in ["", "0123456789", "0123456789ab", "0123456789-", "0123456789é"] {
            assert!(!is_code(no), "{no}");
        }
    }

    proptest! {
        #[test]
        fn only_a_key_of_ours_makes_it_for_that_message(one: u128, other: u128) {
            prop_assume!(one != other);
            let message = |number| MessageId(Uuid::from_u128(number));
            let (old, new) = (links(b"old"), links(b"new").reading(b"old").unwrap());
            let code = old.code(message(one));
            prop_assert!(is_code(&code));
            prop_assert!(old.vouches(&code, message(one)) && new.vouches(&code, message(one)));
            prop_assert!(!old.vouches(&code, message(other)));
            prop_assert!(!links(b"new").vouches(&code, message(one)));
        }
    }
}
