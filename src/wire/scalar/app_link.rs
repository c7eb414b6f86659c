//! Links into a tenant's app.

use schemars::{Schema, json_schema};

use super::Scalar;
use super::url::{URL_MAX_BYTES, URL_PIECE, is_escaped_well, is_url_byte};
use crate::domain::invalid::Invalid;
use crate::domain::settings::BOOKING_PLACEHOLDER;

/// A link of whatever scheme, perhaps with `{booking}` where a booking's id goes.
#[derive(Clone, PartialEq, Eq)]
pub struct AppLink(pub String);

impl Scalar for AppLink {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let (scheme, rest) = text.split_once(':').unwrap_or_default();
        let may_stand = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "+.-".contains(c);
        if !scheme.starts_with(|c: char| c.is_ascii_lowercase()) || !scheme.chars().all(may_stand) {
            return Err(Invalid::new(
                "must begin with a scheme in small letters, such as salon://",
            ));
        }
        let bare = rest.replace(BOOKING_PLACEHOLDER, "");
        let is_written_well = bare.bytes().all(is_url_byte) && is_escaped_well(rest);
        if rest.is_empty() || text.len() > URL_MAX_BYTES || !is_written_well {
            return Err(Invalid::new(format!(
                "must have at most {URL_MAX_BYTES} bytes, anything unusual percent-encoded but for \
                 {BOOKING_PLACEHOLDER}"
            )));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!("^[a-z][a-z0-9+.-]*:({URL_PIECE}|[{{]booking[}}])+$"),
            "maxLength": URL_MAX_BYTES,
            "examples": ["salon://bookings/{booking}"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_into_an_app_are_of_any_scheme() {
        for good in [
            "salon://bookings/{booking}",
            "com.example.salon:/inbox",
            "https://salon.example/b/{booking}?from=push",
            "https://salon.example",
        ] {
            assert!(AppLink::parse(good).is_ok(), "{good}");
        }
        let long = format!("salon://{}", "a".repeat(URL_MAX_BYTES));
        for bad in [
            "",
            "salon",
            "salon:",
            "Salon://x",
            "1salon://x",
            "sal on://x",
            "salon://{client}",
            "salon://a b",
            "salon://%zz",
            &long,
        ] {
            assert!(AppLink::parse(bad).is_err(), "{bad}");
        }
    }
}
