//! Ids as they are given on the command line: one that cannot be is a mistake in the usage.

use crate::domain::id::{BookingId, ClientId, TenantId};

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
