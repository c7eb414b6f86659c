//! Which site is asked for.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// Refuses a request without a `Host`, with two, or with one that names no host (RFC 9112 §3.2):
/// whoever stands before us may have understood another than we do.
pub(super) async fn one_host(request: Request, next: Next) -> Response {
    match fault(request.version(), request.headers()) {
        None => next.run(request).await,
        Some(detail) => Problem::of(Refusal::InvalidHost, detail).into_response(),
    }
}

fn fault(version: Version, headers: &HeaderMap) -> Option<&'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // Older than the header.
        (None, _) if version <= Version::HTTP_10 => None,
        (None, _) => Some("a Host header is required"),
        (Some(_), Some(_)) => Some("there is more than one Host header"),
        (Some(host), None) => {
            let sound = Authority::try_from(host.as_bytes())
                .is_ok_and(|of| !of.host().is_empty() && !of.as_str().contains('@'));
            (!sound).then_some("the Host header names no host")
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_request_names_exactly_one_host() {
        let fault_of = |version, hosts: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(header::HOST, HeaderValue::from_static(host));
            }
            fault(version, &headers)
        };
        for host in ["localhost", "127.0.0.1:8025", "[::1]:8025", "links.example.com:443"] {
            assert_eq!(fault_of(Version::HTTP_11, &[host]), None, "{host}");
        }
        for hosts in [&[][..], &["a", "a"], &["a", "b"], &[""], &["a b"], &["u@a"], &["a/b"]] {
            assert!(fault_of(Version::HTTP_11, hosts).is_some(), "{hosts:?}");
        }
        assert_eq!(fault_of(Version::HTTP_10, &[]), None);
        assert!(fault_of(Version::HTTP_10, &["a", "b"]).is_some());
    }
}
