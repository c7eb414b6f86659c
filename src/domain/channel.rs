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

/// A set of channels, persisted by their names.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Channels(u8);

/// How sets are persisted.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Names(Vec<Channel>),
    /// As the first versions wrote them: a bit each, in the order of [`Channel::ALL`].
    Bits(u8),
}

impl From<Channels> for Stored {
    fn from(channels: Channels) -> Self {
        Stored::Names(channels.iter().collect())
    }
}

impl From<Stored> for Channels {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Names(channels) => channels.into_iter().collect(),
            Stored::Bits(bits) => {
                let bit = |place: &usize| bits >> place & 1 == 1;
                (0..Channel::ALL.len()).filter(bit).map(|place| Channel::ALL[place]).collect()
            }
        }
    }
}

impl Channels {
    pub const NONE: Channels = Channels(0);
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

    /// Those in the set, in the order of [`Channel::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Channel> {
        Channel::ALL.into_iter().filter(move |channel| self.contains(*channel))
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
        f.debug_set().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_kept_by_name_and_old_ones_are_read() {
        let set = Channels::of(&[Channel::Push, Channel::Email]);
        let stored = serde_json::to_string(&set).unwrap();
        assert_eq!(stored, r#"["email","push"]"#);
        for stored in [stored.as_str(), r#"["push","email","push"]"#, "5"] {
            assert_eq!(serde_json::from_str::<Channels>(stored).unwrap(), set, "{stored}");
        }
        assert_eq!(serde_json::from_str::<Channels>("15").unwrap(), Channels::ALL);
        assert!(serde_json::from_str::<Channels>(r#"["fax"]"#).is_err());
    }
}
