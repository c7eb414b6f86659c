//! The beginnings of phone numbers.

/// The most prefixes of one list.
pub(super) const COUNTRIES_MAX: usize = 500;
/// The longest number (E.164 §6.2.1).
const PREFIX_MAX_DIGITS: usize = 15;

/// The beginning of numbers; the error completes "<key> …".
pub(super) fn prefix(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('+').unwrap_or_default();
    let is_number = !digits.starts_with('0') && digits.bytes().all(|c| c.is_ascii_digit());
    if (1..=PREFIX_MAX_DIGITS).contains(&digits.len()) && is_number {
        return Ok(text.to_owned());
    }
    Err("must be the beginning of numbers, such as +39".to_owned())
}
