//! Names of providers: none is another's, whatever the channel, so that a metric, an event or a
//! URL that names one means one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::error::ConfigError;
use super::section::Section;

/// The longest, in characters.
const NAME_MAX_CHARS: usize = 32;

/// The name in the address at which mails that came back are handed in: no provider may report
/// there.
pub(super) const RESERVED: &str = "mail";

/// The names that are taken, each with the table that has it.
#[derive(Default)]
pub(super) struct Names(BTreeMap<Arc<str>, String>);

impl Names {
    /// This table's `name`.
    pub fn read(&mut self, section: &mut Section<'_>) -> Result<Arc<str>, ConfigError> {
        let name = section.text("name", parse_name)?;
        match self.0.insert(name.clone(), section.name().to_owned()) {
            None => Ok(name),
            Some(other) => Err(section.invalid("name", format!("is the name of {other} too"))),
        }
    }
}

pub(super) fn parse_name(name: &str) -> Result<Arc<str>, String> {
    let sound = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > NAME_MAX_CHARS || !name.chars().all(sound) {
        return Err(format!("must be 1 to {NAME_MAX_CHARS} of A-Z a-z 0-9 - _"));
    }
    Ok(Arc::from(name))
}
