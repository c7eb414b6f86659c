//! URLs (RFC 3986) that may hold a password.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, Serializer};
use url::Url;

use super::secret::REDACTED;

/// The most of an address that paths are put behind.
const BASE_MAX_BYTES: usize = 300;
/// RFC 1035 §2.3.4.
const LABEL_MAX_BYTES: usize = 63;

/// A URL whose user, password and query are shown to nobody.
#[derive(Clone)]
pub struct SecretUrl {
    whole: SecretString,
    shown: String,
}

impl SecretUrl {
    /// Takes a URL of one of these schemes; the error completes "<key> …" and repeats nothing.
    pub(super) fn parse(text: &str, schemes: &[&str]) -> Result<Self, String> {
        let parts = Parts::split(text, schemes)?;
        Ok(Self { shown: parts.to_string(), whole: SecretString::from(text) })
    }

    /// The URL as it was written, password included: for the connection only.
    pub fn expose(&self) -> &str {
        self.whole.expose_secret()
    }
}

/// The URL without its secrets.
impl fmt::Display for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The URL without its secrets.
impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

/// The URL without its secrets.
impl Serialize for SecretUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An address of HTTP behind which paths are put, without its final slash: nothing in it is secret.
/// The error completes "<key> …".
pub(super) fn base(text: &str) -> Result<String, String> {
    let parts = Parts::split(text, &["http", "https"])?;
    if parts.userinfo.is_some() || parts.query.is_some() || text.len() > BASE_MAX_BYTES {
        return Err("must be a host, perhaps with a port and a path".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

/// A URL taken apart; its `Display` leaves out user, password and query.
pub(super) struct Parts<'a> {
    pub scheme: &'a str,
    pub userinfo: Option<&'a str>,
    /// Without the brackets of an IPv6 address.
    pub host: &'a str,
    pub port: Option<u16>,
    /// With its leading `/`, if there is one.
    pub path: &'a str,
    pub query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Splits `scheme://userinfo@host:port/path?query`.
    pub fn split(text: &'a str, schemes: &[&str]) -> Result<Self, String> {
        let wanted = || format!("must be a URL that begins with {}://", schemes.join(":// or "));
        let (scheme, rest) = text.split_once("://").ok_or_else(wanted)?;
        if !schemes.contains(&scheme) {
            return Err(wanted());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) || text.contains('#') {
            return Err("must not contain white space, # or letters beyond ASCII: \
                        write those as %20 and the like"
                .to_owned());
        }
        let (rest, query) = match rest.split_once('?') {
            Some((rest, query)) => (rest, Some(query)),
            None => (rest, None),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (userinfo, address) = match authority.rsplit_once('@') {
            Some((userinfo, address)) => (Some(userinfo), address),
            None => (None, authority),
        };
        let (host, port) = split_port(address)?;
        let parts = Self { scheme, userinfo, host, port, path, query };
        parts.check_whole(text)?;
        Ok(parts)
    }

    /// Whoever connects understands the URL by the rules of a parser: it must be what we took it
    /// for, and nothing is to be read into it.
    fn check_whole(&self, text: &str) -> Result<(), String> {
        if !escapes_are_sound(text) {
            return Err("has a % that is not followed by two hexadecimal digits".to_owned());
        }
        let url = Url::parse(text).map_err(|_| "is no URL (RFC 3986)")?;
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        if !is_same_host(host, self.host) || !is_name_or_address(self.host) {
            return Err("has a host that is no name or address as one writes it".to_owned());
        }
        if url.path().trim_start_matches('/') != self.path.trim_start_matches('/') {
            return Err("has a path with . or .. in it".to_owned());
        }
        Ok(())
    }
}

fn escapes_are_sound(text: &str) -> bool {
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(is_escape)
}

/// Addresses of IPv6 have many spellings.
fn is_same_host(understood: &str, written: &str) -> bool {
    match written.parse::<Ipv6Addr>() {
        Ok(address) => understood.parse() == Ok(address),
        Err(_) => understood.eq_ignore_ascii_case(written),
    }
}

/// Of names RFC 1123 §2.1, with `_`, which some networks have.
fn is_name_or_address(host: &str) -> bool {
    let sound = |label: &str| {
        let is_hyphen = |c: char| c == '-';
        (1..=LABEL_MAX_BYTES).contains(&label.len())
            && !label.starts_with(is_hyphen)
            && !label.ends_with(is_hyphen)
    };
    host.parse::<IpAddr>().is_ok() || host.trim_end_matches('.').split('.').all(sound)
}

impl fmt::Display for Parts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme)?;
        if self.userinfo.is_some() {
            write!(f, "{REDACTED}@")?;
        }
        write_host(f, self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(self.path)?;
        if self.query.is_some() {
            write!(f, "?{REDACTED}")?;
        }
        Ok(())
    }
}

/// Writes a host with the brackets that an IPv6 address needs.
pub(super) fn write_host(f: &mut fmt::Formatter<'_>, host: &str) -> fmt::Result {
    if host.contains(':') { write!(f, "[{host}]") } else { f.write_str(host) }
}

/// Whether the host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn split_port(address: &str) -> Result<(&str, Option<u16>), String> {
    let (host, port) = match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => {
            host.parse::<Ipv6Addr>().map_err(|_| "has a host that is no IPv6 address")?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':').unwrap_or("")) })
        }
        None => match address.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let sound = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    if host.is_empty() || !host.chars().all(sound) {
        return Err("has no host, or one that is no name or address".to_owned());
    }
    let port = port
        .map(|port| port.parse::<u16>().ok().filter(|port| *port > 0))
        .map(|port| port.ok_or("has a port that is not a number from 1 to 65535"))
        .transpose()?;
    Ok((host, port))
}

