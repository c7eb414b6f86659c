//! `[log]`.

use serde::Serialize;
use tracing_subscriber::EnvFilter;

use super::error::ConfigError;
use super::section::Section;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// `[log]`.
#[derive(Debug, Clone, Serialize)]
pub struct Log {
    pub format: LogFormat,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
}

impl Log {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            format: section.text("format", |format| match format {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err("must be \"text\" or \"json\"".to_owned()),
            })?,
            filter: section.text("filter", parse_filter)?,
        })
    }
}

fn parse_filter(filter: &str) -> Result<String, String> {
    match EnvFilter::builder().parse(filter) {
        Ok(_) => Ok(filter.to_owned()),
        Err(_) => Err("must be levels (error, warn, info, debug, trace, off), by module where \
                       wanted: \"info,bellhop::egress=debug\""
            .to_owned()),
    }
}
