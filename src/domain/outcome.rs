//! What a provider made of one attempt to send.

use std::time::Duration;

use jiff::Timestamp;

/// What a permanent refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// This message only (its content, its size, the recipient's policy).
    Message,
    /// The address does not exist: nothing will ever arrive there.
    Address,
    /// What this provider can do: it cannot carry such a message, another may.
    Provider,
    /// Our own configuration: wrong credentials, missing TLS.
    Configuration,
}

/// The closed set of ways in which an attempt ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took responsibility for the message.
    Accepted,
    /// The provider wants less; the message was not taken and is not to blame.
    Throttled {
        /// How long the provider asked us to wait, if it said.
        after: Option<Duration>,
    },
    /// Nobody was asked: it was not its turn, or it was not to leave any more.
    NotTried {
        /// How long until there may be a turn, if that is known.
        after: Option<Duration>,
    },
    /// Not taken, but may be later.
    Transient,
    /// Not taken, and never will be.
    Permanent(Scope),
    /// May have been taken: the line broke after the last byte and before the answer.
    InDoubt,
}

impl Outcome {
    /// Every class of an attempt that was made.
    pub const CLASSES: [&'static str; 6] =
        ["accepted", "throttled", "transient", "configuration", "permanent", "in_doubt"];

    /// Whether the provider did its work: it took the message, or judged it.
    pub fn is_served(&self) -> Option<bool> {
        match self {
            Outcome::NotTried { .. } => None,
            Outcome::Permanent(Scope::Configuration) => Some(false),
            Outcome::Accepted | Outcome::Permanent(_) => Some(true),
            Outcome::Throttled { .. } | Outcome::Transient | Outcome::InDoubt => Some(false),
        }
    }

    /// The class as a metric label.
    pub fn class(&self) -> &'static str {
        match self {
            Outcome::Accepted => "accepted",
            Outcome::Throttled { .. } => "throttled",
            Outcome::NotTried { .. } => "no_turn",
            Outcome::Transient => "transient",
            Outcome::Permanent(Scope::Configuration) => "configuration",
            Outcome::Permanent(_) => "permanent",
            Outcome::InDoubt => "in_doubt",
        }
    }
}

/// One attempt: what came of it and what the provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// How it ended.
    pub outcome: Outcome,
    /// The provider's name in the configuration.
    pub provider: String,
    /// The provider's words, cut to [`REPLY_MAX_CHARS`]; no address in it.
    pub reply: String,
    /// What the provider calls the message, if it says so; no address in it.
    pub reference: Option<String>,
    /// What came of it on each of the client's devices, where it went to devices.
    pub devices: Vec<OnDevice>,
    /// What the provider calls each part, of a text that it took in several; nothing of a part
    /// that it has not named. No address in any of them.
    pub parts: Vec<Option<String>>,
}

/// What came of a notification on a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnDevice {
    /// What stands for the device: of its token's SHA-256, in hexadecimal, the first
    /// [`DEVICE_HASH_CHARS`].
    pub device: String,
    /// How it ended, by class; [`NOT_ASKED`] where nobody was asked for it.
    pub outcome: &'static str,
    /// The provider's words, cut to [`DEVICE_REPLY_MAX_CHARS`]; no address in it.
    pub reply: String,
}

/// How much is kept of the SHA-256 of a device's token, in hexadecimal digits.
pub const DEVICE_HASH_CHARS: usize = 12;
/// The longest reply that is kept of a device, in characters.
pub const DEVICE_REPLY_MAX_CHARS: usize = 100;
/// Of a device that was not asked: the attempt ended before.
pub const NOT_ASKED: &str = "not_asked";

/// An attempt at a provider, and when it came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub at: Timestamp,
    pub attempt: Attempt,
}

/// The longest provider reply that is kept, in characters.
pub const REPLY_MAX_CHARS: usize = 300;
