//! Identifiers: one type each, so that a client can never stand where a booking should.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::invalid::Invalid;
use super::text::{is_blank, is_printable};

/// The longest id that an upstream app may choose, in characters.
pub const ID_MAX_CHARS: usize = 128;
/// The longest tenant id, in characters (it is one word of an AMQP routing key).
pub const TENANT_ID_MAX_CHARS: usize = 63;

fn check_printable(text: &str) -> Result<(), Invalid> {
    let count = text.chars().count();
    if count == 0 || count > ID_MAX_CHARS {
        return Err(Invalid::new(format!("must have 1 to {ID_MAX_CHARS} characters")));
    }
    if text.chars().any(|c| c != ' ' && !is_printable(c)) {
        return Err(Invalid::new("must be printable characters"));
    }
    if is_blank(text) {
        return Err(Invalid::new("must not be blank"));
    }
    Ok(())
}

fn check_tenant(text: &str) -> Result<(), Invalid> {
    let mut chars = text.chars();
    let first = chars.next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let rest = chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if !first || !rest || text.len() > TENANT_ID_MAX_CHARS {
        return Err(Invalid::new("must match [a-z0-9][a-z0-9_-]{0,62}"));
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the id if it is well formed.
            ///
            /// # Errors
            /// Says which rule the text breaks.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                $check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }

        /// From the store: what was taken once is read again, whatever the rules are by then.
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.as_ref().to_owned()
            }
        }
    };
}

id!(
    /// A business whose clients are told: `[a-z0-9][a-z0-9_-]{0,62}`.
    TenantId, check_tenant
);
id!(
    /// A command's id, unique within its tenant: the idempotency key.
    CommandId, check_printable
);
id!(
    /// What something follows from: a command, by its id, or what no upstream app asked for, by
    /// one that stands for it. Whatever is derived from it has the same id each time.
    CauseId, check_printable
);
id!(
    /// A person who books.
    ClientId, check_printable
);
id!(
    /// One booking of one client.
    BookingId, check_printable
);
id!(
    /// A service that the tenant offers, such as a haircut.
    ServiceId, check_printable
);
id!(
    /// A recurring series of bookings.
    SeriesId, check_printable
);
id!(
    /// A session with seats, such as Tuesday's yoga class.
    SessionId, check_printable
);
id!(
    /// One client's place in a session's queue.
    EntryId, check_printable
);
id!(
    /// One payment of one client.
    PaymentId, check_printable
);
id!(
    /// A notice to an audience.
    NoticeId, check_printable
);

impl CauseId {
    /// For what no upstream app asked for, such as a timer that fired.
    pub fn standing_for(what: &'static str, id: uuid::Uuid) -> Self {
        Self(Arc::from(format!("{what}-{id}")))
    }
}

impl From<CommandId> for CauseId {
    fn from(command: CommandId) -> Self {
        Self(command.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_id_is_a_routing_key_word() {
        for good in ["a", "salon-uno", "0_x", &"a".repeat(63)] {
            assert!(TenantId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "_a", "A", "a.b", "a*", "salon uno", "é", &"a".repeat(64)] {
            assert!(TenantId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn other_ids_are_printable_and_bounded() {
        for good in ["b1", "with space", "ünï/code#1", &"x".repeat(128)] {
            assert!(BookingId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", " ", "a\nb", "tab\t", "\u{7f}", "\u{200b}", &"x".repeat(129)]
            .into_iter()
            .chain(["b1\u{202e}", "b\u{200b}1", "b\u{2028}", "b\u{a0}1", "\u{feff}b1"])
        {
            assert!(BookingId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
