//! Who an operator is, for the audit.

use axum::http::{Extensions, HeaderMap};

/// By this the command line says which user of its machine asks.
const USER: &str = "x-bellhop-user";
/// The longest name of a user that is kept, in characters.
const USER_MAX_CHARS: usize = 64;

/// The token's name, and behind it the user who says that they are behind the command line.
pub fn who(extensions: &Extensions, headers: &HeaderMap) -> String {
    let token = token(extensions);
    let user = headers.get(USER).and_then(|value| value.to_str().ok()).map(str::trim);
    match user.filter(|user| !user.is_empty()) {
        Some(user) => {
            let user: String = user.chars().take(USER_MAX_CHARS).collect();
            format!("{token}/{user}")
        }
        None => token.to_owned(),
    }
}

/// The name of the token that was given; there is only one as yet.
fn token(_: &Extensions) -> &str {
    "operator"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_stands_behind_the_token() {
        let mut headers = HeaderMap::new();
        let nobody = Extensions::new();
        assert_eq!(who(&nobody, &headers), "operator");
        headers.insert(USER, axum::http::HeaderValue::from_static(" anna "));
        assert_eq!(who(&nobody, &headers), "operator/anna");
    }
}
