//! A page of a provider's that is read, or only visited, where something depends on it.

use std::borrow::Cow;
use std::fmt;

use ::http::Method;
use ::http::uri::PathAndQuery;

use super::outgoing::Outgoing;
use super::target::Target;

/// Where such a page is. What stands behind its `?` may be a secret, and is shown nowhere.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Place {
    target: Target,
    page: PathAndQuery,
}

impl Place {
    pub(super) fn new(target: Target, page: PathAndQuery) -> Self {
        Self { target, page }
    }

    /// What is asked there.
    pub fn request(&self) -> Outgoing<'_> {
        let target = Cow::Borrowed(&self.target);
        Outgoing::new(target, Method::GET, self.page.clone(), Vec::new())
    }
}

/// `host:port/path`.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.target, self.page.path())
    }
}

/// The same.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
