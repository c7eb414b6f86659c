//! How one SMSC wants to be spoken to.

use std::fmt;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};

use super::addresses::Numbering;
use super::alphabet::Alphabet;
use super::ids::Ids;
use super::submit::LongText;

/// SMPP 3.4 §5.2.1.
pub const SYSTEM_ID_MAX_BYTES: usize = 15;
/// SMPP 3.4 §5.2.2 says 8; many an SMSC gives out longer ones.
pub const PASSWORD_MAX_BYTES: usize = 64;
/// SMPP 3.4 §5.2.3.
pub const SYSTEM_TYPE_MAX_BYTES: usize = 12;
/// SMPP 3.4, as `interface_version` (§5.2.4).
const VERSION: u8 = 0x34;

/// See the module.
#[derive(Clone)]
pub struct Manners {
    /// Who we are to it: ASCII, at most [`SYSTEM_ID_MAX_BYTES`].
    pub system_id: String,
    /// ASCII, at most [`PASSWORD_MAX_BYTES`].
    pub password: SecretString,
    /// What kind of system we are to it, mostly nothing: ASCII, at most
    /// [`SYSTEM_TYPE_MAX_BYTES`].
    pub system_type: String,
    /// The most messages, or parts of them, without an answer.
    pub window: usize,
    /// After so long a silence it is asked whether it is there.
    pub enquire_link: Duration,
    /// Past it a message is in doubt.
    pub answer_timeout: Duration,
    /// In which alphabet it takes texts.
    pub alphabet: Alphabet,
    /// How it takes a text that is longer than one message.
    pub long_text: LongText,
    /// How it writes its ids.
    pub ids: Ids,
    /// How senders are numbered; by what they look like where absent.
    pub source: Option<Numbering>,
    /// How recipients are numbered; international where absent.
    pub destination: Option<Numbering>,
}

impl Manners {
    /// The body of a `bind_transceiver` (SMPP 3.4 §4.1.5), written here because the codec takes no
    /// password beyond the 8 characters of the book.
    pub(super) fn bind(&self) -> Vec<u8> {
        let texts = [self.system_id.as_str(), self.password.expose_secret(), &self.system_type];
        let mut body: Vec<u8> =
            texts.into_iter().flat_map(|text| text.bytes().chain(std::iter::once(0))).collect();
        // Of addresses nothing is said: the SMSC knows which are ours.
        let (ton, npi, range_end) = (0, 0, 0);
        body.extend([VERSION, ton, npi, range_end]);
        body
    }
}

/// Shows no secret.
impl fmt::Debug for Manners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manners").field("window", &self.window).finish_non_exhaustive()
    }
}