/// Undoes `%20` and the like (RFC 3986 §2.1).
pub(super) fn percent_decode(text: &str) -> Result<String, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let hex = tail.get(..2).filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let byte = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .ok_or("has a % that is not followed by two hexadecimal digits")?;
        bytes.push(byte);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).map_err(|_| "has a user or password that is not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_paths_are_put_behind_has_nothing_secret_and_an_end() {
        assert_eq!(base("http://h:1/x/").as_deref(), Ok("http://h:1/x"));
        let long = format!("http://h/{}", "x".repeat(BASE_MAX_BYTES));
        for bad in ["http://u:p@h", "http://h/?a=b", "ftp://h", &long] {
            assert!(base(bad).is_err_and(|why| !why.contains("u:p")), "{bad}");
        }
    }

    #[test]
    fn what_is_shown_holds_no_secret() {
        let url =
            SecretUrl::parse("amqp://anna:hunter2@mq.example:5672/%2f?pw=x", &["amqp"]).unwrap();
        assert_eq!(url.to_string(), "amqp://***@mq.example:5672/%2f?***");
        assert_eq!(format!("{url:?}"), url.to_string());
        assert!(url.expose().contains("hunter2"));
    }

    #[test]
    fn hosts_and_ports_are_checked() {
        let split = |text| Parts::split(text, &["x"]).map(|p| (p.host.to_owned(), p.port));
        assert_eq!(split("x://h").unwrap(), ("h".to_owned(), None));
        assert_eq!(split("x://[::1]:25/p").unwrap(), ("::1".to_owned(), Some(25)));
        assert_eq!(split("x://u:p@ss@h:1").unwrap(), ("h".to_owned(), Some(1)));
        assert_eq!(split("x://H.Example./%2f").unwrap(), ("H.Example.".to_owned(), None));
        assert_eq!(split("x://[0::1]").unwrap(), ("0::1".to_owned(), None));
        for bad in [
            "h",
            "y://h",
            "x://",
            "x://h:",
            "x://h:0",
            "x://h:99999",
            "x://a b",
            "x://[h]",
            "x://h#",
            "x://h:99999/p",
            "x://..",
            "x://a..b",
            "x://.",
            "x://-h",
            "x://a.b-.example",
            "x://%6a.example",
            "x://h/%zz",
            "x://h/..",
            "x://h/a/../b",
            "x://h/a/%2e%2e/b",
            "x://h/./b",
        ] {
            let why = split(bad).unwrap_err();
            assert!(why.starts_with("must") || why.starts_with("has"), "{bad}: {why}");
        }
    }

    #[test]
    fn percent_signs_are_undone() {
        assert_eq!(percent_decode("p%40ss%C3%A9").unwrap(), "p@ssé");
        for bad in ["%", "%4", "%zz", "%+1", "%ff"] {
            assert!(percent_decode(bad).is_err(), "{bad}");
        }
    }
}
