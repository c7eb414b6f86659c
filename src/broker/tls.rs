//! Whom `amqps://` trusts.

use std::sync::Arc;

use rustls::{ClientConfig, Error, RootCertStore};

use super::BrokerError;
use crate::config::Trust;

/// Mozilla's roots, or the operator's alone; ring's ciphers.
///
/// # Errors
/// [`BrokerError::Lost`] if the cryptographic provider offers no usable protocol version.
pub fn client_config(trust: Option<&Trust>) -> Result<Arc<ClientConfig>, BrokerError> {
    let lost = |error: Error| BrokerError::Lost(error.to_string());
    let ciphers = rustls::crypto::ring::default_provider();
    let config = ClientConfig::builder_with_provider(Arc::new(ciphers.clone()))
        .with_safe_default_protocol_versions()
        .map_err(lost)?;
    let config = match trust {
        Some(trust) => {
            let verifier = trust.verifier(ciphers).map_err(lost)?;
            config.dangerous().with_custom_certificate_verifier(verifier)
        }
        None => config.with_root_certificates(RootCertStore::from_iter(
            webpki_roots::TLS_SERVER_ROOTS.iter().cloned(),
        )),
    };
    Ok(Arc::new(config.with_no_client_auth()))
}
