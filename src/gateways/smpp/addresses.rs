//! Numbers and names as an SMSC wants them: with a type and a numbering plan.

use rusmpp_core::types::owned::COctetString;

/// A type of number and a numbering plan (SMPP 3.4 §5.2.5, §5.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbering {
    /// 1 international, 3 of the network, 5 a name.
    pub ton: u8,
    /// 1 is E.164.
    pub npi: u8,
}

/// The SMSC's own sender.
const NONE: Numbering = Numbering { ton: 0, npi: 0 };
/// Such as `+393331234567`.
const INTERNATIONAL: Numbering = Numbering { ton: 1, npi: 1 };
/// Such as `4455`: the network knows it.
const SHORT: Numbering = Numbering { ton: 3, npi: 0 };
/// Such as `SalonUno`.
const NAME: Numbering = Numbering { ton: 5, npi: 0 };
/// Numbers of so many digits are of the network, in digits.
const SHORT_MAX_DIGITS: usize = 6;

/// An address as it stands in a PDU: at most 20 characters (SMPP 3.4 §5.2.8).
pub(super) type Address = COctetString<1, 21>;

/// The sender, numbered by what it looks like.
///
/// # Errors
/// Where it cannot stand there. Repeats nothing of it.
pub(super) fn sender(from: Option<&str>) -> Result<(Numbering, Address), String> {
    let Some(from) = from.filter(|from| !from.is_empty()) else {
        return Ok((NONE, Address::empty()));
    };
    let digits = from.strip_prefix('+').unwrap_or(from);
    let is_number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
    let (numbering, text) = match is_number {
        false => (NAME, from),
        true if !from.starts_with('+') && digits.len() <= SHORT_MAX_DIGITS => (SHORT, digits),
        true => (INTERNATIONAL, digits),
    };
    Ok((numbering, address(text).ok_or("the sender is beyond ASCII or 20 characters")?))
}

/// Whom it is for: E.164, with its `+`.
///
/// # Errors
/// As [`sender`].
pub(super) fn recipient(to: &str) -> Result<(Numbering, Address), String> {
    let digits = to.strip_prefix('+').unwrap_or(to);
    Ok((INTERNATIONAL, address(digits).ok_or("the number is beyond 20 characters")?))
}

fn address(text: &str) -> Option<Address> {
    Address::from_string(text.to_owned()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_is_numbered_by_what_it_looks_like() {
        for (from, numbering, text) in [
            (None, NONE, ""),
            (Some(""), NONE, ""),
            (Some("SalonUno"), NAME, "SalonUno"),
            (Some("4455"), SHORT, "4455"),
            (Some("+393331234567"), INTERNATIONAL, "393331234567"),
            (Some("393331234567"), INTERNATIONAL, "393331234567"),
            (Some("+"), NAME, "+"),
        ] {
            let (numbered, address) = sender(from).unwrap();
            assert_eq!((numbered, address.as_str()), (numbering, text), "{from:?}");
        }
        assert!(sender(Some("Caffè")).is_err());
        assert_eq!(recipient("+4512345678").unwrap().1.as_str(), "4512345678");
    }
}
