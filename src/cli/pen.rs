//! Who writes and counts texts for those who only look.

use std::sync::Arc;

use crate::config::Config;
use crate::content::Catalogue;
use crate::letters::Pen;
use crate::links::Links;

/// Links look as they will, but nobody can follow one: what is shown around is no place for a
/// link that works, which is a secret.
const DEAD_KEY: &[u8] = b"rehearsal";

/// The built-in texts, with links where the configuration has any.
///
/// # Errors
/// If the texts cannot be read.
pub fn pen(config: &Config) -> anyhow::Result<Pen> {
    let links = config.links.as_ref().map(|links| Links::new(&links.url, DEAD_KEY)).transpose()?;
    Ok(Pen { catalogue: Arc::new(Catalogue::built_in()?), links })
}
