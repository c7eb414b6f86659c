//! Who looks at a page.

use axum::http::{HeaderMap, header};

use crate::web::access::{Caller, Role};

/// The cookie of a session.
pub const COOKIE: &str = "bellhop_console";

/// Somebody who is signed in, and what they ask for.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub caller: Caller,
    /// The page's own path.
    pub path: String,
    /// What the query says, but for what was left empty.
    pub query: Vec<(String, String)>,
    /// Whether they want what the page is made of, and not the page.
    pub wants_json: bool,
}

impl Visitor {
    /// Whoever this is, before they ask for anything.
    #[cfg(test)]
    pub fn of(caller: Caller) -> Self {
        Self { caller, path: String::new(), query: Vec::new(), wants_json: false }
    }

    /// Whether they may change anything.
    pub fn may_act(&self) -> bool {
        self.caller.role.is_enough_for(Role::Operate)
    }

    /// A parameter of the query.
    pub fn asks(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(of, _)| of == name).map(|(_, value)| value.as_str())
    }

    /// What the query says of these names and no others, in its order.
    pub fn asks_of<'v>(
        &'v self,
        names: &'v [&str],
    ) -> impl Iterator<Item = (&'v str, &'v str)> + Clone {
        let pairs = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        pairs.filter(move |(name, _)| names.contains(name))
    }
}

/// The id of the session that a browser sends.
pub fn session_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';'));
    pairs.find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, HeaderValue::from_static(text));
            session_id(&headers).map(str::to_owned)
        };
        assert_eq!(of("a=b; bellhop_console=xyz; c=d").as_deref(), Some("xyz"));
        assert_eq!(of("bellhop_console_2=xyz; other_bellhop_console=a"), None);
    }
}
