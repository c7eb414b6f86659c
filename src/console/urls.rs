//! Addresses of pages and of the API, whatever ids are made of.

use url::form_urlencoded::{Serializer, parse};

/// An id as one segment of a path (RFC 3986 §3.3).
pub fn segment(id: &str) -> String {
    let mut text = String::with_capacity(id.len());
    for byte in id.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                text.push(byte.into());
            }
            other => text.push_str(&format!("%{other:02X}")),
        }
    }
    text
}

/// The pairs of a query that have a value: a form sends what was left empty as well.
pub fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = parse(query.as_bytes()).into_owned();
    pairs.filter(|(_, value)| !value.trim().is_empty()).collect()
}

/// A path with a query, where there is any.
pub fn with_query<'p>(path: &str, pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(pairs);
    match query.finish().as_str() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// A word of a command line, for a shell to read.
pub fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@+".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_one_segment_and_one_word() {
        assert_eq!(segment("a/b?c#d%é"), "a%2Fb%3Fc%23d%25%C3%A9");
        assert_eq!(word("salon-uno"), "salon-uno");
        assert_eq!(word("it's; rm"), "'it'\\''s; rm'");
    }

    #[test]
    fn what_was_left_empty_is_not_asked_for() {
        let pairs = pairs("client=&kind=booking.confirmed&reason=%20");
        assert_eq!(pairs, [("kind".to_owned(), "booking.confirmed".to_owned())]);
        let asked = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        assert_eq!(with_query("/v1/x", asked), "/v1/x?kind=booking.confirmed");
        assert_eq!(with_query("/v1/x", []), "/v1/x");
    }
}
