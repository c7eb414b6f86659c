//! What a client can do about one thing of theirs: accept an offer, say that they will come, cancel
//! a booking.

use jiff::Timestamp;
use uuid::Uuid;

use crate::domain::id::{
    BookingId, ClientId, EntryId, ID_MAX_CHARS, TENANT_ID_MAX_CHARS, TenantId,
};

/// The longest character, in bytes.
const UTF8_MAX_BYTES: usize = 4;
/// The longest length of a word, in bytes.
const LENGTH_MAX_BYTES: usize = 2;
/// An instant in microseconds since 1970, as eight bytes.
const SINCE_BYTES: usize = 8;
/// An instant in seconds since 1970, as five bytes: a link that goes by SMS is to be short.
const UNTIL_BYTES: usize = 5;
/// Where an instant is not known.
const UNKNOWN: i64 = 0;
/// The longest of all, in bytes.
pub(super) const ACT_MAX_BYTES: usize = 1
    + SINCE_BYTES
    + UNTIL_BYTES
    + 3 * LENGTH_MAX_BYTES
    + TENANT_ID_MAX_CHARS
    + 2 * ID_MAX_CHARS * UTF8_MAX_BYTES;

/// A client acts on something of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub tenant: TenantId,
    pub client: ClientId,
    /// When they were made known under that id; see [`crate::domain::client::Client::known_since`].
    pub known_since: Option<Timestamp>,
    /// When the link is of no use any more, as far as that was known when it was sent; whole
    /// seconds. The thing itself may have moved since.
    pub until: Option<Timestamp>,
    pub on: Object,
}

/// What one acts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Object {
    /// A seat on offer: to accept or to decline it.
    Offer(EntryId),
    /// A booking of which it is asked whether its client will come: to say so, or to cancel it.
    Attendance(BookingId),
    /// Any other booking: to cancel it, or to put it into a calendar.
    Booking(BookingId),
}

impl Object {
    /// What it is, and its id.
    fn name(&self) -> (u8, &str) {
        match self {
            Object::Offer(id) => (b'o', id.as_str()),
            Object::Attendance(id) => (b'a', id.as_str()),
            Object::Booking(id) => (b'b', id.as_str()),
        }
    }
}

impl Act {
    /// As the bytes of a token.
    pub(super) fn pack(&self) -> Vec<u8> {
        let (object, id) = self.on.name();
        let since = self.known_since.map_or(UNKNOWN, Timestamp::as_microsecond);
        let until = self.until.map_or(UNKNOWN, Timestamp::as_second).max(UNKNOWN);
        let mut bytes = vec![object];
        bytes.extend(since.to_be_bytes());
        bytes.extend(&until.to_be_bytes()[SINCE_BYTES - UNTIL_BYTES..]);
        for word in [self.tenant.as_str(), self.client.as_str(), id] {
            push_word(&mut bytes, word);
        }
        bytes
    }

    /// What these bytes say, if they are understood.
    pub(super) fn unpack(bytes: &[u8]) -> Option<Self> {
        let (&object, rest) = bytes.split_first()?;
        let (since, rest) = rest.split_first_chunk::<SINCE_BYTES>()?;
        let (until, mut rest) = rest.split_first_chunk::<UNTIL_BYTES>()?;
        let since = i64::from_be_bytes(*since);
        let until = until.iter().fold(0, |so_far, byte| (so_far << 8) | i64::from(*byte));
        let known = |number: i64| (number != UNKNOWN).then_some(number);
        let mut word = || take_word(&mut rest);
        let (tenant, client, id) = (word()?, word()?, word()?);
        let booking = || BookingId::parse(&id).ok();
        let on = match object {
            b'o' => Object::Offer(EntryId::parse(&id).ok()?),
            b'a' => Object::Attendance(booking()?),
            b'b' => Object::Booking(booking()?),
            _ => return None,
        };
        let act = Self {
            tenant: TenantId::parse(&tenant).ok()?,
            client: ClientId::parse(&client).ok()?,
            known_since: known(since).map(Timestamp::from_microsecond).transpose().ok()?,
            until: known(until).map(Timestamp::from_second).transpose().ok()?,
            on,
        };
        rest.is_empty().then_some(act)
    }
}

/// Its length and its letters; a UUID, as many apps name things, without a length and in a third of
/// the room.
fn push_word(bytes: &mut Vec<u8>, word: &str) {
    if let Some(uuid) = as_uuid(word) {
        bytes.push(0);
        bytes.extend(uuid.as_bytes());
        return;
    }
    let [.., high, low] = word.len().to_be_bytes();
    if high == 0 && low < 0x80 {
        bytes.push(low);
    } else {
        bytes.extend([0x80 | high, low]);
    }
    bytes.extend(word.as_bytes());
}

fn take_word(rest: &mut &[u8]) -> Option<String> {
    let first = take(rest, 1)?[0];
    let length = match first {
        0 => {
            let uuid = Uuid::from_slice(take(rest, 16)?).ok()?;
            return Some(uuid.to_string());
        }
        0x80.. => (usize::from(first & 0x7f) << 8) | usize::from(take(rest, 1)?[0]),
        length => usize::from(length),
    };
    std::str::from_utf8(take(rest, length)?).ok().map(str::to_owned)
}

fn take<'b>(rest: &mut &'b [u8], count: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(count)?;
    *rest = left;
    Some(taken)
}

/// A UUID in the one way in which it is written back.
fn as_uuid(word: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(word).ok()?;
    (uuid.to_string() == word).then_some(uuid)
}
