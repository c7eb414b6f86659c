//! Where requests go: the part of the url that no message changes.

use std::fmt;

use ::http::HeaderValue;
use ::http::uri::PathAndQuery;
use url::Url;

use super::fault::Fault;

/// What begins something other than text in a template.
const MARKS: [&str; 3] = ["{{", "{%", "{#"];

/// A scheme, a host and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// Whether it is spoken to over TLS.
    pub is_encrypted: bool,
    /// A name, or an address without the brackets of IPv6.
    pub host: String,
    /// 443 or 80 where the url says nothing else.
    pub port: u16,
    /// The header `Host` (RFC 9110 §7.2).
    pub authority: HeaderValue,
}

impl Target {
    /// Splits a url, with `base` in place of its scheme and host if there is one, into where it
    /// leads and the template of what stands behind that. The error completes "<key> …".
    pub(super) fn split(url: &str, base: Option<&str>) -> Result<(Self, String), Misplaced> {
        let (origin, rest) = parts(url);
        let base = base.map(|base| base.trim_end_matches('/'));
        if origin.is_empty() && base.is_none() {
            return Err(Misplaced::Url("must begin with https://host or http://host".to_owned()));
        }
        if !rest.is_empty() && !rest.starts_with(['/', '?']) {
            return Err(Misplaced::Url("must have a / behind its host".to_owned()));
        }
        if MARKS.iter().any(|mark| origin.contains(mark)) {
            return Err(Misplaced::Url("may have variables behind its host only".to_owned()));
        }
        let (origin, below) = match base {
            Some(base) => parts(base),
            None => (origin, ""),
        };
        let target = Self::parse(origin).map_err(|why| match base {
            Some(_) => Misplaced::BaseUrl(why),
            None => Misplaced::Url(why),
        })?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/".contains(c);
        if !below.chars().all(plain) {
            let why = "must be a host and perhaps a path, without a query".to_owned();
            return Err(Misplaced::BaseUrl(why));
        }
        let slash = if below.is_empty() && !rest.starts_with('/') { "/" } else { "" };
        Ok((target, format!("{below}{slash}{rest}")))
    }

    /// Where a path of a provider's leads below `base_url`, or its own address.
    pub(super) fn below(base: &str, path: &str) -> Result<(Self, PathAndQuery), Fault> {
        let fault = |why: String| Fault::new("base_url", why);
        let split = Self::split(path, Some(base)).map_err(|misplaced| match misplaced {
            Misplaced::Url(why) | Misplaced::BaseUrl(why) => fault(why),
        });
        let (target, place) = split?;
        let place = PathAndQuery::try_from(place);
        Ok((target, place.map_err(|_| fault("is no URL".to_owned()))?))
    }

    fn parse(origin: &str) -> Result<Self, String> {
        let wanted = "must begin with https://host or http://host";
        let url = Url::parse(origin).map_err(|_| wanted)?;
        let is_encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(wanted.to_owned()),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must name no user: that belongs into headers.authorization, as \
                        \"Basic {{ secrets.login|b64encode }}\" with user:password in the secret"
                .to_owned());
        }
        let host = url.host_str().ok_or(wanted)?;
        let port = url.port_or_known_default().ok_or(wanted)?;
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        let authority = HeaderValue::try_from(authority).map_err(|_| wanted)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        Ok(Self { is_encrypted, host, port, authority })
    }

    /// Whether others may read along on the way: in the clear, to another machine.
    pub fn is_exposed(&self) -> bool {
        let is_own = self.host.eq_ignore_ascii_case("localhost")
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        !self.is_encrypted && !is_own
    }
}

/// `host:port`.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Which key is wrong, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Misplaced {
    Url(String),
    BaseUrl(String),
}

/// A url's scheme and host, and what stands behind them.
fn parts(url: &str) -> (&str, &str) {
    if url.starts_with('/') {
        return ("", url);
    }
    let host = url.find("://").map_or(0, |end| end + "://".len());
    let end = url[host..].find(['/', '?']).map_or(url.len(), |end| host + end);
    url.split_at(end)
}
