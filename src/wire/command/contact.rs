//! Ways to reach a person, as an upstream app gives them.

use serde::{Deserialize, Deserializer};

use crate::domain::client::Contact;
use crate::domain::text::trimmed;
use crate::wire::scalar::Scalar;

/// Reads an address: null or blank means that there is none, and what is not an address becomes
/// [`Contact::Unreadable`] rather than refuse the person. For
/// `#[serde(default, deserialize_with)]`: a field that is left out stays `None`.
pub(super) fn contact<'de, D, T>(deserializer: D) -> Result<Option<Contact<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Scalar,
{
    let text = Option::<String>::deserialize(deserializer)?;
    Ok(Some(match text.as_deref().map(trimmed) {
        None | Some("") => Contact::Absent,
        Some(text) => T::parse(text).map_or(Contact::Unreadable, Contact::Known),
    }))
}
