//! `[console]`: the pages for operators.

use std::net::SocketAddr;

use serde::Serialize;

use super::error::ConfigError;
use super::http::{Http, parse_listen};
use super::section::Section;

/// `[console]`. There is one if and only if there is a token to sign in with.
#[derive(Debug, Clone, Serialize)]
pub struct Console {
    /// Address and port; absent: it is where `[http] listen` is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
}

impl Console {
    pub(super) fn read(section: &mut Section<'_>, http: &Http) -> Result<Self, ConfigError> {
        let listen = section.optional_text("listen", parse_listen)?;
        if listen.is_some() && http.all_tokens().is_empty() {
            let why = "needs a token to sign in with: [http] token, or one of [[http.tokens]]";
            return Err(section.invalid("listen", why));
        }
        if listen.is_some_and(|listen| !listen.ip().is_loopback()) {
            http.check_strength().map_err(|why| section.invalid("listen", why))?;
        }
        Ok(Self { listen })
    }
}
