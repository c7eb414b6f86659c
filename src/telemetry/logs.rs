//! Structured logs on stderr.

use std::io::IsTerminal;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

use super::TelemetryError;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Libraries that tell more than an operator wants to know; a filter that names them overrides it.
const QUIET: &str = "lapin=warn,sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn";

/// Starts logging, panics included. `RUST_LOG` goes over `filter`.
///
/// # Errors
/// A filter that cannot be read, or a second start.
pub fn init(format: Format, filter: &str) -> Result<(), TelemetryError> {
    let rust_log = std::env::var("RUST_LOG").ok();
    let filter = effective_filter(filter, rust_log.as_deref())?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // The journal keeps a time of its own.
    let timed = std::env::var_os("JOURNAL_STREAM").is_none();
    let started = match (format, timed) {
        (Format::Json, _) => lines.json().flatten_event(true).try_init(),
        (Format::Text, true) => lines.with_ansi(is_coloured()).try_init(),
        (Format::Text, false) => lines.with_ansi(false).without_time().try_init(),
    };
    started.map_err(|_| TelemetryError::AlreadyStarted)?;
    log_panics();
    Ok(())
}

/// <https://no-color.org>
fn is_coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !refused
}

fn effective_filter(filter: &str, rust_log: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let (origin, wanted) = match rust_log.filter(|value| !value.trim().is_empty()) {
        Some(rust_log) => ("RUST_LOG", rust_log),
        None => ("log.filter", filter),
    };
    let parse = |text: &str| {
        EnvFilter::builder().parse(text).map_err(|source| TelemetryError::Filter { origin, source })
    };
    let alone = parse(wanted)?;
    match alone.max_level_hint() {
        Some(level) if level < LevelFilter::WARN => Ok(alone),
        _ => parse(&format!("{QUIET},{wanted}")),
    }
}

/// A panic becomes a log line like any other, instead of loose text between JSON objects.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let message = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("not a text");
        tracing::error!(location, message, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_log_goes_over_the_configuration() {
        let filter = |config, rust_log| effective_filter(config, rust_log).unwrap().to_string();
        assert!(filter("info", None).contains("info"));
        assert!(filter("info", Some("debug")).contains("debug"));
        assert!(!filter("info", Some("debug")).contains("info"));
        assert!(filter("info", Some(" ")).contains("info"));
    }

    #[test]
    fn libraries_are_quiet_unless_named() {
        let filter = |config| effective_filter(config, None).unwrap().to_string();
        assert!(filter("debug").contains("lapin=warn"));
        assert!(filter("info,lapin=debug").contains("lapin=debug"));
        assert!(!filter("info,lapin=debug").contains("lapin=warn"));
        assert_eq!(filter("error"), "error", "never louder than asked");
    }

    #[test]
    fn a_bad_filter_says_where_it_stands() {
        let message = effective_filter("info,bellhop=loud", None).unwrap_err().to_string();
        assert!(message.starts_with("log.filter: "), "{message}");
        let message = effective_filter("info", Some("a=b=c")).unwrap_err().to_string();
        assert!(message.starts_with("RUST_LOG: "), "{message}");
    }
}
