//! In which trace a request was sent (W3C Trace Context §3.2).

use axum::http::HeaderMap;

use crate::domain::trace::TraceContext;

/// The header of CloudEvents' binding to HTTP before the one that tracing libraries set.
const NAMES: [&str; 2] = ["ce-traceparent", "traceparent"];

/// The trace of a request, by its headers. One that is malformed, or there more than once, is none.
pub(super) fn of(headers: &HeaderMap) -> Option<TraceContext> {
    let name = NAMES.into_iter().find(|name| headers.contains_key(*name))?;
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(one), None) => TraceContext::parse(one.to_str().ok()?.trim()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const ONE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const OTHER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

    fn read(fields: &[(&'static str, &'static str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        of(&headers).map(|trace| trace.to_string())
    }

    #[test]
    fn one_header_says_it() {
        for (fields, expected) in [
            (&[][..], None),
            (&[("traceparent", ONE)], Some(ONE)),
            (&[("ce-traceparent", ONE)], Some(ONE)),
            (&[("traceparent", OTHER), ("ce-traceparent", ONE)], Some(ONE)),
            (&[("traceparent", ONE), ("traceparent", ONE)], None),
            (&[("traceparent", "00-no-01")], None),
            (&[("traceparent", ONE), ("ce-traceparent", "00-no-01")], None),
            (&[("tracestate", "a=b")], None),
        ] {
            assert_eq!(read(fields).as_deref(), expected, "{fields:?}");
        }
    }
}
