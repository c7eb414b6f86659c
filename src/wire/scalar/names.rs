//! Closed sets: each value has a name, and any other name is refused by name.

use schemars::{Schema, json_schema};

use crate::domain::booking::{BookingState, Party};
use crate::domain::channel::Channel;
use crate::domain::invalid::Invalid;
use crate::domain::kind::{Kind, Profile};
use crate::domain::payment::PaymentState;
use crate::domain::policy::SkipReason;
use crate::domain::receipt::{Failure, Suppression};
use crate::domain::rejection::RejectionReason;
use crate::domain::settings::{Approval, LastCall, LateReminder};
use crate::wire::quote::quoted;

use super::Scalar;

/// A type with a few named values.
pub trait Named: Copy + 'static {
    /// What a value is, for "is not …".
    const WHAT: &'static str;

    /// The name of the set in the schema.
    const NAME: &'static str;

    /// Every value with its name.
    fn all() -> impl Iterator<Item = (&'static str, Self)>;
}

/// The name of a value.
pub fn name_of<T: Named + PartialEq>(value: T) -> &'static str {
    T::all().find_map(|(name, known)| (known == value).then_some(name)).unwrap_or_default()
}

impl<T: Named> Scalar for T {
    const SCHEMA_NAME: Option<&'static str> = Some(T::NAME);

    fn parse(text: &str) -> Result<Self, Invalid> {
        let found = T::all().find_map(|(name, value)| (name == text).then_some(value));
        found.ok_or_else(|| {
            let names: Vec<_> = T::all().map(|(name, _)| name).collect();
            Invalid::new(format!(
                "{} is not {}; there are: {}",
                quoted(text),
                T::WHAT,
                names.join(", ")
            ))
        })
    }
    fn schema() -> Schema {
        let names: Vec<_> = T::all().map(|(name, _)| name).collect();
        json_schema!({"type": "string", "enum": names})
    }
}

macro_rules! named {
    ($($name:ident $what:literal { $($text:literal $variant:ident)* })*) => {$(
        impl Named for $name {
            const WHAT: &'static str = $what;
            const NAME: &'static str = stringify!($name);
            fn all() -> impl Iterator<Item = (&'static str, Self)> {
                [$(($text, $name::$variant)),*].into_iter()
            }
        }
    )*};
}

named! {
    Party "a party" { "client" Client "staff" Staff }
    Profile "a profile" { "appointments" Appointments "classes" Classes }
    Approval "a way of approval" { "automatic" Automatic "manual" Manual }
    LastCall "a last call" { "broadcast" Broadcast "stop" Stop }
    LateReminder "a choice for late reminders" { "skip" Skip "send_now" SendNow }
    BookingState "a booking's state" {
        "pending" Pending "confirmed" Confirmed "declined" Declined
        "cancelled" Cancelled "attended" Attended "no_show" NoShow
    }
    PaymentState "a payment's state" { "requested" Requested "paid" Paid "declined" Declined }
}

macro_rules! listed {
    ($($name:ident $title:literal $what:literal)*) => {$(
        impl Named for $name {
            const WHAT: &'static str = $what;
            const NAME: &'static str = $title;
            fn all() -> impl Iterator<Item = (&'static str, Self)> {
                Self::ALL.iter().map(|value| (value.as_str(), *value))
            }
        }
    )*};
}

listed! {
    Kind "MessageKind" "a message kind"
    Channel "Channel" "a channel"
    SkipReason "SkipReason" "a reason to skip"
    RejectionReason "RejectionReason" "a reason to reject"
    Failure "Failure" "a failure"
    Suppression "Suppression" "a reason to suppress"
}

/// What staff are told of, by its name; the `staff.` may be left out. An alert that is not known
/// here is never sent, and is no reason to refuse the settings that name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert(pub Option<Kind>);

/// What every alert's name begins with.
const ALERT_PREFIX: &str = "staff.";
/// The longest name of an alert, in characters.
const ALERT_MAX_CHARS: usize = 64;

impl Scalar for Alert {
    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() || text.chars().count() > ALERT_MAX_CHARS {
            return Err(Invalid::new(format!("must have 1 to {ALERT_MAX_CHARS} characters")));
        }
        let short = text.trim_start_matches(ALERT_PREFIX).replace('.', "_");
        let same = |kind: &Kind| kind.as_str().trim_start_matches(ALERT_PREFIX) == short;
        Ok(Self(Kind::STAFF.iter().copied().find(same)))
    }
    fn schema() -> Schema {
        let names: Vec<_> = Kind::STAFF.iter().map(|kind| kind.as_str()).collect();
        json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": ALERT_MAX_CHARS,
            "examples": names,
        })
    }
}

/// A kind of message to whomever it goes: only events name those to staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyKind(pub Kind);

impl Scalar for AnyKind {
    const SCHEMA_NAME: Option<&'static str> = Some("AnyMessageKind");

    fn parse(text: &str) -> Result<Self, Invalid> {
        let kind = Kind::parse(text).map(Self);
        kind.ok_or_else(|| Invalid::new(format!("{} is not a message kind", quoted(text))))
    }
    fn schema() -> Schema {
        let kinds = Kind::ALL.iter().chain(Kind::STAFF);
        let names: Vec<_> = kinds.map(|kind| kind.as_str()).collect();
        json_schema!({"type": "string", "enum": names})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_name_is_refused_by_name() {
        assert_eq!(<Party as Scalar>::parse("staff").unwrap(), Party::Staff);
        let refusal = <Party as Scalar>::parse("Staff").unwrap_err();
        assert_eq!(refusal.0, "\"Staff\" is not a party; there are: client, staff");
    }

    #[test]
    fn names_agree_with_the_domain() {
        for (name, state) in BookingState::all() {
            assert_eq!(name, state.as_str());
        }
    }
}
