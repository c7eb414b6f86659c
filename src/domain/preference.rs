//! What a client wants to be told, and what not.

use serde::{Deserialize, Serialize};

use super::channel::Channel;
use super::kind::Kind;

/// One thing that a client said; absent means all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Preference {
    channel: Option<Channel>,
    kind: Option<Kind>,
    out: bool,
}

impl Preference {
    fn covers(&self, channel: Channel, kind: Kind) -> bool {
        self.channel.is_none_or(|own| own == channel) && self.kind.is_none_or(|own| own == kind)
    }

    /// Whether whatever the other says is said by this one as well.
    fn outdoes(&self, other: &Preference) -> bool {
        (self.channel.is_none() || self.channel == other.channel)
            && (self.kind.is_none() || self.kind == other.kind)
    }
}

/// Everything that a client said, the latest last: it wins.
///
/// What a later word covers entirely is dropped, so that there are never more than there are
/// pairs of a channel and a kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Preferences(Vec<Preference>);

impl Preferences {
    /// The client does not want these.
    pub fn opt_out(&mut self, channel: Option<Channel>, kind: Option<Kind>) {
        self.say(Preference { channel, kind, out: true });
    }

    /// The client wants these.
    pub fn opt_in(&mut self, channel: Option<Channel>, kind: Option<Kind>) {
        self.say(Preference { channel, kind, out: false });
    }

    /// Whether the client does not want this.
    pub fn excludes(&self, channel: Channel, kind: Kind) -> bool {
        self.0.iter().rev().find(|said| said.covers(channel, kind)).is_some_and(|said| said.out)
    }

    fn say(&mut self, said: Preference) {
        self.0.retain(|old| !said.outdoes(old));
        // Wanting is what everybody starts with.
        if said.out || !self.0.is_empty() {
            self.0.push(said);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Channel::{Email, Sms};
    use Kind::{BookingReminder as Reminder, NoticeManual as Notice};

    #[test]
    fn the_latest_word_wins() {
        let mut said = Preferences::default();
        assert!(!said.excludes(Sms, Reminder));
        said.opt_out(None, None);
        said.opt_in(Some(Sms), None);
        assert!(said.excludes(Email, Reminder) && !said.excludes(Sms, Reminder));
        said.opt_out(Some(Sms), Some(Notice));
        assert!(said.excludes(Sms, Notice) && !said.excludes(Sms, Reminder));
        said.opt_in(None, None);
        assert_eq!(said, Preferences::default());
    }

    #[test]
    fn repeating_oneself_takes_no_room() {
        let mut said = Preferences::default();
        for _ in 0..1000 {
            said.opt_out(Some(Sms), None);
            said.opt_in(Some(Sms), Some(Reminder));
        }
        assert_eq!(said.0.len(), 2);
    }
}
