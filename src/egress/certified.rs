//! Servers of tests that speak TLS.
#![cfg(test)]

use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// What a server shows, and its key.
pub type Own = (&'static [u8], &'static [u8]);

/// For 127.0.0.1, signed by the authority of the tests.
pub const SIGNED: Own = (
    include_bytes!("smtp/tests/certificates/server.pem"),
    include_bytes!("smtp/tests/certificates/server.key.pem"),
);

/// Shows this to whoever connects.
pub fn acceptor((own, key): Own) -> TlsAcceptor {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let own = CertificateDer::from_pem_slice(own).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}
