//! Links. Some of them are secrets: an error never repeats one.

use schemars::{Schema, json_schema};

use crate::domain::invalid::Invalid;
use crate::domain::secret::{CLIENT_PLACEHOLDER, MAC_PLACEHOLDER};

use super::Scalar;

/// The longest link, in bytes.
pub const URL_MAX_BYTES: usize = 2000;
/// The shortest and the longest key of codes, in bytes.
pub const KEY_BYTES: std::ops::RangeInclusive<usize> = 16..=256;

/// A link that a client may be sent (`http` or `https`).
#[derive(Clone, PartialEq, Eq)]
pub struct WebUrl(pub String);

impl Scalar for WebUrl {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let (scheme, rest) = text.split_once("://").unwrap_or_default();
        if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
            return Err(Invalid::new("is not an http or https URL"));
        }
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.is_empty() || host.starts_with(':') || host.contains('@') {
            return Err(Invalid::new("names no host, or a user"));
        }
        if text.len() > URL_MAX_BYTES || !text.bytes().all(is_url_byte) {
            return Err(Invalid::new(format!(
                "must have at most {URL_MAX_BYTES} bytes, anything unusual percent-encoded"
            )));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "uri",
            "pattern": format!("{SCHEME}[{HOST_START}][{HOST_BYTES}]*([/?#][{URL_BYTES}]*)?$"),
            "maxLength": URL_MAX_BYTES,
        })
    }
}

/// What [`is_url_byte`] knows, as the inside of a class.
const URL_BYTES: &str = "!#-;=?-\\[\\]_a-z~";
/// The same within the part that names host and port; no user may stand there.
const HOST_BYTES: &str = "!$-.0-;=A-\\[\\]_a-z~";
/// The same where a host begins.
const HOST_START: &str = "!$-.0-9;=A-\\[\\]_a-z~";
const SCHEME: &str = "^[Hh][Tt][Tt][Pp][Ss]?://";

/// Whether RFC 3986 lets the byte stand in a URI as it is.
pub fn is_url_byte(b: u8) -> bool {
    b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)
}

/// A link with `{client}` where a client's id goes, behind the host.
#[derive(Clone, PartialEq, Eq)]
pub struct UrlTemplate(pub String);

impl Scalar for UrlTemplate {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let Some((head, _)) = text.split_once(CLIENT_PLACEHOLDER) else {
            return Err(Invalid::new(format!("has no {CLIENT_PLACEHOLDER}")));
        };
        WebUrl::parse(&text.replace(CLIENT_PLACEHOLDER, "").replace(MAC_PLACEHOLDER, ""))?;
        // Otherwise a client's id would say whose site it is.
        let head = head.split(MAC_PLACEHOLDER).next().unwrap_or_default();
        let behind_host = head.split_once("://").is_some_and(|(_, rest)| {
            rest.find(['/', '?', '#']).is_some_and(|host_bytes| host_bytes > 0)
        });
        if !behind_host {
            return Err(Invalid::new("has a placeholder in its host"));
        }
        if text.len() > URL_MAX_BYTES {
            return Err(Invalid::new(format!("must have at most {URL_MAX_BYTES} bytes")));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!(
                "{SCHEME}[{HOST_START}][{HOST_BYTES}]*[/?#]([{URL_BYTES}]|[{{]mac[}}])*\
                 [{{]client[}}]([{URL_BYTES}]|[{{](client|mac)[}}])*$"
            ),
            "maxLength": URL_MAX_BYTES,
            "examples": ["https://salon.example/verify?client={client}"],
        })
    }
}

/// A key that the app shares for one round of links.
#[derive(Clone, PartialEq, Eq)]
pub struct CodeKey(pub String);

impl Scalar for CodeKey {
    fn parse(text: &str) -> Result<Self, Invalid> {
        let (min, max) = (KEY_BYTES.start(), KEY_BYTES.end());
        if !KEY_BYTES.contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(Invalid::new(format!(
                "must be {min} to {max} printable ASCII characters without spaces"
            )));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "minLength": KEY_BYTES.start(),
            "maxLength": KEY_BYTES.end(),
            "pattern": "^[!-~]+$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_of_the_web() {
        for good in ["https://x.example/r?a=1#b", "HTTP://x.example", "http://[::1]:8025/"] {
            assert!(WebUrl::parse(good).is_ok(), "{good}");
        }
        let long = format!("https://x.example/{}", "a".repeat(URL_MAX_BYTES));
        for bad in [
            "",
            "x.example",
            "ftp://x.example",
            "javascript:alert(1)",
            "https://",
            "https:///a",
            "https://a b.example",
            "https://x.example/\r\n",
            "https://a@b.example",
            "data://x",
            &long,
        ] {
            assert!(WebUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_template_takes_the_clients_id_behind_its_host() {
        for good in [
            "https://x.example/v/{client}",
            "http://x.example?c={client}&d={client}",
            "https://x.example/{mac}/{client}",
        ] {
            assert!(UrlTemplate::parse(good).is_ok(), "{good}");
        }
        let long = format!("https://x.example/{{client}}{}", "a".repeat(URL_MAX_BYTES));
        for bad in [
            "",
            "https://x.example/v",
            "https://x.example/{customer}",
            "https://x.example/{client}/{token}",
            "https://{client}.example/{client}",
            "https://x.example{client}",
            "https://{mac}.example/{client}",
            "https://x.example/{mac}",
            "{client}://x.example/",
            "ftp://x.example/{client}",
            "https://x.example/ {client}",
            &long,
        ] {
            assert!(UrlTemplate::parse(bad).is_err(), "{bad}");
        }
    }
}
