//! Who may do what over HTTP: the roles, and which one a route asks for.

use std::sync::Arc;

use axum::http::Method;
use serde::Serialize;

/// What a bearer token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Handing in commands, and nothing else: an upstream app's.
    Publish,
    /// Reading, and nothing else: a dashboard's.
    Read,
    /// Everything.
    Operate,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Publish, Self::Read, Self::Operate];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Read => "read",
            Self::Operate => "operate",
        }
    }

    /// `None` where nobody has such a role.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether whoever has this one may do what asks for that one. Who only reads sees what is
    /// personal, and who only publishes must not: neither contains the other.
    pub fn is_enough_for(self, needed: Self) -> bool {
        self == Self::Operate || self == needed
    }
}

/// Where an app says that a client has read an item of their mailbox.
pub const MARK_READ: &str = "/v1/tenants/{tenant}/clients/{client}/inbox/{message}/read";

/// Which role a request asks for, by its method and the pattern of its path: commands, and what
/// clients have read, want `publish`, reading wants `read`, and whatever changes anything else
/// wants `operate`.
pub fn needed(method: &Method, path: &str) -> Role {
    match (method.as_str(), path) {
        ("POST", "/v1/commands") | ("POST" | "DELETE", MARK_READ) => Role::Publish,
        ("GET" | "HEAD", _) => Role::Read,
        _ => Role::Operate,
    }
}

/// Who asks: the extension of every request behind the guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The token's name; `http.token` where it is the one without, `anonymous` where none is
    /// configured.
    pub name: Arc<str>,
    /// What they may do.
    pub role: Role,
}

impl Caller {
    /// Whoever it is, where no token is configured.
    pub fn anonymous() -> Self {
        Self { name: Arc::from(ANONYMOUS), role: Role::Operate }
    }
}

/// The name of whoever needs no token; no token has it.
pub const ANONYMOUS: &str = "anonymous";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_publishing_nor_reading_contains_the_other() {
        for (role, enough) in [
            (Role::Publish, [true, false, false]),
            (Role::Read, [false, true, false]),
            (Role::Operate, [true, true, true]),
        ] {
            assert_eq!(Role::ALL.map(|needed| role.is_enough_for(needed)), enough, "{role:?}");
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("Read"), None);
    }

    #[test]
    fn what_changes_anything_but_by_a_command_wants_the_most() {
        for (method, path, role) in [
            (Method::POST, "/v1/commands", Role::Publish),
            (Method::GET, "/v1/commands", Role::Read),
            (Method::GET, "/v1/events", Role::Read),
            (Method::HEAD, "/v1/parked", Role::Read),
            (Method::POST, "/v1/tenants/{tenant}/unpark", Role::Operate),
            (Method::DELETE, "/v1/tenants/{tenant}/limits/{channel}", Role::Operate),
            (Method::PUT, "/v1/commands", Role::Operate),
            (Method::POST, MARK_READ, Role::Publish),
            (Method::DELETE, MARK_READ, Role::Publish),
        ] {
            assert_eq!(needed(&method, path), role, "{method} {path}");
        }
    }
}
