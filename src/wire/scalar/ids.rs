//! Identifiers.

use schemars::{Schema, json_schema};

use crate::domain::id::{
    BookingId, ClientId, CommandId, EntryId, ID_MAX_CHARS, NoticeId, PaymentId, SeriesId,
    ServiceId, SessionId, TENANT_ID_MAX_CHARS, TenantId,
};
use crate::domain::invalid::Invalid;

use super::Scalar;
use super::pattern::{unprintable, visible};

macro_rules! ids {
    ($($name:ident $example:literal)*) => {$(
        impl Scalar for $name {
            fn parse(text: &str) -> Result<Self, Invalid> {
                $name::parse(text)
            }
            fn schema() -> Schema {
                json_schema!({
                    "type": "string",
                    "minLength": 1,
                    "maxLength": ID_MAX_CHARS,
                    "pattern": visible(),
                    "not": {"type": "string", "pattern": unprintable()},
                    "examples": [$example],
                })
            }
        }
    )*};
}

ids! {
    BookingId "b1"
    ClientId "c1"
    CommandId "01JDX3V9Q2"
    EntryId "w1"
    NoticeId "n1"
    PaymentId "p1"
    SeriesId "mondays"
    ServiceId "haircut"
    SessionId "yoga-0312"
}

impl Scalar for TenantId {
    fn parse(text: &str) -> Result<Self, Invalid> {
        TenantId::parse(text)
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[a-z0-9][a-z0-9_-]{0,62}$",
            "maxLength": TENANT_ID_MAX_CHARS,
            "examples": ["salon-uno"],
        })
    }
}
