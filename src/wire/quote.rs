//! What may be repeated of what somebody sent: nothing that may be a person's, or a secret.

use std::borrow::Cow;

/// The longest name that an error repeats, in bytes.
const NAME_SHOWN_MAX_BYTES: usize = 32;
/// The longest value that an error repeats, in bytes: an instant with its zone.
const VALUE_SHOWN_MAX_BYTES: usize = 64;
/// The most digits of a name; numbers of people and keys have more.
const NAME_DIGITS_MAX: usize = 4;

/// The text in quotes, for "… is not a zone"; but what may be somebody's address, number or
/// secret in the wrong field is only called "this text".
pub fn quoted(text: &str) -> Cow<'_, str> {
    if is_telling(text) { Cow::Owned(format!("{text:?}")) } else { Cow::Borrowed("this text") }
}

/// Whether a name that ought to be one of ours may be repeated: it looks like one, and not like
/// an address, a number, a link or a key.
pub fn is_name(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.len() <= NAME_SHOWN_MAX_BYTES
        && text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(part)
        && text.bytes().filter(u8::is_ascii_digit).count() <= NAME_DIGITS_MAX
}

/// Whether a value that ought to be a code, a span or an instant may be repeated.
fn is_telling(text: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || "_-.:+/#[] ".contains(c);
    let digits_in_a_row = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
    text.len() <= VALUE_SHOWN_MAX_BYTES
        && text.chars().all(part)
        && !text.contains("//")
        // Two words are a person's name, but not "1 day".
        && (!text.contains(' ') || text.contains(|c: char| c.is_ascii_digit()))
        && digits_in_a_row.unwrap_or_default() <= NAME_DIGITS_MAX
}
