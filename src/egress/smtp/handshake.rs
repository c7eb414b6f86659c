//! Whom a TLS handshake believes.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

use crate::config::{Smtp, Tls, Trust};

/// The settings of handshakes with servers whose certificate a public authority signs: Mozilla's
/// roots, ring's ciphers. Costly; build once.
///
/// # Errors
/// If the cryptographic provider offers no usable protocol version.
pub(in crate::egress) fn tls_client_config() -> Result<Arc<ClientConfig>, Error> {
    trusting(RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()))
}

/// The settings for one provider; `public` where it says nothing else.
///
/// # Errors
/// As [`tls_client_config`].
pub(in crate::egress) fn tls_of(
    smtp: &Smtp,
    public: &Arc<ClientConfig>,
) -> Result<Arc<ClientConfig>, Error> {
    if takes_anyone(smtp) {
        return trusting_anyone();
    }
    tls_by(smtp.trust.as_ref(), public)
}

/// The settings where these are trusted; `public` where nobody is named.
///
/// # Errors
/// As [`tls_client_config`].
pub(in crate::egress) fn tls_by(
    trust: Option<&Trust>,
    public: &Arc<ClientConfig>,
) -> Result<Arc<ClientConfig>, Error> {
    trust.map_or_else(
        || Ok(public.clone()),
        |trust| Ok(verifying(trust.verifier(ciphers())?)?.into()),
    )
}

/// Whether encryption is better than none, whoever the server proves to be, and none better than
/// no mail (RFC 7435 §3). A password is not handed to a stranger.
pub(super) fn takes_anyone(smtp: &Smtp) -> bool {
    smtp.url.tls == Tls::Opportunistic && smtp.url.credentials.is_none()
}

/// The settings with other roots.
pub(super) fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ciphers()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

fn trusting_anyone() -> Result<Arc<ClientConfig>, Error> {
    Ok(verifying(Arc::new(Anyone(ciphers())))?.into())
}

fn verifying(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, Error> {
    Ok(ClientConfig::builder_with_provider(Arc::new(ciphers()))
        .with_safe_default_protocol_versions()?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth())
}

fn ciphers() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

/// Takes every certificate, and still sees that whoever shows it has its key.
#[derive(Debug)]
struct Anyone(CryptoProvider);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
