//! Ids as they are given on the command line: one that cannot be is a mistake in the usage.

use crate::domain::channel::Channel;
use crate::domain::id::{BookingId, ClientId, TenantId};
use crate::domain::kind::Kind;

/// For the option `--tenant`.
pub fn tenant(text: &str) -> Result<TenantId, String> {
    TenantId::parse(text).map_err(|why| why.to_string())
}

/// For the option `--booking`.
pub fn booking(text: &str) -> Result<BookingId, String> {
    BookingId::parse(text).map_err(|why| why.to_string())
}

/// For the option `--client`.
pub fn client(text: &str) -> Result<ClientId, String> {
    ClientId::parse(text).map_err(|why| why.to_string())
}

/// For the option `--kind`.
pub fn kind(text: &str) -> Result<Kind, String> {
    Kind::parse(text).ok_or_else(|| "there is no such kind of message".to_owned())
}

/// For the option `--channel`.
pub fn channel(text: &str) -> Result<Channel, String> {
    Channel::parse(text).ok_or_else(|| "must be email, sms, push or inbox".to_owned())
}
