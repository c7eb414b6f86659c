//! Who writes and counts texts for those who only look.

use crate::config::Config;
use crate::letters::Pen;
use crate::ops::rehearsal::Writing;

/// The built-in texts, with links that nobody can follow where the configuration has any.
///
/// # Errors
/// If the texts cannot be read.
pub fn pen(config: &Config) -> anyhow::Result<Pen> {
    Ok(Writing::of(config)?.pen)
}
