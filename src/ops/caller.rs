//! Who an operator is, for the audit.

use axum::http::{Extensions, HeaderMap};

use crate::web::access::{ANONYMOUS, Caller};

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

fn token(extensions: &Extensions) -> &str {
    extensions.get::<Caller>().map_or(ANONYMOUS, |caller| &caller.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::access::Role;

    #[test]
    fn a_user_stands_behind_the_token() {
        let mut headers = HeaderMap::new();
        let mut extensions = Extensions::new();
        assert_eq!(who(&extensions, &headers), "anonymous");
        headers.insert(USER, axum::http::HeaderValue::from_static(" anna "));
        extensions.insert(Caller { name: "night-shift".into(), role: Role::Operate });
        assert_eq!(who(&extensions, &headers), "night-shift/anna");
    }
}
