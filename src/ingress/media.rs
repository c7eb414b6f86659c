//! What a body says that it is: which types of commands are taken, and written how.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};

use crate::web::problem::Problem;
use crate::web::refusal::Refusal;

/// One command, or many (CloudEvents 1.0, JSON event format, structured mode).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/cloudevents+json`, also plain `application/json`.
    One,
    /// `application/cloudevents-batch+json`.
    Batch,
}

/// Why a body is not looked at: 415.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unsupported {
    /// Another type, none, or two.
    Type,
    /// JSON is UTF-8 (RFC 8259 §8.1).
    Charset,
    /// It is compressed.
    Encoding,
}

impl Media {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Unsupported> {
        let mut types = headers.get_all(header::CONTENT_TYPE).iter();
        let (Some(of), None) = (types.next(), types.next()) else { return Err(Unsupported::Type) };
        let mut parts = of.to_str().map_err(|_| Unsupported::Type)?.split(';').map(str::trim);
        let media = match parts.next().unwrap_or("").to_ascii_lowercase().as_str() {
            "application/cloudevents+json" | "application/json" => Self::One,
            "application/cloudevents-batch+json" => Self::Batch,
            _ => return Err(Unsupported::Type),
        };
        if !parts.all(is_utf_8) {
            return Err(Unsupported::Charset);
        }
        let mut encodings = headers.get_all(header::CONTENT_ENCODING).iter();
        if !encodings.all(|of| of.as_bytes().eq_ignore_ascii_case(b"identity")) {
            return Err(Unsupported::Encoding);
        }
        Ok(media)
    }
}

/// Whether a parameter is no charset, or the only one there is.
fn is_utf_8(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return true };
    !name.trim().eq_ignore_ascii_case("charset")
        || value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
}

impl Unsupported {
    pub(super) fn answer(self) -> Response {
        let detail = match self {
            Self::Type => "send application/cloudevents+json or application/cloudevents-batch+json",
            Self::Charset => "JSON is sent as UTF-8: leave the charset out",
            Self::Encoding => "a compressed body is not read: send it without Content-Encoding",
        };
        let mut answer = Problem::of(Refusal::UnsupportedMediaType, detail).into_response();
        if self == Self::Encoding {
            // RFC 9110 §15.5.16.
            let plain = HeaderValue::from_static("identity");
            answer.headers_mut().insert(header::ACCEPT_ENCODING, plain);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_read_is_taken() {
        let of = |fields: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in fields {
                headers.append(*name, HeaderValue::from_static(value));
            }
            Media::of(&headers)
        };
        const ONE: (&str, &str) = ("content-type", "application/cloudevents+json");
        let typed = |value| of(&[("content-type", value)]);
        for one in [
            "application/json",
            "application/cloudevents+json",
            "Application/CloudEvents+JSON; charset=UTF-8",
            "application/cloudevents+json ;charset=\"utf-8\"; v=1",
        ] {
            assert_eq!(typed(one), Ok(Media::One), "{one}");
        }
        assert_eq!(typed("application/cloudevents-batch+json"), Ok(Media::Batch));
        for other in ["", "application/jsonl", "text/plain", "application/cloudevents+xml"] {
            assert_eq!(typed(other), Err(Unsupported::Type), "{other}");
        }
        assert_eq!(of(&[]), Err(Unsupported::Type));
        assert_eq!(of(&[ONE, ONE]), Err(Unsupported::Type));
        for charset in ["latin1", "utf-16", "\"us-ascii\"", ""] {
            let name = "content-type";
            let value = format!("{}; charset={charset}", ONE.1);
            let headers = HeaderMap::from_iter([(
                header::HeaderName::from_static(name),
                HeaderValue::from_str(&value).unwrap(),
            )]);
            assert_eq!(Media::of(&headers), Err(Unsupported::Charset), "{charset}");
        }
        assert_eq!(of(&[ONE, ("content-encoding", "Identity")]), Ok(Media::One));
        for encoding in ["gzip", "identity, gzip", "br"] {
            let got = of(&[ONE, ("content-encoding", encoding)]);
            assert_eq!(got, Err(Unsupported::Encoding), "{encoding}");
        }
    }
}
