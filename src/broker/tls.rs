//! Whom `amqps://` trusts.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

use super::BrokerError;

/// Mozilla's roots, ring's ciphers.
///
/// # Errors
/// [`BrokerError::Lost`] if the cryptographic provider offers no usable protocol version.
pub fn client_config() -> Result<Arc<ClientConfig>, BrokerError> {
    let roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| BrokerError::Lost(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
