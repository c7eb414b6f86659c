//! How a tenant's own text is taken apart.

use minijinja::syntax::SyntaxConfig;

/// A condition on a line of its own leaves no empty line.
pub(super) fn syntax() -> SyntaxConfig {
    SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().unwrap_or_default()
}
