//! Structured logs on stderr.

use std::io::IsTerminal;

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, reload};

use super::TelemetryError;
use super::json_line::JsonLine;

/// How a line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people; coloured on a terminal.
    Text,
    /// One JSON object a line.
    Json,
}

/// Libraries that tell more than an operator wants to know; a filter that names them overrides it.
/// What lapin reports as errors is what every lost connection looks like from inside, and Bellhop
/// tells of that itself, once.
const QUIET: &str = "lapin=off,sqlx=warn,hyper=warn,hyper_util=warn,reqwest=warn,rustls=warn";
/// Our own lines have targets that begin so.
const OURS: &str = "bellhop";
/// What others may tell at most, whatever is asked for: beyond it they write what goes over the
/// wire, passwords and letters included.
const OTHERS_MAX: LevelFilter = LevelFilter::DEBUG;

/// What is told, to be changed while it is told.
pub struct Filter(Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>);

impl Filter {
    /// Lays another filter of the configuration under that of the environment.
    ///
    /// # Errors
    /// A filter that cannot be read; it stays as it was.
    pub fn change(&self, filter: &str) -> Result<(), TelemetryError> {
        let filter = effective_filter(filter, std::env::var("RUST_LOG").ok().as_deref())?;
        self.0(filter).map_err(|_| TelemetryError::AlreadyStarted)
    }
}

/// Starts logging, panics included. The environment variable `RUST_LOG` is laid over `filter`.
///
/// # Errors
/// A filter that cannot be read, or a second start.
pub fn init(format: Format, filter: &str) -> Result<Filter, TelemetryError> {
    let rust_log = std::env::var("RUST_LOG").ok();
    let (filter, handle) = reload::Layer::new(effective_filter(filter, rust_log.as_deref())?);
    let lines = fmt::layer().with_writer(std::io::stderr);
    // The journal keeps a time of its own.
    let timed = std::env::var_os("JOURNAL_STREAM").is_none();
    let lines = match (format, timed) {
        (Format::Json, _) => lines.event_format(JsonLine).boxed(),
        (Format::Text, true) => lines.with_ansi(is_coloured()).boxed(),
        (Format::Text, false) => lines.with_ansi(false).without_time().boxed(),
    };
    let log = tracing_subscriber::registry().with(lines).with(filter).with(FilterFn::new(is_fit));
    log.try_init().map_err(|_| TelemetryError::AlreadyStarted)?;
    log_panics();
    Ok(Filter(Box::new(move |filter| handle.reload(filter))))
}

/// Whether [`init`] would understand this filter, and the environment's.
///
/// # Errors
/// Says which of the two it does not.
pub fn check(filter: &str) -> Result<(), TelemetryError> {
    effective_filter(filter, std::env::var("RUST_LOG").ok().as_deref()).map(|_| ())
}

/// Whether a line may be written at all.
fn is_fit(about: &Metadata<'_>) -> bool {
    about.target().starts_with(OURS) || *about.level() <= OTHERS_MAX
}

/// <https://no-color.org>
fn is_coloured() -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !refused
}

/// `RUST_LOG` is laid over the configured filter, as one says more about some module; a level by
/// itself is for all that neither names.
fn effective_filter(filter: &str, rust_log: Option<&str>) -> Result<EnvFilter, TelemetryError> {
    let parse = |origin, text: &str| {
        EnvFilter::builder().parse(text).map_err(|_| TelemetryError::Filter(origin))
    };
    parse("log.filter", filter)?;
    let wanted = match rust_log.map(str::trim).filter(|over| !over.is_empty()) {
        Some(over) => {
            parse("RUST_LOG", over)?;
            format!("{filter},{over}")
        }
        None => filter.to_owned(),
    };
    let alone = parse("log.filter", &wanted)?;
    match alone.max_level_hint() {
        Some(level) if level < LevelFilter::WARN => Ok(alone),
        _ => parse("log.filter", &format!("{QUIET},{wanted}")),
    }
}

/// A panic becomes a log line like any other, instead of loose text between JSON objects.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let location = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let words = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("not a text");
        tracing::error!(location, words, "panic");
    }));
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn rust_log_goes_over_the_configuration() {
        let filter = |config, rust_log| effective_filter(config, rust_log).unwrap().to_string();
        assert!(filter("info", None).contains("info"));
        assert!(filter("info", Some("debug")).contains("debug"));
        assert!(!filter("info", Some("debug")).contains("info"));
        assert!(filter("info", Some(" ")).contains("info"));
        let of_a_module = filter("info", Some("bellhop::egress=debug"));
        assert!(of_a_module.contains("bellhop::egress=debug"), "{of_a_module}");
        assert!(of_a_module.contains(",info"), "the rest is told as before: {of_a_module}");
    }

    #[test]
    fn libraries_are_quiet_unless_named() {
        let filter = |config| effective_filter(config, None).unwrap().to_string();
        assert!(filter("debug").contains("lapin=off"));
        assert!(filter("info,lapin=debug").contains("lapin=debug"));
        assert!(!filter("info,lapin=debug").contains("lapin=off"));
        assert_eq!(filter("error"), "error", "never louder than asked");
    }

    /// What is asked for of others is capped where it is written, so that no filter gets around.
    #[test]
    fn no_library_tells_what_goes_over_the_wire() {
        let told = Arc::new(Mutex::new(Vec::new()));
        let writer = {
            let told = told.clone();
            move || Paper(told.clone())
        };
        let filter = effective_filter("info", Some("trace,lapin=trace")).unwrap();
        let lines = fmt::layer().with_writer(writer);
        let log =
            tracing_subscriber::registry().with(lines).with(filter).with(FilterFn::new(is_fit));
        tracing::subscriber::with_default(log, || {
            tracing::trace!(target: "lapin::channel", "SECRET");
            tracing::debug!(target: "lapin::channel", "connected");
            tracing::trace!(target: "bellhop::egress", "ours");
        });
        let told = String::from_utf8(told.lock().unwrap().clone()).unwrap();
        assert!(!told.contains("SECRET"), "{told}");
        assert!(told.contains("connected") && told.contains("ours"), "{told}");
    }

    struct Paper(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_bad_filter_says_where_it_stands() {
        let message = effective_filter("info,bellhop=loud", None).unwrap_err().to_string();
        assert!(message.starts_with("log.filter must be "), "{message}");
        let message = effective_filter("info", Some("a=b=c")).unwrap_err().to_string();
        assert!(message.starts_with("RUST_LOG must be "), "{message}");
    }
}
