//! A request on its way out.

use std::borrow::Cow;

use ::http::header::{HOST, USER_AGENT};
use ::http::uri::PathAndQuery;
use ::http::{HeaderValue, Method, Request};

use super::target::Target;

const AGENT: HeaderValue = HeaderValue::from_static(concat!("bellhop/", env!("CARGO_PKG_VERSION")));

/// A request, and where it goes.
#[derive(Debug)]
pub struct Outgoing<'a> {
    pub target: Cow<'a, Target>,
    /// Its uri is a path and a query (RFC 9112 §3.2.1). Headers that hold a secret, or whom a
    /// message is for, are marked as not to be shown.
    pub request: Request<Vec<u8>>,
}

impl<'a> Outgoing<'a> {
    /// A request with the headers that all have, `Host` and `User-Agent`.
    pub(super) fn new(
        target: Cow<'a, Target>,
        method: Method,
        place: PathAndQuery,
        body: Vec<u8>,
    ) -> Self {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = place.into();
        request.headers_mut().insert(HOST, target.authority.clone());
        request.headers_mut().insert(USER_AGENT, AGENT);
        Self { target, request }
    }
}

/// A message that does not fit this gateway's request. Repeats nothing of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// Which part, and why.
    pub why: String,
}
