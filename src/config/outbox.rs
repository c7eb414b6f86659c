//! Kind `outbox`: messages into a folder, in any channel.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::span::{self, s};

const DAY_SECONDS: u64 = 24 * 3600;

/// A folder that gets a file a message. Where several providers have the same folder, the tightest
/// of their limits holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutboxFolder {
    /// The folder; a relative path starts from the working directory.
    pub folder: PathBuf,
    /// A file is removed after this.
    #[serde(serialize_with = "span::iso")]
    pub keep_for: Duration,
    /// Beyond so many bytes in all, the oldest files are removed.
    pub keep_bytes: u64,
}

impl OutboxFolder {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            folder: section.text("folder", |path| Ok(PathBuf::from(path)))?,
            keep_for: section.span("keep_for", s(60)..=s(3650 * DAY_SECONDS))?,
            keep_bytes: section.count("keep_bytes", 1 << 20..=1 << 50)?,
        })
    }
}
