//! What a refusal calls something by.
//!
//! Ids are the app's to choose, and any text may stand where one belongs. So an id is repeated only
//! where it is known to be one, and cannot be somebody's address, number or key.

use uuid::Uuid;

/// The longest id that is repeated, in bytes: more may be a key.
const SHOWN_MAX_BYTES: usize = 40;
/// So many digits in a row may be a telephone number.
const DIGITS_MAX: usize = 6;

/// `booking b1`, or only `the booking`.
pub fn called(what: &str, id: &str) -> String {
    if is_harmless(id) { format!("{what} {id}") } else { format!("the {what}") }
}

fn is_harmless(id: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "-_.:#".contains(c);
    let digits_in_a_row = id.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    let plain = id.len() <= SHOWN_MAX_BYTES
        && id.chars().all(part)
        && digits_in_a_row.is_none_or(|digits| digits <= DIGITS_MAX);
    plain || Uuid::parse_str(id).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_shown_and_nothing_that_may_be_somebody_s() {
        for id in ["b1", "booking-2026.12:3", "550e8400-e29b-41d4-a716-446655440000"] {
            assert_eq!(called("booking", id), format!("booking {id}"));
        }
        let key = "x".repeat(SHOWN_MAX_BYTES + 1);
        for id in ["anna@example.com", "+39333123", "3331234567", "Anna Rossi", "à", &key] {
            assert_eq!(called("booking", id), "the booking");
        }
    }
}
