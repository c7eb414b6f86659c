//! Whom `amqps://` trusts.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

use super::BrokerError;
use crate::config::Trust;

/// Mozilla's roots, or the operator's alone; ring's ciphers.
///
/// # Errors
/// [`BrokerError::Lost`] if the cryptographic provider offers no usable protocol version.
pub fn client_config(trust: Option<&Trust>) -> Result<Arc<ClientConfig>, BrokerError> {
    let public = || RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let roots = trust.map_or_else(public, |trust| trust.roots().clone());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| BrokerError::Lost(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
