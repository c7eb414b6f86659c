//! Errors over HTTP: `application/problem+json` (RFC 9457).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::refusal::{Reason, Refusal};

/// The media type of every error (RFC 9457 §3).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request has not done what it asked for. Its `type` is `about:blank`, and so is left out:
/// `reason` is what programs look at, `detail` what people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Problem {
    title: &'static str,
    status: u16,
    reason: &'static str,
    detail: String,
    #[serde(flatten)]
    more: Map<String, Value>,
    #[serde(skip)]
    retry_after: Option<u32>,
}

impl Problem {
    /// With the status that the refusal has.
    pub fn of(refusal: Refusal, detail: impl Into<String>) -> Self {
        Self::new(refusal.status(), refusal, detail)
    }

    /// With a status of its own.
    #[expect(clippy::needless_pass_by_value, reason = "reasons are small and Copy")]
    pub fn new(status: StatusCode, reason: impl Reason, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            reason: reason.name(),
            detail: detail.into(),
            more: Map::new(),
            retry_after: None,
        }
    }

    /// Whether the same may be possible later.
    pub fn is_passing(&self) -> bool {
        self.status == StatusCode::SERVICE_UNAVAILABLE.as_u16()
    }

    /// What there is to say where nothing but the status is known.
    fn of_status(status: StatusCode) -> Self {
        let (reason, detail) = match status {
            StatusCode::NOT_FOUND => (Refusal::NotFound, "nothing is at this path"),
            StatusCode::METHOD_NOT_ALLOWED => {
                (Refusal::MethodNotAllowed, "the path knows other methods: see Allow")
            }
            StatusCode::REQUEST_TIMEOUT => (Refusal::TooSlow, "the request did not come in time"),
            StatusCode::PAYLOAD_TOO_LARGE => (Refusal::TooLarge, "the body is beyond the limit"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                (Refusal::UnsupportedMediaType, "another content type is needed")
            }
            _ if status.is_client_error() => {
                (Refusal::BadRequest, "the request cannot be understood")
            }
            _ => (Refusal::Failed, "the request could not be answered"),
        };
        Self::new(status, reason, detail)
    }

    /// The same, with one member more where there is a value.
    #[must_use]
    pub fn with<T: Serialize>(mut self, name: &str, value: Option<T>) -> Self {
        if let Some(value) = value.and_then(|value| serde_json::to_value(value).ok()) {
            self.more.insert(name.to_owned(), value);
        }
        self
    }

    /// The same, to be tried again after so many seconds.
    #[must_use]
    pub fn again_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A whole answer in bytes, for a connection that gets no other.
    pub fn last_words(&self) -> Vec<u8> {
        let body = self.body();
        let again = self.retry_after.map(|seconds| format!("retry-after: {seconds}\r\n"));
        let head = format!(
            "HTTP/1.1 {} {}\r\ncontent-type: {PROBLEM_JSON}\r\ncontent-length: {}\r\n{}\
             connection: close\r\n\r\n",
            self.status,
            self.title,
            body.len(),
            again.unwrap_or_default(),
        );
        [head.into_bytes(), body].concat()
    }

    fn body(&self) -> Vec<u8> {
        // Texts and numbers: they can be written.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let content_type = [(header::CONTENT_TYPE, PROBLEM_JSON)];
        let mut response = (status, content_type, self.body()).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Makes a problem of an error that is none: what a library answers for us, and empty ones. Pages
/// for people stay as they are.
pub async fn named(response: Response) -> Response {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || is_told(response.headers()) {
        return response;
    }
    let mut headers = response.into_parts().0.headers;
    headers.remove(header::CONTENT_TYPE);
    headers.remove(header::CONTENT_LENGTH);
    let mut named = Problem::of_status(status).into_response();
    named.headers_mut().extend(headers);
    named
}

fn is_told(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    content_type.is_some_and(|of| of.starts_with(PROBLEM_JSON) || of.starts_with("text/html"))
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;
    use axum::response::Html;
    use serde_json::json;

    use super::*;
    use crate::domain::RejectionReason;

    async fn read(response: Response) -> (u16, HeaderMap, Value) {
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 4096).await.unwrap();
        (parts.status.as_u16(), parts.headers, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_problem_has_the_members_of_the_rfc_and_our_own() {
        let problem = Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            RejectionReason::InvalidData,
            "is missing",
        )
        .with("field", Some("data.by"))
        .with("index", None::<usize>)
        .again_after(3);
        let (status, headers, body) = read(problem.clone().into_response()).await;
        let expected = json!({
            "title": "Unprocessable Entity", "status": 422,
            "reason": "invalid_data", "detail": "is missing", "field": "data.by",
        });
        assert_eq!((status, &body), (422, &expected));
        assert_eq!(headers[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(headers[header::RETRY_AFTER], "3");

        let words = String::from_utf8(problem.last_words()).unwrap();
        let (head, said) = words.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 422 Unprocessable Entity\r\n"), "{head}");
        assert!(head.contains(&format!("content-length: {}\r\n", said.len())), "{head}");
        assert_eq!(serde_json::from_str::<Value>(said).unwrap(), expected);
    }

    #[tokio::test]
    async fn whatever_a_library_says_becomes_a_problem_and_keeps_its_headers() {
        let raw = "Failed to deserialize query string";
        for (status, reason) in [(400, "bad_request"), (404, "not_found"), (500, "failed")] {
            let status = StatusCode::from_u16(status).unwrap();
            for raw in [(status, raw).into_response(), status.into_response()] {
                let (got, _, body) = read(named(raw).await).await;
                assert_eq!((got, &body["reason"]), (status.as_u16(), &json!(reason)));
                assert!(!body.to_string().contains("deserialize"));
            }
        }
        let allow = [(header::ALLOW, "GET")];
        let refused = (StatusCode::METHOD_NOT_ALLOWED, allow).into_response();
        let (_, headers, body) = read(named(refused).await).await;
        assert_eq!(headers[header::ALLOW], "GET");
        assert_eq!(body["status"], 405);
    }

    #[tokio::test]
    async fn pages_and_what_went_well_are_left_alone() {
        let page = named((StatusCode::NOT_FOUND, Html("<p>")).into_response()).await;
        assert_eq!(to_bytes(page.into_body(), 10).await.unwrap(), "<p>");
        let well = named("alive\n".into_response()).await;
        assert_eq!(to_bytes(well.into_body(), 10).await.unwrap(), "alive\n");
    }
}
