//! `[telemetry]`.

use serde::Serialize;

use super::error::ConfigError;
use super::section::Section;
use super::url::base;

/// `[telemetry]`.
#[derive(Debug, Clone, Serialize)]
pub struct Telemetry {
    /// Where a collector takes spans: `/v1/traces` follows. Absent: see the standard's variables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub otlp_endpoint: Option<String>,
}

impl Telemetry {
    pub(super) fn read(section: &mut Section<'_>) -> Result<Self, ConfigError> {
        // Spans hold no secrets and nothing of clients: a collector may be asked without TLS.
        Ok(Self { otlp_endpoint: section.optional_text("otlp_endpoint", base)? })
    }

    /// What is allowed, and of no use in this build.
    pub(super) fn remarks(&self) -> Option<String> {
        let is_in_vain = self.otlp_endpoint.is_some() && !cfg!(feature = "otlp");
        let why = "telemetry.otlp_endpoint is set, but this bellhop was built without the feature \
                   otlp: no spans are sent";
        is_in_vain.then(|| why.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn a_collector_is_an_address_and_no_use_to_a_build_without_the_feature() {
        let of =
            |url: &str| Config::parse("f", &format!("[telemetry]\notlp_endpoint = \"{url}\"\n"));
        let config = of("http://collector:4318/").unwrap();
        assert_eq!(config.telemetry.otlp_endpoint.as_deref(), Some("http://collector:4318"));
        let remarks = config.remarks();
        let is_told = remarks.iter().any(|remark| remark.starts_with("telemetry.otlp_endpoint"));
        assert_eq!(is_told, !cfg!(feature = "otlp"), "{remarks:?}");
        for bad in ["collector:4318", "grpc://collector", "http://u:p@collector", "http://c/?a=b"] {
            let refused = of(bad).unwrap_err().to_string();
            assert!(refused.contains("telemetry.otlp_endpoint"), "{refused}");
            assert!(!refused.contains("u:p"), "{refused}");
        }
    }
}
