//! Whether a request that changes something comes from a page of ours.
//!
//! The cookie is `SameSite=Strict`, so that no other site's request has it. This holds where a
//! browser does not keep to that, and against neighbours on the same site.

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri, header};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Whom the client asked, where somebody stands between. No page of another site can say so: a
/// browser asks first before it sends a header that a form has not.
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Whether it does, by what the browser says that no script can make it say.
pub fn is_ours(headers: &HeaderMap) -> bool {
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if text(&FETCH_SITE).is_some_and(|site| site != "same-origin") {
        return false;
    }
    let origin = text(&header::ORIGIN).and_then(|origin| origin.parse::<Uri>().ok());
    let Some(from) = origin.as_ref().and_then(Uri::authority) else {
        return text(&FETCH_SITE).is_some() && !headers.contains_key(header::ORIGIN);
    };
    let default = match origin.as_ref().and_then(Uri::scheme_str) {
        Some("https") => 443,
        _ => 80,
    };
    let asked = [header::HOST, FORWARDED_HOST].into_iter().filter_map(|name| text(&name));
    asked.filter_map(|host| host.parse().ok()).any(|host| is_same(from, &host, default))
}

fn is_same(one: &Authority, other: &Authority, default: u16) -> bool {
    let port = |of: &Authority| of.port_u16().unwrap_or(default);
    one.host().eq_ignore_ascii_case(other.host()) && port(one) == port(other)
}

/// Whether the browser reached the page over TLS, as far as it says.
pub fn is_secure(headers: &HeaderMap) -> bool {
    let origin = headers.get(header::ORIGIN).and_then(|value| value.to_str().ok());
    origin.is_some_and(|origin| origin.starts_with("https://"))
}

/// Whether somebody followed a link from elsewhere to a page of ours. Their cookie stayed behind.
pub fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get(FETCH_SITE).is_some_and(|site| site == "cross-site" || site == "same-site")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> HeaderMap {
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        headers.iter().map(pair).collect()
    }

    #[test]
    fn what_no_page_of_ours_sends_is_refused() {
        let host = ("host", "ops.example.com:8025");
        let site = |of| ("sec-fetch-site", of);
        let origin = |of| ("origin", of);
        for headers in [
            &[host][..],
            &[host, origin("null")],
            &[host, origin("https://evil.example")],
            &[host, origin("http://ops.example.com")],
            &[host, origin("http://ops.example.com:8026")],
            &[host, site("cross-site"), origin("http://ops.example.com:8025")],
            &[host, site("same-site"), origin("http://ops.example.com:8025")],
            &[host, site("none")],
            &[host, site("same-origin"), origin("null")],
            &[origin("http://ops.example.com:8025")],
        ] {
            assert!(!is_ours(&of(headers)), "{headers:?}");
        }
    }

    #[test]
    fn what_a_page_of_ours_sends_is_taken() {
        let host = ("host", "ops.example.com:8025");
        let origin = |of| ("origin", of);
        let forwarded = ("x-forwarded-host", "console.example.com");
        for headers in [
            &[host, origin("http://ops.example.com:8025")][..],
            &[host, ("sec-fetch-site", "same-origin"), origin("http://OPS.example.com:8025")],
            &[host, ("sec-fetch-site", "same-origin")],
            &[host, forwarded, origin("https://console.example.com")],
            &[("host", "console.example.com:443"), origin("https://console.example.com")],
            &[("host", "[::1]:8025"), origin("http://[::1]:8025")],
        ] {
            assert!(is_ours(&of(headers)), "{headers:?}");
        }
        assert!(is_secure(&of(&[origin("https://console.example.com")])));
        assert!(!is_secure(&of(&[host, origin("http://ops.example.com:8025")])));
    }
}
