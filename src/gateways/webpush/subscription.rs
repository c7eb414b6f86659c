//! Push tokens of browsers: what `PushSubscription.toJSON()` gives (Push API §8).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use url::{Host, Url};

use crate::gateways::public::is_public;

/// A point of P-256, not compressed (SEC 1 §2.3.3), in bytes.
pub(super) const POINT_BYTES: usize = 65;
/// The browser's secret (RFC 8291 §3.2), in bytes.
const AUTH_BYTES: usize = 16;
/// Some libraries write the `=` at the end, which RFC 8291 does not.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Where a browser's push service takes messages, and for whom they are encrypted.
pub(super) struct Subscription {
    pub endpoint: Url,
    pub keys: Keys,
}

/// The browser's part of every key.
pub(super) struct Keys {
    pub p256dh: [u8; POINT_BYTES],
    pub auth: [u8; AUTH_BYTES],
}

#[derive(Deserialize)]
struct Written {
    endpoint: String,
    keys: WrittenKeys,
}

#[derive(Deserialize)]
struct WrittenKeys {
    p256dh: String,
    auth: String,
}

/// Whether a token is one of a browser's, sound or not: no other begins so.
pub(in crate::gateways) fn is_subscription(token: &str) -> bool {
    token.starts_with('{')
}

impl Subscription {
    /// Reads a token. The error says why nothing can ever be sent there, and repeats nothing of it.
    /// `allow_loopback`: endpoints on this machine count, also without TLS.
    pub fn parse(token: &str, allow_loopback: bool) -> Result<Self, &'static str> {
        let Written { endpoint, keys } =
            serde_json::from_str(token).map_err(|_| "is no PushSubscription")?;
        Ok(Self {
            endpoint: self::endpoint(&endpoint, allow_loopback)?,
            keys: Keys {
                p256dh: bytes(&keys.p256dh).ok_or("has a p256dh that is no key")?,
                auth: bytes(&keys.auth).ok_or("has an auth that is no secret of 16 bytes")?,
            },
        })
    }
}

/// The endpoint is whatever an app was told: what cannot be a push service is not spoken to.
fn endpoint(text: &str, allow_loopback: bool) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "has an endpoint that is no URL")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("has an endpoint with a user in it");
    }
    let is_own = match url.host() {
        None => return Err("has an endpoint without a host"),
        Some(Host::Domain(name)) => is_localhost(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_own && allow_loopback => {}
        _ => return Err("has an endpoint without https"),
    }
    let is_elsewhere = match url.host() {
        Some(Host::Ipv4(address)) => is_public(address.into()),
        Some(Host::Ipv6(address)) => is_public(address.into()),
        // Where a name leads is looked at when it is dialled.
        Some(Host::Domain(_)) | None => !is_own,
    };
    if is_elsewhere || (is_own && allow_loopback) {
        return Ok(url);
    }
    Err("has an endpoint at no public address")
}

/// RFC 6761 §6.3.
fn is_localhost(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

fn bytes<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    BASE64.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::super::seal::tests::{AUTH, P256DH};
    use super::*;

    fn token(endpoint: &str, p256dh: &str, auth: &str) -> String {
        serde_json::json!({
            "endpoint": endpoint, "expirationTime": null, "keys": { "p256dh": p256dh, "auth": auth }
        })
        .to_string()
    }

    #[test]
    fn what_browsers_write_is_read() {
        let endpoint = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABh";
        for auth in [AUTH.to_owned(), format!("{AUTH}==")] {
            let token = token(endpoint, P256DH, &auth);
            assert!(is_subscription(&token));
            let subscription = Subscription::parse(&token, false).unwrap();
            assert_eq!(subscription.endpoint.as_str(), endpoint);
            assert_eq!((subscription.keys.p256dh[0], subscription.keys.auth[0]), (4, 5));
        }
        assert!(!is_subscription("fcm:token-of_a-phone"));
    }

    #[test]
    fn why_nothing_can_be_sent_there_is_said() {
        let why = |token: &str| Subscription::parse(token, false).map(|_| ()).unwrap_err();
        let good = "https://push.example/1";
        for (token, said) in [
            ("{".to_owned(), "is no PushSubscription"),
            (r#"{"endpoint":"https://push.example/"}"#.to_owned(), "is no PushSubscription"),
            (token(good, AUTH, AUTH), "has a p256dh that is no key"),
            (token(good, "?", AUTH), "has a p256dh that is no key"),
            (token(good, P256DH, P256DH), "has an auth that is no secret of 16 bytes"),
            (token("push.example", P256DH, AUTH), "has an endpoint that is no URL"),
            (token("https://u:p@push.example/", P256DH, AUTH), "has an endpoint with a user in it"),
            (token("http://push.example/1", P256DH, AUTH), "has an endpoint without https"),
            (token("ftp://push.example/1", P256DH, AUTH), "has an endpoint without https"),
            (token("data:text/plain,x", P256DH, AUTH), "has an endpoint without a host"),
        ] {
            assert_eq!(why(&token), said, "{token}");
        }
    }

    #[test]
    fn what_leads_into_a_network_of_ones_own_is_no_push_service() {
        let parse = |endpoint: &str, allow| {
            Subscription::parse(&token(endpoint, P256DH, AUTH), allow).map(|_| ())
        };
        const NOT_PUBLIC: Result<(), &str> = Err("has an endpoint at no public address");
        for endpoint in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://localhost:8443/",
            "https://x.localhost./",
            "https://[::1]/",
        ] {
            assert_eq!(parse(endpoint, false), NOT_PUBLIC, "{endpoint}");
            assert_eq!(parse(endpoint, true), Ok(()), "{endpoint}");
        }
        for endpoint in [
            "https://10.0.0.1/",
            "https://192.168.1.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[fd00::1]/",
            "https://[fe80::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::]/",
            "https://0.0.0.0/",
        ] {
            for allow in [false, true] {
                assert_eq!(parse(endpoint, allow), NOT_PUBLIC, "{endpoint}");
            }
        }
        assert_eq!(parse("http://127.0.0.1:9/", true), Ok(()));
        assert_eq!(parse("http://push.example/", true), Err("has an endpoint without https"));
        assert_eq!(parse("https://93.184.215.14/", false), Ok(()));
    }
}
