//! The ways to reach a client.

use serde::{Deserialize, Serialize};

/// One way to reach a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// Email (RFC 5322 over SMTP).
    Email,
    /// Text message to a phone.
    Sms,
    /// Notification of the tenant's mobile app.
    Push,
    /// Mailbox inside the tenant's app.
    Inbox,
}

impl Channel {
    /// Every channel, in the order in which decisions are recorded.
    pub const ALL: [Channel; 4] = [Channel::Email, Channel::Sms, Channel::Push, Channel::Inbox];

    /// The name on the wire and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Email => "email",
            Channel::Sms => "sms",
            Channel::Push => "push",
            Channel::Inbox => "inbox",
        }
    }

    /// The channel of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// A set of channels.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Channels(u8);

impl Channels {
    /// No channel.
    pub const NONE: Channels = Channels(0);
    /// Every channel.
    pub const ALL: Channels = Channels(0b1111);

    /// The set of these channels.
    pub const fn of(channels: &[Channel]) -> Self {
        let mut bits = 0;
        let mut i = 0;
        while i < channels.len() {
            bits |= 1 << (channels[i] as u8);
            i += 1;
        }
        Self(bits)
    }

    /// Whether the channel is in the set.
    pub fn contains(self, channel: Channel) -> bool {
        self.0 & channel.bit() != 0
    }

    /// The same set with the channel switched on or off.
    #[must_use]
    pub fn with(self, channel: Channel, on: bool) -> Self {
        if on { Self(self.0 | channel.bit()) } else { Self(self.0 & !channel.bit()) }
    }
}

impl FromIterator<Channel> for Channels {
    fn from_iter<I: IntoIterator<Item = Channel>>(channels: I) -> Self {
        channels.into_iter().fold(Self::NONE, |set, channel| set.with(channel, true))
    }
}

impl std::fmt::Debug for Channels {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(Channel::ALL.into_iter().filter(|c| self.contains(*c))).finish()
    }
}
