//! A person who books with a tenant.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::{EmailAddress, PhoneNumber};
use super::channel::{Channel, Channels};
use super::id::ClientId;
use super::locale::Locale;
use super::named;
use super::preference::Preferences;
use super::refused::{self, Mark, Refused};
use super::zone::Zone;

/// The most push tokens kept for one client; the oldest is dropped.
pub const PUSH_TOKENS_MAX: usize = 10;
/// The most tags of one client.
pub const TAGS_MAX: usize = 100;

/// How the digest of a single device begins.
const DEVICE: &str = "device:";

/// One way to reach a person, as far as the upstream app knows it.
///
/// An address that cannot be one is no reason to refuse the person: their bookings go on, and
/// each message that would have gone there is recorded as `invalid_address`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Contact<T> {
    /// None was given.
    Absent,
    /// What was given is not an address.
    Unreadable,
    /// A well-formed address.
    Known(T),
}

impl<T> Contact<T> {
    /// The address, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Contact::Known(address) => Some(address),
            Contact::Absent | Contact::Unreadable => None,
        }
    }
}

/// Everything known of one person. It is all in this one row, so that erasing is one operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Chosen by the upstream app.
    pub id: ClientId,
    /// How the person is called.
    pub name: String,
    pub email: Contact<EmailAddress>,
    /// Where text messages go.
    pub phone: Contact<PhoneNumber>,
    /// The language they read; the tenant's where absent.
    pub locale: Option<Locale>,
    /// Where they are; the venue's zone where absent.
    pub timezone: Option<Zone>,
    /// Whether they proved that the address is theirs.
    pub email_verified: bool,
    /// Their installations of the tenant's app.
    pub push_tokens: Vec<String>,
    /// The tenant's own labels.
    pub tags: BTreeSet<String>,
    /// Whether they are enrolled in the centre.
    pub enrolled: bool,
    /// Whether the tenant deleted them.
    pub deleted: bool,
    /// What they want and do not want.
    #[serde(default)]
    pub preferences: Preferences,
    /// Channels whose present address bounced or complained.
    #[serde(default)]
    pub suppressed: Channels,
    /// Since when, and why; of what an older version stored that is not known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub suppressed_since: BTreeMap<Channel, Mark>,
    /// Addresses of before that did.
    #[serde(default, skip_serializing_if = "Refused::is_empty")]
    pub refused: Refused,
    /// When they were made known under this id: who is, after somebody was erased, is another
    /// person. Absent in what an older version stored.
    #[serde(default)]
    pub known_since: Option<Timestamp>,
    /// When it was last noted that they came; what counts how long they have been away.
    #[serde(default)]
    pub last_visit: Option<Timestamp>,
    /// When the latest of these visits began; what they are told of it.
    #[serde(default)]
    pub visited: Option<Timestamp>,
    /// When they were last asked for a review.
    #[serde(default)]
    pub reviewed_at: Option<Timestamp>,
    /// When they last had notices by email, the oldest first; as many as the cap asks for.
    #[serde(default)]
    pub noticed_at: Vec<Timestamp>,
    /// When they were lately sent text messages, the oldest first; as many as the operator allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texted_at: Vec<Timestamp>,
}

impl Client {
    /// A client of whom nothing but the name is known.
    pub fn named(id: ClientId, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            email: Contact::Absent,
            phone: Contact::Absent,
            locale: None,
            timezone: None,
            email_verified: false,
            push_tokens: Vec::new(),
            tags: BTreeSet::new(),
            enrolled: true,
            deleted: false,
            preferences: Preferences::default(),
            suppressed: Channels::NONE,
            suppressed_since: BTreeMap::new(),
            refused: Refused::default(),
            known_since: None,
            last_visit: None,
            visited: None,
            reviewed_at: None,
            noticed_at: Vec::new(),
            texted_at: Vec::new(),
        }
    }

    /// A text message that was decided then never reached them, and is not counted. Says whether
    /// it was.
    pub fn was_not_texted(&mut self, decided_at: Timestamp) -> bool {
        let decided_at = decided_at.as_millisecond();
        let place = self.texted_at.iter().position(|at| at.as_millisecond() == decided_at);
        place.map(|place| self.texted_at.remove(place)).is_some()
    }

    /// Nothing goes to the present address any more, as far as known since then and therefore.
    pub fn suppress(&mut self, channel: Channel, mark: Option<Mark>) {
        self.suppressed = self.suppressed.with(channel, true);
        self.suppressed_since.remove(&channel);
        self.suppressed_since.extend(mark.map(|mark| (channel, mark)));
    }

    /// There is another address, of which nothing is known, or which was refused before.
    pub fn has_another_address(&mut self, channel: Channel) {
        let refused = self.digest(channel).filter(|digest| self.refused.includes(digest));
        match refused {
            Some(digest) => self.suppress(channel, self.refused.mark(&digest)),
            None => self.release(channel),
        }
    }

    /// The address that this client has there was refused, whatever this one has by now.
    pub fn remember_refused(&mut self, there: &Client, channel: Channel) {
        if let Some(digest) = there.digest(channel) {
            self.refused.remember(digest, there.suppressed_since.get(&channel).copied());
        }
    }

    fn release(&mut self, channel: Channel) {
        self.suppressed = self.suppressed.with(channel, false);
        self.suppressed_since.remove(&channel);
    }

    /// The present address is known to be theirs, whatever was refused before.
    pub fn lift(&mut self, channel: Channel) {
        self.release(channel);
        if let Some(digest) = self.digest(channel) {
            self.refused.forget(&digest);
        }
        if channel == Channel::Push {
            self.refused.forget_all(DEVICE);
        }
    }

    /// A device is no more; its token is none either if an app says it again.
    pub fn lose_device(&mut self, token: &str, mark: Mark) {
        self.push_tokens.retain(|known| known != token);
        self.refused.remember(self.device(token), Some(mark));
    }

    /// What an app says again of a device that was lost is no news.
    pub fn leave_out_lost_devices(&mut self) {
        let mut tokens = std::mem::take(&mut self.push_tokens);
        tokens.retain(|token| !self.refused.includes(&self.device(token)));
        self.push_tokens = tokens;
    }

    fn device(&self, token: &str) -> String {
        format!("{DEVICE}{}", refused::digest(&self.id, Channel::Push, &["device", token]))
    }

    /// What stands for the address on a channel to whoever knows it as it was registered: its
    /// SHA-256, in hexadecimal. Devices are many, and have none.
    pub fn address_hash(&self, channel: Channel) -> Option<String> {
        match channel {
            Channel::Email => Some(named::plain(&self.email.known()?.to_string())),
            Channel::Sms => Some(named::plain(self.phone.known()?.as_str())),
            Channel::Push | Channel::Inbox => None,
        }
    }

    /// What stands for the address on a channel, however it is written.
    pub fn digest(&self, channel: Channel) -> Option<String> {
        let digest = |address: &[&str]| refused::digest(&self.id, channel, address);
        match channel {
            Channel::Email => {
                let email = self.email.known()?;
                Some(digest(&[email.local_part(), &email.ascii_domain()]))
            }
            Channel::Sms => Some(digest(&[self.phone.known()?.as_str()])),
            Channel::Push => {
                let tokens: Vec<&str> = self.push_tokens.iter().map(String::as_str).collect();
                (!tokens.is_empty()).then(|| digest(&tokens))
            }
            // It is reached by the client's id.
            Channel::Inbox => None,
        }
    }
}
