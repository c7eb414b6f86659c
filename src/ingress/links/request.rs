//! What is taken from a request for a page.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, header};

use crate::domain::locale::Locale;

/// What a link names, which may not even be text.
pub(super) type Token = Result<Path<String>, PathRejection>;

/// The first that the browser names, where nothing else tells the reader's language.
pub(super) fn accepted_language(headers: &HeaderMap) -> Option<Locale> {
    let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
    Locale::parse(header.split([',', ';']).next()?.trim()).ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_browser_s_first_language_counts() {
        let of = |value: &'static str| {
            let value = HeaderValue::from_static(value);
            accepted_language(&HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value)]))
        };
        assert_eq!(of("it-CH;q=0.9, en"), Some(Locale::parse("it-CH").unwrap()));
        assert_eq!((of("*"), of("")), (None, None));
    }
}
