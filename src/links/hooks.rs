//! What stands in the addresses that providers are given to report to, and proves that a report is
//! of a message of ours: nobody else can make the code of one.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::token::Forged;
use crate::domain::message::MessageId;

/// How much of the HMAC is kept, in bytes: 128 bits, and not less than half of it (RFC 2104 §5).
const TAG_BYTES: usize = 16;
/// Keeps these codes apart from whatever else the key may sign.
const PURPOSE: &[u8] = b"bellhop hook\n";

/// Makes the codes of one installation, and knows them again.
#[derive(Clone)]
pub struct Hooks(Hmac<Sha256>);

/// Shows nothing.
impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hooks(…)")
    }
}

impl Hooks {
    /// By a secret of any length.
    ///
    /// # Errors
    /// None, see [`Links::new`](super::Links::new).
    pub fn new(secret: &[u8]) -> Result<Self, InvalidLength> {
        Ok(Self(Hmac::new_from_slice(secret)?.chain_update(PURPOSE)))
    }

    /// The message's code: letters, digits, `-` and `_`, the same on every attempt.
    pub fn code(&self, message: MessageId) -> String {
        let code = self.0.clone().chain_update(message.0.as_bytes()).finalize().into_bytes();
        BASE64.encode(&code[..TAG_BYTES])
    }

    /// The message of `<message>.<code>`. The time taken does not tell how much of it is right.
    ///
    /// # Errors
    /// [`Forged`] for whatever this installation did not issue.
    pub fn read(&self, text: &str) -> Result<MessageId, Forged> {
        let (message, code) = text.split_once('.').ok_or(Forged)?;
        // The one way in which we write it.
        let message = MessageId(message.parse().map_err(|_| Forged)?);
        let is_ours = text.starts_with(&message.to_string());
        let code = BASE64.decode(code).map_err(|_| Forged)?;
        let mac = self.0.clone().chain_update(message.0.as_bytes());
        let holds = code.len() == TAG_BYTES && mac.verify_truncated_left(&code).is_ok();
        if holds && is_ours { Ok(message) } else { Err(Forged) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_one_message_and_one_installation() {
        let hooks = Hooks::new(b"a secret of at least 32 bytes: 0123").unwrap();
        let message = MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap());
        let code = hooks.code(message);
        assert_eq!(hooks.read(&format!("{message}.{code}")), Ok(message));
        let other = "0190163d-8694-739b-aea5-966c26f8ad92";
        let short = &code[..code.len() - 2];
        let loud = message.to_string().to_uppercase();
        for forged in [
            format!("{other}.{code}"),
            format!("{message}.{short}"),
            format!("{message}.{code}A"),
            format!("{message}."),
            format!("{loud}.{code}"),
            format!("{message}{code}"),
            String::new(),
        ] {
            assert_eq!(hooks.read(&forged), Err(Forged), "{forged}");
        }
        let stranger = Hooks::new(b"another secret").unwrap();
        assert_eq!(stranger.read(&format!("{message}.{code}")), Err(Forged));
        assert_eq!(format!("{hooks:?}"), "Hooks(…)");
    }

    /// What was issued once must be read while receipts may come.
    #[test]
    fn a_code_stays_what_it_is() {
        let hooks = Hooks::new(b"a secret of at least 32 bytes: 0123").unwrap();
        let message = MessageId("0190163d-8694-739b-aea5-966c26f8ad91".parse().unwrap());
        assert_eq!(hooks.code(message), "AFVy-UNA_NVoSEXTXuAncQ");
    }
}
