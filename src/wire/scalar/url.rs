//! Links. Some of them are secrets: an error never repeats one.

use std::net::{Ipv4Addr, Ipv6Addr};

use schemars::{Schema, json_schema};
use url::Url;

use crate::domain::invalid::Invalid;
use crate::domain::secret::{CLIENT_PLACEHOLDER, MAC_PLACEHOLDER};

use super::Scalar;
use super::pattern::at_most;

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
        if text.len() > URL_MAX_BYTES || !text.bytes().all(is_url_byte) || !is_escaped_well(text) {
            return Err(Invalid::new(format!(
                "must have at most {URL_MAX_BYTES} bytes, anything unusual percent-encoded"
            )));
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = split_port(authority);
        if !is_host(host) {
            return Err(Invalid::new("names no host, or a user"));
        }
        if port.is_some_and(|port| port.parse::<u16>().is_err() || port.starts_with('+')) {
            return Err(Invalid::new("has a port that is not a number up to 65535"));
        }
        // Whoever opens it reads it by these rules.
        if Url::parse(text).is_err() {
            return Err(Invalid::new("is no URL"));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "format": "uri",
            "pattern": format!("{}([/?#]({URL_PIECE})*)?$", site()),
            "maxLength": URL_MAX_BYTES,
        })
    }
}

/// What [`is_url_byte`] knows, with what [`is_escaped_well`] asks for.
pub(super) const URL_PIECE: &str = "[!#$&-;=?-\\[\\]_a-z~]|%[0-9A-Fa-f]{2}";
const LABEL: &str = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
/// The last label: a digit would begin a number, which is an address however it is written.
const LAST_LABEL: &str = "[A-Za-z_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
const OCTET: &str = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const LABEL_MAX_BYTES: usize = 63;

/// The pattern of scheme, host and port; no user may stand there.
fn site() -> String {
    let port = at_most(u64::from(u16::MAX));
    format!(
        "^[Hh][Tt][Tt][Pp][Ss]?://(({LABEL}[.])*{LAST_LABEL}[.]?|({OCTET}[.]){{3}}{OCTET}|\
         \\[[0-9A-Fa-f:.]+\\])(:{port})?"
    )
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        // A colon of the address itself.
        Some((_, behind)) if behind.ends_with(']') => (authority, None),
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

/// A name or an address, in the one way that everybody reads alike.
fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    if host.parse::<Ipv4Addr>().is_ok() {
        return true;
    }
    let name = host.strip_suffix('.').unwrap_or(host);
    let is_last_a_word = name.rsplit('.').next().is_some_and(|last| {
        last.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
    });
    is_last_a_word && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=LABEL_MAX_BYTES).contains(&label.len())
        && label.chars().all(sound)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether each % has its two digits (RFC 3986 §2.1).
pub(super) fn is_escaped_well(text: &str) -> bool {
    let is_escape = |behind: &str| {
        let digits = behind.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(is_escape)
}

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
        if !is_escaped_well(text) {
            return Err(Invalid::new("has a % without its two digits"));
        }
        // Otherwise a client's id would say whose site it is.
        let head = head.split(MAC_PLACEHOLDER).next().unwrap_or_default();
        let is_in_host =
            head.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']));
        if is_in_host {
            return Err(Invalid::new("has a placeholder in its host"));
        }
        WebUrl::parse(&text.replace(CLIENT_PLACEHOLDER, "").replace(MAC_PLACEHOLDER, ""))?;
        if text.len() > URL_MAX_BYTES {
            return Err(Invalid::new(format!("must have at most {URL_MAX_BYTES} bytes")));
        }
        Ok(Self(text.to_owned()))
    }
    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": format!(
                "{}[/?#]({URL_PIECE}|[{{]mac[}}])*[{{]client[}}]\
                 ({URL_PIECE}|[{{](client|mac)[}}])*$",
                site()
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
        for good in [
            "https://x.example/r?a=1#b",
            "HTTP://x.example",
            "http://[::1]:8025/",
            "http://[::1]",
            "http://127.0.0.1:65535",
            "http://localhost:8025?a",
            "https://x_y.example./%7Ea",
        ] {
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
            "https://x.example:99999/",
            "https://x.example:+1/",
            "https://x.example:/",
            "https://x.example:8025:1/",
            "https://%6a.example/",
            "https://../",
            "https://a..b/",
            "https://-a.example/",
            "https://0x7f.1/",
            "https://1.2.3/",
            "https://256.1.1.1/",
            "https://[::g]/",
            "https://::1/",
            "https://x.example/%zz",
            "https://x.example/%4",
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
