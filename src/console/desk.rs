//! What pages are answered from.

use axum::Router;
use minijinja::Environment;

use super::sessions::Sessions;
use crate::web::keys::Keys;

/// See the module.
pub struct Console {
    /// The routes of the API, which ask for no token here.
    pub api: Router,
    /// Whose each token is.
    pub keys: Keys,
    pub sessions: Sessions,
    /// Those of the pages.
    pub templates: Environment<'static>,
}
